"""What the pages of a site show, as plain values: nothing here reads a file or writes HTML."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeAlias

from jsonschema_tools import versions
from jsonschema_tools.comparison import DEFAULT_POLICY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jsonschema_tools.authoring.diff import VersionDiff
    from jsonschema_tools.comparison import Bounds, Policy
    from jsonschema_tools.values import Json, Schema

FieldKind: TypeAlias = Literal["property", "items", "values", "pattern", "option"]


@dataclass(frozen=True, slots=True)
class Constraint:
    """One keyword that limits a field.

    Attributes:
        label: the limit in words, such as `at most`.
        values: what follows it, each as JSON or plain text; several for a list of allowed values.
    """

    label: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """The schema from which a field was taken by `$ref`.

    Attributes:
        title: its title.
        name: its folder, by which pages are found.
        versions: the versions that declare the field so, as text. One where the current file says
            which; several where it is known only that their declarations are the same.
        is_certain: whether the current file says so.
    """

    title: str
    name: str
    versions: tuple[str, ...]
    is_certain: bool = True

    @property
    def label(self) -> str:
        """The version or the range of versions."""
        first, last = self.versions[0], self.versions[-1]
        return first if first == last else f"{first} to {last}"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a schema, with the fields in it.

    Attributes:
        path: its names from the root; `[]` stands for the items of a list, `{}` for the values of
            a map.
        kind: how it is in the schema around it.
        type: its type in words.
        is_required: whether the object around it must have it.
        description: Markdown.
        constraints: what its values must meet.
        children: the fields in it.
    """

    path: tuple[str, ...]
    kind: FieldKind
    type: str
    is_required: bool = False
    description: str = ""
    constraints: tuple[Constraint, ...] = ()
    children: tuple[Field, ...] = ()

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path[-1]

    @property
    def dotted(self) -> str:
        """The path as one text, such as `meta.tags[]`."""
        text = ""
        for part in self.path:
            joined = not text or part in {"[]", "{}"}
            text += part if joined else f".{part}"
        return text


@dataclass(frozen=True, slots=True)
class Version:
    """One materialized version of a schema.

    Attributes:
        name: the version, such as `1.2.0`.
        path: its main file, as messages show it.
        schema: what is in it; None where it cannot be read.
        text: the file as it was written.
        fault: why it cannot be shown, None where it can.
        fields: its fields, as a tree.
        is_cut: whether some fields were left out, because there are too many or too deep ones.
        origins: by path, where a field was taken from.
        since: by path, the first version of an unbroken row that has the field.
        date: when it was committed, as RFC 3339 says; None where git does not tell.
    """

    name: str
    path: str
    schema: Schema | None = field(repr=False)
    text: str = field(repr=False)
    fault: str | None = None
    fields: tuple[Field, ...] = field(default=(), repr=False)
    is_cut: bool = False
    origins: Mapping[tuple[str, ...], Origin] = field(default_factory=dict, repr=False)
    since: Mapping[tuple[str, ...], str] = field(default_factory=dict, repr=False)
    date: str | None = None

    @property
    def description(self) -> str:
        """The schema's description; empty where it has none."""
        found = self.schema.get("description") if self.schema else None
        return found if isinstance(found, str) else ""

    @property
    def identifier(self) -> str:
        """The schema's `$id`; empty where it has none."""
        found = self.schema.get("$id") if self.schema else None
        return found if isinstance(found, str) else ""

    @property
    def example(self) -> Json:
        """The schema's first example; None where it has none."""
        found = self.schema.get("examples") if self.schema else None
        return found[0] if isinstance(found, list) and found else None


def latest_of(found: Sequence[Version]) -> Version | None:
    """Return the latest of some versions; a prerelease only where there is no release."""
    by_version = {versions.parse(version.name): version for version in found}
    newest = versions.latest(version for version in by_version if version is not None)
    return by_version[newest] if newest is not None else None


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A schema that uses another one, or is used by it.

    Attributes:
        title: the other schema.
        name: its folder; empty where it is none of this repository.
        version: the version that the reference names, such as `1.0.0` or `latest`.
        latest: the newest version there is, where the reference pins an older one.
    """

    title: str
    name: str
    version: str
    latest: str | None = None


@dataclass(frozen=True, slots=True)
class WaiverNote:
    """A waiver that holds for a schema.

    Attributes:
        check: id of the check that does not count.
        pattern: the regular expression that says for which schemas, as written.
        reason: why; empty where none is given.
        ticket: where it is tracked; empty where nowhere.
        owner: who answers for it; empty where none is given.
        until: its last day, as ISO 8601 says; empty where it has none.
    """

    check: str
    pattern: str
    reason: str = ""
    ticket: str = ""
    owner: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class StreamInfo:
    """A stream of the stream configuration.

    Attributes:
        name: its name, or a regular expression between slashes.
        schema_title: title of its schema; empty where it has none.
        topics: its Kafka topics.
        settings: all of its settings, with the defaults filled in, without the topics.
    """

    name: str
    schema_title: str
    topics: tuple[str, ...]
    settings: Mapping[str, Json]


@dataclass(frozen=True)
class SchemaInfo:
    """A schema with all of its versions.

    Attributes:
        title: its title.
        name: its folder, relative to its base path, and the folder of its pages.
        is_fragment: whether it is a fragment.
        is_deprecated: whether its description says so.
        versions: its versions, oldest first.
        faults: what is wrong with it as a whole.
        streams: names of its streams.
        uses: what its current file refers to.
        used_by: who refers to it.
        waivers: the waivers that hold for it.
        diffs: what each version changed against the one before it, oldest first.
        raw: bytes of the files that are published, by name.
    """

    title: str
    name: str
    is_fragment: bool
    is_deprecated: bool = False
    versions: tuple[Version, ...] = ()
    faults: tuple[str, ...] = ()
    streams: tuple[str, ...] = ()
    uses: tuple[Neighbour, ...] = ()
    used_by: tuple[Neighbour, ...] = ()
    waivers: tuple[WaiverNote, ...] = ()
    diffs: tuple[VersionDiff, ...] = ()
    raw: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    @cached_property
    def latest(self) -> Version | None:
        """The latest version; a prerelease only where there is no release."""
        return latest_of(self.versions)

    @cached_property
    def readable(self) -> tuple[Version, ...]:
        """The versions that can be read, and so compared."""
        return tuple(version for version in self.versions if version.schema is not None)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that `check` found.

    Attributes:
        check: id of the check.
        title: the schema or stream that it is about.
        version: the version that it is about; empty for the schema as a whole.
        place: file and line.
        message: what is wrong.
        hint: what to do; empty where that is plain.
    """

    check: str
    title: str
    version: str
    place: str
    message: str
    hint: str = ""


@dataclass(frozen=True)
class Site:
    """All that a site shows.

    Attributes:
        heading: what the site calls itself.
        url: the address that it will have, with a slash at its end; empty where none is given.
        intake: the address that events are sent to, for the examples.
        schemas: the schemas, by title.
        streams: the streams, in the order of the configuration.
        has_streams: whether there is a stream configuration.
        waivers: all waivers, those that end first at the start.
        bounds: the minimum and maximum that materializing adds to numbers; None for none.
        policy: what decides which changes need a new major version.
        events_page: the page on which events are seen as they come; empty for none.
    """

    heading: str
    url: str
    intake: str
    schemas: tuple[SchemaInfo, ...]
    streams: tuple[StreamInfo, ...] = ()
    has_streams: bool = False
    waivers: tuple[WaiverNote, ...] = ()
    bounds: Bounds | None = None
    policy: Policy = DEFAULT_POLICY
    events_page: str = ""

    @cached_property
    def pages_of(self) -> Mapping[str, frozenset[str]]:
        """The versions that have a page, by the folder of the schema."""
        return {s.name: frozenset(version.name for version in s.versions) for s in self.schemas}

    @cached_property
    def by_url(self) -> Mapping[str, Version]:
        """The versions by the path that references and events call them by."""
        found = {f"/{s.name}/{v.name}": v for s in self.schemas for v in s.versions}
        latest = {f"/{s.name}/latest": s.latest for s in self.schemas if s.latest}
        return found | latest

    def find(self, title: str) -> SchemaInfo | None:
        """Return the schema of a title; None where it is none of this repository."""
        return next((schema for schema in self.schemas if schema.title == title), None)
