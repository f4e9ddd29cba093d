"""`/v1/events`: the intake itself."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from jsonschema_tools.intake import answers
from jsonschema_tools.intake.body import BodyReader, ClientGoneError, RefusedBodyError
from jsonschema_tools.intake.enrich import RequestContext
from jsonschema_tools.intake.protocol import has_arrived
from jsonschema_tools.intake.sinks import BusyError

if TYPE_CHECKING:
    from collections.abc import Coroutine, MutableMapping

    from jsonschema_tools.intake.answers import Answer, Send
    from jsonschema_tools.intake.metrics import Metrics
    from jsonschema_tools.intake.process import Processor
    from jsonschema_tools.intake.sinks import Sink
    from jsonschema_tools.values import Json

_NOT_HASTY = {"", "false", "0", "no"}
_MOST_EVENTS = 100_000  # of one request: what an answer says of each costs more than the event
_TOO_MANY = answers.problem(
    413,
    "Too many events",
    f"a request may have {_MOST_EVENTS:,} events; send fewer events at a time",
)
_MOST_HASTY = 1000  # hasty requests that are answered and not done yet


class Background:
    """Work that goes on after its request was answered; waited for at the end."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        """Return how much of it is not done yet."""
        return len(self._tasks)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin some work."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self) -> None:
        """Wait for all of it."""
        while self._tasks:
            await asyncio.wait(set(self._tasks))


class EventsRoute:
    """The ASGI application of `POST /v1/events`.

    Args:
        processor: takes the events.
        sink: where they go.
        metrics: counts.
        limit: bytes of a request's body.
        background: takes what is done after the answer.
    """

    def __init__(
        self,
        processor: Processor,
        sink: Sink,
        metrics: Metrics,
        limit: int,
        background: Background,
    ) -> None:
        self._processor = processor
        self._sink = sink
        self._metrics = metrics
        self._body = BodyReader(limit)
        self._background = background

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Send) -> None:
        """Answer one request."""
        started = time.perf_counter()
        headers = headers_of(scope)
        query_string = scope["query_string"]
        query = query_of(query_string) if query_string else {}
        client = scope.get("client")
        context = RequestContext(headers, query, client[0] if client else None)
        try:
            body = await self._body.read(headers, receive, is_here=has_arrived(receive))
        except RefusedBodyError as error:
            answer = answers.problem(error.status, error.title, error.detail, closes=error.closes)
        except ClientGoneError:
            return
        else:
            answer = await self.answer(body, context)
        await answer.send(send)
        self._metrics.answered(answer.status, time.perf_counter() - started)

    async def answer(self, body: Json, context: RequestContext) -> Answer:
        """Take the events of a body, and return the answer."""
        if not body:
            return answers.EMPTY
        events: list[Json] = body if isinstance(body, list) else [body]
        if len(events) > _MOST_EVENTS:
            return _TOO_MANY
        if self._sink.is_busy() or len(self._background) > _MOST_HASTY:
            self._metrics.busy.inc()
            return answers.BUSY
        if context.query.get("hasty", "").lower() not in _NOT_HASTY:
            self._background.start(self._process_hastily(events, context))
            return answers.HASTY
        try:
            outcome = await self._processor.process(events, context)
        except BusyError:
            self._metrics.busy.inc()
            return answers.BUSY
        answer = answers.of(outcome)
        if outcome.failures:
            self._background.start(self._processor.report(outcome.failures, context))
        return answer

    async def _process_hastily(self, events: list[Json], context: RequestContext) -> None:
        try:
            outcome = await self._processor.process(events, context, hasty=True)
        except BusyError:
            self._metrics.hasty_lost.inc(len(events))
            return
        if outcome.failures:
            self._metrics.hasty_lost.inc(len(outcome.failures))
            await self._processor.report(outcome.failures, context)


def headers_of(scope: MutableMapping[str, Any]) -> dict[str, str]:
    """Return the headers of a request; the first of each name."""
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        headers.setdefault(name.decode("latin-1"), value.decode("latin-1"))
    return headers


def query_of(text: bytes) -> dict[str, str]:
    """Return the query parameters of a request; the first of each name."""
    query: dict[str, str] = {}
    try:
        pairs = parse_qsl(text.decode("latin-1"), keep_blank_values=True, max_num_fields=100)
    except ValueError:
        return query
    for name, value in pairs:
        query.setdefault(name, value)
    return query
