"""Where events to load come from: an iterator of records, whatever holds them.

A log or a Kafka consumer yields records with the topic, partition and offset that it has. Of a file
the topic is its path with a digest of its first event, so that a file that was replaced is another
one, and the offset is the line.
"""

from __future__ import annotations

import hashlib
from array import array
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import pyarrow as pa

from jsonschema_tools.errors import Location, ParseError
from jsonschema_tools.events.reading import Lines, encode, read_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


_NEWLINE = ord("\n")


class Record(NamedTuple):
    """An event as it was stored; a named tuple, as there are millions.

    Attributes:
        topic: Kafka topic, or what is in its place.
        partition: partition of the topic.
        offset: place in the partition; a later one is greater.
        timestamp: when it was stored, in ms since 1970; None where that is not known.
        value: the event, JSON in UTF-8.
        problem: why there is no event; None where there is one.
        stream: the stream whose topic it is in; None where only the event can tell.
    """

    topic: str
    partition: int
    offset: int
    timestamp: int | None
    value: bytes
    problem: str | None = None
    stream: str | None = None


#: topic, partition, offset and timestamp of a record
Origin: TypeAlias = "tuple[str, int, int, int | None]"


class Block(NamedTuple):
    """Many lines of a file at once, an event on each.

    Attributes:
        topic: the name of the file as a topic.
        first: the offset of the first line.
        text: the lines.
    """

    topic: str
    first: int
    text: bytes

    def lines(self) -> pa.Array | None:
        """Return the lines as an array of Arrow; None where one is blank or not UTF-8."""
        text = self.text
        ends = array("i", [0])  # each line with its end: nothing is copied
        while ends[-1] < len(text):
            end = text.find(b"\n", ends[-1]) + 1 or len(text)
            if text[ends[-1]] == _NEWLINE:
                return None
            ends.append(end)
        buffers = [None, pa.py_buffer(ends), pa.py_buffer(text)]
        lines = pa.Array.from_buffers(pa.string(), len(ends) - 1, buffers)
        try:
            lines.validate(full=True)
        except pa.ArrowInvalid:
            return None
        return lines

    def __iter__(self) -> Iterator[Record]:  # type: ignore[override]
        """Yield the events."""
        for record in Lines(self.first, self.text):
            yield Record(self.topic, 0, record.number, None, record.text)


def read_files(paths: Iterable[Path]) -> Iterator[Record | Block]:
    """Yield the events of files: JSON Lines, JSON or YAML, compressed with gzip or not.

    Raises:
        SchemaToolsError: a file cannot be read.
    """
    for path in paths:
        yield from _read(path)


def _read(path: Path) -> Iterator[Record | Block]:
    topic = ""
    for part in read_file(path, str(path)):
        if isinstance(part, Lines):
            topic = topic or _topic(path, part.text.lstrip().partition(b"\n")[0])
            yield Block(topic, part.number, part.text)
            continue
        if part.is_end:
            raise ParseError(part.problem or "", at=Location(str(path)))
        value = part.text or (b"" if part.problem else encode(part.event))
        topic = topic or _topic(path, value)
        yield Record(topic, 0, part.number, None, value, part.problem)


def _topic(path: Path, first: bytes) -> str:
    return f"{path.resolve()}#{hashlib.sha256(first).hexdigest()[:16]}"
