"""The events of one request on their way to becoming messages: filled in, checked, written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.json import Encoder

from jsonschema_tools.events.defaults import TooDeepError
from jsonschema_tools.events.schema import LARGEST_EXPLAINED, UnusableSchemaError
from jsonschema_tools.events.verdict import Verdict
from jsonschema_tools.intake.enrich import enrich, id_maker, put
from jsonschema_tools.intake.message import (
    Message,
    UnroutableError,
    key_of,
    milliseconds,
    timestamp_of,
)
from jsonschema_tools.intake.outcome import Failure, refusal, stream_of
from jsonschema_tools.intake.ways import NO_SCHEMA, Way
from jsonschema_tools.values import count_values, is_deeper

if TYPE_CHECKING:
    from collections.abc import Callable

    from jsonschema_tools.events.problems import EventProblem
    from jsonschema_tools.events.schema import EventSchema
    from jsonschema_tools.intake.enrich import RequestContext
    from jsonschema_tools.intake.ways import Ways
    from jsonschema_tools.values import Json

_encode = Encoder().encode
_EXPLAINED = 20_000  # values of all events of a request of which all problems are looked for
_DEEPEST = 500  # levels: some readers take no more than 1000, others no more than their stack has
_TOO_DEEP = f"the event is nested in more than {_DEEPEST} levels"
_MAY_BE_DEEP = 2 * _DEEPEST  # bytes of the shortest event that is deeper
_new = tuple.__new__  # of a named tuple, in half the time


def _require_shallow(event: Json, text: bytes) -> None:
    """Make sure that whoever reads an event finds it no deeper than readers can go.

    Raises:
        UnroutableError: it is deeper.
    """
    if text.count(b"{") + text.count(b"[") > _DEEPEST and is_deeper(event, _DEEPEST):
        raise UnroutableError(_TOO_DEEP)


class Selection:
    """Takes the events of a request apart into messages and failures.

    Args:
        events: the events; each is taken out of the list and filled in. What was written as a
            message is not needed any more, and the next one finds its memory in the cache.
        context: what the request says beside.
        ways: finds what happens to an event.
        redact: takes from a message what is not for clients to know.

    Attributes:
        messages: what is to be produced.
        indexes: the place in the request of each of them.
        names: stream and `$schema` of each of them.
        failures: the other events.
        unread: the `$schema` that has to be read before `advance` can go on, if any.
    """

    def __init__(
        self,
        events: list[Json],
        context: RequestContext,
        ways: Ways,
        redact: Callable[[str], str],
    ) -> None:
        self.messages: list[Message] = []
        self.indexes: list[int] = []
        self.names: list[tuple[str, str]] = []
        self.failures: list[Failure] = []
        self.unread: str | None = None
        self._events = events
        self._context = context
        self._ways = ways
        self._redact = redact
        self._known: dict[tuple[str, str], tuple[Way, list[tuple[str, str]] | None]] = {}
        self._read: set[str] = set()
        self._explained = _EXPLAINED

    def advance(self, start: int, end: int) -> int:  # noqa: C901, PLR0912 - the hot loop
        """Take some events, and return the place of the first that was not taken.

        Args:
            start: the first of them.
            end: the one after the last. It ends earlier where a schema has to be read, which
                `unread` names: read it, and call this again.
        """
        self.unread = None
        context, known = self._context, self._known
        events: list[Any] = self._events  # the hot loop: what is not as it should be raises
        now, now_ms, new_id = context.now, context.now_ms, id_maker()
        messages, indexes, names = self.messages.append, self.indexes.append, self.names.append
        stream = uri = None
        for index in range(start, end):
            event = events[index]
            # a plainly valid event takes the short way; the long one tells what is wrong
            try:
                meta = event["meta"]
                if meta["stream"] != stream or event["$schema"] != uri:  # not as the one before
                    way, found = known[meta["stream"], event["$schema"]]
                    stream, uri = way.names
                    has_id, has_meta_dt = way.plan.has_id, way.plan.has_meta_dt
                    fill, is_valid, key_fields = way.fill, way.is_valid, way.key_fields
                if found is None:
                    enrich(event, way.plan, context)
                else:  # the same without any calls
                    if has_id and "id" not in meta:
                        meta["id"] = new_id()
                    if has_meta_dt and "dt" not in meta:
                        meta["dt"] = now
                    for name, value in found:
                        if name not in meta:
                            meta[name] = value
                if fill is not None:
                    fill(event)
                if is_valid(event):
                    key = key_of(event, key_fields) if key_fields else None
                    dt = meta.get("dt")
                    time = now_ms if dt is now else (dt and milliseconds(dt)) or timestamp_of(event)
                    text = _encode(event)
                    if len(text) >= _MAY_BE_DEEP:
                        _require_shallow(event, text)
                    messages(_new(Message, (way.topic, key, time, text)))
                    indexes(index)
                    names(way.names)
                    events[index] = None
                    continue
            except (KeyError, TypeError, IndexError, ValueError, RecursionError, UnroutableError):
                pass  # RecursionError: msgspec
            if self._has_to_read(event):
                return index
            self._look_closer(index, event)
        return end

    def _has_to_read(self, event: Json) -> bool:
        """Tell whether the schema of an event is not known yet, and remember its name."""
        if not isinstance(event, dict) or not event:
            return False
        if self._context.query:
            self._fill_from_query(event)
        uri = event.get("$schema")
        if not isinstance(uri, str) or uri in self._read:
            return False
        self._read.add(uri)
        if not uri or self._ways.has_read(uri):
            return False
        self.unread = uri
        return True

    def _look_closer(self, index: int, event: Json) -> None:
        result = self._judge(index, event)
        if isinstance(result, Failure):
            self.failures.append(result)
            return
        message, way = result
        self.messages.append(message)
        self.indexes.append(index)
        self.names.append(way.names)
        self._events[index] = None

    def _judge(self, index: int, event: Json) -> tuple[Message, Way] | Failure:
        """Fill an event in and validate it; what was done before is not done again.

        Args:
            index: its place in the request.
            event: the event; changed in place.
        """
        if not isinstance(event, dict) or not event:
            return Failure(index, "error", event, Verdict(status="error", message=NO_SCHEMA))
        uri, stream = event.get("$schema"), stream_of(event)
        try:
            way = self._way(event, uri, stream)
            if way.fill is not None:
                way.fill(event)
            if not way.is_valid(event):
                problems = self._problems(way.schema, event)
                verdict = Verdict(
                    status="invalid",
                    uri=uri if isinstance(uri, str) else None,
                    stream=stream if isinstance(stream, str) else None,
                    problems=problems,
                )
                return Failure(index, "invalid", event, verdict)
            key = key_of(event, way.key_fields) if way.key_fields else None
            text = _encode(event)
            _require_shallow(event, text)
            return Message(way.topic, key, timestamp_of(event), text), way
        except UnusableSchemaError as error:
            return self._refused(index, event, error.message)
        except (UnroutableError, TooDeepError) as error:
            return self._refused(index, event, str(error))
        except RecursionError:  # msgspec
            return self._refused(index, event, _TOO_DEEP)
        except UnicodeEncodeError:
            return self._refused(index, event, "the event cannot be written as JSON in UTF-8")

    def _problems(self, schema: EventSchema, event: Json) -> tuple[EventProblem, ...]:
        """Return what is wrong with an event; once that has cost much, only the first problem."""
        largest = min(LARGEST_EXPLAINED, self._explained)
        self._explained -= min(largest, count_values(event, largest))
        return schema.problems(event, largest=largest)

    def _way(self, event: dict[str, Json], uri: Json, stream: Json) -> Way:
        """Return the way of an event, which is filled in as the way says.

        Raises:
            UnusableSchemaError: its schema is not usable.
            UnroutableError: it cannot go to its stream.
        """
        if isinstance(uri, str) and isinstance(stream, str):
            known = self._known.get((stream, uri))
            way = known[0] if known is not None else self._ways.known(uri, stream)
            if way is not None:
                enrich(event, way.plan, self._context)
                return self._keep(way)
        return self._keep(self._ways.find(event, stream, self._context))

    def _keep(self, way: Way) -> Way:
        """Remember a way: one look is enough for a request."""
        if way.names not in self._known and len(self._events) > 1:
            self._known[way.names] = way, way.plan.only_meta(self._context)
        return way

    def _fill_from_query(self, event: dict[str, Json]) -> None:
        settings, query = self._ways.settings, self._context.query
        if settings.schema_param and "$schema" not in event and settings.schema_param in query:
            event["$schema"] = query[settings.schema_param]
        if settings.stream_param and settings.stream_param in query and stream_of(event) is None:
            put(event, ("meta", "stream"), query[settings.stream_param])

    def _refused(self, index: int, event: Json, message: str) -> Failure:
        return Failure(index, "error", event, refusal(self._redact(message), event))
