"""Validates many events, one after the other, and keeps what came of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from jsonschema_tools.errors import ParseError
from jsonschema_tools.events.json_text import decode, encode
from jsonschema_tools.events.reading import Lines, Record
from jsonschema_tools.events.registry import Registry
from jsonschema_tools.events.schema import UnusableSchemaError
from jsonschema_tools.events.summary import EventPlace, Finding, Kind, Summary, findings, line
from jsonschema_tools.events.verdict import Verdict, judge

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jsonschema_tools.config import Config
    from jsonschema_tools.events.error_events import ErrorEvents
    from jsonschema_tools.events.ranges import Range
    from jsonschema_tools.events.schema import EventSchema, FormatRules
    from jsonschema_tools.events.streams import StreamConfigs
    from jsonschema_tools.values import Json

_CHUNK = 500  # events that are taken at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How events are validated.

    Attributes:
        config: the settings of the schema repository.
        formats: see `EventSchema`; None: as the configuration says.
        schema: what names the schema to use, whatever events name; see `find_schema`.
        streams: the stream configuration that events must agree with, or None.
        keep_valid: whether the text of valid events is kept.
        keep_invalid: whether error events are made of the others.
        list_all: whether each finding is kept as a line of text.
    """

    config: Config
    formats: FormatRules | None = None
    schema: str | None = None
    streams: StreamConfigs | None = None
    keep_valid: bool = False
    keep_invalid: bool = False
    list_all: bool = False


@dataclass(slots=True)
class Part:
    """What came of some events, in their order.

    Attributes:
        summary: counts and findings.
        valid: the valid events, one a line, as they were read.
        spans: where the valid events are in `Lines`, as start and end of whole lines: the text
            itself need not travel between processes.
        invalid: error events, one a line.
        lines: the place of each finding and what it says, where that was asked for.
    """

    summary: Summary = field(default_factory=Summary)
    valid: list[bytes | memoryview] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)
    invalid: list[bytes] = field(default_factory=list)
    lines: list[tuple[EventPlace, str]] = field(default_factory=list)

    def keep(self, text: bytes | memoryview) -> None:
        """Take the valid events from the text of the lines."""
        self.valid = [text[start:end] for start, end in self.spans]
        if self.valid and self.valid[-1][-1:] != b"\n":
            self.valid.append(b"\n")
        self.spans = []

    def move(self, lines: int) -> None:
        """Put all places so many lines further down."""
        self.summary.move(lines)
        self.lines = [(place.after(lines), text) for place, text in self.lines]


class EventValidator:
    """Validates events and keeps what came of them.

    Args:
        options: how events are validated.

    Raises:
        ConfigError: the schema that is to be used is not found or not usable.
    """

    def __init__(self, options: Options) -> None:
        self._registry = Registry.of(options.config, formats=options.formats)
        self._options = options
        self._schema: EventSchema | None = None
        if options.schema is not None:
            from jsonschema_tools.events.replay import find_schema  # imports the materializer

            self._schema = find_schema(options.schema, options.config, self._registry)
        self._error_events: ErrorEvents | None = None
        if options.keep_invalid:
            from jsonschema_tools.events.error_events import ErrorEvents

            self._error_events = ErrorEvents.of(options.config, self._registry)

    def validate(self, records: Iterable[Record], name: str) -> Part:
        """Validate some events of a file.

        Args:
            records: the events.
            name: the file, for the places of findings.
        """
        part = self.find(records, name)
        if self._options.keep_valid and isinstance(records, Lines):
            part.keep(records.text)
        return part

    def find(self, records: Iterable[Record], name: str) -> Part:
        """Do the same, but of valid events in `Lines` find only the spans."""
        part = Part()
        if isinstance(records, Lines):
            self._validate_lines(records, name, part)
        else:
            for record in records:
                if self._validate(record, name, part) and self._options.keep_valid:
                    part.valid.append((record.text or encode(record.event)) + b"\n")
        return part

    def _validate_lines(self, lines: Lines, name: str, part: Part) -> None:
        """Take valid events by a short way; the long one tells what is wrong with the others."""
        schemas: dict[str, EventSchema] = {}
        passed: dict[tuple[str, str], int] = {}
        start = end = 0  # of the valid events since the last line that is none
        for number, text in enumerate(lines.text.split(b"\n"), lines.number):
            key = self._passes(text, schemas) if text else None
            if key is not None:
                passed[key] = passed.get(key, 0) + 1
            elif not text or text.isspace() or not self._validate(Record(number, text), name, part):
                if start < end:
                    part.spans.append((start, end))
                start = end + len(text) + 1
            end += len(text) + 1
        if start < end:
            part.spans.append((start, end))
        for (uri, stream), count in passed.items():
            part.summary.count(uri, stream, "valid", count)

    def _passes(self, text: bytes, schemas: dict[str, EventSchema]) -> tuple[str, str] | None:
        """Return schema and stream of an event that is plainly valid; None: look closer."""
        try:
            event: Any = decode(text)  # the hot loop: what is not as it should be raises
            uri = event["$schema"]
            stream = event["meta"]["stream"]
            schema = schemas.get(uri)
            if schema is None and type(uri) is str:
                schema = schemas[uri] = self._plain_schema(uri)
        except (ParseError, UnusableSchemaError, TypeError, KeyError, IndexError):
            return None
        if schema is None or type(stream) is not str or not schema.is_valid(event):
            return None
        return uri, stream

    def _plain_schema(self, uri: str) -> EventSchema:
        """Return the schema that an event names, if it fills in nothing.

        Raises:
            KeyError: it does, or the options ask for more than its verdict.
        """
        if self._schema is not None or self._options.streams is not None:
            raise KeyError(uri)
        schema = self._registry.get(uri)
        if schema.has_defaults:
            raise KeyError(uri)
        return schema

    def _validate(self, record: Record, name: str, part: Part) -> bool:
        """Count an event and tell what is wrong with it; return whether it is valid."""
        options, event = self._options, record.event
        try:
            if record.problem is not None:
                raise ParseError(record.problem)
            if record.text:
                event = decode(record.text)
        except ParseError as error:
            verdict = Verdict(status="error", message=error.message, hint=error.hint)
        else:
            verdict = judge(event, self._registry, schema=self._schema, streams=options.streams)
        part.summary.count(verdict.uri, verdict.stream, verdict.status)
        if verdict.status != "valid":
            self._tell(record, event, verdict, EventPlace(name, record.number), part)
        return verdict.status == "valid"

    def _tell(
        self, record: Record, event: Json, verdict: Verdict, place: EventPlace, part: Part
    ) -> None:
        text = record.text or (b"" if event is None else encode(event))
        example = text[:400].decode(errors="replace").strip()
        for finding in _once(findings(verdict)):
            part.summary.add(finding, place, example)
            if self._options.list_all:
                part.lines.append((place, line(finding)))
        if self._error_events is not None:
            raw = None if isinstance(event, dict) else text.decode(errors="replace").strip()
            error_event = self._error_events.make(event, verdict, raw=raw)
            part.invalid.append(encode(error_event) + b"\n")


def _once(found: Iterable[Finding]) -> Iterator[Finding]:
    """Yield one finding of each kind: an event counts once for it."""
    seen: set[Kind] = set()
    for finding in found:
        if finding.kind not in seen:
            seen.add(finding.kind)
            yield finding


def validate_parts(
    sources: Iterable[tuple[str, Iterable[Record | Lines]]], options: Options
) -> Iterator[Part]:
    """Validate the events of several files, and yield what came of them, part by part.

    Args:
        sources: the name and the events of each file.
        options: how events are validated.

    Raises:
        ConfigError: the schema that is to be used is not found or not usable, or a file cannot be
            read.
    """
    validator = EventValidator(options)
    for name, chunk in chunks(sources):
        yield validator.validate(chunk, name)


_Lines = TypeVar("_Lines", bound="Lines | Range")


def chunks(
    sources: Iterable[tuple[str, Iterable[Record | _Lines]]],
) -> Iterator[tuple[str, list[Record] | _Lines]]:
    """Yield what is validated at a time, with the name of its file: records by the hundreds."""
    for name, items in sources:
        waiting: list[Record] = []
        for item in items:
            if isinstance(item, Record):
                waiting.append(item)
            if waiting and (len(waiting) == _CHUNK or not isinstance(item, Record)):
                yield name, waiting
                waiting = []
            if not isinstance(item, Record):
                yield name, item
        if waiting:
            yield name, waiting
