"""How much work it may be to look for events that show the changes between two versions."""

from __future__ import annotations

from time import perf_counter, thread_time

_MOST_WORK = 10_000_000
_MOST_SECONDS = 1.0  # two checks look at each pair


class Allowance:
    """How much work a search may be.

    Work is counted, so that the same versions have the same events on a slow or busy machine too.
    Only what takes far longer than its size says, such as a hostile pattern, is ended by a clock:
    that of the processor.

    Args:
        work: how many units may be spent; the usual machine takes 0.05 µs for one, or less.
        seconds: how long the processor may take for them.
    """

    def __init__(self, work: int = _MOST_WORK, seconds: float = _MOST_SECONDS) -> None:
        self._left = work
        self._end = thread_time() + seconds
        self._next_look = perf_counter() + seconds

    def spend(self, units: int) -> None:
        """Count some work."""
        self._left -= units

    def is_spent(self) -> bool:
        """Tell whether the search is to be given up."""
        if self._left <= 0:
            return True
        if perf_counter() < self._next_look:  # too soon: the processor's clock runs no faster
            return False
        seconds = self._end - thread_time()  # ten times as slow to ask
        self._next_look = perf_counter() + seconds
        return seconds <= 0
