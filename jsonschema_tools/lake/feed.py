"""Events on their way to a writer in another thread, which begins before all of them are read."""

from __future__ import annotations

from queue import SimpleQueue
from typing import TYPE_CHECKING, TypeAlias

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterator

_Parts: TypeAlias = "SimpleQueue[pa.RecordBatch | None]"


class AbandonedError(Exception):
    """The rest of the events will not come."""


class Feed:
    """Parts of a table, of which the last are not there yet.

    Args:
        schema: what all parts have.
    """

    def __init__(self, schema: pa.Schema) -> None:
        self._schema = schema
        self._parts: _Parts = SimpleQueue()
        self._is_abandoned = False

    def put(self, part: pa.RecordBatch) -> None:
        """Add a part."""
        self._parts.put(part)

    def end(self) -> None:
        """Say that there are no more parts."""
        self._parts.put(None)

    def abandon(self) -> None:
        """Say that there are no more parts, and that those that came are for nothing."""
        self._is_abandoned = True
        self._parts.put(None)

    def reader(self) -> pa.RecordBatchReader:
        """Return what reads all parts, once; it waits for those that are not there yet."""
        return pa.RecordBatchReader.from_batches(self._schema, self._read())

    def wait(self) -> None:
        """Wait until there are no more parts.

        Raises:
            AbandonedError: they were for nothing.
        """
        for _ in self._read():
            pass

    def _read(self) -> Iterator[pa.RecordBatch]:
        while (part := self._parts.get()) is not None:
            yield part
        self._parts.put(None)  # for who else reads
        if self._is_abandoned:
            raise AbandonedError
