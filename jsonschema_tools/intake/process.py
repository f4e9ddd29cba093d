"""What is done with the events of a request: fill in, check, validate, produce.

The order is that of EventGate with Wikimedia's factory: defaults of the platform, is the schema
allowed in the stream, defaults of the schema and validation, produce.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from jsonschema_tools.events.error_events import ErrorEvents
from jsonschema_tools.events.reading import encode
from jsonschema_tools.events.schema import EventSchema, UnusableSchemaError
from jsonschema_tools.events.verdict import Verdict
from jsonschema_tools.intake.enrich import Plan, RequestContext, enrich, plan, put
from jsonschema_tools.intake.message import (
    Message,
    UnroutableError,
    key_of,
    timestamp_of,
    topic_of,
)
from jsonschema_tools.intake.outcome import Failure, Outcome, error_type, refusal, stream_of, why
from jsonschema_tools.intake.sinks import BusyError
from jsonschema_tools.intake_settings import read_intake

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from jsonschema_tools.config import Config
    from jsonschema_tools.events.registry import Registry
    from jsonschema_tools.events.streams import StreamConfigs
    from jsonschema_tools.intake.metrics import Metrics
    from jsonschema_tools.intake.sinks import Sink
    from jsonschema_tools.intake.stream_source import StreamSource
    from jsonschema_tools.values import Json

_log = logging.getLogger(__name__)
_SLICE = 200  # events after which other requests get a turn
_MOST_ROUTES = 10_000
_NO_SCHEMA = "Field(s) $schema were missing from event and could not be extracted."
_NO_STREAM = "Field(s) meta.stream were missing from event and could not be extracted."


@dataclass(frozen=True, slots=True)
class _Route:
    """Where the events of one schema go in one stream, and what is filled into them."""

    topic: str
    key_fields: Mapping[str, Json]


_Way: TypeAlias = tuple[EventSchema, Plan, _Route]


class Processor:
    """Takes the events of requests.

    Args:
        config: the settings of the schema repository.
        registry: finds schemas.
        streams: says which schema each stream takes.
        sink: takes accepted events.
        metrics: counts.
    """

    def __init__(
        self,
        config: Config,
        registry: Registry,
        streams: StreamSource,
        sink: Sink,
        metrics: Metrics,
    ) -> None:
        self._settings = read_intake(config.intake)
        self._registry = registry
        self._streams = streams
        self._sink = sink
        self._metrics = metrics
        self._hidden = sorted({str(config.root), *map(str, config.schema_base_paths)}, key=len)[
            ::-1
        ]
        self._config = config
        self._routes: dict[tuple[str, int], _Route] = {}
        self._plans: dict[tuple[str, int], tuple[EventSchema, Plan]] = {}
        self._known_streams = streams.current
        #: called with the events of a request that were not accepted
        self.on_refused: Callable[[Sequence[Failure]], None] | None = None
        self._loading: dict[str, asyncio.Future[Any]] = {}

    async def process(
        self, events: Sequence[Json], context: RequestContext, *, hasty: bool = False
    ) -> Outcome:
        """Take events, and return what came of them.

        Raises:
            BusyError: the log takes no more for the moment; none of them was accepted.
        """
        outcome = Outcome(len(events))
        messages: list[Message] = []
        indexes: list[int] = []
        counts: Counter[tuple[str, str]] = Counter()
        names: list[tuple[str, str]] = []
        await self._load(events, context)
        known: dict[tuple[str, str], _Way] = {}  # one look at each is enough for a request
        for index, event in enumerate(events):
            if index and index % _SLICE == 0:
                await asyncio.sleep(0)
            result = self._prepare(index, event, context, known)
            if isinstance(result, Failure):
                outcome.failures.append(result)
            else:
                messages.append(result)
                indexes.append(index)
                names.append((event["meta"]["stream"], event["$schema"]))
        if messages:
            answers = await self._sink.produce(messages, hasty=hasty)
            for index, answer, name in zip(indexes, answers, names, strict=True):
                if answer is None:
                    counts[name] += 1
                else:
                    verdict = refusal(answer, events[index])
                    outcome.failures.append(Failure(index, "produce", events[index], verdict))
            self._metrics.produced(counts)
        if outcome.failures and self.on_refused is not None:
            self.on_refused(outcome.failures)
        outcome.failures.sort(key=lambda failure: failure.index)
        self._metrics.failed(
            (f.verdict.stream or "unknown", f.verdict.uri or "unknown", error_type(f))
            for f in outcome.failures
        )
        return outcome

    async def report(self, failures: Iterable[Failure], context: RequestContext) -> None:
        """Produce an error event for each invalid event, where they are configured."""
        invalid = [failure for failure in failures if failure.kind == "invalid"]
        if not invalid or self._settings.error_stream is None:
            return
        maker = await asyncio.to_thread(ErrorEvents.of, self._config, self._registry)
        events = [maker.make(failure.event, failure.verdict) for failure in invalid]
        try:
            outcome = await self.process(events, context)
        except BusyError:
            lost, reason = len(events), "too much is waiting"
        else:
            lost = len(outcome.failures)
            reason = why(outcome.failures[0].verdict) if lost else ""
        if lost:
            self._metrics.error_events_lost.inc(lost)
            _log.warning("%d error events were not produced: %s", lost, reason)

    # ------------------------------------------------------------------------- one event

    def _prepare(
        self, index: int, event: Json, context: RequestContext, known: dict[tuple[str, str], _Way]
    ) -> Message | Failure:
        """Fill an event in and validate it.

        Args:
            index: its place in the request.
            event: the event; changed in place.
            context: what the request says beside.
            known: what was found for earlier events of the request, by schema and stream.
        """
        if not isinstance(event, dict) or not event:
            return Failure(index, "error", event, Verdict(status="error", message=_NO_SCHEMA))
        if context.query:
            self._from_query(event, context)
        uri: Any = event.get("$schema")
        stream: Any = stream_of(event)
        try:
            way = known.get((uri, stream)) if type(uri) is type(stream) is str else None
            if way is not None:
                schema, fields, route = way
                enrich(event, fields, context)
            else:
                schema = self._schema(uri)
                fields = self._plan(schema, stream)
                enrich(event, fields, context)
                route = self._route(schema, stream, uri, event)
                known[uri, stream] = schema, fields, route
            if schema.has_defaults:
                schema.fill(event)
            if not schema.is_valid(event):
                problems = schema.problems(event)
                verdict = Verdict(status="invalid", uri=uri, stream=stream, problems=problems)
                return Failure(index, "invalid", event, verdict)
            key = key_of(event, route.key_fields) if route.key_fields else None
            return Message(route.topic, key, timestamp_of(event), encode(event))
        except UnusableSchemaError as error:
            return self._refused(index, event, error.message)
        except UnroutableError as error:
            return self._refused(index, event, str(error))
        except (UnicodeEncodeError, RecursionError):
            return self._refused(index, event, "the event cannot be written as JSON in UTF-8")

    def _from_query(self, event: dict[str, Json], context: RequestContext) -> None:
        settings, query = self._settings, context.query
        if settings.schema_param and "$schema" not in event and settings.schema_param in query:
            event["$schema"] = query[settings.schema_param]
        if settings.stream_param and settings.stream_param in query and stream_of(event) is None:
            put(event, ("meta", "stream"), query[settings.stream_param])

    def _schema(self, uri: Json) -> EventSchema:
        """Return a schema that was loaded.

        Raises:
            UnusableSchemaError: it is not usable.
        """
        if uri is None:
            raise UnusableSchemaError(_NO_SCHEMA)
        if not isinstance(uri, str):
            raise UnusableSchemaError(f"`$schema` should be a string, not {type(uri).__name__}")
        return self._registry.get(uri)

    def _plan(self, schema: EventSchema, stream: Json) -> Plan:
        """Return what is filled into the events of a schema in a stream."""
        name = stream if isinstance(stream, str) else ""
        key = name, id(schema)
        known = self._plans.get(key)
        if known is None or known[0] is not schema:
            headers = {**self._settings.headers, **self._stream_headers(name)}
            known = schema, plan(schema.data, headers)
            if len(self._plans) >= _MOST_ROUTES:
                self._plans.clear()
            self._plans[key] = known
        return known[1]

    def _stream_headers(self, stream: str) -> dict[str, Any]:
        """Return what a stream's own settings say of headers."""
        entry = self._streams.current.find(stream) if self._streams.current and stream else None
        settings: Json = entry.settings if entry is not None else {}
        for name in ("producers", "eventgate", "enrich_fields_from_http_headers"):
            settings = settings.get(name) if isinstance(settings, dict) else None
        if not isinstance(settings, dict):
            return {}
        return {
            path: header and str(header).lower()
            for path, header in settings.items()
            if header is False or isinstance(header, str)
        }

    def _route(self, schema: EventSchema, stream: Json, uri: str, event: dict[str, Json]) -> _Route:
        """Return where an event goes.

        Raises:
            UnroutableError: the stream does not take its schema, or is no topic.
        """
        streams = self._streams.current
        if streams is not self._known_streams:  # they were read again
            self._known_streams = streams
            self._routes.clear()
            self._plans.clear()
        key = (stream, id(schema)) if isinstance(stream, str) else None
        route = self._routes.get(key) if key is not None else None
        if route is None:
            route = self._new_route(streams, schema, stream, uri, event)
            if len(self._routes) >= _MOST_ROUTES:
                self._routes.clear()
            self._routes[stream, id(schema)] = route
        return route

    def _new_route(
        self,
        streams: StreamConfigs | None,
        schema: EventSchema,
        stream: Json,
        uri: str,
        event: dict[str, Json],
    ) -> _Route:
        if not isinstance(stream, str) or not stream:
            raise UnroutableError(_NO_STREAM)
        fields: Json = {}
        if streams is not None:
            event_id = event["meta"].get("id")
            objection = streams.objection(stream, title=schema.title, uri=uri, event_id=event_id)
            if objection is not None:
                raise UnroutableError(objection)
            entry = streams.find(stream)
            fields = entry.settings.get("message_key_fields") if entry is not None else {}
        topic = topic_of(stream, self._settings.topic_prefix)
        return _Route(topic, fields if isinstance(fields, dict) else {})

    def _refused(self, index: int, event: Json, message: str) -> Failure:
        # what is wrong with a file here is not for clients to know where
        for path in self._hidden:
            message = message.replace(f"{path}/", "").replace(path, ".")
        return Failure(index, "error", event, refusal(message, event))

    # ------------------------------------------------------------------------- schemas

    async def _load(self, events: Sequence[Json], context: RequestContext) -> None:
        """Read the schemas that events name and that are not known yet, off the event loop."""
        uris = {event.get("$schema") for event in events if _names_schema(event)}
        if self._settings.schema_param:
            uris.add(context.query.get(self._settings.schema_param, ""))
        for uri in uris:
            if isinstance(uri, str) and uri and self._registry.peek(uri) is None:
                await self._load_one(uri)

    async def _load_one(self, uri: str) -> None:
        loading = self._loading.get(uri)
        if loading is None:
            loading = asyncio.ensure_future(asyncio.to_thread(self._read, uri))
            self._loading[uri] = loading
            loading.add_done_callback(lambda _: self._loading.pop(uri, None))
        await asyncio.shield(loading)

    def _read(self, uri: str) -> None:
        try:
            self._registry.get(uri)
        except UnusableSchemaError as error:
            _log.info("%s", error)


def _names_schema(event: Json) -> bool:
    return isinstance(event, dict) and isinstance(event.get("$schema"), str)
