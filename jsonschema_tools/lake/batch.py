"""Events on their way into a table: taken one after the other, made rows of all at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from jsonschema_tools.errors import ParseError
from jsonschema_tools.lake.duck import query
from jsonschema_tools.lake.envelope import NO_OBJECT, envelope_of
from jsonschema_tools.lake.fitting import UnfitError
from jsonschema_tools.lake.records import Record
from jsonschema_tools.lake.rows import Rows, in_utc

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.lake.blocks import Kept
    from jsonschema_tools.lake.fitting import Fitting
    from jsonschema_tools.lake.records import Origin
    from jsonschema_tools.lake.types import Field

#: what rows are made of
BATCH = pa.schema([("line", pa.string()), ("datacenter", pa.string()), ("received", pa.int64())])
_CHUNK = 8192  # events; duckdb's threads share them
# bytes of events whose rows each thread of duckdb keeps before it hands them to files: where it is
# all of them, as by default, memory that was never used before takes much of the time
_AT_ONCE = 4 * 2**20


@dataclass
class Batch:
    """What a transaction will hold.

    Attributes:
        blocks: lines of files that fit, or seem to.
        lines: events that fit, or seem to, as JSON.
        centers: the data center of each.
        times: when each was received, in microseconds since 1970; None: at its `meta.dt`.
        origins: where each came from.
        refused: what does not fit, and why.
        progress: the offset from which on to go on, by topic and partition.
        size: bytes of all of them.
        held: bytes of those that are in memory.
        line_size: bytes of one of them, roughly.
    """

    blocks: list[Kept] = field(default_factory=list)
    lines: list[bytes] = field(default_factory=list)
    centers: list[str | None] = field(default_factory=list)
    times: list[int | None] = field(default_factory=list)
    origins: list[Origin] = field(default_factory=list)
    refused: list[tuple[Record, str]] = field(default_factory=list)
    progress: dict[tuple[str, int], int] = field(default_factory=dict)
    size: int = 0
    held: int = 0
    line_size: int = 1024

    def __len__(self) -> int:
        """Return the number of events."""
        return self.fitting() + len(self.refused)

    def fitting(self) -> int:
        """Return the number of events that fit, or seem to."""
        return len(self.lines) + sum(block.size for block in self.blocks)

    def take_apart(self, fitting: Fitting) -> None:
        """Make single events of blocks.

        Args:
            fitting: refuses those that do not fit.

        Raises:
            ReadError: they cannot be read again.
        """
        blocks, self.blocks = self.blocks, []
        for record in chain.from_iterable(kept.block() for kept in blocks):
            try:
                if envelope_of(record) is None:
                    raise UnfitError(NO_OBJECT)
                line = fitting.fit(record.value)
            except (UnfitError, ParseError) as error:
                self.refused.append((record, str(error.args[0])))
            else:
                self.lines.append(line)
                self.centers.append(None)
                self.times.append(None)
                self.origins.append(record[:4])


class RowMaker:
    """Makes rows of the events of batches.

    Args:
        columns: those of the table.
        fitting: casts what duckdb does not.

    Attributes:
        columns: the columns.
    """

    def __init__(self, columns: tuple[Field, ...], fitting: Fitting) -> None:
        self.columns = columns
        self._fitting = fitting
        self._query = query(columns)

    @cached_property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """What makes them; to begin it takes as long as to read many events."""
        return in_utc()

    def close(self) -> None:
        """End what makes rows; there will be no more."""
        self.connection.close()

    def rows(self, source: pa.Table | pa.RecordBatchReader, size: int) -> Rows:
        """Return the rows of events; `duckdb.Error` of them means that they have to be sifted.

        Args:
            source: the events.
            size: the bytes of one of them, roughly.
        """
        at_once = max(_AT_ONCE // max(size, 1), 1)
        self.connection.execute(f"SET partitioned_write_flush_threshold = {at_once}")
        return Rows(source, self._query, self.connection)

    def sift(self, batch: Batch) -> None:
        """Refuse the events of a batch of which no row can be made.

        Raises:
            ReadError: they cannot be read again.
        """
        batch.take_apart(self._fitting)
        unfit = set(self._unfit(batch, 0, len(batch.lines)))
        kept = [index for index in range(len(batch.lines)) if index not in unfit]
        for name in ("lines", "centers", "times", "origins"):
            values = getattr(batch, name)
            setattr(batch, name, [values[index] for index in kept])

    def _unfit(self, batch: Batch, start: int, end: int) -> Iterator[int]:
        """Find the events that are in the way, by halves."""
        try:
            self._rows(batch, range(start, end))
        except duckdb.Error as error:
            if end - start > 1:
                middle = (start + end) // 2
                yield from self._unfit(batch, start, middle)
                yield from self._unfit(batch, middle, end)
                return
            line = batch.lines[start]
            reason = self._objection(batch, start, error)
            if reason is not None:
                batch.refused.append((Record(*batch.origins[start], line), reason))
                yield start

    def _objection(self, batch: Batch, index: int, error: duckdb.Error) -> str | None:
        """Return why an event is in the way; None where it is no more, once it is cast by us."""
        try:
            batch.lines[index] = self._fitting.cast(batch.lines[index])
            self._rows(batch, range(index, index + 1))
        except (UnfitError, ParseError) as unfit:
            return str(unfit.args[0])
        except duckdb.Error:
            return str(error).partition("\n")[0]
        return None

    def _rows(self, batch: Batch, part: range) -> pa.Table:
        return self.rows(_events(batch, part), batch.line_size).table()


def of_lines(lines: pa.Array) -> pa.RecordBatch:
    """Return the lines of a block as rows are made of them."""
    count = len(lines)
    zeros = pa.py_buffer(bytes(8 * count))  # `pa.nulls` begins a pool of memory first, for 5 ms
    columns = [
        lines,
        pa.Array.from_buffers(pa.string(), count, [zeros, zeros, zeros], count),
        pa.Array.from_buffers(pa.int64(), count, [zeros, zeros], count),
    ]
    return pa.RecordBatch.from_arrays(columns, schema=BATCH)


def of_events(batch: Batch) -> pa.Table:
    """Return the single events of a batch as rows are made of them, in chunks."""
    parts = _events(batch, range(len(batch.lines))).to_batches(_CHUNK)
    return pa.Table.from_batches(parts, schema=BATCH)


def _events(batch: Batch, part: range) -> pa.Table:
    chosen = slice(part.start, part.stop)
    columns = [
        # all of it is UTF-8; to cast it, pyarrow would import what it computes with, for 25 ms
        pa.array(batch.lines[chosen], pa.binary()).view(pa.string()),
        pa.array(batch.centers[chosen], pa.string()),
        pa.array(batch.times[chosen], pa.int64()),
    ]
    return pa.Table.from_arrays(columns, schema=BATCH)
