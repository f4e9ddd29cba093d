"""Where accepted events go: a sink answers for each event when it is safe."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from typing import IO, TYPE_CHECKING, Protocol

from jsonschema_tools.errors import ConfigError
from jsonschema_tools.intake.log import EventLog, LogError, Retention
from jsonschema_tools.intake.message import size_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from jsonschema_tools.intake.log import Batch, Token
    from jsonschema_tools.intake.message import Message

_WAITING = 128 * 2**20  # bytes that wait for the disk before requests are turned away
_REMEMBERED = 32 * 2**20  # bytes of new batches that readers find in memory


class BusyError(Exception):
    """A sink takes no more for the moment."""


class Sink(Protocol):
    """Takes messages."""

    async def produce(
        self, messages: Sequence[Message], *, hasty: bool = False
    ) -> Sequence[str | None]:
        """Return, for each message, None if it is safe, or why not.

        Args:
            messages: the messages.
            hasty: whether to return before that is known.

        Raises:
            BusyError: too much is waiting.
        """
        ...

    def is_busy(self) -> bool:
        """Tell whether `produce` would turn messages away."""
        ...

    async def close(self) -> None:
        """Write what is waiting."""
        ...


class Feed:
    """The newest batches of a log, for those who follow it; bounded in memory.

    Followers wait on `signal()`; one that has fallen behind what is remembered reads the file.
    """

    def __init__(self) -> None:
        self._batches: deque[Batch] = deque()
        self._size = 0
        self._changed = asyncio.Event()

    def publish(self, batches: Sequence[Batch]) -> None:
        """Add new batches and wake all who wait."""
        for batch in batches:
            self._batches.append(batch)
            self._size += len(batch.records)
        while self._size > _REMEMBERED and len(self._batches) > 1:
            self._size -= len(self._batches.popleft().records)
        self._changed.set()
        self._changed = asyncio.Event()

    def after(self, batch: int) -> list[Batch] | None:
        """Return what came after a batch; None where that is not remembered."""
        if not self._batches or batch + 1 < self._batches[0].id:
            return None
        newest = self._batches[-1].id
        if batch >= newest:
            return []
        found = []
        for item in reversed(self._batches):
            if item.id <= batch:
                break
            found.append(item)
        return found[::-1]

    def signal(self) -> asyncio.Event:
        """Return what is set by the next publication; take it before looking for records."""
        return self._changed

    def wake(self) -> None:
        """Wake all who wait, to see that it is to stop."""
        self._changed.set()
        self._changed = asyncio.Event()


def _lines_file(path: Path) -> IO[bytes]:
    """Open a file for lines; a pipe that nobody reads fails, and a full one takes no more."""

    def without_waiting(name: str, flags: int) -> int:
        return os.open(name, flags | getattr(os, "O_NONBLOCK", 0), 0o666)

    return open(path, "ab", buffering=0, opener=without_waiting)


class LogSink:
    """Appends to an embedded event log, and to files of plain lines beside it.

    Args:
        path: the event log.
        lines: files to which each event is appended as a line of JSON.
        retention: what the log forgets.

    Raises:
        ConfigError: a file cannot be opened.
    """

    def __init__(
        self, path: Path, lines: Sequence[Path] = (), retention: Retention | None = None
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiting = 0
        self._lines: list[IO[bytes]] = []
        try:
            self._lines = [_lines_file(name) for name in lines]
        except OSError as error:
            raise ConfigError(f"cannot write {error.filename}: {error.strerror}") from None
        self.feed = Feed()
        self._log = EventLog(path, self._committed, retention)

    async def produce(
        self, messages: Sequence[Message], *, hasty: bool = False
    ) -> Sequence[str | None]:
        """See `Sink`."""
        if self.is_busy():
            raise BusyError
        size = size_of(messages)
        done: asyncio.Future[LogError | None] = self._loop.create_future()
        self._waiting += size
        self._log.append(messages, done)
        try:
            error = await done  # a request that is given up does not undo what is under way
        finally:
            self._waiting -= size
        if error is not None:
            return [str(error)] * len(messages)
        text = b"".join([message.value + b"\n" for message in messages]) if self._lines else b""
        for stream in self._lines:
            try:
                stream.write(text)
            except OSError:  # the log has the events; these lines are for looking at
                continue
        return [None] * len(messages)

    def is_busy(self) -> bool:
        """See `Sink`."""
        return self._waiting > _WAITING

    async def close(self) -> None:
        """See `Sink`."""
        await asyncio.to_thread(self._log.close)
        for stream in self._lines:
            stream.close()

    def _committed(
        self, tokens: Sequence[Token], batches: Sequence[Batch], error: LogError | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._resolve, tokens, batches, error)

    def _resolve(
        self, tokens: Sequence[Token], batches: Sequence[Batch], error: LogError | None
    ) -> None:
        for token in tokens:
            if isinstance(token, asyncio.Future) and not token.done():
                token.set_result(error)
        if batches:
            self.feed.publish(batches)


class BothSinks:
    """Sends messages to one sink, and those that it took to another, for those who follow it.

    Args:
        first: the one that decides.
        second: the other one.
    """

    def __init__(self, first: Sink, second: Sink) -> None:
        self._first = first
        self._second = second

    async def produce(
        self, messages: Sequence[Message], *, hasty: bool = False
    ) -> Sequence[str | None]:
        """See `Sink`."""
        answers = await self._first.produce(messages, hasty=hasty)
        taken = [m for m, answer in zip(messages, answers, strict=True) if answer is None]
        if taken and not self._second.is_busy():
            await self._second.produce(taken, hasty=hasty)
        return answers

    def is_busy(self) -> bool:
        """See `Sink`."""
        return self._first.is_busy()

    async def close(self) -> None:
        """See `Sink`."""
        await self._first.close()
        await self._second.close()
