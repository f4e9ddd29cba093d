"""JSON Lines in a file, by ranges of bytes: each process reads its own, and no text travels.

A line belongs to the range in which it begins, and is read to its end.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from jsonschema_tools.errors import ConfigError, Location
from jsonschema_tools.events import reading
from jsonschema_tools.events.reading import Lines

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jsonschema_tools.events.reading import Record

_LARGE = 64 * 2**20  # bytes of a file of which so much at a time leaves no process idle
#: blocks of the ranges of a large file
BLOCKS = 4


@dataclass(frozen=True, slots=True)
class Range:
    """The lines of a file that begin in a range of bytes.

    Attributes:
        path: the file, without symbolic links.
        identity: its device and inode: another file may take its place.
        start: the first byte.
        end: the one after the last byte.
    """

    path: str
    identity: tuple[int, int]
    start: int
    end: int


def read_in_ranges(path: Path, name: str) -> Iterator[Record | Lines | Range]:
    """Yield the ranges of a file of JSON Lines; else its events, as `read_file` does.

    A range is one block of those in which `read_file` reads, in a large file several. A file that
    grows is followed to its end.

    Args:
        path: the file.
        name: what to call it in messages.

    Raises:
        ConfigError: it is a folder, or cannot be read.
    """
    with reading.opened(path, name) as stream:
        real = os.path.realpath(path)
        if not _is_at(stream, real) or not reading.is_lines(stream, name):
            yield from reading.read_records(stream, name)
            return
        start, size = 0, _size(stream)
        while start < size:
            wanted = BLOCKS if size > _LARGE else 1
            end = min(start - start % reading.BLOCK + wanted * reading.BLOCK, size)
            yield Range(real, _identity(stream), start, end)
            start = end
            if start == size:
                size = _size(stream)


def _is_at(stream: IO[bytes], path: str) -> bool:
    """Tell whether an open file is a regular one that others find by its path."""
    status = os.fstat(stream.fileno())
    try:
        return stat.S_ISREG(status.st_mode) and os.path.samestat(status, os.stat(path))  # noqa: PTH116
    except OSError:
        return False


def _identity(stream: IO[bytes]) -> tuple[int, int]:
    status = os.fstat(stream.fileno())
    return status.st_dev, status.st_ino


def _size(stream: IO[bytes]) -> int:
    return os.fstat(stream.fileno()).st_size


class RangeReader:
    """Reads ranges; the file of the latest one stays open."""

    def __init__(self) -> None:
        self._key: tuple[str, tuple[int, int]] | None = None
        self._file: IO[bytes] | None = None

    def read(self, wanted: Range, name: str) -> Iterator[tuple[Lines | Record, int]]:
        """Yield the lines of a range, block by block, and how many lines each item is about.

        Their numbers are those within the range.

        Args:
            wanted: the range.
            name: what to call the file in messages.

        Raises:
            ConfigError: the file cannot be read.
        """
        try:
            yield from _lines(self._open(wanted, name), wanted)
        except OSError as error:
            raise ConfigError(f"cannot be read: {error.strerror}", at=Location(name)) from None

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def _open(self, wanted: Range, name: str) -> IO[bytes]:
        key = wanted.path, wanted.identity
        if self._file is None or self._key != key:
            self.close()
            self._file, self._key = open(wanted.path, "rb"), key  # noqa: PTH123, SIM115 - it stays
        if _identity(self._file) != wanted.identity:
            raise ConfigError(
                "cannot be read: another file took its place meanwhile",
                at=Location(name),
                hint="run it again, or without `--jobs`",
            )
        return self._file


def _lines(file: IO[bytes], wanted: Range) -> Iterator[tuple[Lines | Record, int]]:
    start, number = wanted.start, 1
    while start < wanted.end:
        end = min(start - start % reading.BLOCK + reading.BLOCK, wanted.end)
        for item in _lines_of_block(file, start, end, number):
            count = item.count if isinstance(item, Lines) else 1
            number += count
            yield item, count
            del item  # so that the next one takes its memory, which is in the cache
        start = end


def _lines_of_block(file: IO[bytes], start: int, end: int, number: int) -> Iterator[Lines | Record]:
    first = len(_mark(file)) if start == 0 else _line_end(file, start, end - start + 1)
    if first < end:
        last = _line_end(file, end, reading.LONGEST_LINE + 1)
        file.seek(first)
        text = file.read(last - first)  # at once: to add the end of the last line costs a copy
        if text:
            yield from reading.whole_lines(text, file, number)


def _mark(file: IO[bytes]) -> bytes:
    file.seek(0)
    mark = reading.BYTE_ORDER_MARK
    return mark if file.read(len(mark)) == mark else b""


def _line_end(file: IO[bytes], place: int, limit: int) -> int:
    """Return where the line ends that began before a place, or how far it was looked for."""
    file.seek(place - 1)
    return place - 1 + len(file.readline(limit))
