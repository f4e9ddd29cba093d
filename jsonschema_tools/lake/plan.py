"""The table of a stream: its columns, made of all versions of the schema that events may have."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jsonschema_tools.errors import SchemaError
from jsonschema_tools.lake.evolution import Refused, changes, merged
from jsonschema_tools.lake.fitting import UnfitError
from jsonschema_tools.lake.names import table_name
from jsonschema_tools.lake.subjects import versioned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jsonschema_tools.catalog import SchemaFolder
    from jsonschema_tools.config import Config
    from jsonschema_tools.lake.types import Field
    from jsonschema_tools.versions import Version


_MOST_CHECKED = 10_000  # URIs that are remembered: events may name ever new ones


@dataclass(frozen=True, slots=True)
class Plan:
    """What a stream is loaded into.

    Attributes:
        stream: the stream.
        table: the name of its table.
        columns: those of all versions that fit together.
        title: the title of its schema, and the folder of it where that differs.
        known: the versions whose events the table holds.
        misfits: why those of other versions do not fit, by version.
    """

    stream: str
    table: str
    columns: tuple[Field, ...]
    title: tuple[str, ...]
    known: frozenset[str]
    misfits: dict[str, str]
    _checked: dict[Any, str | None] = field(default_factory=dict)

    def require_schema(self, uri: object) -> None:
        """Make sure that the table holds the events of a schema.

        Args:
            uri: the event's `$schema`.

        Raises:
            UnfitError: it does not.
        """
        if not isinstance(uri, str):
            raise UnfitError("the event names no `$schema`")
        if uri not in self._checked:
            if len(self._checked) >= _MOST_CHECKED:
                self._checked.clear()
            self._checked[uri] = self._objection(uri)
        objection = self._checked[uri]
        if objection is not None:
            raise UnfitError(objection)

    def _objection(self, uri: str) -> str | None:
        title, _, last = uri.rstrip("#").strip("/").rpartition("/")
        if title not in self.title:
            return f"its schema is {uri}, not {self.title[0]}"
        version = last.removesuffix(".yaml").removesuffix(".json")
        if version in {"latest", "current"} or version in self.known:
            return None
        return self.misfits.get(version) or f"version {version} of {title} not found"

    def datacenter(self, topic: str) -> str | None:
        """Return the prefix of a topic, `eqiad` of `eqiad.some.stream`; None where it has none."""
        if topic.endswith(f".{self.stream}"):
            return topic.removesuffix(f".{self.stream}") or None
        return None


def plan(stream: str, entry: SchemaFolder, config: Config) -> Plan:
    """Return what a stream is loaded into.

    The versions of the latest major version have one table. Older ones come in where they fit.

    Raises:
        SchemaError: the versions of the latest major version do not fit together, or there are
            none.
        SchemaToolsError: a version cannot be read.
    """
    if not entry.versions:
        raise SchemaError(
            f"schema {entry.title!r} has no materialized version",
            hint="run `jsonschema-tools materialize-all`",
        )
    latest = entry.latest.major if entry.latest is not None else 0
    # prereleases promise nothing (SemVer 2.0.0, section 9): they come in where they fit
    newer = [v for v in entry.versions if v.major == latest and not v.is_prerelease]
    older = [v for v in entry.versions if v not in newer]
    columns: tuple[Field, ...] = ()
    known: list[Version] = []
    misfits: dict[str, str] = {}
    for version in [*newer, *reversed(older)]:
        schema = versioned(entry, str(version), config)
        found = schema.columns(lenient=True, nullable=True).columns
        clash = _clash(columns, found)
        if clash is None:
            columns = merged(columns, found)
            known.append(version)
        elif version in newer:
            raise SchemaError(
                f"version {version} of {entry.title} {clash}, which no table survives",
                at=schema.document.locate(""),
                hint="give the schema a new major version",
            )
        else:
            misfits[str(version)] = f"version {version} {clash} of the table"
    names = dict.fromkeys([entry.title, entry.name])
    return Plan(
        stream, table_name(stream), columns, tuple(names), frozenset(map(str, known)), misfits
    )


def _clash(columns: Sequence[Field], found: Sequence[Field]) -> str | None:
    for change in changes(tuple(columns), tuple(found)):
        if isinstance(change, Refused) and change.new is not None:
            return str(change)
    return None
