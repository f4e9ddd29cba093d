"""Batches into a table: one after the other, in a thread of its own, each a transaction."""

from __future__ import annotations

import os
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock, get_native_id
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from jsonschema_tools.errors import SchemaToolsError
from jsonschema_tools.lake.arrow import schema_of
from jsonschema_tools.lake.batch import BATCH, of_events, of_lines
from jsonschema_tools.lake.feed import Feed
from jsonschema_tools.lake.folder import TableError
from jsonschema_tools.lake.rows import Rows
from jsonschema_tools.lake.types import Field, Scalar
from jsonschema_tools.lake.unique import has_ids, without_copies

if TYPE_CHECKING:
    from collections.abc import Mapping
    from concurrent.futures import Future

    from jsonschema_tools.lake.batch import Batch, RowMaker
    from jsonschema_tools.lake.records import Source
    from jsonschema_tools.lake.sinks import Sink

_TEXT, _NUMBER = Scalar("string"), Scalar("integer")
#: columns of the table of events that do not fit
REFUSED_COLUMNS = (
    Field("topic", "topic", _TEXT),
    Field("partition", "partition", _NUMBER),
    Field("offset", "offset", _NUMBER),
    Field("timestamp", "timestamp", Scalar("timestamp")),
    Field("reason", "reason", _TEXT),
    Field("event", "event", _TEXT),
)


@dataclass
class Loaded:
    """What came of the events of a table.

    Attributes:
        table: the table's name.
        counts: events by what became of them: `loaded`, `refused`, `canary`, `known`, `copies`.
    """

    table: str
    counts: Counter[str] = field(default_factory=Counter)


class BatchWriter:
    """Writes batches into a table, and what does not fit into another one.

    The rows of blocks are made while the next blocks are read; those of single events at the end
    of their batch.

    Args:
        sink: the table.
        aside: the table of what does not fit.
        maker: makes the rows; the table has their columns from now on.
        result: where to count what came of the events.
        unique: whether to leave out events whose `meta.id` is in the same hour already.
    """

    def __init__(
        self,
        sink: Sink,
        aside: Sink,
        maker: RowMaker,
        result: Loaded,
        *,
        unique: bool,
    ) -> None:
        self._sink, self._aside = sink, aside
        self._maker = maker
        self._result = result
        self._unique = unique and has_ids(schema_of(maker.columns))
        self._thread = ThreadPoolExecutor(1, initializer=_step_back)
        self._thread.submit(lambda: maker.connection)  # while the first events are read
        self._is_closing = False
        self._committing = Lock()
        self._writing: Future[None] | None = None
        self._feed: Feed | None = None

    def progress(self, source: Source) -> int:
        """Return the offset from which on the records of a source are not in the table yet."""
        with self._committing:
            return self._sink.progress(_name(source))

    def put(self, batch: Batch, lines: pa.Array) -> None:
        """Begin to make rows of the lines of a block.

        Args:
            batch: the batch that is to have them: the same one up to its end.
            lines: the lines.

        Raises:
            SchemaToolsError: the batch before could not be written.
        """
        if self._feed is None:
            self._wait()
            self._feed = Feed(BATCH)
            batch.line_size = lines.nbytes // len(lines)
            self._writing = self._thread.submit(self._write, batch, self._feed)
        self._feed.put(of_lines(lines))

    def end(self, batch: Batch) -> None:
        """Write a batch, which is complete now; what is still being written is waited for.

        Raises:
            SchemaToolsError: the batch before could not be written.
        """
        feed, self._feed = self._feed, None
        if feed is None:
            self._wait()
            self._writing = self._thread.submit(self._write, batch, None)
        else:
            for part in of_events(batch).to_batches():
                feed.put(part)
            feed.put(None)

    def close(self) -> None:
        """Wait until all is written.

        Raises:
            SchemaToolsError: the last batch could not be written.
        """
        self._is_closing = True
        self._wait()
        self._thread.shutdown()

    def give_up(self) -> None:
        """Leave out the batch that has no end yet; wait until those before are written."""
        if self._feed is not None:
            self._feed.stop()
        self._thread.shutdown()

    def _wait(self) -> None:
        writing, self._writing = self._writing, None
        if writing is None:
            return
        try:
            writing.result()
        except (SchemaToolsError, OSError):
            raise
        except Exception as error:  # each library has its own
            raise TableError(
                f"table {self._result.table} cannot be written to: {type(error).__name__}: {error}",
                hint="what was written before is whole; run it again once the cause is gone",
            ) from error

    def _write(self, batch: Batch, feed: Feed | None) -> None:
        """Write a batch: first what does not fit, then the rows, with the progress."""
        count = self._staged(batch, feed)
        with ThreadPoolExecutor(1) as meanwhile:
            if self._is_closing:  # it takes as long as to have the files written to the disk
                meanwhile.submit(self._maker.close)
            self._commit(batch)
        self._result.counts["loaded"] += count
        self._result.counts["copies"] += batch.fitting() - count
        self._result.counts["refused"] += len(batch.refused)

    def _commit(self, batch: Batch) -> None:
        progress = {_name(source): offset for source, offset in batch.progress.items()}
        self._set_aside(batch, progress)
        with self._committing:
            self._sink.write(self._maker.columns, progress)

    def _staged(self, batch: Batch, feed: Feed | None) -> int:
        """Stage the rows of a batch, which is complete then; return how many there are."""
        try:
            try:
                source = of_events(batch) if feed is None else feed.reader()
                count = self._stage(source, batch.line_size)
            finally:
                if feed is not None:
                    feed.finish()
        except duckdb.Error:
            self._maker.sift(batch)
            count = self._stage(of_events(batch), batch.line_size)
        return batch.fitting() if count is None else count

    def _stage(self, source: pa.Table | pa.RecordBatchReader, size: int) -> int | None:
        """Stage the rows of events; return how many are not copies of others, or None for all."""
        rows = self._maker.rows(source, size)
        if self._unique and rows.count != 0:
            rows = Rows(without_copies(rows.table(), self._sink.files()))
        self._sink.stage(rows)
        return rows.count

    def _set_aside(self, batch: Batch, progress: Mapping[str, int]) -> None:
        known = {s: self._aside.progress(_name(s)) for s in batch.progress}
        fresh = [
            (record, reason)
            for record, reason in batch.refused
            if record.offset >= known[record.topic, record.partition]
        ]
        if not fresh:
            return
        rows = [
            {
                "topic": record.topic,
                "partition": record.partition,
                "offset": record.offset,
                "timestamp": None if record.timestamp is None else record.timestamp * 1000,
                "reason": reason,
                "event": record.value.decode("utf-8", "replace"),
            }
            for record, reason in fresh
        ]
        table = pa.Table.from_pylist(rows, schema=schema_of(REFUSED_COLUMNS))
        self._aside.stage(Rows(table))
        self._aside.write(REFUSED_COLUMNS, progress)


def _step_back() -> None:
    """Let the thread that reads and proves go first: this one and those of duckdb wait for it.

    With equal priority, duckdb's threads take its processor and then have nothing to do.
    """
    if sys.platform == "linux":  # where threads have priorities of their own
        os.setpriority(os.PRIO_PROCESS, get_native_id(), 10)


def _name(source: Source) -> str:
    return f"{source[0]}/{source[1]}"
