"""Batches of Arrow on their way from the thread that makes them to the one that takes them."""

from __future__ import annotations

from queue import SimpleQueue
from typing import TYPE_CHECKING

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST = 16  # that wait; each has memory of its own


class StoppedError(Exception):
    """The thread that makes batches will make no more, nor the end of them."""


class Feed:
    """Batches that one thread puts, and another takes while more are made.

    Args:
        schema: the schema of each.
    """

    def __init__(self, schema: pa.Schema) -> None:
        self._schema = schema
        # not one queue with a limit, which holds the interpreter longer: both threads need it
        self._waiting: SimpleQueue[pa.RecordBatch | None] = SimpleQueue()
        self._room: SimpleQueue[None] = SimpleQueue()
        for _ in range(_MOST):
            self._room.put(None)
        self._is_stopped = self._is_over = False

    def put(self, batch: pa.RecordBatch | None) -> None:
        """Add a batch, or None as the end; waits while there are many that nobody took yet."""
        self._room.get()
        self._waiting.put(batch)

    def stop(self) -> None:
        """End it before its end: who takes batches gets an error."""
        self._is_stopped = True
        self.put(None)

    def reader(self) -> pa.RecordBatchReader:
        """Return what takes the batches, once; its errors are those of stopping."""
        return pa.RecordBatchReader.from_batches(self._schema, self._batches())

    def _batches(self) -> Iterator[pa.RecordBatch]:
        while (batch := self._waiting.get()) is not None:
            self._room.put(None)
            yield batch
            del batch  # its memory is needed
        self._is_over = True
        if self._is_stopped:
            raise StoppedError

    def finish(self) -> None:
        """Take what is left, which nobody needs, up to the end.

        Raises:
            StoppedError: there is no end.
        """
        if not self._is_over:
            for _ in self._batches():
                pass
        elif self._is_stopped:
            raise StoppedError
