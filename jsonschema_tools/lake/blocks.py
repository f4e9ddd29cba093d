"""Many lines of a file at once, and where they can be read again."""

from __future__ import annotations

import os
import stat
from array import array
from dataclasses import dataclass
from functools import cached_property
from typing import IO, TYPE_CHECKING, Any, NamedTuple, TypeAlias

import pyarrow as pa

from jsonschema_tools.errors import Location, ReadError
from jsonschema_tools.events.reading import Lines
from jsonschema_tools.lake.records import Record

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NEWLINE = ord("\n")  # a number is found sooner than bytes

#: device and inode of a file, by which it is told from another one of its name
Inode: TypeAlias = tuple[int, int]


class FilePart(NamedTuple):
    """A part of a file.

    Attributes:
        path: the file.
        inode: which file it is.
        start: the first byte.
        size: how many bytes there are.
    """

    path: Path
    inode: Inode
    start: int
    size: int

    def read(self) -> bytes:
        """Return what is there.

        Raises:
            ReadError: it cannot be read, or the file is another one now.
        """
        try:
            with self.path.open("rb") as file:
                file.seek(self.start)
                text = file.read(self.size)
                if inode_of(file) == self.inode and len(text) == self.size:
                    return text
        except OSError as error:
            raise self.error(error.strerror or str(error)) from None
        raise self.error("it was replaced")

    def error(self, reason: str) -> ReadError:
        """Return the error that it cannot be read, for a reason."""
        return ReadError(
            f"cannot be read again: {reason}",
            at=Location(str(self.path)),
            hint="what was written before is whole; load the file once more",
        )


def inode_of(stream: IO[bytes]) -> Inode | None:
    """Return which file a stream reads; None of a pipe."""
    status = os.fstat(stream.fileno())
    return (status.st_dev, status.st_ino) if stat.S_ISREG(status.st_mode) else None


@dataclass(frozen=True)
class Block:
    """Many lines of a file at once, an event on each.

    Attributes:
        topic: the name of the file as a topic.
        first: the offset of the first line.
        text: the lines; where it is a view, of memory that starts with them.
        place: where they can be read again; None where they cannot.
    """

    topic: str
    first: int
    text: bytes | memoryview
    place: FilePart | None = None

    @cached_property
    def ends(self) -> array[int]:
        """Where lines end, after a 0 where the first one starts."""
        whole: Any = self.text.obj if isinstance(self.text, memoryview) else self.text
        ends, end, size = [0], 0, len(self.text)
        find, append = whole.find, ends.append  # looked up once: there are millions of lines
        while end := find(_NEWLINE, end, size) + 1:
            append(end)
        if ends[-1] < size:
            append(size)
        return array("i", ends)

    def __len__(self) -> int:
        """Return the number of lines."""
        return len(self.ends) - 1

    def lines(self) -> pa.Array | None:
        """Return the lines, each with its end, as an array of Arrow; None where one is not UTF-8.

        Nothing is copied.
        """
        buffers = [None, pa.py_buffer(self.ends), pa.py_buffer(self.text)]
        lines = pa.Array.from_buffers(pa.string(), len(self), buffers)
        try:
            lines.validate(full=True)
        except pa.ArrowInvalid:
            return None
        return lines

    def parts(self, most: int) -> Iterator[tuple[memoryview, int]]:
        """Yield some lines after the other, and how many they are.

        Args:
            most: of how many lines.
        """
        text, ends = memoryview(self.text), self.ends
        for start in range(0, len(self), most):
            end = min(start + most, len(self))
            yield text[ends[start] : ends[end]], end - start

    def __iter__(self) -> Iterator[Record]:
        """Yield the events; blank lines are none."""
        for record in Lines(self.first, bytes(self.text)):
            yield Record(self.topic, 0, record.number, None, record.text)

    def kept(self) -> Kept:
        """Return what is to be kept of it until its events are in the table."""
        return Kept(self.topic, self.first, len(self), self.place or self.text)


class Kept(NamedTuple):
    """What is kept of a block: its text only where that cannot be read again.

    Attributes:
        topic: the name of the file as a topic.
        first: the offset of the first line.
        size: the number of lines.
        source: where they are, or the lines.
    """

    topic: str
    first: int
    size: int
    source: FilePart | bytes | memoryview

    def block(self) -> Block:
        """Return the block.

        Raises:
            ReadError: it cannot be read again.
        """
        if not isinstance(self.source, FilePart):
            return Block(self.topic, self.first, self.source)
        block = Block(self.topic, self.first, self.source.read(), self.source)
        if len(block) != self.size:
            raise self.source.error("it was changed")
        return block
