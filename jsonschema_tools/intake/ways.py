"""The way of the events of one schema in one stream: what is filled in, and to which topic they go.

A way is looked up once and kept until the schema or the stream configuration changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from jsonschema_tools.events.problems import missing_field
from jsonschema_tools.events.verdict import SCHEMA_FIELD, STREAM_FIELD, required_uri
from jsonschema_tools.intake.enrich import Plan, RequestContext, enrich, plan
from jsonschema_tools.intake.message import UnroutableError, topic_of
from jsonschema_tools.values import as_object

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jsonschema_tools.events.registry import Registry
    from jsonschema_tools.events.schema import EventSchema
    from jsonschema_tools.events.streams import Stream, StreamConfigs
    from jsonschema_tools.intake.stream_source import StreamSource
    from jsonschema_tools.intake_settings import IntakeSettings
    from jsonschema_tools.values import Json

_MOST = 10_000
NO_SCHEMA = missing_field(SCHEMA_FIELD)


@dataclass(frozen=True, slots=True)
class Way:
    """What happens to the events of one schema in one stream.

    Attributes:
        names: stream and `$schema`, as events name them.
        schema: validates them.
        plan: what is filled in.
        topic: where they go.
        key_fields: what their keys are made of; empty where they have none.
        is_valid: tells whether an event, with its defaults filled in, is valid.
        fill: fills in the schema's defaults; None where it has none.
    """

    names: tuple[str, str]
    schema: EventSchema
    plan: Plan
    topic: str
    key_fields: Mapping[str, Json]
    is_valid: Callable[[Json], bool]
    fill: Callable[[Json], None] | None


class Ways:
    """Finds the way of an event.

    Args:
        settings: of the intake.
        registry: finds schemas.
        streams: says which schema each stream takes.
    """

    def __init__(self, settings: IntakeSettings, registry: Registry, streams: StreamSource) -> None:
        self.settings = settings
        self._registry = registry
        self._streams = streams
        self._known_streams = streams.current
        self._ways: dict[tuple[str, str], Way] = {}

    def has_read(self, uri: str) -> bool:
        """Tell whether what is known of a schema still counts."""
        return self._registry.peek(uri) is not None

    def known(self, uri: str, stream: str) -> Way | None:
        """Return a way that was found before and that nothing has changed since; else None."""
        way = self._ways.get((stream, uri))
        if way is None or self._streams.current is not self._known_streams:
            return None
        return way if self._registry.peek(uri) is way.schema else None

    def find(self, event: dict[str, Json], stream: Json, context: RequestContext) -> Way:
        """Return the way of an event; the event is filled in, but for its schema's defaults.

        Args:
            event: the event.
            stream: its `meta.stream`.
            context: what the request says beside.

        Raises:
            UnusableSchemaError: its schema is not usable.
            UnroutableError: the stream does not take its schema, or is not a topic.
        """
        uri = required_uri(event)
        schema = self._registry.get(uri)
        streams = self._streams.current
        if streams is not self._known_streams:  # they were read again
            self._known_streams = streams
            self._ways.clear()
        entry = streams.find(stream) if streams and isinstance(stream, str) and stream else None
        fields = plan(schema.data, {**self.settings.headers, **_stream_headers(entry)})
        enrich(event, fields, context)
        if not isinstance(stream, str) or not stream:
            raise UnroutableError(missing_field(STREAM_FIELD))
        self._require_allowed(streams, schema, stream, uri, event)
        topic = topic_of(stream, self.settings.topic_prefix)
        key_fields: Json = entry.settings.get("message_key_fields") if entry is not None else {}
        names = stream, uri
        if not isinstance(key_fields, dict):
            key_fields = {}
        fill = schema.fill if schema.has_defaults else None
        way = Way(names, schema, fields, topic, key_fields, schema.verdict, fill)
        if len(self._ways) >= _MOST:
            self._ways.clear()
        self._ways[names] = way
        return way

    @staticmethod
    def _require_allowed(
        streams: StreamConfigs | None,
        schema: EventSchema,
        stream: str,
        uri: str,
        event: dict[str, Json],
    ) -> None:
        if streams is None:
            return
        event_id = as_object(event["meta"]).get("id")
        objection = streams.objection(stream, title=schema.title, uri=uri, event_id=event_id)
        if objection is not None:
            raise UnroutableError(objection)


def _stream_headers(entry: Stream | None) -> dict[str, str | Literal[False]]:
    """Return what a stream's own settings say of headers."""
    settings: Json = {**entry.settings} if entry is not None else {}
    for name in ("producers", "eventgate", "enrich_fields_from_http_headers"):
        settings = settings.get(name) if isinstance(settings, dict) else None
    if not isinstance(settings, dict):
        return {}
    return {
        path: header and str(header).lower()
        for path, header in settings.items()
        if header is False or isinstance(header, str)
    }
