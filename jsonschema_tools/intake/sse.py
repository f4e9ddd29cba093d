"""`/v2/stream`: events as they come, by Server-Sent Events, as EventStreams sends them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.responses import StreamingResponse
from starlette.routing import Route

from jsonschema_tools.errors import ParseError
from jsonschema_tools.events.json_text import decode, encode
from jsonschema_tools.intake import answers
from jsonschema_tools.intake.app import response
from jsonschema_tools.intake.catalog_routes import MOST_NAMES
from jsonschema_tools.intake.follow import StartingPoint, parse_time
from jsonschema_tools.intake.message import UnroutableError, topic_of

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from jsonschema_tools.intake.follow import Following, LogFollower
    from jsonschema_tools.intake.log_reader import LogRecord
    from jsonschema_tools.intake.metrics import Metrics
    from jsonschema_tools.intake.stream_source import StreamSource
    from jsonschema_tools.values import Json

_HEARTBEAT = 15.0  # seconds of silence after which a comment is sent
_LINE_ENDS = re.compile(r"[\r\n]+")


class _RefusedError(Exception):
    """A request that is not answered with events: status, EventStreams' type, title, detail."""

    def __init__(self, status: int, kind: str, title: str, detail: str) -> None:
        super().__init__(detail)
        self.answer = answers.json_answer(
            {"status": status, "type": kind, "title": title, "detail": detail}, status
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamRoute:
    """Answers `GET /v2/stream/NAME,...`.

    Attributes:
        follower: reads the log.
        streams: the stream configuration.
        prefix: what the intake puts before a stream's name.
        metrics: counts.
        stopping: ends all answers.
    """

    follower: LogFollower
    streams: StreamSource
    prefix: str
    metrics: Metrics
    stopping: asyncio.Event

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [Route("/v2/stream", self.answer), Route("/v2/stream/{names:path}", self.answer)]

    async def answer(self, request: Request) -> Response:
        """Answer one client."""
        try:
            following = await self._begin(request)
        except _RefusedError as error:
            return response(error.answer)
        is_lines = "application/json" in request.headers.get("accept", "")
        body = self._lines(following) if is_lines else self._events(following)
        kind = "application/json" if is_lines else "text/event-stream"
        headers = {"cache-control": "no-cache", "x-accel-buffering": "no"}
        return StreamingResponse(body, media_type=kind, headers=headers)

    async def _begin(self, request: Request) -> Following:
        topics = self._topics(request.path_params.get("names", ""))
        since = None
        if (text := request.query_params.get("since")) is not None:
            since = parse_time(text)
            if since is None:
                raise _RefusedError(
                    400,
                    "invalid_timestamp",
                    "Invalid timestamp",
                    "since timestamp is not a UTC milliseconds unix epoch and was not parseable: "
                    f"{text!r:.60}",
                )
        places = _places(request.headers.get("last-event-id", ""), topics)
        return await self.follower.begin(topics, places, since)

    def _topics(self, names: str) -> list[str] | None:
        """Return the topics of some streams; None for all of them."""
        wanted = list(dict.fromkeys(name for name in names.split(",") if name))
        if len(wanted) > MOST_NAMES:
            text = f"a request may name {MOST_NAMES:,} streams"
            raise _RefusedError(400, "too_many_streams", "Too Many Streams", text)
        if not wanted:
            return None
        topics: dict[str, None] = {}
        unknown = []
        configs = self.streams.current
        for name in wanted:
            found = configs.find(name) if configs is not None else None
            try:
                topics[topic_of(name, self.prefix)] = None
            except UnroutableError:
                unknown.append(name)
                continue
            if configs is not None and found is None:
                unknown.append(name)
            elif found is not None:
                topics |= dict.fromkeys(map(str, found.topics(name) or ()))
        if unknown:
            raise _RefusedError(
                400, "not_found", "Stream Not Found", f"Invalid streams: {','.join(unknown):.500}"
            )
        return list(topics)

    async def _records(self, following: Following) -> AsyncIterator[LogRecord | None]:
        self.metrics.client_connections.inc()
        self.metrics.clients.inc()
        try:
            async for record in self.follower.follow(following, self.stopping, _HEARTBEAT):
                yield record
        finally:
            self.metrics.clients.dec()

    async def _events(self, following: Following) -> AsyncIterator[str]:
        yield ":ok\n\n"
        async for record in self._records(following):
            if record is None:
                yield ":heartbeat\n\n"
                continue
            lines = _LINE_ENDS.split(_with_place(record).decode())
            data = "".join(f"data: {line}\n" for line in lines)
            yield f"event: message\nid: {_id(following)}\n{data}\n"

    async def _lines(self, following: Following) -> AsyncIterator[bytes]:
        yield b"\n"
        async for record in self._records(following):
            yield b"\n" if record is None else _with_place(record) + b"\n"


def _places(text: str, topics: Sequence[str] | None) -> list[StartingPoint]:
    """Return where a `Last-Event-ID` says to begin.

    Raises:
        _RefusedError: it is not an array of places, or names other topics.
    """
    if not text:
        return []
    try:
        value: Any = decode(text.encode())  # what is not a list raises
        places = [_place(item) for item in value]
    except (ParseError, TypeError, KeyError, ValueError):
        raise _RefusedError(
            400,
            "invalid_last_event_id",
            "Invalid Last-Event-ID",
            "Last-Event-ID is not an array of objects with topic, partition, and offset or "
            "timestamp",
        ) from None
    for place in places:
        if topics is not None and place.topic not in topics:
            raise _RefusedError(
                404, "not_found", "Topic Not Found", f"{place.topic!r:.120} is not of these streams"
            )
    return places


def _place(item: Json) -> StartingPoint:
    if not isinstance(item, dict):
        raise ValueError(item)
    topic, offset, timestamp = item["topic"], item.get("offset"), item.get("timestamp")
    if not isinstance(topic, str) or item.get("partition", 0) != 0:
        raise ValueError(item)
    number = timestamp if offset is None else offset
    if not isinstance(number, int) or isinstance(number, bool) or not -1 <= number < 2**62:
        raise ValueError(item)
    if offset is None:
        return StartingPoint(topic, None, number)
    return StartingPoint(topic, number)


def _id(following: Following) -> str:
    """Return what a client sends as `Last-Event-ID` to go on after what it has.

    The offset is the next one to read; the timestamp, that of the last event, is information.
    """
    places: list[Json] = []
    for topic, offset in following.offsets.items():
        place: dict[str, Json] = {"topic": topic, "partition": 0, "offset": offset}
        if topic in following.timestamps:
            place["timestamp"] = following.timestamps[topic]
        places.append(place)
    return encode(places).decode()


def _with_place(record: LogRecord) -> bytes:
    """Return an event with its place in `meta`, as EventStreams adds it."""
    event = decode(record.value)
    meta = event.get("meta") if isinstance(event, dict) else None
    if isinstance(meta, dict):
        meta |= {
            "topic": record.topic,
            "partition": record.partition,
            "offset": record.offset,
            "key": record.key,
        }
    return encode(event)
