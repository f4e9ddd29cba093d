"""The difference of two texts as `diff -u` shows it, in bounded time."""

from __future__ import annotations

from difflib import Match, SequenceMatcher
from itertools import accumulate
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_MOST_STEPS: Final = 30_000_000  # of the search for common lines; some seconds


def unified_lines(old: Sequence[str], new: Sequence[str], path: str, now: str) -> Iterator[str]:
    """Yield the lines of a unified diff, each as it ends itself; none where nothing differs.

    They are those of `difflib.unified_diff`, unless the texts would keep that busy for long: then
    what it has not come to is taken for replaced.

    Args:
        old: the lines before.
        new: the lines after.
        path: the name of the old file.
        now: the name of the new one.
    """
    started = False
    for group in _Matcher(old, new).get_grouped_opcodes():
        if not started:
            started = True
            yield f"--- {path}\n"
            yield f"+++ {now}\n"
        first, last = group[0], group[-1]
        yield f"@@ -{_range(first[1], last[2])} +{_range(first[3], last[4])} @@\n"
        for kind, start, end, start_now, end_now in group:
            if kind == "equal":
                yield from (f" {line}" for line in old[start:end])
                continue
            yield from (f"-{line}" for line in old[start:end])
            yield from (f"+{line}" for line in new[start_now:end_now])


def _range(start: int, end: int) -> str:
    count = end - start
    if count == 1:
        return str(start + 1)
    return f"{start + 1 if count else start},{count}"


class _Matcher(SequenceMatcher[str]):
    """Finds common lines until so many pairs of equal lines have been looked at."""

    def __init__(self, old: Sequence[str], new: Sequence[str]) -> None:
        super().__init__(None, old, new)
        places = self.b2j  # type: ignore[attr-defined] # typeshed lacks what Python documents
        pairs = (1 + len(places.get(line, ())) for line in old)
        self._pairs = [0, *accumulate(pairs)]
        self._left = _MOST_STEPS

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> Match:
        """Find the longest run of common lines in a part of both; none if that takes too long."""
        end = len(self._pairs) - 1 if ahi is None else ahi
        self._left -= self._pairs[end] - self._pairs[alo]
        if self._left < 0:
            return Match(alo, blo, 0)
        return super().find_longest_match(alo, ahi, blo, bhi)
