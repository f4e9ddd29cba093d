"""Events on their way into a table: taken one after the other, made rows of all at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import repeat
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from jsonschema_tools.lake.duck import query
from jsonschema_tools.lake.fitting import UnfitError
from jsonschema_tools.lake.records import Record
from jsonschema_tools.lake.rows import Rows, in_utc

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jsonschema_tools.lake.fitting import Fitting
    from jsonschema_tools.lake.records import Origin
    from jsonschema_tools.lake.types import Field

_BATCH = pa.schema([("line", pa.string()), ("datacenter", pa.string()), ("received", pa.int64())])
_CHUNK = 8192  # events; duckdb's threads share them


@dataclass
class Batch:
    """What a transaction will hold.

    Attributes:
        blocks: lines of files that fit, or seem to, with the topic and the offset of the first.
        lines: events that fit, or seem to, as JSON.
        centers: the data center of each.
        times: when each was received, in microseconds since 1970; None: at its `meta.dt`.
        origins: where each came from.
        refused: what does not fit, and why.
        progress: the offset from which on to go on, by topic and partition.
        size: bytes of all of them.
    """

    blocks: list[tuple[str, int, pa.Array]] = field(default_factory=list)
    lines: list[bytes] = field(default_factory=list)
    centers: list[str | None] = field(default_factory=list)
    times: list[int | None] = field(default_factory=list)
    origins: list[Origin] = field(default_factory=list)
    refused: list[tuple[Record, str]] = field(default_factory=list)
    progress: dict[tuple[str, int], int] = field(default_factory=dict)
    size: int = 0

    def __len__(self) -> int:
        """Return the number of events."""
        return self.fitting() + len(self.refused)

    def fitting(self) -> int:
        """Return the number of events that fit, or seem to."""
        return len(self.lines) + sum(len(lines) for _, _, lines in self.blocks)

    def take_apart(self) -> None:
        """Make single events of blocks."""
        blocks, self.blocks = self.blocks, []
        for topic, first, lines in blocks:
            count = len(lines)
            self.lines += [line.rstrip(b"\n") for line in lines.cast(pa.binary()).to_pylist()]
            self.centers += [None] * count
            self.times += [None] * count
            self.origins += zip(
                repeat(topic), repeat(0), range(first, first + count), repeat(None), strict=False
            )


class RowMaker:
    """Makes rows of the events of batches.

    Args:
        columns: those of the table.
        fitting: casts what duckdb does not.
    """

    def __init__(self, columns: Sequence[Field], fitting: Fitting) -> None:
        self._fitting = fitting
        self._connection = in_utc()
        self._query = query(columns)

    def rows(self, batch: Batch) -> Rows:
        """Return the rows of a batch; `duckdb.Error` of them means that it has to be sifted."""
        parts = [_of_block(lines) for _, _, lines in batch.blocks]
        parts += _of_events(batch, range(len(batch.lines))).to_batches(_CHUNK)
        return Rows(pa.Table.from_batches(parts, schema=_BATCH), self._query, self._connection)

    def sift(self, batch: Batch) -> None:
        """Refuse the events of a batch of which no row can be made."""
        batch.take_apart()
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
        except UnfitError as unfit:
            return str(unfit)
        except duckdb.Error:
            return str(error).partition("\n")[0]
        return None

    def _rows(self, batch: Batch, part: range) -> pa.Table:
        return Rows(_of_events(batch, part), self._query, self._connection).table()


def _of_block(lines: pa.Array) -> pa.RecordBatch:
    count = len(lines)
    columns = [lines, pa.nulls(count, pa.string()), pa.nulls(count, pa.int64())]
    return pa.RecordBatch.from_arrays(columns, schema=_BATCH)


def _of_events(batch: Batch, part: range) -> pa.Table:
    chosen = slice(part.start, part.stop)
    columns = [
        pa.array(batch.lines[chosen], pa.binary()).cast(pa.string()),
        pa.array(batch.centers[chosen], pa.string()),
        pa.array(batch.times[chosen], pa.int64()),
    ]
    return pa.Table.from_arrays(columns, schema=_BATCH)
