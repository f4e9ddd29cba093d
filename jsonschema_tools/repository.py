"""A folder of schemas, read: every current and materialized file, by title and version."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from typing import TYPE_CHECKING, Any

from jsonschema_tools import versions
from jsonschema_tools.documents import Document, read_document
from jsonschema_tools.errors import SchemaToolsError
from jsonschema_tools.found_files import FoundFile, find_files, link_out_error
from jsonschema_tools.values import as_object, get_field

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from jsonschema_tools.config import Config
    from jsonschema_tools.values import Json, Schema
    from jsonschema_tools.versions import Version


@dataclass(frozen=True, slots=True)
class SchemaFile(FoundFile):
    """A schema file that was read.

    Attributes:
        document: its content; None where it cannot be read.
        error: why it cannot be read.
        title: the schema's title; its folder where the schema has none.
        declared_title: the schema's title as written there, or None.
        version_field: the text of its version field, `$id` or what `schemaVersionField` names;
            None where it has none.
        version: the version in that field, or the one in the file's name where that has none.
    """

    document: Document | None = None
    error: SchemaToolsError | None = None
    title: str = ""
    declared_title: str | None = None
    version_field: str | None = None
    version: Version | None = None

    @property
    def data(self) -> Json:
        """The schema; None where it cannot be read."""
        return self.document.data if self.document else None

    @property
    def schema(self) -> Schema:
        """Its content where that is an object, as checks are called for no other; else empty."""
        return as_object(self.data)

    @property
    def id(self) -> str:
        """The `$id`, whatever the version field is; empty where it has none."""
        value = self.data.get("$id") if isinstance(self.data, dict) else None
        return value if isinstance(value, str) else ""

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name


@dataclass(frozen=True)
class Title:
    """All files of one title, the materialized ones in order of version, the current one last."""

    name: str
    files: tuple[SchemaFile, ...]

    @cached_property
    def current(self) -> SchemaFile | None:
        """The current file, if there is one."""
        return next((file for file in self.files if file.current), None)

    def latest(self, content_type: str) -> SchemaFile | None:
        """Return the file of the latest version in a content type.

        A prerelease is the latest version only where there is no release.
        """
        files = {file.version: file for file in self.materialized(content_type) if file.version}
        newest = versions.latest(files)
        return files[newest] if newest is not None else self.greatest(content_type)

    def greatest(self, content_type: str) -> SchemaFile | None:
        """Return the file of the greatest version in a content type, be it a prerelease."""
        return next(reversed(self.materialized(content_type)), None)

    def materialized(self, content_type: str | None = None) -> tuple[SchemaFile, ...]:
        """Return the versioned files of one content type, or all, oldest first."""
        return tuple(
            file
            for file in self.files
            if not file.current and content_type in {None, file.content_type}
        )


@dataclass(frozen=True)
class Repository:
    """The schemas of a repository; broken files are among them.

    Attributes:
        config: its settings.
        titles: its schemas, sorted by title.
        ignored: the `$id`s of the schemas that `ignoreSchemas` leaves out.
    """

    config: Config
    titles: tuple[Title, ...]
    ignored: tuple[str, ...] = ()

    @property
    def files(self) -> Iterator[SchemaFile]:
        """Every file, title by title."""
        return (file for title in self.titles for file in title.files)


def scan(config: Config, only: Iterable[FoundFile] | None = None) -> Repository:
    """Read the schemas of a repository, or only some of its files; leaves out `ignoreSchemas`."""
    by_title: dict[str, list[SchemaFile]] = {}
    ignored = []
    for found in find_files(config) if only is None else only:
        file = read_schema_file(found, config)
        if is_ignored(file, config):
            ignored.append(file.id)
        else:
            by_title.setdefault(file.title, []).append(file)
    return Repository(
        config,
        tuple(Title(name, tuple(sorted(by_title[name], key=_order))) for name in sorted(by_title)),
        tuple(ignored),
    )


def _order(file: SchemaFile) -> tuple[bool, bool, Version | str, str]:
    version: Version | str = file.version if file.version is not None else ""
    return file.current, file.version is not None, version, file.display_path


def is_ignored(file: SchemaFile, config: Config) -> bool:
    """Tell whether a schema's `$id` matches one of `ignoreSchemas`."""
    return matches_ignored(file.id, config)


def matches_ignored(identifier: str, config: Config) -> bool:
    """Tell whether a `$id` matches one of `ignoreSchemas`."""
    return config.ignore_schemas.match(identifier)


def current_files(
    config: Config,
    read: Callable[[Sequence[FoundFile]], Iterable[Document | None]] | None = None,
) -> list[SchemaFile]:
    """Read the current files below the base paths, broken ones too; leaves out `ignoreSchemas`.

    Args:
        config: the settings of the repository.
        read: reads files in a faster way; None for one that has to be read here, to tell why not.
    """
    found = [file for file in find_files(config) if file.current]
    documents = read(found) if read is not None else repeat(None, len(found))
    files = (
        describe_found(file, document, config) if document else read_schema_file(file, config)
        for file, document in zip(found, documents, strict=True)
    )
    return [file for file in files if not is_ignored(file, config)]


def read_schema_file(found: FoundFile, config: Config) -> SchemaFile:
    """Read a schema file; what is wrong with it becomes its `error`, never an exception."""
    try:
        document = read_found(found)
    except SchemaToolsError as error:
        return _read(found, error=error, title=found.folder, version=found.named)
    return describe_found(found, document, config)


def read_found(found: FoundFile) -> Document:
    """Read the document in a file.

    Raises:
        SchemaToolsError: it cannot be read.
    """
    if found.outside:
        raise link_out_error(found.path, found.display_path)
    return read_document(found.path, found.display_path)


def describe_found(found: FoundFile, document: Document, config: Config) -> SchemaFile:
    """Return a file with what its document says of itself: title, `$id`, version."""
    title = get_field(document.data, config.schema_title_field)
    version_field = get_field(document.data, config.schema_version_field)
    version = versions.of_id(version_field) if isinstance(version_field, str) else None
    return _read(
        found,
        document=document,
        title=title if isinstance(title, str) and title else found.folder,
        declared_title=title if isinstance(title, str) and title else None,
        version_field=version_field if isinstance(version_field, str) else None,
        version=version or found.named,
    )


def _read(found: FoundFile, **content: Any) -> SchemaFile:
    return SchemaFile(**{name: getattr(found, name) for name in FoundFile.__slots__}, **content)
