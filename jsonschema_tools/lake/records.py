"""Where events to load come from: an iterator of records, whatever holds them.

A log or a Kafka consumer yields records with the topic, partition and offset that it has. Of a file
the topic is its path with a digest of its first event, so that a file that was replaced is another
one, and the offset is the line.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from jsonschema_tools.events.reading import Lines, encode, read_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


class Record(NamedTuple):
    """An event as it was stored; a named tuple, as there are millions.

    Attributes:
        topic: Kafka topic, or what stands for it.
        partition: partition of the topic.
        offset: place in the partition; a later one is greater.
        timestamp: when it was stored, in ms since 1970; None where that is not known.
        value: the event, JSON in UTF-8.
        problem: why there is no event; None where there is one.
    """

    topic: str
    partition: int
    offset: int
    timestamp: int | None
    value: bytes
    problem: str | None = None


def read_files(paths: Iterable[Path]) -> Iterator[Record]:
    """Yield the events of files: JSON Lines, JSON or YAML, compressed with gzip or not.

    Raises:
        SchemaToolsError: a file cannot be read.
    """
    for path in paths:
        yield from _read(path)


def _read(path: Path) -> Iterator[Record]:
    topic = ""
    for part in read_file(path, str(path)):
        for record in part if isinstance(part, Lines) else (part,):
            value = record.text or (b"" if record.problem else encode(record.event))
            if not topic:
                digest = hashlib.sha256(value).hexdigest()[:16]
                topic = f"{path.resolve()}#{digest}"
            yield Record(topic, 0, record.number, None, value, record.problem)
