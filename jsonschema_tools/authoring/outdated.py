"""Pins of older versions than there are: find them, and move them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jsonschema_tools import versions
from jsonschema_tools.dereferencing.loader import Loader
from jsonschema_tools.errors import SchemaToolsError
from jsonschema_tools.values import get_field

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jsonschema_tools.authoring.assessment import Assessment, Assessor
    from jsonschema_tools.authoring.dependencies import Dependency
    from jsonschema_tools.catalog import SchemaFolder
    from jsonschema_tools.config import Config
    from jsonschema_tools.documents import Document
    from jsonschema_tools.versions import Version


@dataclass(frozen=True, slots=True)
class Outdated:
    """A reference to an older version of a schema than its latest.

    Attributes:
        use: the reference.
        pinned: the version that it names.
        latest: the latest version, of whatever major.
        compatible: the latest version of the same major, where that is later than the pinned.
    """

    use: Dependency
    pinned: Version
    latest: Version
    compatible: Version | None

    def goal(self, *, major: bool) -> Version | None:
        """Return the version to move to; None where only another major version is later."""
        return self.latest if major else self.compatible


@dataclass(frozen=True, slots=True)
class Updated:
    """A current file whose pins were moved.

    Attributes:
        document: the file as it is to be; the very document that it was where no pin moves.
        assessment: what that changes; None where it has no version yet.
        version: its new version; None where it has one that will do.
    """

    document: Document
    assessment: Assessment | None = None
    version: Version | None = None


class ExternalVersions:
    """Latest versions of schemas that are not of this repository, but below its base URIs.

    Attributes:
        failures: why the latest version of a path or URL is not known.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._loader = Loader(
            config.root,
            config.schema_base_uris,
            allow_external=config.allow_external_refs,
            display_path=config.display_path,
            refresh=config.refresh,
        )
        self._known: dict[str, Version | None] = {}
        self.failures: dict[str, SchemaToolsError] = {}

    def latest(self, path: str) -> Version | None:
        """Return the version that `latest` is below a path or URL; None where that is not known."""
        if path not in self._known:
            self._known[path] = self._ask(path)
        return self._known[path]

    def _ask(self, path: str) -> Version | None:
        try:
            data = self._loader(f"{path.rstrip('/')}/latest").document.data
        except SchemaToolsError as error:
            self.failures[path] = error
            return None
        identifier = get_field(data, self._config.schema_version_field)
        return versions.of_id(identifier) if isinstance(identifier, str) else None


def find_outdated(uses: Iterable[Dependency], elsewhere: ExternalVersions) -> list[Outdated]:
    """Return the references that pin an older version than there is, in their order.

    A prerelease counts as later only where a prerelease is pinned.
    """
    found = []
    newest: dict[str, _Newest] = {}  # by what the reference says before the version
    for use in uses:
        if use.pinned is None:
            continue
        path = use.reference.ref.partition("#")[0].rpartition("/")[0]
        if path not in newest:
            newest[path] = _Newest(_versions(use, path, elsewhere))
        if (latest := newest[path].after(use.pinned)) is not None:
            compatible = newest[path].after(use.pinned, use.pinned.major)
            found.append(Outdated(use, use.pinned, latest, compatible))
    return found


def update(
    entry: SchemaFolder,
    document: Document,
    pins: Iterable[Outdated],
    assessor: Assessor,
    *,
    major: bool,
) -> Updated:
    """Move the pins of a current file, and bump it as that needs; writes nothing.

    Args:
        entry: the schema.
        document: its current file.
        pins: those of its pins that are outdated.
        assessor: compares it with its latest version.
        major: whether other major versions are moved to, and may be made.

    Raises:
        SchemaToolsError: it cannot be materialized with the new versions, or needs a major
            version.
    """
    # what only an update needs, and the report does not
    from jsonschema_tools.authoring.bump import BumpRefusedError, bump, target

    moved = _move(document, pins, major=major)
    if moved is document:
        return Updated(document)
    assessment = assessor.assess(moved, entry.path)
    if assessment is None:
        return Updated(moved)
    try:
        version = target(assessment, "major" if major and assessment.needed == "major" else None)
    except BumpRefusedError as error:
        advice = f"`jsonschema-tools outdated --update --major {entry.title}` does it anyway"
        raise error.hinted(advice) from None
    if version is None:
        return Updated(moved, assessment)
    return Updated(bump(assessment, version), assessment, version)


def _move(document: Document, pins: Iterable[Outdated], *, major: bool) -> Document:
    from jsonschema_tools.documents import Replacement, replace_parts

    changes = [
        Replacement(f"{pin.use.reference.pointer}/$ref", pin.use.label, str(goal))
        for pin in pins
        if (goal := pin.goal(major=major)) is not None
    ]
    return replace_parts(document, changes) if changes else document


def _versions(use: Dependency, path: str, elsewhere: ExternalVersions) -> tuple[Version, ...]:
    """Return the versions that are known of what a reference leads to."""
    if use.entry is not None:
        return use.entry.versions
    latest = elsewhere.latest(path)
    return () if latest is None else (latest,)


class _Newest:
    """The latest versions of a schema: of all, and of each major; with prereleases, and without."""

    def __init__(self, known: Iterable[Version]) -> None:
        self._latest: dict[tuple[int | None, bool], Version] = {}
        for version in known:
            for major in (None, version.major):
                for prereleases in {True, version.is_prerelease}:
                    latest = self._latest.setdefault((major, prereleases), version)
                    if version > latest:
                        self._latest[major, prereleases] = version

    def after(self, pinned: Version, major: int | None = None) -> Version | None:
        """Return the latest version, of a major or of all, if it is later than a pinned one."""
        latest = self._latest.get((major, pinned.is_prerelease))
        return latest if latest is not None and latest > pinned else None
