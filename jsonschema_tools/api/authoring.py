"""`bump`, `graph` and `outdated`, from Python."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jsonschema_tools.authoring import bump as bumping
from jsonschema_tools.authoring.assessment import Assessor
from jsonschema_tools.authoring.dependencies import dependents, uses
from jsonschema_tools.authoring.outdated import ExternalVersions, find_outdated
from jsonschema_tools.catalog import catalog, unreadable
from jsonschema_tools.documents import write_back
from jsonschema_tools.errors import SchemaToolsError
from jsonschema_tools.schema_names import select

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from jsonschema_tools.authoring.dependencies import Dependency, Dependent
    from jsonschema_tools.authoring.outdated import Outdated
    from jsonschema_tools.catalog import SchemaFolder
    from jsonschema_tools.comparison import Bump
    from jsonschema_tools.config import Config
    from jsonschema_tools.documents import Document
    from jsonschema_tools.versions import Version


@dataclass(frozen=True, slots=True)
class Bumped:
    """A current file that was compared with its latest version.

    Attributes:
        path: the file.
        old: the version that was in it.
        new: the version that it needs; None where it has one that will do.
        needed: the least bump since the latest version; None where nothing changed.
        reasons: the changes that make it necessary, in words.
        document: the file with the new version; None where it needs none.
        error: why it cannot be bumped, such as a major version that was not asked for.
    """

    path: Path
    old: Version | None = None
    new: Version | None = None
    needed: Bump | None = None
    reasons: tuple[str, ...] = ()
    document: Document | None = None
    error: SchemaToolsError | None = None


def bump(
    config: Config,
    names: Sequence[str] = (),
    *,
    part: Bump | None = None,
    examples: bool = False,
    dry_run: bool = False,
) -> tuple[Bumped, ...]:
    """Write the version that its changes need into each current file.

    A failure is part of the result. Files of which no version was materialized are left out.

    Args:
        config: the repository's settings.
        names: current files, folders or titles; none means all.
        part: the bump to make where something changed; if not given, the least that is needed,
            but never a major one.
        examples: whether `$schema` of the examples follows.
        dry_run: write nothing; as `Config.dry_run`.

    Raises:
        ConfigError: a name means nothing in the repository.
    """
    entries = catalog(config)
    assessor = Assessor(config, entries)
    chosen = select(names, entries, config) if names else entries
    found = (
        _bumped(entry, assessor, part, examples=examples, write=not (dry_run or config.dry_run))
        for entry in chosen
    )
    return tuple(one for one in found if one is not None)


def _bumped(
    entry: SchemaFolder, assessor: Assessor, part: Bump | None, *, examples: bool, write: bool
) -> Bumped | None:
    file = entry.current
    if file is None:
        return None
    if file.document is None:
        return Bumped(file.path, error=file.error)
    try:
        found = assessor.assess(file.document, entry.path)
        if found is None:
            return None
        old, needed = found.declared, found.needed
        reasons = tuple(reason for reason, _ in found.reasons)
        version = bumping.target(found, part if needed else None)
        if version is None:
            return Bumped(file.path, old, None, needed, reasons)
        document = bumping.bump(found, version, examples=examples)
        if write:
            write_back(file.path, file.document, document)
    except SchemaToolsError as error:
        return Bumped(file.path, error=error)
    return Bumped(file.path, old, version, needed, reasons, document)


@dataclass(frozen=True, slots=True)
class Graph:
    """Which schema uses which other one, by the current files.

    Attributes:
        entries: the schemas of the repository, by title.
        uses: the references between them.
        errors: why current files cannot be read.
    """

    entries: tuple[SchemaFolder, ...]
    uses: tuple[Dependency, ...]
    errors: tuple[SchemaToolsError, ...]

    def dependents(self, title: str, version: Version | None = None) -> tuple[Dependent, ...]:
        """Return what is affected when a schema changes: its users, their users, and so on."""
        return tuple(dependents(self.uses, title, version))


def graph(config: Config) -> Graph:
    """Return which schema of a repository uses which other one, at which version."""
    entries = catalog(config)
    return Graph(entries, uses(entries, config), tuple(unreadable(entries)))


@dataclass(frozen=True, slots=True)
class Pins:
    """The references that pin an older version than there is.

    Attributes:
        outdated: these references, in the order of titles.
        unknown: why the latest version of a schema of another repository is not known, by
            its path or URL.
    """

    outdated: tuple[Outdated, ...]
    unknown: Mapping[str, SchemaToolsError]


def outdated(config: Config, names: Sequence[str] = ()) -> Pins:
    """Find the schemas that pin an older version of another one than its latest.

    Args:
        config: the repository's settings.
        names: current files, folders or titles; none means all.

    Raises:
        ConfigError: a name means nothing in the repository.
    """
    entries = catalog(config)
    chosen = select(names, entries, config) if names else entries
    folders = {entry.path for entry in chosen}
    elsewhere = ExternalVersions(config)
    mine = [use for use in uses(entries, config) if use.user.path in folders]
    return Pins(tuple(find_outdated(mine, elsewhere)), elsewhere.failures)
