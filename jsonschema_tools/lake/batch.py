"""Events on their way into a table: taken one after the other, made rows of all at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from jsonschema_tools.lake.duck import query
from jsonschema_tools.lake.fitting import UnfitError
from jsonschema_tools.lake.records import Record

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
        lines: events that fit, or seem to, as JSON.
        centers: the data center of each.
        times: when each was received, in microseconds since 1970; None: at its `meta.dt`.
        origins: where each came from.
        refused: what does not fit, and why.
        progress: the offset from which on to go on, by topic and partition.
        size: bytes of all of them.
    """

    lines: list[bytes] = field(default_factory=list)
    centers: list[str | None] = field(default_factory=list)
    times: list[int | None] = field(default_factory=list)
    origins: list[Origin] = field(default_factory=list)
    refused: list[tuple[Record, str]] = field(default_factory=list)
    progress: dict[tuple[str, int], int] = field(default_factory=dict)
    size: int = 0

    def __len__(self) -> int:
        """Return the number of events."""
        return len(self.lines) + len(self.refused)


class RowMaker:
    """Makes rows of the events of batches.

    Args:
        columns: those of the table.
        fitting: casts what duckdb does not.
    """

    def __init__(self, columns: Sequence[Field], fitting: Fitting) -> None:
        self._fitting = fitting
        self._connection = duckdb.connect()
        self._connection.execute("SET TimeZone='UTC'")
        self._query = query(columns)

    def rows(self, batch: Batch) -> pa.Table:
        """Return the rows of a batch; events of which none can be made are refused there."""
        try:
            return self._rows(batch, range(len(batch.lines)))
        except duckdb.Error:
            unfit = set(self._unfit(batch, 0, len(batch.lines)))
        kept = [index for index in range(len(batch.lines)) if index not in unfit]
        for name in ("lines", "centers", "times", "origins"):
            values = getattr(batch, name)
            setattr(batch, name, [values[index] for index in kept])
        return self._rows(batch, range(len(kept)))

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
        chosen = slice(part.start, part.stop)
        columns = [
            pa.array(batch.lines[chosen], pa.binary()).cast(pa.string()),
            pa.array(batch.centers[chosen], pa.string()),
            pa.array(batch.times[chosen], pa.int64()),
        ]
        table = pa.Table.from_arrays(columns, schema=_BATCH)
        chunks = pa.Table.from_batches(table.to_batches(_CHUNK), schema=_BATCH)
        relation: Any = self._connection.from_arrow(chunks).query("batch", self._query)
        return relation.to_arrow_table()
