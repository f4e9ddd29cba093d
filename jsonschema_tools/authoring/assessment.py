"""A current file compared with its latest version: which bump its changes need, and why."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from jsonschema_tools import versions
from jsonschema_tools.authoring.version_field import field_pointer, with_version
from jsonschema_tools.comparison import Counterexamples, changes, least_bump
from jsonschema_tools.documents import Document, read_document
from jsonschema_tools.errors import Location, SchemaError
from jsonschema_tools.git.committed import Committed
from jsonschema_tools.materialization import Materializer, version_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from jsonschema_tools.catalog import SchemaFolder
    from jsonschema_tools.comparison import Bump, Change, Policy
    from jsonschema_tools.config import Config
    from jsonschema_tools.values import Schema
    from jsonschema_tools.versions import Version

_MOST_LISTED = 5  # changes that are named, and shown by an event


@dataclass(frozen=True, slots=True)
class Assessment:
    """A current file compared with its latest version.

    Attributes:
        document: the current file.
        declared: the version in it.
        latest: the greatest version that was materialized, which the next one comes after.
        promised: the version that the changes count from: the latest release; None where there
            are only prereleases, which promise nothing.
        needed: the least bump from there that the changes need; None where nothing changed since
            the greatest version.
        changes: what changed.
        field: JSON Pointer of the version field.
        policy: what decided which bump the changes need.
        counterexamples: events that show changes which need a major version.
    """

    document: Document
    declared: Version
    latest: Version
    promised: Version | None
    needed: Bump | None
    changes: tuple[Change, ...]
    field: str
    policy: Policy
    counterexamples: Mapping[Change, str]

    @property
    def reasons(self) -> list[tuple[str, str | None]]:
        """What makes the bump necessary: the changes that need no less than it.

        Each in words, with an event that shows it where there is one.
        """
        deciding = [change for change in self.changes if self._decides(change)]
        listed = [
            (change.message, self.counterexamples.get(change)) for change in deciding[:_MOST_LISTED]
        ]
        more = len(deciding) - _MOST_LISTED
        return [*listed, *([(f"and {more} more changes", None)] if more > 0 else [])]

    def _decides(self, change: Change) -> bool:
        if self.needed == "major":
            return change.verdict != "allowed"
        return self.needed == "patch" or change.group != "documentation"

    def is_enough(self, part: Bump) -> bool:
        """Tell whether the declared version is already as far from the latest as a bump leads."""
        return self.declared > self.latest and released(self.declared) >= self.after(part)

    def after(self, part: Bump) -> Version:
        """Return the version that a bump leads to.

        A prerelease is followed by its release, if that is far enough from the latest release.
        """
        if not self.latest.is_prerelease:
            return next_version(self.latest, part)
        release = released(self.latest)
        return max(release, next_version(self.promised, part)) if self.promised else release


class Assessor:
    """Compares current files with their latest versions.

    A version that was committed counts as it was committed, also where it was overwritten since.
    Fragments are taken as they were materialized; one that has not been yet, as it would be.
    """

    def __init__(self, config: Config, entries: Iterable[SchemaFolder]) -> None:
        self._config = config
        self._entries = {entry.path: entry for entry in entries}
        self._committed = Committed(config)
        self._being_read: set[Path] = set()
        self._materializer = Materializer(config, self._unwritten)

    def assess(self, document: Document, folder: Path) -> Assessment | None:
        """Compare a current file with the latest version in its folder; None if there is none.

        Raises:
            SchemaToolsError: it cannot be materialized, or its latest version not be read.
        """
        config = self._config
        declared = version_of(document, config)
        entry = self._entries.get(folder)
        greatest = max(entry.versions, default=None) if entry else None
        if entry is None or greatest is None:
            return None
        promised = entry.latest
        if promised is not None and promised.is_prerelease:
            promised = None
        policy = config.compatibility_policy
        field = field_pointer(document.data, config.schema_version_field)
        # with the version that it is compared with, so that this is not a change
        new = self._materializer.build(with_version(document, field, declared, greatest))
        old = self._version(entry, greatest)
        found = self._changes(document, old, new)
        needed = least_bump(found)
        if found and promised is not None and promised != greatest:
            old = self._version(entry, promised)
            new = self._materializer.build(with_version(document, field, declared, promised))
            found = self._changes(document, old, new)
            needed = least_bump(found) or "patch"
        events: Mapping[Change, str] = {}
        if needed == "major":
            events = Counterexamples(old, new, policy).of_breaks(found, _MOST_LISTED)
        return Assessment(
            document, declared, greatest, promised, needed, found, field, policy, events
        )

    def _changes(self, document: Document, old: Schema, new: Schema) -> tuple[Change, ...]:
        config = self._config
        policy, bounds = config.compatibility_policy, config.numeric_bounds
        try:
            return tuple(changes(old, new, policy=policy, bounds=bounds))
        except SchemaError as error:
            raise error.placed(Location(document.path)) from error

    def _version(self, entry: SchemaFolder, version: Version) -> Schema:
        """Return a version as it was committed; as it is where it was not."""
        file = entry.file_of(version, self._config.content_types)
        if file is None:
            raise AssertionError("a version has a file")
        committed = self._committed.document(file.path)
        return _schema(committed or read_document(file.path, file.display_path))

    def remarks(self, entry: SchemaFolder, latest: Version) -> Iterator[str]:
        """Yield what an author should know of the latest version before making another one."""
        files = [file for file in entry.files if file.named == latest]
        if self._committed.lacks_all(file.path for file in files):
            yield (
                f"{entry.title} {latest} is not committed yet; to replace it instead, keep that "
                "version in `$id` and run `jsonschema-tools build-modified`"
            )
        if changed := self._committed.changed(file.path for file in files):
            names = shlex.join(map(self._config.display_path, changed))
            yield (
                f"{entry.title} {latest} is not as it was committed; "
                f"`git checkout HEAD -- {names}` puts that back"
            )

    def _unwritten(self, path: Path) -> Document | None:
        """Return the version at a path that does not exist, where a current file would make it."""
        entry = self._entries.get(path.parent)
        current = entry.current if entry else None
        if current is None or current.document is None or path in self._being_read:
            return None
        names = {f"{current.version}{suffix}" for suffix in ("", ".yaml", ".json")}
        if path.name not in names or path.exists():
            return None
        self._being_read.add(path)
        try:
            schema = self._materializer.build(current.document)
        finally:
            self._being_read.discard(path)
        return replace(current.document, data=schema)


def next_version(version: Version, part: Bump) -> Version:
    """Return the version after another one: `1.2.3` is followed by `1.2.4`, `1.3.0` or `2.0.0`.

    A prerelease is followed by its release, except where a major version is needed: a change
    that breaks what was valid is not made within one.
    """
    import semver  # 18 ms that other commands need not pay

    full = semver.Version.parse(str(version))
    return _parsed(str(full.bump_major() if part == "major" else full.next_version(part)))


def released(version: Version) -> Version:
    """Return a version without what makes it a prerelease or build."""
    return _parsed(version.text.partition("+")[0].partition("-")[0])


def _schema(document: Document) -> Schema:
    if not isinstance(document.data, dict):
        raise SchemaError("this version is not a schema", at=document.locate(""))
    return document.data


def _parsed(text: str) -> Version:
    version = versions.parse(text)
    if version is None:
        raise AssertionError(f"{text} is a version")
    return version
