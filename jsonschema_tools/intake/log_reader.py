"""Reads an event log, also while an intake writes to it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from jsonschema_tools.errors import ConfigError, ReadError
from jsonschema_tools.intake.log import Batch, require_own_files, require_own_tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_MAGIC = b"SQLite format 3\0"
_COLUMNS = "batches.id, topics.name, batches.first, batches.count, batches.records"
_SOURCE = "batches JOIN topics ON topics.id = batches.topic"


@dataclass(frozen=True, slots=True)
class LogRecord:
    """A record of a log.

    Attributes:
        topic: the topic.
        partition: its partition; 0 in an embedded log.
        offset: its place there.
        timestamp: milliseconds since 1970.
        key: the key, or None.
        value: the event, JSON.
    """

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: str | None
    value: bytes

    def line(self) -> bytes:
        """Return the record as JSON on one line, which ends with a newline."""
        head = {
            "topic": self.topic,
            "partition": self.partition,
            "offset": self.offset,
            "timestamp": self.timestamp,
            "key": self.key,
        }
        return msgspec.json.encode(head)[:-1] + b',"value":' + self.value + b"}\n"


def is_event_log(path: Path) -> bool:
    """Tell whether a file is an SQLite file; False where it cannot be read.

    A pipe is none, and is left alone: what is read from it is gone.
    """
    if not path.is_file():
        return False
    try:
        with path.open("rb") as stream:
            return stream.read(len(_MAGIC)) == _MAGIC
    except OSError:
        return False


def records_of(batch: Batch, start: int = 0) -> Iterator[LogRecord]:
    """Yield the records of a batch from an offset on.

    Raises:
        ReadError: it is damaged.
    """
    try:
        decoded = _decoder().decode(batch.records)
        if len(decoded) != batch.count:
            raise ValueError
    except (ValueError, TypeError, RecursionError):  # msgspec, whose own errors are ValueErrors
        text = f"the event log is damaged: batch {batch.id} of topic {batch.topic!r:.100}"
        raise ReadError(text) from None
    skipped = max(0, start - batch.first)
    for offset, (timestamp, key, value) in enumerate(decoded[skipped:], batch.first + skipped):
        yield LogRecord(batch.topic, 0, offset, timestamp, key, bytes(value))


@cache
def _decoder() -> msgspec.json.Decoder[list[tuple[int, str | None, msgspec.Raw]]]:
    return msgspec.json.Decoder(list[tuple[int, str | None, msgspec.Raw]])


class LogReader:
    """Reads the batches of a log; may be used from several threads, one after the other.

    Args:
        path: the SQLite file.

    Raises:
        ConfigError: it is not found, or is not an event log.
    """

    def __init__(self, path: Path) -> None:
        if not path.exists():
            raise ConfigError(
                f"event log not found: {path}", hint="`serve --events PATH` writes one"
            )
        require_own_files(path)
        try:
            self._database = sqlite3.connect(path, timeout=10, check_same_thread=False)
            self._database.execute("PRAGMA query_only = ON")
            require_own_tables(self._database, path)
            self._database.execute("SELECT 1 FROM batches, topics LIMIT 1")
        except sqlite3.Error as error:
            raise ConfigError(f"{path} is not an event log: {error}") from None

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def topics(self) -> list[str]:
        """Return the names of the topics that there are."""
        return [name for (name,) in self._rows("SELECT name FROM topics ORDER BY name", ())]

    def last(self) -> int:
        """Return the id of the newest batch; 0 if there is none."""
        return int(self._rows("SELECT coalesce(max(id), 0) FROM batches", ())[0][0])

    def end(self, topic: str) -> int:
        """Return the offset that the next record of a topic will have."""
        rows = self._rows(
            f"SELECT first + count FROM {_SOURCE} WHERE name = ? ORDER BY first DESC LIMIT 1",
            [topic],
        )
        return int(rows[0][0]) if rows else 0

    def offset_at(self, topic: str, timestamp: int) -> int:
        """Return the first offset of a topic at or after a time in ms; its end if there is none."""
        rows = self._rows(
            f"SELECT {_COLUMNS} FROM {_SOURCE} WHERE name = ? AND latest >= ? "
            "ORDER BY first LIMIT 1",
            [topic, timestamp],
        )
        if not rows:
            return self.end(topic)
        batch = Batch(*rows[0])
        try:
            later = (r.offset for r in records_of(batch) if r.timestamp >= timestamp)
            return next(later, self.end(topic))
        except ReadError:
            return batch.first  # who reads from there on is told

    def batch_of(self, topic: str, offset: int) -> int:
        """Return the id of the batch with an offset, or of the next one; 0 if there is none."""
        rows = self._rows(
            f"SELECT batches.id FROM {_SOURCE} WHERE name = ? AND first + count > ? "
            "ORDER BY first LIMIT 1",
            [topic, offset],
        )
        return int(rows[0][0]) if rows else 0

    def after(
        self, batch: int, topics: Sequence[str] | None = None, most: int = 100
    ) -> list[Batch]:
        """Return the batches that were committed after another one, oldest first.

        Args:
            batch: its id; 0 for the beginning.
            topics: only these; None for all.
            most: so many at most.
        """
        condition, values = self._restriction(topics)
        rows = self._rows(
            f"SELECT {_COLUMNS} FROM {_SOURCE} WHERE batches.id > ? {condition} "
            "ORDER BY batches.id LIMIT ?",
            [batch, *values, most],
        )
        return [Batch(*row) for row in rows]

    def newest(self, count: int, topics: Sequence[str] | None = None) -> list[Batch]:
        """Return the newest batches that hold so many records together, oldest first."""
        condition, values = self._restriction(topics)
        found: list[Batch] = []
        before = 2**62
        while count > 0:
            rows = self._rows(
                f"SELECT {_COLUMNS} FROM {_SOURCE} WHERE batches.id < ? {condition} "
                "ORDER BY batches.id DESC LIMIT 1",
                [before, *values],
            )
            if not rows:
                break
            found.append(Batch(*rows[0]))
            before = found[-1].id
            count -= found[-1].count
        return found[::-1]

    def _restriction(self, topics: Sequence[str] | None) -> tuple[str, Sequence[str]]:
        if topics is None:
            return "", ()
        return f"AND name IN ({','.join('?' * len(topics))})", topics

    def _rows(self, query: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        try:
            return self._database.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise ConfigError(f"the event log cannot be read: {error}") from None


def starts_at(reader: LogReader, offsets: Mapping[str, int]) -> int:
    """Return the id after which all records from these offsets on were committed."""
    ids = [reader.batch_of(topic, offset) for topic, offset in offsets.items()]
    return min([found for found in ids if found], default=reader.last() + 1) - 1
