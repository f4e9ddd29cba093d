"""Events into tables: typed by their schema, each once, and nothing dropped in silence."""

from __future__ import annotations

import contextlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import duckdb
import msgspec
import pyarrow as pa

from jsonschema_tools.errors import ParseError, SchemaToolsError
from jsonschema_tools.lake.arrow import schema_of
from jsonschema_tools.lake.duck import query
from jsonschema_tools.lake.evolution import Refused, changes, merged
from jsonschema_tools.lake.fitting import Fitting, UnfitError
from jsonschema_tools.lake.sinks import open_sink
from jsonschema_tools.lake.types import Field, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

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
_BATCH = pa.schema([("line", pa.string()), ("datacenter", pa.string()), ("received", pa.int64())])
_BYTES = 64 * 2**20  # of events, after which a batch is written


class _Meta(msgspec.Struct, gc=False):
    dt: Any = None
    domain: Any = None
    stream: Any = None


class _Envelope(msgspec.Struct, gc=False):
    """What is asked of every event before its columns."""

    schema: Any = msgspec.field(name="$schema", default=None)
    meta: _Meta | None = None


class ConflictError(SchemaToolsError):
    """A table cannot hold the events of a schema; nothing was written."""

    code = "table-conflict"


@dataclass
class Loaded:
    """What came of the events of a table.

    Attributes:
        table: the table's name.
        counts: events by what became of them: `loaded`, `refused`, `canary`, `known`.
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

    Raises:
        ConflictError: the table that is there has other types.
    """

    def __init__(self, plan: Plan, folder: Path, table_format: TableFormat, batch: int) -> None:
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
        self._connection = duckdb.connect()
        self._connection.execute("SET TimeZone='UTC'")
        self._query = query(self._columns)
        self._starts: dict[tuple[str, int], int] = {}
        self._clear()

    def _clear(self) -> None:
        self._lines: list[bytes] = []
        self._centers: list[str | None] = []
        self._times: list[int] = []
        self._records: list[Record] = []
        self._refused: list[tuple[Record, str]] = []
        self._progress: dict[tuple[str, int], int] = {}
        self._size = 0

    def add(self, record: Record, envelope: _Envelope | None) -> None:
        """Take a record of the stream; writes a batch when it is full."""
        source = record.topic, record.partition
        if source not in self._starts:
            self._starts[source] = self._sink.progress(_name(source))
        if record.offset < self._starts[source]:
            self.result.counts["known"] += 1
            return
        self._progress[source] = record.offset + 1
        meta = envelope.meta if envelope is not None else None
        if meta is not None and meta.domain == "canary":
            self.result.counts["canary"] += 1
            return
        try:
            if envelope is None:
                raise UnfitError(record.problem or "the event is no JSON object")
            self._plan.require_schema(envelope.schema)
            received = _received(meta.dt if meta else None, record.timestamp)
            line = self._fitting.fit(record.value)
        except (UnfitError, ParseError) as error:
            self._refused.append((record, str(error.args[0])))
        else:
            self._lines.append(line)
            self._centers.append(self._plan.datacenter(record.topic))
            self._times.append(received)
            self._records.append(record)
        self._size += len(record.value)
        if self._size >= _BYTES or len(self._lines) + len(self._refused) >= self._most:
            self.flush()

    def flush(self) -> None:
        """Write what was taken: first what does not fit, then the rows, with the progress."""
        if not self._progress:
            return
        rows = self._fitting_rows()
        progress = {_name(source): offset for source, offset in self._progress.items()}
        self._set_aside()
        self._sink.write(rows, self._columns, progress)
        self.result.counts["loaded"] += len(self._lines)
        self.result.counts["refused"] += len(self._refused)
        self._clear()

    def _fitting_rows(self) -> pa.Table:
        """Return the rows of the batch; what duckdb cannot make rows of is set aside."""
        try:
            return self._rows(range(len(self._lines)))
        except duckdb.Error:
            unfit = set(self._unfit(0, len(self._lines)))
        kept = [index for index in range(len(self._lines)) if index not in unfit]
        rows = self._rows(kept)
        for name in ("_lines", "_centers", "_times", "_records"):
            values = getattr(self, name)
            setattr(self, name, [values[index] for index in kept])
        return rows

    def _unfit(self, start: int, end: int) -> Iterator[int]:
        """Find the events that are in the way, by halves."""
        try:
            self._rows(range(start, end))
        except duckdb.Error as error:
            if end - start == 1:
                reason = self._objection(start, error)
                if reason is not None:
                    self._refused.append((self._records[start], reason))
                    yield start
                return
            middle = (start + end) // 2
            yield from self._unfit(start, middle)
            yield from self._unfit(middle, end)

    def _objection(self, index: int, error: duckdb.Error) -> str | None:
        """Return why an event is in the way; None where it is no more, once it is cast by us."""
        try:
            self._lines[index] = self._fitting.cast(self._lines[index])
            self._rows([index])
        except UnfitError as unfit:
            return str(unfit)
        except duckdb.Error:
            return str(error).partition("\n")[0]
        return None

    def _rows(self, indexes: Sequence[int]) -> pa.Table:
        whole = len(indexes) == len(self._lines)
        lines, centers, times = (
            values if whole else [values[index] for index in indexes]
            for values in (self._lines, self._centers, self._times)
        )
        columns = [pa.array(lines, pa.binary()).cast(pa.string())]
        columns += [pa.array(centers, pa.string()), pa.array(times, pa.int64())]
        batch = pa.Table.from_arrays(columns, schema=_BATCH)
        # in small chunks, which duckdb's threads share
        batch = pa.Table.from_batches(batch.to_batches(8192), schema=_BATCH)
        relation: Any = self._connection.from_arrow(batch).query("batch", self._query)
        return relation.to_arrow_table()

    def _set_aside(self) -> None:
        known = {s: self._aside.progress(_name(s)) for s in self._progress}
        fresh = [
            (record, reason)
            for record, reason in self._refused
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
        progress = {_name(source): offset for source, offset in self._progress.items()}
        self._aside.write(table, REFUSED_COLUMNS, progress)


def load(records: Iterable[Record], loaders: Mapping[str, TableLoader]) -> int:
    """Load events into the tables of their streams.

    An event belongs to the stream in its `meta.stream`; without one, and if it is no event at all,
    to the first stream that is loaded.

    Args:
        records: the events; those of each partition in the order of their offsets.
        loaders: by stream.

    Returns:
        The number of events of other streams, which were left alone.
    """
    decode = msgspec.json.Decoder(_Envelope).decode
    first = next(iter(loaders.values()))
    others = 0
    for record in records:
        envelope, loader = None, first
        if record.problem is None:
            with contextlib.suppress(msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                envelope = decode(record.value)
        if envelope is not None and envelope.meta is not None and envelope.meta.stream is not None:
            stream = envelope.meta.stream
            found = loaders.get(stream) if isinstance(stream, str) else first
            if found is None:
                others += 1
                continue
            loader = found
        loader.add(record, envelope)
    for loader in loaders.values():
        loader.flush()
    return others


def _received(time: object, timestamp: int | None) -> int:
    """Return when an event was received, in microseconds since 1970."""
    if isinstance(time, str):
        with contextlib.suppress(ValueError, OverflowError):
            found = datetime.fromisoformat(time.upper())
            return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()) * 10**6
    if timestamp is None:
        raise UnfitError("`meta.dt` is no time, so the hour is not known that it belongs to")
    return timestamp * 1000


def _name(source: tuple[str, int]) -> str:
    return f"{source[0]}/{source[1]}"
