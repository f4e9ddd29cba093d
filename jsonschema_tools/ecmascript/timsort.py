"""The sort of JavaScript's arrays, for comparisons that contradict each other.

With a comparison that is an order, every stable sort gives the same result. JavaScript's `<` on
mixed values is not (`"10" < "9"`, `9 < "10"`): what comes out depends on which values are
compared, and with Python's own sort on its version. This is Tim Peters's sort as V8 has it (its
runs, merges and thresholds), by which Node sorts enums of mixed values and keys named as members
of every object are. Real schemas have both.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_Item = TypeVar("_Item")

_SHORT = 64  # shorter arrays are one run
_WINS = 7  # so many times in a row one run gives the next value, and whole stretches are taken


def tim_sort(items: Sequence[_Item], less: Callable[[_Item, _Item], bool]) -> list[_Item]:
    """Return the items in ascending order, as V8 sorts them.

    Args:
        items: what to sort.
        less: whether one is less than another; need not be an order.
    """
    rest = list(items)
    least = _shortest_run(len(rest))
    merger = _Merger(less)
    runs: list[list[_Item]] = []
    start = 0
    while start < len(rest):
        run = _natural_run(rest, start, less)
        for item in rest[start + len(run) : start + least]:
            _insert(run, item, less)
        start += len(run)
        runs.append(run)
        _merge_unbalanced(runs, merger)
    while len(runs) > 1:
        at = len(runs) - 2
        _merge_at(runs, at - 1 if at and len(runs[at - 1]) < len(runs[at + 1]) else at, merger)
    return runs[0] if runs else []


def _shortest_run(length: int) -> int:
    """Return the length to which runs are extended: such that there are about 2^n of them."""
    odd = 0
    while length >= _SHORT:
        odd |= length & 1
        length >>= 1
    return length + odd


def _natural_run(
    items: list[_Item], start: int, less: Callable[[_Item, _Item], bool]
) -> list[_Item]:
    """Return the longest run at a place that ascends, or descends and is then turned round."""
    end = start + 1
    descends = end < len(items) and less(items[end], items[start])
    while end < len(items) and less(items[end], items[end - 1]) is descends:
        end += 1
    run = items[start:end]
    return run[::-1] if descends else run


def _insert(run: list[_Item], item: _Item, less: Callable[[_Item, _Item], bool]) -> None:
    run.insert(_first(lambda i: less(item, run[i]), 0, len(run)), item)


def _merge_unbalanced(runs: list[list[_Item]], merger: _Merger[_Item]) -> None:
    """Merge until each run is longer than the next, and than the two after it together."""
    while len(runs) > 1:
        at = len(runs) - 2
        if _too_short(runs, at - 1) or _too_short(runs, at - 2):
            _merge_at(runs, at - 1 if len(runs[at - 1]) < len(runs[at + 1]) else at, merger)
        elif len(runs[at]) <= len(runs[at + 1]):
            _merge_at(runs, at, merger)
        else:
            return


def _too_short(runs: list[list[_Item]], at: int) -> bool:
    return at >= 0 and len(runs[at]) <= len(runs[at + 1]) + len(runs[at + 2])


def _merge_at(runs: list[list[_Item]], at: int, merger: _Merger[_Item]) -> None:
    runs[at : at + 2] = [merger.merge(runs[at], runs[at + 1])]


class _Side(Generic[_Item]):
    """What is left of a run that is taken from its start or from its end."""

    def __init__(self, items: list[_Item], start: int, stop: int, *, from_end: bool) -> None:
        self._items = items
        self._start, self._stop = start, stop
        self._from_end = from_end

    def __len__(self) -> int:
        return self._stop - self._start

    def __getitem__(self, index: int) -> _Item:
        return self._items[self._start + index]

    @property
    def head(self) -> _Item:
        """The value that is taken next."""
        return self._items[self._stop - 1 if self._from_end else self._start]

    def take(self, count: int) -> list[_Item]:
        """Take values, in the order in which they are taken."""
        if self._from_end:
            self._stop -= count
            return self._items[self._stop : self._stop + count][::-1]
        self._start += count
        return self._items[self._start - count : self._start]

    def take_until(self, is_after: Callable[[int], bool]) -> list[_Item]:
        """Take what comes before the place at which something else has to be taken."""
        place = _gallop(is_after, len(self), from_end=self._from_end)
        return self.take(len(self) - place if self._from_end else place)


class _Merger(Generic[_Item]):
    """Merges runs; learns from one merge to the next whether stretches are worth looking for."""

    def __init__(self, less: Callable[[_Item, _Item], bool]) -> None:
        self._less = less
        self._threshold = _WINS

    def merge(self, left: list[_Item], right: list[_Item]) -> list[_Item]:
        """Return two runs as one."""
        first = _gallop(lambda i: self._less(right[0], left[i]), len(left), from_end=False)
        if first == len(left):
            return left + right
        end = _gallop(lambda i: not self._less(right[i], left[-1]), len(right), from_end=True)
        merged = self._merged(left, first, right, end) if end else left[first:]
        return left[:first] + merged + right[end:]

    def _merged(self, left: list[_Item], first: int, right: list[_Item], end: int) -> list[_Item]:
        """Return the parts of two runs that overlap as one; the shorter is the one kept aside."""
        from_end = len(left) - first > end
        a = _Side(left, first, len(left), from_end=from_end)
        b = _Side(right, 0, end, from_end=from_end)
        aside, other = (b, a) if from_end else (a, b)
        out = other.take(1)

        def is_done() -> bool:
            return not other or len(aside) <= 1

        if not is_done():
            while self._one_by_one(a, b, out, from_end, is_done) and self._stretches(
                a, b, out, is_done
            ):
                pass
        out += other.take(len(other)) + aside.take(len(aside))
        return out[::-1] if from_end else out

    def _one_by_one(
        self,
        a: _Side[_Item],
        b: _Side[_Item],
        out: list[_Item],
        from_end: bool,
        is_done: Callable[[], bool],
    ) -> bool:
        """Take value by value until one side wins often; False when all is decided."""
        wins, last = 0, a
        while True:
            winner = b if self._less(b.head, a.head) is not from_end else a
            wins = wins + 1 if winner is last else 1
            last = winner
            out += winner.take(1)
            if is_done():
                return False
            if wins >= self._threshold:
                return True

    def _stretches(
        self, a: _Side[_Item], b: _Side[_Item], out: list[_Item], is_done: Callable[[], bool]
    ) -> bool:
        """Take whole stretches while they are long; False when all is decided."""
        self._threshold += 1
        longest = _WINS
        while longest >= _WINS:
            self._threshold = max(1, self._threshold - 1)
            longest = 0
            for side, take in ((a, self._take_a), (b, self._take_b)):
                stretch = take(a, b)
                longest = max(longest, len(stretch))
                out += stretch
                if is_done():
                    return False
                out += (b if side is a else a).take(1)
                if is_done():
                    return False
        self._threshold += 1
        return True

    def _take_a(self, a: _Side[_Item], b: _Side[_Item]) -> list[_Item]:
        key = b.head
        return a.take_until(lambda i: self._less(key, a[i]))

    def _take_b(self, a: _Side[_Item], b: _Side[_Item]) -> list[_Item]:
        key = a.head
        return b.take_until(lambda i: not self._less(b[i], key))


def _gallop(is_after: Callable[[int], bool], length: int, *, from_end: bool) -> int:
    """Return the first index that is after a place, looking near one end first.

    Args:
        is_after: whether an index is after the place.
        length: of what is searched; returned where no index is.
        from_end: at which end to begin.
    """
    near, far = 0, 1
    if from_end:
        last = length - 1
        if not is_after(last):
            return length
        while far < length and is_after(last - far):
            near, far = far, 2 * far + 1
        return _first(is_after, last - min(far, length) + 1, last - near)
    if is_after(0):
        return 0
    while far < length and not is_after(far):
        near, far = far, 2 * far + 1
    return _first(is_after, near + 1, min(far, length))


def _first(is_after: Callable[[int], bool], low: int, high: int) -> int:
    while low < high:
        middle = (low + high) // 2
        if is_after(middle):
            high = middle
        else:
            low = middle + 1
    return low
