"""A folder of schemas, read: every current and materialized file, by title and version."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING

from jsonschema_tools import versions
from jsonschema_tools.documents import Document, read_document
from jsonschema_tools.errors import ConfigError, Location, ReadError, SchemaToolsError
from jsonschema_tools.files import is_inside
from jsonschema_tools.values import as_object, get_field

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from jsonschema_tools.config import Config
    from jsonschema_tools.values import Json, Schema
    from jsonschema_tools.versions import Version

_SKIPPED_FOLDERS = {"node_modules", "__pycache__"}


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file whose name says that it holds a schema; not read yet.

    Attributes:
        path: absolute path.
        display_path: path as messages show it, relative to the working directory.
        folder: its folder relative to the base path, such as `my_namespace/thing_happened`.
        content_type: its extension, `yaml` or `json`.
        current: whether it is the file that authors edit.
        named: the version in its name; None for the current file.
        outside: whether a symbolic link leads it out of the repository.
    """

    path: Path
    display_path: str
    folder: str
    content_type: str
    current: bool
    named: Version | None
    outside: bool = False


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


def find_files(config: Config) -> list[FoundFile]:
    """Return the schema files below the base paths, sorted by path; reads none of them.

    Raises:
        ConfigError: a base path is not a folder, or a folder cannot be read.
    """
    found = {}
    for base in config.schema_base_paths:
        if not base.is_dir():
            raise ConfigError(
                f"folder {config.display_path(base)} not found",
                hint="`schemaBasePath` says where the schemas are",
            )
        for path, linked in _walk(base):
            if (file := as_found(path, base, config)) and path not in found:
                outside = linked and not is_inside(path, config.folders)
                found[path] = replace(file, outside=True) if outside else file
    return sorted(found.values(), key=lambda file: file.display_path)


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


def explain_none(config: Config) -> None:
    """Refuse a repository in which no schema was found although there seem to be some.

    Raises:
        ConfigError: it says which setting passes over them.
    """
    bases = ", ".join(map(config.display_path, config.schema_base_paths))
    for folder in (*config.schema_base_paths, config.root):
        for path, _ in _walk(folder):
            if (why := _passed_over(path, config)) is not None:
                raise ConfigError(
                    f"no {config.current_name} found below {bases}, "
                    f"but there is {config.display_path(path)}",
                    hint=why,
                )


def _passed_over(path: Path, config: Config) -> str | None:
    """Return why a file that looks like a current file is not one."""
    stem, _, extension = path.name.rpartition(".")
    if path.name != config.current_name:
        usual = stem == "current" and extension in {"yaml", "yml", "json"}
        default = config.current_name == f"current.{config.content_types[0]}"
        note = ", as the first of `contentTypes` has it" if default else ""
        return f"`currentName` is {config.current_name}{note}" if usual else None
    if extension not in config.content_types:
        return f"`contentTypes` does not have {extension}"
    return None if _is_below(path, config) else "`schemaBasePath` says where the schemas are"


def _is_below(path: Path, config: Config) -> bool:
    return any(path.is_relative_to(base) for base in config.schema_base_paths)


def as_found(path: Path, base: Path, config: Config) -> FoundFile | None:
    """Return what a path's name says of the schema file there, or None if it is none."""
    stem, _, extension = path.name.rpartition(".")
    if extension not in config.content_types:
        return None
    current = path.name == config.current_name
    named = None if current else versions.parse(stem)
    if not current and named is None:
        return None
    folder = path.parent.relative_to(base).as_posix()
    return FoundFile(path, config.display_path(path), folder, extension, current, named)


def _walk(base: Path) -> Iterator[tuple[Path, bool]]:
    """Yield files below a folder, and whether a link led to them.

    Follows links to folders, each real folder once: by its own name, or else by the first link in
    the order of their paths, so that the order of the file system does not matter.
    """
    seen: set[tuple[int, int]] = set()
    folders = [(str(base), False)]
    links: list[str] = []
    while folders or links:
        if not folders:
            first = min(links)
            links.remove(first)
            folders.append((first, True))
        folder, linked = folders.pop()
        try:
            status = os.stat(folder)  # noqa: PTH116 - a hot loop over plain strings
            entries = list(os.scandir(folder))
        except PermissionError as error:
            raise ConfigError(
                f"cannot read the folder {folder}: {error.strerror}",
                hint="make it readable, or move it out of the base paths",
            ) from None
        except OSError:
            continue  # gone in the meantime
        if (status.st_dev, status.st_ino) in seen:
            continue
        seen.add((status.st_dev, status.st_ino))
        for entry in entries:
            if _is_folder(entry):
                if entry.name.startswith(".") or entry.name in _SKIPPED_FOLDERS:
                    continue
                if entry.is_symlink():
                    links.append(entry.path)
                else:
                    folders.append((entry.path, linked))
            else:
                yield Path(entry.path), linked or entry.is_symlink()


def is_walked(path: Path, base: Path) -> bool:
    """Tell whether schemas are looked for in the folder of a path below a base path."""
    return not any(
        part.startswith(".") or part in _SKIPPED_FOLDERS
        for part in path.parent.relative_to(base).parts
    )


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a loop of links
        return False


def read_schema_file(found: FoundFile, config: Config) -> SchemaFile:
    """Read a schema file; what is wrong with it becomes its `error`, never an exception."""
    try:
        document = read_found(found)
    except SchemaToolsError as error:
        plain = {name: getattr(found, name) for name in FoundFile.__slots__}
        return SchemaFile(**plain, error=error, title=found.folder, version=found.named)
    return describe_found(found, document, config)


def read_found(found: FoundFile) -> Document:
    """Read the document in a file.

    Raises:
        SchemaToolsError: it cannot be read.
    """
    if found.outside:
        raise leads_out(found.path, found.display_path)
    return read_document(found.path, found.display_path)


def describe_found(found: FoundFile, document: Document, config: Config) -> SchemaFile:
    """Return a file with what its document says of itself."""
    plain = {name: getattr(found, name) for name in FoundFile.__slots__}
    return describe(SchemaFile(**plain, document=document), config)


def leads_out(path: Path, display_path: str) -> ReadError:
    """Return the error of a file that a link leads out of the repository."""
    return ReadError(
        f"a symbolic link leads out of the repository, to {os.path.realpath(path)}",
        at=Location(display_path),
        hint="copy the file into the repository, or add its folder to `schemaBasePath`",
    )


def describe(file: SchemaFile, config: Config) -> SchemaFile:
    """Fill in what a file's document says of itself: title, `$id`, version."""
    title = get_field(file.data, config.schema_title_field)
    version_field = get_field(file.data, config.schema_version_field)
    version = versions.of_id(version_field) if isinstance(version_field, str) else None
    return replace(
        file,
        title=title if isinstance(title, str) and title else file.folder,
        declared_title=title if isinstance(title, str) and title else None,
        version_field=version_field if isinstance(version_field, str) else None,
        version=version or file.named,
    )
