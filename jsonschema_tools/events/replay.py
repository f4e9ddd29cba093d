"""Events against another schema than the one that they name, such as the next version."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jsonschema_tools.catalog import catalog
from jsonschema_tools.documents.document import parse_document
from jsonschema_tools.errors import ConfigError, Location, ParseError, SchemaToolsError
from jsonschema_tools.events.reading import Record, decode, read_records
from jsonschema_tools.events.registry import Registry
from jsonschema_tools.events.schema import EventSchema, UnusableSchemaError
from jsonschema_tools.events.verdict import SCHEMA_FIELD, judge
from jsonschema_tools.materialization import Materializer
from jsonschema_tools.messages import counted, suggest
from jsonschema_tools.serialization.serializer import serialize

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from jsonschema_tools.catalog import Entry
    from jsonschema_tools.config import Config
    from jsonschema_tools.documents.document import Document
    from jsonschema_tools.values import Json


def find_schema(name: str, config: Config, registry: Registry) -> EventSchema:
    """Return the schema that the user names.

    Args:
        name: a `$id` such as `/test/event/1.0.0`; a title for its latest version;
            `TITLE/VERSION`; or `TITLE/current`, which is materialized in memory.
        config: settings of the repository.
        registry: finds materialized schemas.

    Raises:
        ConfigError: it is not found, or cannot be used.
    """
    title, _, last = name.strip("/").rpartition("/")
    try:
        if last == "current":
            return _current(title, config, registry)
        if name.startswith("/") or last[:1].isdecimal() or last == "latest":
            return registry.get(f"/{name.lstrip('/')}")
        return registry.get(f"/{_entry(name, config).name}/latest")
    except UnusableSchemaError as error:
        raise ConfigError(error.message, at=error.at, hint=error.hint) from error


@dataclass(frozen=True, slots=True)
class Replay:
    """What a version says of events that were sent before it.

    Attributes:
        title: the schema's title.
        events: how many events there are of it, in any version.
        refused: how many of them the version refuses.
        first: JSON Pointer and message of the first problem.
    """

    title: str
    events: int
    refused: int
    first: str | None

    def __str__(self) -> str:
        """Return it as a sentence."""
        if not self.events:
            return f"{self.title}: no events of it were replayed"
        share = f"{self.refused / self.events:.1%} of {counted(self.events, 'event')}"
        told = f", first: {self.first}" if self.first else ""
        return f"{self.title}: {share} would be refused{told}"


def replay(title: str, config: Config, files: Iterable[Path]) -> Replay:
    """Validate the events of a title, whatever version they name, as its current file.

    Args:
        title: the schema.
        config: settings of the repository.
        files: files of events, as `validate` reads them; events of other titles are passed over.

    Raises:
        ConfigError: the current file cannot be used, or a file not be read.
    """
    registry = Registry.of(config)
    schema = find_schema(f"{title}/current", config, registry)
    name = _entry(title, config).name
    events = refused = 0
    first: str | None = None
    for event in _events(files):
        uri = event.get(SCHEMA_FIELD)
        if not isinstance(uri, str) or uri.strip("/").rpartition("/")[0] != name:
            continue
        events += 1
        verdict = judge(event, registry, schema=schema)
        if verdict.status != "valid":
            refused += 1
            if first is None and verdict.problems:
                problem = verdict.problems[0]
                first = f"{problem.pointer or '(the event)'} {problem.message}"
    return Replay(title, events, refused, first)


def _events(files: Iterable[Path]) -> Iterator[dict[str, Json]]:
    """Yield the objects of files; what is not JSON names no schema, and is passed over."""
    for file in files:
        try:
            with file.open("rb") as stream:
                for item in read_records(stream, str(file)):
                    for record in (item,) if isinstance(item, Record) else item:
                        with suppress(ParseError):
                            event = decode(record.text) if record.text else record.event
                            if isinstance(event, dict):
                                yield event
        except OSError as error:
            raise ConfigError(f"cannot be read: {error.strerror}", at=Location(str(file))) from None


def _entry(title: str, config: Config) -> Entry:
    entries = {entry.title: entry for entry in catalog(config)}
    if title not in entries:
        raise ConfigError(f"title not found: {title!r}", hint=suggest(title, entries))
    return entries[title]


def _current(title: str, config: Config, registry: Registry) -> EventSchema:
    entry = _entry(title, config)
    if entry.current is None:
        raise ConfigError(f"{entry.shown} has no current file")
    if entry.current.document is None:
        raise entry.current.error or ConfigError(f"{entry.current.shown} cannot be read")
    schema = Materializer(config).build(entry.current.document)
    document = parse_document(serialize(schema), f"{entry.current.shown} (materialized)")

    def load(url: str) -> Document:
        try:
            return registry.get(url).document
        except UnusableSchemaError as error:
            raise SchemaToolsError(error.message, at=error.at) from error

    return EventSchema(f"{title}/current", document, load, registry.formats)
