"""The embedded event log: batches of records in an SQLite file, appended in group commits.

An append is done when it is on disk. Records are kept in batches as Kafka keeps them: all that one
commit adds to a topic is one row, `[[timestamp, key, value], ...]` in JSON; the view `events` shows
them one a row. Each topic has one partition, 0.
"""

from __future__ import annotations

import os.path
import re
import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, TypeAlias

from jsonschema_tools.errors import ConfigError
from jsonschema_tools.events.json_text import encode
from jsonschema_tools.intake.message import size_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from jsonschema_tools.intake.message import Message

_FORMAT = 1  # SQLite's user_version
_SCHEMA = """
CREATE TABLE IF NOT EXISTS topics (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS batches (
    id INTEGER PRIMARY KEY,      -- grows with every commit
    topic INTEGER NOT NULL,
    first INTEGER NOT NULL,      -- offset of the first record
    count INTEGER NOT NULL,
    latest INTEGER NOT NULL,     -- greatest timestamp of a record, in ms
    appended INTEGER NOT NULL,   -- when it was written, in ms
    records BLOB NOT NULL        -- JSON: [[timestamp, key, value], ...]
);
CREATE UNIQUE INDEX IF NOT EXISTS batches_by_offset ON batches (topic, first);
CREATE VIEW IF NOT EXISTS events AS
    SELECT topics.name AS topic, 0 AS partition, batches.first + record.key AS offset,
        record.value ->> 0 AS timestamp, record.value ->> 1 AS key, record.value -> 2 AS value
    FROM batches JOIN topics ON topics.id = batches.topic,
        json_each(CAST(batches.records AS TEXT)) AS record;
"""
_GROUP_BYTES = 16 * 2**20  # of one commit
_GROUP_APPENDS = 2000
_ROWS = 1000  # of one statement
_PATIENCE = 10.0  # seconds to wait for another process that writes
_SWEEP = 60.0  # seconds between two looks at what is too old
_PAGE = 2**14  # bytes of a page of a new file: a third less to do than with 4 KiB
_CACHE = 2**15  # KiB: the pages of a group commit fit, so that none is written twice
_CHECKPOINT = 1000  # pages of the write-ahead log

#: what an append gave back to its caller, any object
Token: TypeAlias = object


@dataclass(frozen=True, slots=True)
class Batch:
    """Records of one topic that were committed together.

    Attributes:
        id: its place among all batches of the log.
        topic: the topic.
        first: offset of its first record.
        count: number of records.
        records: JSON, `[[timestamp, key, value], ...]`.
    """

    id: int
    topic: str
    first: int
    count: int
    records: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """What the log forgets; the newest batch of each topic always stays.

    Attributes:
        milliseconds: age of a batch.
        size: bytes of all records.
    """

    milliseconds: int | None = None
    size: int | None = None


class LogError(Exception):
    """The log cannot be written; the message says why, without a path."""


class EventLog:
    """Appends to an event log; a thread of its own writes.

    Args:
        path: the SQLite file; made if there is none.
        committed: called in that thread after each commit with the tokens of the appends in it,
            the new batches, and None or why they could not be written.
        retention: what is forgotten.

    Raises:
        ConfigError: the file cannot be opened, or is not an event log.
    """

    def __init__(
        self,
        path: Path,
        committed: Callable[[Sequence[Token], Sequence[Batch], LogError | None], None],
        retention: Retention | None = None,
    ) -> None:
        self._committed = committed
        self._retention = retention or Retention()
        self._queue: SimpleQueue[tuple[Sequence[Message], Token] | None] = SimpleQueue()
        self._database = _open(path)
        self._topics: dict[str, int] = {}
        self._next: dict[str, int] = {}
        self._swept = 0.0
        self._thread = threading.Thread(target=self._run, name="event log", daemon=True)
        self._thread.start()

    def append(self, messages: Sequence[Message], token: Token) -> None:
        """Append records, all in one commit; `committed` is called with the token then."""
        self._queue.put((messages, token))

    def close(self) -> None:
        """Write what is waiting, and close the file."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        going_on = True
        while going_on:
            appends, going_on = self._group()
            if appends:
                tokens = [token for _, token in appends]
                try:
                    batches = self._write([messages for messages, _ in appends])
                except (sqlite3.Error, OSError) as error:
                    self._committed(tokens, (), LogError(f"the event log is not writable: {error}"))
                else:
                    self._committed(tokens, batches, None)
            if time.monotonic() - self._swept > _SWEEP:
                self._swept = time.monotonic()
                self._forget()
        self._database.close()

    def _group(self) -> tuple[list[tuple[Sequence[Message], Token]], bool]:
        """Return the appends of the next commit, and whether there will be more."""
        try:
            item = self._queue.get(timeout=_SWEEP)
        except Empty:
            return [], True
        appends: list[tuple[Sequence[Message], Token]] = []
        size = 0
        while item is not None:
            appends.append(item)
            size += size_of(item[0])
            if size > _GROUP_BYTES or len(appends) >= _GROUP_APPENDS:
                return appends, True
            try:
                item = self._queue.get_nowait()
            except Empty:
                return appends, True
        return appends, False

    def _write(self, groups: Sequence[Sequence[Message]]) -> list[Batch]:
        by_topic = _by_topic(groups)
        for attempt in range(5):
            try:
                return self._insert(by_topic)
            except sqlite3.IntegrityError:  # another process took these offsets
                self._next.clear()
                if attempt == 4:
                    raise
            except sqlite3.Error:
                self._next.clear()
                raise
        raise AssertionError("unreachable")

    def _insert(self, by_topic: Mapping[str, _Records]) -> list[Batch]:
        now = time.time_ns() // 1_000_000
        rows: list[tuple[object, ...]] = []
        batches: list[tuple[str, int, int, bytes]] = []
        for name, records in by_topic.items():
            topic, first = self._place(name)
            text, latest = records.text(), max(records.timestamps)
            count = len(records.timestamps)
            batches.append((name, first, count, text))
            rows.append((topic, first, count, latest, now, text))
        last = self._insert_rows(rows)
        for name, first, count, _ in batches:
            self._next[name] = first + count
        start = last - len(batches) + 1
        return [Batch(start + index, *batch) for index, batch in enumerate(batches)]

    def _insert_rows(self, rows: Sequence[tuple[object, ...]]) -> int:
        """Commit rows, and return the id of the last one."""
        start = "INSERT INTO batches (topic, first, count, latest, appended, records) VALUES "
        database, one = self._database, "(?,?,?,?,?,?)"
        if len(rows) <= _ROWS:
            # one statement is one transaction, and gives up Python's lock once, not once a row
            flat = [value for row in rows for value in row]
            return database.execute(start + ",".join([one] * len(rows)), flat).lastrowid or 0
        database.execute("BEGIN IMMEDIATE")
        try:
            database.executemany(start + one, rows)
            last = database.execute("SELECT last_insert_rowid()").fetchone()[0]
            database.execute("COMMIT")
        except sqlite3.Error:
            if database.in_transaction:
                database.execute("ROLLBACK")
            raise
        return int(last)

    def _place(self, name: str) -> tuple[int, int]:
        """Return the id of a topic and its next offset."""
        topic = self._topics.get(name)
        if topic is None:
            self._database.execute("INSERT OR IGNORE INTO topics (name) VALUES (?)", [name])
            query = "SELECT id FROM topics WHERE name = ?"
            topic = self._topics[name] = int(self._database.execute(query, [name]).fetchone()[0])
        if name not in self._next:
            query = "SELECT first + count FROM batches WHERE topic = ? ORDER BY first DESC LIMIT 1"
            row = self._database.execute(query, [topic]).fetchone()
            self._next[name] = row[0] if row else 0
        return topic, self._next[name]

    def _forget(self) -> None:
        limits = []
        if self._retention.milliseconds is not None:
            oldest = time.time_ns() // 1_000_000 - self._retention.milliseconds
            limits.append(("appended < ?", oldest))
        try:
            if self._retention.size is not None:
                query = (
                    "SELECT max(id) FROM (SELECT id, sum(length(records)) OVER "
                    "(ORDER BY id DESC) AS total FROM batches) WHERE total > ?"
                )
                row = self._database.execute(query, [self._retention.size]).fetchone()
                limits.append(("id <= ?", row[0] or 0))
            for condition, value in limits:
                self._database.execute(
                    f"DELETE FROM batches WHERE {condition} AND id NOT IN "
                    "(SELECT max(id) FROM batches GROUP BY topic)",
                    [value],
                )
        except sqlite3.Error:
            return  # a full disk is reported where events are refused


class _Records:
    """Records of one topic that are written together."""

    __slots__ = ("pieces", "timestamps")

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.timestamps: list[int] = []

    def text(self) -> bytes:
        """Return them as JSON; the values are copied once."""
        return b"".join((b"[", *self.pieces[:-1], b"]]"))


def _by_topic(groups: Sequence[Sequence[Message]]) -> dict[str, _Records]:
    found: dict[str, _Records] = {}
    for messages in groups:
        last = None
        for topic, key, timestamp, value in messages:
            if topic is not last:  # most go where the one before went
                records = found.get(topic) or found.setdefault(topic, _Records())
                last, pieces, timestamps = topic, records.pieces, records.timestamps
            start = (
                b"[%d,null," % timestamp if key is None else b"[%d,%b," % (timestamp, encode(key))
            )
            pieces += (start, value, b"],")
            timestamps.append(timestamp)
    return found


def require_own_files(path: Path) -> None:
    """Make sure that the files which SQLite writes beside a log are no links to other ones.

    Raises:
        ConfigError: one is.
    """
    real = os.path.realpath(path)
    for suffix in ("-wal", "-shm", "-journal"):
        if os.path.islink(real + suffix):  # noqa: PTH114
            raise ConfigError(
                f"{path}{suffix} is a symbolic link, and would be written through",
                hint="remove it, or name another event log",
            )


def require_own_tables(database: sqlite3.Connection, path: Path) -> None:
    """Make sure that a log, where there is one already, has our tables and nothing that goes on.

    Whoever made the file may have put views in their place, or triggers and indexes on them.

    Raises:
        ConfigError: it has not.
        sqlite3.Error: it is not a database.
    """
    database.execute("PRAGMA trusted_schema = OFF")
    query = "SELECT type, name, sql FROM sqlite_master WHERE tbl_name IN ('topics', 'batches')"
    found = {(kind, name, _plain(sql)) for kind, name, sql in database.execute(query)}
    if found and found != _own_tables():
        raise ConfigError(f"{path} is not an event log: its tables are other ones")


@cache
def _own_tables() -> frozenset[tuple[str, str, str]]:
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(_SCHEMA)
        query = "SELECT type, name, sql FROM sqlite_master WHERE type != 'view'"
        return frozenset((kind, name, _plain(sql)) for kind, name, sql in database.execute(query))


def _plain(sql: str | None) -> str:
    return " ".join(re.sub("--[^\n]*", "", sql or "").split())


def _open(path: Path) -> sqlite3.Connection:
    require_own_files(path)
    try:
        database = sqlite3.connect(
            path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
        )
        if database.execute("PRAGMA user_version").fetchone()[0] not in {0, _FORMAT}:
            raise ConfigError(f"{path} was written by a newer version of this program")
        require_own_tables(database, path)
        database.execute(f"PRAGMA page_size = {_PAGE}")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute(f"PRAGMA cache_size = -{_CACHE}")
        database.execute("PRAGMA synchronous = FULL")  # what is acknowledged survives power loss
        database.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT}")
        version = f"PRAGMA user_version = {_FORMAT};"
        database.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} {version} COMMIT;")
    except sqlite3.Error as error:
        raise ConfigError(
            f"the event log {path} cannot be opened: {error}",
            hint="name another file with --events, in a folder that is writable",
        ) from None
    return database
