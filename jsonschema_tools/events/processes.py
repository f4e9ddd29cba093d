"""Validates many events in several processes; what came of them is returned in order."""

from __future__ import annotations

import sys
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from jsonschema_tools.errors import ConfigError
from jsonschema_tools.events.ranges import BLOCKS, Range, RangeReader
from jsonschema_tools.events.reading import Lines, Record
from jsonschema_tools.events.run import EventValidator, Options, Part, chunks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Future, ProcessPoolExecutor
    from ctypes import Array, c_ubyte

    _Chunk: TypeAlias = "list[Record] | Lines | Range"

_WAITING = 2  # chunks that wait for each process
_SLOT = BLOCKS * 5 * 2**18  # bytes of shared memory for the lines of a chunk: cheaper than a pipe


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a process found out.

    Attributes:
        part: what came of some events.
        lines: how many lines of a range it is about.
        start: where in shared memory the text of the lines begins.
        end: where it ends; the same where there is none.
    """

    part: Part
    lines: int = 0
    start: int = 0
    end: int = 0


def validate_in_processes(
    sources: Iterable[tuple[str, Iterable[Record | Lines | Range]]], options: Options, jobs: int
) -> Iterator[Part]:
    """Yield the same parts as `validate_parts`, made by several processes.

    The valid events of a part may be in memory that is used again: take them before the next part.

    Args:
        sources: the name and the events of each file; ranges are read by the processes themselves.
        options: how events are validated.
        jobs: how many processes validate.

    Raises:
        ConfigError: the schema that is to be used is not found or not usable, a file cannot be
            read, or a process was killed.
    """
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context
    from multiprocessing.sharedctypes import RawArray

    at_once = jobs * _WAITING + 1
    buffer = RawArray("B", at_once * _SLOT)
    # a process that starts anew imports everything once more; on macOS it has to
    context = get_context("fork" if sys.platform == "linux" else None)
    try:
        with ProcessPoolExecutor(
            jobs, mp_context=context, initializer=_start, initargs=(options, buffer)
        ) as pool:
            yield from _Hands(pool, buffer, at_once, options).validate(sources)
    except BrokenProcessPool:
        raise ConfigError(
            "one of the processes was killed before its work was done",
            hint="where memory is short, use fewer `--jobs`",
        ) from None


class _Hands:
    """Gives chunks to processes, and takes what they answer."""

    def __init__(
        self, pool: ProcessPoolExecutor, buffer: Array[c_ubyte], at_once: int, options: Options
    ) -> None:
        self._pool = pool
        self._at_once = at_once
        self._options = options
        self._slots = memoryview(buffer).cast("B")
        self._waiting: deque[tuple[Future[list[_Answer]], _Chunk]] = deque()
        self._lines = 0  # of the file so far

    def validate(
        self, sources: Iterable[tuple[str, Iterable[Record | Lines | Range]]]
    ) -> Iterator[Part]:
        """Yield what came of the events, in their order."""
        for count, (name, chunk) in enumerate(chunks(sources)):
            # parts are taken in their order, so the slot of `at_once` chunks ago is free
            slot = count % self._at_once * _SLOT
            self._waiting.append((self._submit(chunk, name, slot), chunk))
            if len(self._waiting) == self._at_once:
                yield from self._oldest()
        while self._waiting:
            yield from self._oldest()

    def _submit(self, chunk: _Chunk, name: str, slot: int) -> Future[list[_Answer]]:
        if isinstance(chunk, Range):
            return self._pool.submit(_work_range, chunk, slot, name)
        if isinstance(chunk, Lines) and len(chunk.text) <= _SLOT:
            end = slot + len(chunk.text)
            self._slots[slot:end] = chunk.text
            return self._pool.submit(_work_slot, slot, end, chunk.number, name)
        return self._pool.submit(_work, chunk, name)

    def _oldest(self) -> Iterator[Part]:
        future, chunk = self._waiting.popleft()
        answers = future.result()
        if isinstance(chunk, Range) and chunk.start == 0:
            self._lines = 0
        before = self._lines
        for answer in answers:
            part = answer.part
            if isinstance(chunk, Range):
                part.move(before)
                self._lines += answer.lines
            if isinstance(chunk, Lines) and self._options.keep_valid:
                part.keep(chunk.text)
            elif answer.start < answer.end:
                part.keep(self._slots[answer.start : answer.end])
            yield part


class _Worker:
    """What a worker process keeps."""

    def __init__(self, options: Options, buffer: Array[c_ubyte]) -> None:
        self.options = options
        self.slots = memoryview(buffer).cast("B")
        self.reader = RangeReader()
        self._validator: EventValidator | None = None

    def validator(self) -> EventValidator:
        """Return what validates; made with the first chunk, whose answer can tell what is wrong."""
        if self._validator is None:
            self._validator = EventValidator(self.options)
        return self._validator


_worker: _Worker


def _start(options: Options, buffer: Array[c_ubyte]) -> None:
    global _worker  # noqa: PLW0603 - one for each worker process
    _worker = _Worker(options, buffer)


def _work(records: Iterable[Record], name: str) -> list[_Answer]:
    return [_Answer(_worker.validator().find(records, name))]


def _work_slot(start: int, end: int, number: int, name: str) -> list[_Answer]:
    return _work(Lines(number, bytes(_worker.slots[start:end])), name)


def _work_range(wanted: Range, slot: int, name: str) -> list[_Answer]:
    answers: list[_Answer] = []
    start, limit = slot, slot + _SLOT
    for item, count in _worker.reader.read(wanted, name):
        answer = _answer(item, count, name, start, limit)
        answers.append(answer)
        start = max(start, answer.end)
        del item  # so that the next one takes its memory, which is in the cache
    return answers


def _answer(item: Lines | Record, count: int, name: str, start: int, limit: int) -> _Answer:
    validator = _worker.validator()
    if isinstance(item, Record):
        return _Answer(validator.find([item], name), count)
    part, text = validator.find(item, name), item.text
    end = start + len(text)
    if not _worker.options.keep_valid or not part.spans:
        part.spans = []
    elif end > limit:
        part.keep(text)
    else:
        _worker.slots[start:end] = text
        return _Answer(part, count, start, end)
    return _Answer(part, count)
