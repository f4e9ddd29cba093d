"""Which version a change of a current file needs, and that version written into the file."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from jsonschema_tools import versions
from jsonschema_tools.comparison import Counterexamples, changes, least_bump
from jsonschema_tools.documents import Document, read_document, replace_part
from jsonschema_tools.errors import SchemaError, SchemaToolsError
from jsonschema_tools.git.committed import Committed
from jsonschema_tools.materialization import Materializer, version_of
from jsonschema_tools.pointers import follow, join, split, text_at, written_at
from jsonschema_tools.values import as_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from jsonschema_tools.catalog import Entry
    from jsonschema_tools.comparison import Bump, Change, Policy
    from jsonschema_tools.config import Config
    from jsonschema_tools.values import Json, Schema
    from jsonschema_tools.versions import Version

PARTS: tuple[Bump, ...] = ("patch", "minor", "major")
_SHOWN = 5


class BumpRefusedError(SchemaToolsError):
    """The version that was asked for, or none at all, is not enough for what changed."""

    code = "bump-refused"


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
        told = [(change.message, self.counterexamples.get(change)) for change in deciding[:_SHOWN]]
        more = len(deciding) - _SHOWN
        return [*told, *([(f"and {more} more changes", None)] if more > 0 else [])]

    def _decides(self, change: Change) -> bool:
        if self.needed == "major":
            return change.verdict != "allowed"
        return self.needed == "patch" or change.group != "documentation"

    def is_enough(self, part: Bump) -> bool:
        """Tell whether the declared version is already as far from the latest as a bump leads."""
        return self.declared > self.latest and _released(self.declared) >= self.after(part)

    def after(self, part: Bump) -> Version:
        """Return the version that a bump leads to.

        A prerelease is followed by its release, if that is far enough from the latest release.
        """
        if not self.latest.is_prerelease:
            return next_version(self.latest, part)
        release = _released(self.latest)
        return max(release, next_version(self.promised, part)) if self.promised else release


class Assessor:
    """Compares current files with their latest versions.

    A version that was committed counts as it was committed, also where it was overwritten since.
    Fragments are taken as they were materialized; one that has not been yet, as it would be.
    """

    def __init__(self, config: Config, entries: Iterable[Entry]) -> None:
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
        new = self._materializer.build(self._as(document, declared, greatest))
        old = self._version(entry, greatest)
        found = tuple(changes(old, new, policy=policy, bounds=config.numeric_bounds))
        needed = least_bump(found)
        if found and promised is not None and promised != greatest:
            old = self._version(entry, promised)
            new = self._materializer.build(self._as(document, declared, promised))
            found = tuple(changes(old, new, policy=policy, bounds=config.numeric_bounds))
            needed = least_bump(found) or "patch"
        field = _field_pointer(document.data, config.schema_version_field)
        events = _counterexamples(old, new, found, policy) if needed == "major" else {}
        return Assessment(
            document, declared, greatest, promised, needed, found, field, policy, events
        )

    def _version(self, entry: Entry, version: Version) -> Schema:
        """Return a version as it was committed; as it is where it was not."""
        file = entry.file_of(version, self._config.content_types)
        if file is None:
            raise AssertionError("a version has a file")
        committed = self._committed.document(file.path)
        return _schema(committed or read_document(file.path, file.shown))

    def remarks(self, entry: Entry, latest: Version) -> Iterator[str]:
        """Yield what an author should know of the latest version before making another one."""
        files = [file for file in entry.files if file.named == latest]
        if self._committed.lacks_all(file.path for file in files):
            yield (
                f"{entry.title} {latest} is not committed yet; to replace it instead, keep that "
                "version in `$id` and run `jsonschema-tools build-modified`"
            )
        if changed := self._committed.changed(file.path for file in files):
            names = shlex.join(map(self._config.shown, changed))
            yield (
                f"{entry.title} {latest} is not as it was committed; "
                f"`git checkout HEAD -- {names}` puts that back"
            )

    def _as(self, document: Document, declared: Version, version: Version) -> Document:
        """Return a document as if it had another version, so that this is not a change."""
        pointer = _field_pointer(document.data, self._config.schema_version_field)
        before, part, after = _around_version(document, pointer, declared)
        number = f"{before}{version if part == str(declared) else part}{after}"
        return replace(document, data=_with(document.data, split(pointer), number))

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


def target(assessment: Assessment, asked: Bump | None) -> Version | None:
    """Return the version that a current file should have; None where it has one that will do.

    Args:
        assessment: what changed.
        asked: the bump that the author asked for; None leaves it to the changes.

    Raises:
        BumpRefusedError: less was asked for than is needed, or a major version is needed and
            was not asked for.
    """
    needed = assessment.needed
    if asked is not None and needed is not None and PARTS.index(asked) < PARTS.index(needed):
        raise _refusal(assessment, f"--{asked} was asked for, but")
    part = asked or needed
    if part is None:
        return assessment.latest if assessment.declared < assessment.latest else None
    if assessment.is_enough(part):
        return None
    wanted = assessment.after(part)
    if part == "major" and asked is None and wanted != _released(assessment.latest):
        raise _refusal(assessment, "")
    return wanted


def bump(assessment: Assessment, version: Version, *, examples: bool = False) -> Document:
    """Return the current file with another version in its version field, all else as it was.

    Args:
        assessment: the current file.
        version: the new version.
        examples: whether `$schema` of the examples that name the old one follow.

    Raises:
        SchemaError: the version is in the file in a way that cannot be edited.
    """
    places = [assessment.field, *(stale_examples(assessment) if examples else ())]
    document = assessment.document
    before = follow(document.data, assessment.field)
    for pointer in places:
        value = follow(document.data, pointer)
        if value == before:  # else it is an alias of one that was changed
            _, part, _ = _around_version(document, pointer, assessment.declared)
            document = replace_part(document, pointer, part, str(version))
    return document


def stale_examples(assessment: Assessment) -> Iterator[str]:
    """Yield the pointers of the examples' `$schema` that name the version before a bump."""
    data = assessment.document.data
    identifier = follow(data, assessment.field)
    examples = data.get("examples") if isinstance(data, dict) else None
    for index, example in enumerate(examples if isinstance(examples, list) else ()):
        if isinstance(example, dict) and example.get("$schema") == identifier:
            yield join(["examples", index, "$schema"])


def _counterexamples(
    old: Schema, new: Schema, found: Iterable[Change], policy: Policy
) -> Mapping[Change, str]:
    search = Counterexamples(old, new, policy)
    breaking = [change for change in found if change.verdict != "allowed"][:_SHOWN]
    shown = ((change, search.of(change)) for change in breaking)
    return {change: event for change, event in shown if event is not None}


def _refusal(assessment: Assessment, prefix: str) -> BumpRefusedError:
    document, needed = assessment.document, assessment.needed
    breaking = next((c for c in assessment.changes if c.verdict != "allowed"), None)
    declared = (
        f" ({assessment.declared} in the file is not one)"
        if assessment.declared > assessment.latest
        else ""
    )
    since = assessment.promised or assessment.latest
    message = (
        f"{prefix} what changed since {since} needs a {needed} version{declared}: "
        f"{'; '.join(reason for reason, _ in assessment.reasons)} (policy {assessment.policy})"
    )
    event = next((event for _, event in assessment.reasons if event is not None), None)
    place = written_at(document.data, breaking.pointer) if breaking else assessment.field
    wanted = assessment.after(needed or "major")
    return BumpRefusedError(
        message.strip(),
        at=document.locate(place),
        counterexample=event,
        hint=f"take that back, or make it {wanted} with "
        f"`jsonschema-tools bump --{needed} {document.path}`",
    )


def _schema(document: Document) -> Schema:
    if not isinstance(document.data, dict):
        raise SchemaError("this version is not a schema", at=document.locate(""))
    return document.data


def _field_pointer(data: Json, field: str) -> str:
    """Return the pointer of a dotted path, as `get_field` reads it."""
    return join([field] if field in as_object(data) else field.split("."))


def _with(data: Json, tokens: list[str], value: str) -> Json:
    """Return a copy of data with another value at a place; the rest is shared."""
    if not tokens:
        return value
    token, *rest = tokens
    if isinstance(data, list):
        place = int(token)
        return [*data[:place], _with(data[place], rest, value), *data[place + 1 :]]
    whole = as_object(data)
    return {**whole, token: _with(whole[token], rest, value)}


def _around_version(document: Document, pointer: str, version: Version) -> tuple[str, str, str]:
    """Split an `$id` into what comes before its version, the version as written, and the rest.

    Raises:
        SchemaError: the version is written in a way that has no such part.
    """
    identifier, text = text_at(document.data, pointer), str(version)
    if text in identifier:
        before, part, after = identifier.rpartition(text)
        return before, part, after
    path = identifier.removesuffix("#").rstrip("/")
    before, slash, last = path.rpartition("/")
    if last.replace(".", "").isdecimal():  # `/x/3` is 3.0.0
        return f"{before}{slash}", last, identifier[len(path) :]
    raise SchemaError(
        f"{identifier!r} is taken as version {text}, but does not say so",
        at=document.locate(pointer),
        hint=f"write {text} there",
    )


def _released(version: Version) -> Version:
    """Return a version without what makes it a prerelease or build."""
    return _parsed(version.text.partition("+")[0].partition("-")[0])


def _parsed(text: str) -> Version:
    version = versions.parse(text)
    if version is None:
        raise AssertionError(f"{text} is a version")
    return version
