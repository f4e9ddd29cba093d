"""What changed between versions of schemas: of those added since a revision, or of any two."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from jsonschema_tools import versions
from jsonschema_tools.authoring.line_diff import unified_diff
from jsonschema_tools.comparison import Counterexamples, changes, least_bump
from jsonschema_tools.documents import read_document
from jsonschema_tools.errors import ConfigError, Location, SchemaError
from jsonschema_tools.found_files import find_files
from jsonschema_tools.repository import scan
from jsonschema_tools.serialization import serialize
from jsonschema_tools.values import get_field

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterator, Mapping
    from pathlib import Path

    from jsonschema_tools.comparison import Bounds, Bump, Change, Policy
    from jsonschema_tools.config import Config
    from jsonschema_tools.documents import Document
    from jsonschema_tools.repository import SchemaFile, Title
    from jsonschema_tools.values import Schema
    from jsonschema_tools.versions import Version


@dataclass(frozen=True, slots=True)
class Side:
    """One of two versions that are compared.

    Attributes:
        title: the schema's title.
        name: its version, or its path where it has none.
        path: the file, as messages show it.
        schema: what is in it; of a current file, what it materializes to.
        text: the same as text.
    """

    title: str
    name: str
    path: str
    schema: Schema
    text: str


@dataclass(frozen=True)
class VersionDiff:
    """What changed from one version of a schema to another.

    Attributes:
        old: the earlier version; None where the new one is the first of its title.
        new: the later version.
        bounds: the minimum and maximum that materializing adds.
        policy: what decides which changes need a new major version.
        is_fragment: whether it is a fragment, which has no table.
    """

    old: Side | None
    new: Side
    bounds: Bounds | None
    policy: Policy
    is_fragment: bool = False

    @cached_property
    def changes(self) -> list[Change]:
        """The differences, in the order of the schemas; none where there is no old version.

        Raises:
            SchemaError: it takes too long to find them.
        """
        if self.old is None:
            return []
        old, new = self.old.schema, self.new.schema
        try:
            return changes(old, new, policy=self.policy, bounds=self.bounds)
        except SchemaError as error:
            raise error.placed(Location(self.new.path)) from error

    @cached_property
    def counterexamples(self) -> Mapping[Change, str]:
        """Events that show the changes which need a new major version where there is none."""
        if self.old is None or not self.is_bound:
            return {}
        search = Counterexamples(self.old.schema, self.new.schema, self.policy)
        return search.of_breaks(self.changes)

    @cached_property
    def bump(self) -> Bump | None:
        """The least version bump that the changes need; None where nothing changed."""
        return least_bump(self.changes)

    @cached_property
    def table(self) -> list[str]:
        """What happens to the table of the schema, such as "adds column `weight_kg DOUBLE`"."""
        if self.old is None or self.is_fragment:
            return []
        from jsonschema_tools.lake.columns import columns
        from jsonschema_tools.lake.evolution import Refused
        from jsonschema_tools.lake.evolution import changes as table_changes

        old, new = (columns(side.schema, lenient=True).columns for side in (self.old, self.new))
        return [
            f"{change}, which no table survives" if isinstance(change, Refused) else str(change)
            for change in table_changes(old, new)
        ]

    @property
    def is_major(self) -> bool:
        """Whether the new version has another major version than the old one."""
        old, new = self._versions
        return old is not None and new is not None and old.major != new.major

    @property
    def is_bound(self) -> bool:
        """Whether the new version must keep what the old one promises.

        Another major version need not; nor need, or can, a prerelease promise anything.
        """
        return not self.is_major and not any(
            version is not None and version.is_prerelease for version in self._versions
        )

    @property
    def _versions(self) -> tuple[Version | None, Version | None]:
        old, new = (versions.parse(side.name) if side else None for side in (self.old, self.new))
        return old, new

    @cached_property
    def unified(self) -> str:
        """The difference of the texts, as `diff -u` shows it."""
        old, path = (self.old.text, self.old.path) if self.old else ("", "/dev/null")
        before, after = (text.splitlines(keepends=True) for text in (old, self.new.text))
        found = unified_diff(before, after, path, self.new.path)
        return "".join(
            line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
            for line in found
        )


@dataclass(frozen=True, slots=True)
class Added:
    """The versions that were added since a revision.

    Attributes:
        diffs: each compared with the version before it, by title and version.
        broken: the added files that cannot be read.
    """

    diffs: tuple[VersionDiff, ...]
    broken: tuple[SchemaFile, ...]


def added_since(revision: str, config: Config, only: Collection[Path] | None = None) -> Added:
    """Compare each version that was added since a commit with the version before it.

    Args:
        revision: a commit, tag or branch.
        config: the repository's settings.
        only: the folders of the titles to look at; None for all.

    Raises:
        GitError: the commit is not found, or git cannot be run.
    """
    from jsonschema_tools.git.modified import checkouts

    added = {
        path
        for checkout in checkouts(config)
        for path in checkout.tree.added_since(revision, checkout.folders)
    }
    found = find_files(config)
    if only is not None:
        found = [file for file in found if file.path.parent in only]
    folders = {file.folder for file in found if file.path in added and not file.current}
    repository = scan(config, [file for file in found if file.folder in folders])
    diffs = (diff for title in repository.titles for diff in _diffs(title, added, config))
    broken = (file for file in repository.files if file.error and file.path in added)
    return Added(tuple(diffs), tuple(broken))


def _diffs(title: Title, added: Container[Path], config: Config) -> Iterator[VersionDiff]:
    old = None
    for file in title.materialized(config.content_types[0]):
        if file.document and isinstance(file.data, dict):
            new = _side(file.document, file.data, config)
            if file.path in added:
                yield _compared(old, new, config)
            old = new


def between(old: str, new: str, config: Config) -> VersionDiff:
    """Compare two versions, each named by its file, its `$id`, or a title.

    Raises:
        SchemaToolsError: one is not found, cannot be read, or is not a schema.
    """
    return _compared(_named(old, config), _named(new, config), config)


def _compared(old: Side | None, new: Side, config: Config) -> VersionDiff:
    is_fragment = config.fragment_schemas.match(new.title)
    policy = config.compatibility_policy
    return VersionDiff(old, new, config.numeric_bounds, policy, is_fragment)


def _named(name: str, config: Config) -> Side:
    path = _find(name, config)
    document = read_document(path, config.display_path(path))
    if not isinstance(document.data, dict):
        raise SchemaError("a schema is an object", at=document.locate(""))
    if path.name != config.current_name:
        return _side(document, document.data, config)
    from jsonschema_tools.materialization import Materializer

    schema = Materializer(config).build(document)
    text = serialize(schema, config.content_types[0])
    return replace(_side(document, schema, config), text=text)


def _find(name: str, config: Config) -> Path:
    if (path := config.argument(name)).is_file():
        return path
    for base in config.schema_base_paths:
        for suffix in (f".{kind}" for kind in config.content_types):
            path = base / f"{name.strip('/')}{suffix}"
            if path.is_file():
                return path
    if (meant := _of_title(name.strip("/"), config)) is not None:
        return meant
    raise ConfigError(
        f"{name!r} is neither a file, nor the $id of a materialized schema, nor a title",
        hint="name a file, such as some/title/1.0.0.yaml, or an $id, such as /some/title/1.0.0",
    )


def _of_title(name: str, config: Config) -> Path | None:
    """Return the latest version of a title, or the current file of TITLE/current."""
    from jsonschema_tools.catalog import catalog

    title = name.removesuffix("/current")
    entry = next((e for e in catalog(config) if title in {e.title, e.name}), None)
    if entry is None:
        return None
    file = entry.current if title != name else entry.file_of(entry.latest, config.content_types)
    return file.path if file is not None else None


def _side(document: Document, schema: Schema, config: Config) -> Side:
    title = get_field(schema, config.schema_title_field)
    identifier = get_field(schema, config.schema_version_field)
    version = versions.of_id(identifier) if isinstance(identifier, str) else None
    return Side(
        title if isinstance(title, str) else document.path,
        str(version or document.path),
        document.path,
        schema,
        document.text,
    )
