"""`EventProducer`: sends events from a Python service, without ever holding it up for long."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jsonschema_tools.events.fill import fill
from jsonschema_tools.events.json_text import encode
from jsonschema_tools.events.verdict import judge
from jsonschema_tools.intake.targets import HttpTarget, Refusal, Target, TryAgainError

if TYPE_CHECKING:
    from types import TracebackType

    from jsonschema_tools.events.registry import Registry

_chance = random.SystemRandom()


class EventRefusedError(Exception):
    """An event was not accepted, and sending it again would not help.

    Attributes:
        refusal: why.
    """

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


class NotDeliveredError(Exception):
    """An event could not be delivered in time: the queue was full, or the target did not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a producer may take.

    Attributes:
        batch_bytes: bytes of one request.
        batch_events: events of one request.
        queue_bytes: bytes of events that wait.
        wait: seconds for which `send` waits for room in the queue.
        linger: seconds for which an event waits for others to go with.
        attempts: how often a batch is sent.
        pause: seconds before the second attempt; twice as long before each further one.
    """

    batch_bytes: int = 2**20
    batch_events: int = 500
    queue_bytes: int = 64 * 2**20
    wait: float = 1.0
    linger: float = 0.02
    attempts: int = 5
    pause: float = 0.1


class EventProducer:
    """Sends events in the background, in the order in which they were given.

    `with EventProducer("http://localhost:8192") as producer: producer.send("a.stream", event)`

    Args:
        target: the address of an intake, or where else events go.
        schema: `$schema` of events that have none.
        domain: `meta.domain` of events that have none.
        validate_with: schemas against which events are validated before they are sent, or None.
        limits: what it may take.
    """

    def __init__(
        self,
        target: Target | str,
        *,
        schema: str | None = None,
        domain: str | None = None,
        validate_with: Registry | None = None,
        limits: Limits | None = None,
    ) -> None:
        self._target = HttpTarget(target) if isinstance(target, str) else target
        self._schema = schema
        self._domain = domain
        self._registry = validate_with
        self._limits = limits or Limits()
        self._queue: deque[tuple[bytes, Future[None]]] = deque()
        self._size = 0
        self._sending = 0
        self._closed = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="event producer", daemon=True)
        self._thread.start()

    def send(self, stream: str | None, event: dict[str, Any]) -> Future[None]:
        """Queue an event, and return what tells when it was accepted.

        The future raises EventRefusedError or NotDeliveredError.

        Args:
            stream: its `meta.stream`, if it has none.
            event: the event; it is not changed. `$schema`, `meta.id` and `dt` are filled in.

        Raises:
            NotDeliveredError: the queue stayed full, or the producer is closed.
        """
        filled = fill(event, schema=self._schema, stream=stream, domain=self._domain)
        future: Future[None] = Future()
        if self._registry is not None:
            verdict = judge(filled, self._registry)
            if verdict.status != "valid":
                found = "; ".join(f"{p.data_path} {p.message}" for p in verdict.problems)
                refusal = Refusal(verdict.status, found or verdict.message or "")
                future.set_exception(EventRefusedError(refusal))
                return future
        text = encode(filled)
        with self._changed:
            if not self._changed.wait_for(lambda: self._has_room(len(text)), self._limits.wait):
                raise NotDeliveredError(f"the queue stayed full for {self._limits.wait} s")
            if self._closed:
                raise NotDeliveredError("the producer is closed")
            self._queue.append((text, future))
            self._size += len(text)
            self._changed.notify_all()
        return future

    def flush(self, timeout: float = 30.0) -> bool:
        """Wait until all events are dealt with; False if that took longer.

        Args:
            timeout: seconds.
        """
        with self._changed:
            return self._changed.wait_for(lambda: not self._queue and not self._sending, timeout)

    def close(self, timeout: float = 30.0) -> None:
        """Flush, and stop; what is not delivered by then fails."""
        self.flush(timeout)
        with self._changed:
            self._closed = True
            left = list(self._queue)
            self._queue.clear()
            self._changed.notify_all()
        for _, future in left:
            if not future.set_running_or_notify_cancel():
                continue
            future.set_exception(NotDeliveredError("the producer was closed before"))
        self._thread.join(timeout)
        self._target.close()

    def __enter__(self) -> EventProducer:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    def _has_room(self, size: int) -> bool:
        return self._closed or not self._size or self._size + size <= self._limits.queue_bytes

    def _run(self) -> None:
        while batch := self._batch():
            # one that its owner gave up does not take the news any more, and would end this thread
            batch = [item for item in batch if item[1].set_running_or_notify_cancel()]
            try:
                answers = self._deliver([text for text, _ in batch]) if batch else []
                if len(answers) != len(batch):
                    raise NotDeliveredError("the target answered for other events")
            except Exception as error:
                for _, future in batch:
                    future.set_exception(error)
            else:
                for (_, future), refusal in zip(batch, answers, strict=True):
                    if refusal is None:
                        future.set_result(None)
                    else:
                        future.set_exception(EventRefusedError(refusal))
            with self._changed:
                self._sending = 0
                self._changed.notify_all()

    def _batch(self) -> list[tuple[bytes, Future[None]]]:
        """Return what goes into the next request; nothing where the producer is closed."""
        limits = self._limits
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closed)
            if not self._closed and self._size < limits.batch_bytes:
                self._changed.wait_for(lambda: self._closed, limits.linger)
            batch: list[tuple[bytes, Future[None]]] = []
            size = 0
            while self._queue and len(batch) < limits.batch_events:
                length = len(self._queue[0][0])
                if batch and size + length > limits.batch_bytes:
                    break
                batch.append(self._queue.popleft())
                size += length
            self._size -= size
            self._sending = len(batch)
            self._changed.notify_all()
        return batch

    def _deliver(self, texts: list[bytes]) -> list[Refusal | None]:
        """Send a batch, again where that may help.

        Raises:
            NotDeliveredError: it did not.
        """
        for attempt in range(self._limits.attempts):
            try:
                return list(self._target.deliver(texts))
            except TryAgainError as error:
                if attempt + 1 == self._limits.attempts or self._closed:
                    raise NotDeliveredError(str(error)) from error
                time.sleep(self._limits.pause * 2**attempt * _chance.uniform(0.5, 1.5))
        raise AssertionError("unreachable")


class AsyncEventProducer:
    """The same for asyncio.

    Args:
        producer: what sends.
    """

    def __init__(self, producer: EventProducer) -> None:
        self._producer = producer

    async def send(self, stream: str | None, event: dict[str, Any]) -> None:
        """Send an event, and return when it was accepted.

        Raises:
            EventRefusedError: it was not, and never will be.
            NotDeliveredError: the target did not take it in time.
        """
        await asyncio.wrap_future(await asyncio.to_thread(self._producer.send, stream, event))

    async def flush(self, timeout: float = 30.0) -> bool:
        """See `EventProducer.flush`."""
        return await asyncio.to_thread(self._producer.flush, timeout)

    async def __aenter__(self) -> AsyncEventProducer:
        """Return itself."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close it."""
        await asyncio.to_thread(self._producer.close)
