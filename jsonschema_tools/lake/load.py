"""Events into tables: typed by their schema, each once, and nothing dropped in silence."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from jsonschema_tools.errors import ParseError, SchemaToolsError
from jsonschema_tools.lake.arrow import schema_of
from jsonschema_tools.lake.batch import Batch, RowMaker
from jsonschema_tools.lake.envelope import envelope_of, received
from jsonschema_tools.lake.evolution import Refused, changes, merged
from jsonschema_tools.lake.fitting import Fitting, UnfitError
from jsonschema_tools.lake.folder import TableError
from jsonschema_tools.lake.records import Block
from jsonschema_tools.lake.rows import Rows
from jsonschema_tools.lake.sinks import open_sink
from jsonschema_tools.lake.types import Field, Scalar
from jsonschema_tools.lake.unique import has_ids, without_copies

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from concurrent.futures import Future
    from pathlib import Path

    from jsonschema_tools.lake.envelope import Envelope
    from jsonschema_tools.lake.plan import Plan
    from jsonschema_tools.lake.records import Record
    from jsonschema_tools.lake.sinks import TableFormat

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
_BYTES = 64 * 2**20  # of events, after which a batch is written


class ConflictError(SchemaToolsError):
    """A table cannot hold the events of a schema; nothing was written."""

    code = "table-conflict"


@dataclass
class Loaded:
    """What came of the events of a table.

    Attributes:
        table: the table's name.
        counts: events by what became of them: `loaded`, `refused`, `canary`, `known`, `copies`.
    """

    table: str
    counts: Counter[str] = field(default_factory=Counter)


class TableLoader:
    """Loads the events of one stream into its table.

    Args:
        plan: the stream's table.
        folder: where tables are.
        table_format: of which format they are.
        batch: the most events of a transaction.
        unique: whether to leave out events whose `meta.id` is in the same hour already.

    Raises:
        ConflictError: the table that is there has other types.
    """

    def __init__(
        self,
        plan: Plan,
        folder: Path,
        table_format: TableFormat,
        batch: int,
        *,
        unique: bool = False,
    ) -> None:
        self.result = Loaded(plan.table)
        self._plan = plan
        self._most = batch
        self._sink = open_sink(folder, plan.table, table_format, partitioned=True)
        self._aside = open_sink(folder, f"{plan.table}_refused", table_format, partitioned=False)
        conflicts = [
            str(change)
            for change in changes(self._sink.columns, plan.columns)
            if isinstance(change, Refused) and change.new is not None
        ]
        if conflicts:
            raise ConflictError(
                f"the schema of {plan.stream} {conflicts[0]} of table {plan.table}",
                hint="load into another folder, or restore the type in the next version",
            )
        self._columns = merged(self._sink.columns, plan.columns)
        self._fitting = Fitting(self._columns)
        self._maker = RowMaker(self._columns, self._fitting)
        self._unique = unique and has_ids(schema_of(self._columns))
        self._starts: dict[tuple[str, int], int] = {}
        self._batch = Batch()
        self._writer = ThreadPoolExecutor(1)  # rows are made and written while events are read
        self._writing: Future[None] | None = None

    def start(self, source: tuple[str, int]) -> int:
        """Return the offset of a source from which on its events are not in the table yet."""
        if source not in self._starts:
            self._wait()
            self._starts[source] = self._sink.progress(_name(source))
        return self._starts[source]

    def add(self, record: Record, envelope: Envelope | None) -> None:
        """Take a record of the stream; writes a batch when it is full."""
        source, batch = (record.topic, record.partition), self._batch
        if record.offset < self.start(source):
            self.result.counts["known"] += 1
            return
        batch.progress[source] = record.offset + 1
        meta = envelope.meta if envelope is not None else None
        if meta is not None and meta.domain == "canary":
            self.result.counts["canary"] += 1
            return
        try:
            if envelope is None:
                raise UnfitError(record.problem or "the event is not a JSON object")
            self._plan.require_schema(envelope.schema)
            arrived = received(meta.dt if meta else None, record.timestamp)
            line = self._fitting.fit(record.value)
        except (UnfitError, ParseError) as error:
            batch.refused.append((record, str(error.args[0])))
        else:
            batch.lines.append(line)
            batch.centers.append(self._plan.datacenter(record.topic))
            batch.times.append(arrived)
            batch.origins.append(record[:4])
        batch.size += len(record.value)
        self._flush_if_full()

    def add_block(self, block: Block, stream: str) -> bool:
        """Take lines of a file all at once, where nothing is to be said about any of them.

        Returns:
            Whether they were taken; if not, each is to be added by itself.
        """
        if block.first < self.start((block.topic, 0)):
            return False
        lines = block.lines()
        found = self._fitting.summary(block.text, len(lines)) if lines is not None else None
        if (
            lines is None
            or found is None
            or not found.streams <= {stream, None}
            or "canary" in found.domains
        ):
            return False
        try:
            for uri in found.schemas:
                self._plan.require_schema(uri)
        except UnfitError:
            return False
        batch, count = self._batch, len(lines)
        batch.blocks.append((block.topic, block.first, lines))
        batch.progress[block.topic, 0] = block.first + count
        batch.size += len(block.text)
        self._flush_if_full()
        return True

    def _flush_if_full(self) -> None:
        if self._batch.size >= _BYTES or len(self._batch) >= self._most:
            self.flush()

    def flush(self) -> None:
        """Begin to write what was taken; waits for what is being written already."""
        batch, self._batch = self._batch, Batch()
        self._wait()
        if batch.progress:
            self._writing = self._writer.submit(self._write, batch)

    def close(self) -> None:
        """Write what was taken, and wait until it is."""
        self.flush()
        self._wait()
        self._writer.shutdown()

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
                f"table {self._plan.table} cannot be written to: {type(error).__name__}: {error}",
                hint="what was written before is whole; run it again once the cause is gone",
            ) from error

    def _write(self, batch: Batch) -> None:
        """Write a batch: first what does not fit, then the rows, with the progress."""
        try:
            count = self._stage(batch)
        except duckdb.Error:
            self._maker.sift(batch)
            count = self._stage(batch)
        self._set_aside(batch)
        progress = {_name(source): offset for source, offset in batch.progress.items()}
        self._sink.write(self._columns, progress)
        self.result.counts["loaded"] += count
        self.result.counts["copies"] += batch.fitting() - count
        self.result.counts["refused"] += len(batch.refused)

    def _stage(self, batch: Batch) -> int:
        """Stage the rows of a batch; return how many are not copies of others."""
        rows = self._maker.rows(batch)
        if self._unique and rows:
            rows = Rows(without_copies(rows.table(), self._sink.files()))
        self._sink.stage(rows)
        return len(rows)

    def _set_aside(self, batch: Batch) -> None:
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
        progress = {_name(source): offset for source, offset in batch.progress.items()}
        self._aside.stage(Rows(table))
        self._aside.write(REFUSED_COLUMNS, progress)


def load(records: Iterable[Record | Block], loaders: Mapping[str, TableLoader]) -> int:
    """Load events into the tables of their streams.

    An event belongs to the stream of its topic, where that is known; else to the one in its
    `meta.stream`; without one, and if it is not an event, to the first stream that is loaded.

    Args:
        records: the events; those of each partition in the order of their offsets.
        loaders: by stream.

    Returns:
        The number of events of other streams, which were left alone.
    """
    others = 0
    stream, first = next(iter(loaders.items()))
    for record in records:
        if isinstance(record, Block):
            if len(loaders) == 1 and first.add_block(record, stream):
                continue
            others += sum(not _add(one, loaders, first) for one in record)
        else:
            others += not _add(record, loaders, first)
    for loader in loaders.values():
        loader.close()
    return others


def _add(record: Record, loaders: Mapping[str, TableLoader], first: TableLoader) -> bool:
    """Give a record to the loader of its stream; False if there is none."""
    envelope, stream = envelope_of(record), record.stream
    if stream is None and envelope is not None and envelope.meta is not None:
        stream = envelope.meta.stream
    loader = loaders.get(stream) if isinstance(stream, str) else first
    if loader is None:
        return False
    loader.add(record, envelope)
    return True


def _name(source: tuple[str, int]) -> str:
    return f"{source[0]}/{source[1]}"
