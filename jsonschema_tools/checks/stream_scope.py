"""The scope of checks that look at each stream, and what they look at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from jsonschema_tools.catalog import catalog
from jsonschema_tools.checks.base import Context, Scope, Subject, Target
from jsonschema_tools.documents import parse_document
from jsonschema_tools.lake.names import table_name
from jsonschema_tools.messages import Names
from jsonschema_tools.values import as_object, get_field

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.catalog import SchemaFolder
    from jsonschema_tools.config import Config
    from jsonschema_tools.events import EventSchema, Registry, Stream, StreamConfigs


@dataclass(frozen=True)
class Schemas:
    """What all streams of a repository are checked with, read or compiled once."""

    config: Config
    streams: StreamConfigs

    @cached_property
    def entries(self) -> dict[str, SchemaFolder]:
        """What the repository holds, by title."""
        return {entry.title: entry for entry in catalog(self.config)}

    @cached_property
    def titles(self) -> Names:
        """The titles, to find one that was meant."""
        return Names(self.entries)

    @cached_property
    def by_table(self) -> dict[str, list[str]]:
        """The names of the streams of each table."""
        names: dict[str, list[str]] = {}
        for stream in self.streams.streams.values():
            if stream.pattern is None:
                names.setdefault(table_name(stream.name), []).append(stream.name)
        return names

    @cached_property
    def registry(self) -> Registry:
        """Finds the schemas that events name."""
        from jsonschema_tools.events import Registry  # here: runs without streams need none of it

        return Registry.of(self.config)

    @cached_property
    def settings(self) -> EventSchema:
        """The schema of the settings that the platform and this repository know."""
        from importlib import resources  # 9 ms that runs without streams need not pay

        from jsonschema_tools.events import EventSchema

        name = "stream-settings.schema.json"
        text = resources.files("jsonschema_tools.events").joinpath(name).read_text("utf-8")
        document = parse_document(text, name)
        as_object(get_field(document.data, "properties")).update(self.streams.extra_settings)
        return EventSchema("stream settings", document, lambda _: document)

    def latest(self, title: str | None) -> EventSchema | None:
        """Return the latest version of a title; None if there is none that can be used."""
        from jsonschema_tools.events import UnusableSchemaError

        entry = self.entries.get(title or "")
        if entry is None or not entry.versions:
            return None
        try:
            return self.registry.get(f"/{entry.name}/{entry.latest}")
        except UnusableSchemaError:
            return None


@dataclass(frozen=True, slots=True)
class Declared:
    """A stream, and what it is checked with.

    Attributes:
        stream: the stream.
        schemas: the schemas of the repository, and all streams.
        is_first: whether it is the first of all, which answers for the defaults.
    """

    stream: Stream
    schemas: Schemas
    is_first: bool

    @property
    def schema(self) -> EventSchema | None:
        """The latest version of its schema."""
        return self.schemas.latest(self.stream.schema_title)


def _streams(context: Context) -> Iterator[Target]:
    """Yield each stream that is configured.

    Raises:
        ConfigError: the stream configuration cannot be read.
    """
    config = context.config
    if not config.stream_configs:
        return
    from jsonschema_tools.events import load_streams

    streams = load_streams(config)
    schemas = Schemas(config, streams)
    for index, stream in enumerate(streams.streams.values()):
        subject = Subject(
            stream.name,
            None,
            None,
            current=False,
            path=stream.document.path,
            identifier=stream.name,
        )
        yield Target(subject, (Declared(stream, schemas, is_first=index == 0),), ())


#: one result for each stream
STREAM: Scope[[Declared, Context]] = Scope("stream", in_repository=_streams)
