"""Events against another schema than the one that they name, such as the next version."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jsonschema_tools.catalog import catalog
from jsonschema_tools.documents import parse_document
from jsonschema_tools.errors import ConfigError, ParseError, SchemaToolsError
from jsonschema_tools.events.json_text import decode
from jsonschema_tools.events.reading import Record, read_file
from jsonschema_tools.events.registry import Registry
from jsonschema_tools.events.schema import EventSchema, UnusableSchemaError
from jsonschema_tools.events.verdict import SCHEMA_FIELD, judge
from jsonschema_tools.materialization import Materializer
from jsonschema_tools.messages import counted, suggest
from jsonschema_tools.serialization import serialize

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    from jsonschema_tools.catalog import SchemaFolder
    from jsonschema_tools.config import Config
    from jsonschema_tools.documents import Document
    from jsonschema_tools.events.verdict import Verdict
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
            return _current(_entry(title, config), config, registry)
        if name.startswith("/") or last[:1].isdecimal() or last == "latest":
            return registry.get(f"/{name.lstrip('/')}")
        entry = _entry(name, config)
        return registry.get(f"/{entry.name}/{entry.latest or 'latest'}")
    except UnusableSchemaError as error:
        raise ConfigError(error.message, at=error.at, hint=error.hint) from error


@dataclass(slots=True)
class Replay:
    """What a version says of events that were sent before it.

    Attributes:
        title: the schema's title.
        events: how many events there are of it, in any version.
        refused: how many of them the version refuses.
        first: JSON Pointer and message of the first problem.
    """

    title: str
    events: int = 0
    refused: int = 0
    first: str | None = None

    def count(self, verdict: Verdict) -> None:
        """Count one event of the title."""
        self.events += 1
        if verdict.status != "valid":
            self.refused += 1
            if self.first is None and verdict.problems:
                problem = verdict.problems[0]
                self.first = f"{problem.pointer or '(the event)'} {problem.message}"

    def __str__(self) -> str:
        """Return it as a sentence."""
        if not self.events:
            return f"{self.title}: no events of it were replayed"
        share = f"{self.refused / self.events:.1%} of {counted(self.events, 'event')}"
        first = f", first: {self.first}" if self.first else ""
        return f"{self.title}: {share} would be refused{first}"


def replay(
    entries: Collection[SchemaFolder], config: Config, files: Iterable[Path]
) -> list[Replay]:
    """Validate the events of some titles, whatever version they name, as their current files.

    Args:
        entries: the schemas.
        config: settings of the repository.
        files: files of events, as `validate` reads them; events of other titles are passed over.

    Raises:
        SchemaToolsError: a current file cannot be used, or a file not be read.
    """
    registry = Registry.of(config)
    schemas = {entry.name: _current(entry, config, registry) for entry in entries}
    replays = {entry.name: Replay(entry.title) for entry in entries}
    for event in _events(files, config):
        uri = event.get(SCHEMA_FIELD)
        name = uri.strip("/").rpartition("/")[0] if isinstance(uri, str) else None
        if name in schemas:
            replays[name].count(judge(event, registry, schema=schemas[name]))
    return list(replays.values())


def _events(files: Iterable[Path], config: Config) -> Iterator[dict[str, Json]]:
    """Yield the objects of files; what is not JSON names no schema, and is passed over."""
    for file in files:
        for item in read_file(config.source(file), str(file)):
            for record in (item,) if isinstance(item, Record) else item:
                with suppress(ParseError):
                    event = decode(record.text) if record.text else record.event
                    if isinstance(event, dict):
                        yield event


def _entry(title: str, config: Config) -> SchemaFolder:
    entries = {entry.title: entry for entry in catalog(config)}
    if title not in entries:
        raise ConfigError(f"title not found: {title!r}", hint=suggest(title, entries))
    return entries[title]


def _current(entry: SchemaFolder, config: Config, registry: Registry) -> EventSchema:
    if entry.current is None:
        raise ConfigError(f"{entry.display_path} has no current file")
    if entry.current.document is None:
        raise entry.current.error or ConfigError(f"{entry.current.display_path} cannot be read")
    schema = Materializer(config).build(entry.current.document)
    document = parse_document(serialize(schema), f"{entry.current.display_path} (materialized)")

    def load(url: str) -> Document:
        try:
            return registry.get(url).document
        except UnusableSchemaError as error:
            raise SchemaToolsError(error.message, at=error.at) from error

    return EventSchema(f"{entry.title}/current", document, load, registry.formats)
