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

    def read(self, wanted: Range, name: str) -> Iterator[Lines | Record]:
        """Yield the lines of a range, block by block; numbers are those within the range.

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


def _lines(file: IO[bytes], wanted: Range) -> Iterator[Lines | Record]:
    start, number = wanted.start, 1
    while start < wanted.end:
        end = min(start - start % reading.BLOCK + reading.BLOCK, wanted.end)
        text = _begun(file, start, end)
        for item in reading.whole_lines(text, file, number) if text else ():
            yield item
            number += item.count if isinstance(item, Lines) else 1
        start = end


def _begun(file: IO[bytes], start: int, end: int) -> bytes:
    """Return the lines that begin between two places, up to the second one."""
    if start == 0:
        file.seek(0)
        return file.read(end).removeprefix(reading.BYTE_ORDER_MARK)
    file.seek(start - 1)
    before = file.readline(end - start + 1)  # what began before, or only its newline
    return file.read(end - start + 1 - len(before)) if before.endswith(b"\n") else b""
