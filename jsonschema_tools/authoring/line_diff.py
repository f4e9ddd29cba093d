"""The unified diff of two texts, in time that does not grow with the square of their lines."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from difflib import Match
from itertools import pairwise
from typing import TYPE_CHECKING

from jsonschema_tools.limited_matcher import MOST_LOOKS, LimitedMatcher, TooManyLooksError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


def unified_diff(
    before: Sequence[str],
    after: Sequence[str],
    old: str,
    new: str,
    *,
    most_looks: int = MOST_LOOKS,
) -> Iterator[str]:
    """Yield the lines of the difference, as `difflib.unified_diff` does.

    Where difflib would take long, which it does for thousands of lines that were moved, lines that
    occur once are aligned first.

    Args:
        before: the old lines, each with its end.
        after: the new lines.
        old: the name of the old file.
        new: the name of the new file.
        most_looks: how many lines, and pairs of equal lines, difflib may look at.
    """
    matcher = _Matcher(before, after, most_looks)
    for number, group in enumerate(matcher.get_grouped_opcodes()):
        if number == 0:
            yield f"--- {old}\n"
            yield f"+++ {new}\n"
        (_, start, _, new_start, _), (_, _, end, _, new_end) = group[0], group[-1]
        yield f"@@ -{_range(start, end)} +{_range(new_start, new_end)} @@\n"
        for tag, i, i_end, j, j_end in group:
            if tag == "equal":
                yield from (f" {line}" for line in before[i:i_end])
            else:
                yield from (f"-{line}" for line in before[i:i_end])
                yield from (f"+{line}" for line in after[j:j_end])


def _range(start: int, end: int) -> str:
    """Return a range of lines as POSIX has it: an empty one begins at the line before it."""
    length = end - start
    if length == 1:
        return f"{start + 1}"
    return f"{start + 1 if length else start},{length}"


class _Matcher(LimitedMatcher[str]):
    """Aligns lines as difflib does; in another way where that takes too long."""

    def get_matching_blocks(self) -> list[Match]:
        """Return the blocks of lines that are in both, in their order, and an empty one."""
        try:
            return super().get_matching_blocks()
        except TooManyLooksError:
            return _blocks(self.a, self.b)


def _blocks(before: Sequence[str], after: Sequence[str]) -> list[Match]:
    """Return matching blocks as `SequenceMatcher.get_matching_blocks` does, soon found.

    Lines that occur once in both texts are aligned, as in a patience diff; then, between two of
    these, the first one of equal lines with the first one, and so on.
    """
    counts, new_counts = Counter(before), Counter(after)
    single = {line for line, count in counts.items() if count == 1 == new_counts[line]}
    where = {line: index for index, line in enumerate(after) if line in single}
    unique = ((index, where[line]) for index, line in enumerate(before) if line in single)
    anchors = [(-1, -1), *_longest_increasing(unique), (len(before), len(after))]
    pairs: list[tuple[int, int]] = []
    for (i, j), (i_end, j_end) in pairwise(anchors):
        pairs += _between(before, after, range(i + 1, i_end), range(j + 1, j_end))
        pairs.append((i_end, j_end))
    return _joined(pairs[:-1], len(before), len(after))


def _between(
    before: Sequence[str], after: Sequence[str], old: range, new: range
) -> list[tuple[int, int]]:
    """Return indexes of equal lines of two ranges, both increasing."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    for j in reversed(new):
        places[after[j]].append(j)
    found = ((i, places[before[i]].pop()) for i in old if places.get(before[i]))
    return _longest_increasing(found)


def _longest_increasing(pairs: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return most of the pairs, of which the first numbers increase, so that the second do too."""
    ends: list[int] = []  # the least second number that ends a sequence, by its length
    last: list[tuple[int, int]] = []
    chain: dict[tuple[int, int], tuple[int, int] | None] = {}
    for pair in pairs:
        length = bisect_left(ends, pair[1])
        ends[length : length + 1] = [pair[1]]
        last[length : length + 1] = [pair]
        chain[pair] = last[length - 1] if length else None
    found = []
    pair_or_none = last[-1] if last else None
    while pair_or_none is not None:
        found.append(pair_or_none)
        pair_or_none = chain[pair_or_none]
    return found[::-1]


def _joined(pairs: Iterable[tuple[int, int]], size: int, new_size: int) -> list[Match]:
    """Return neighbouring pairs as blocks, and the empty one at the end."""
    blocks: list[Match] = []
    start = (0, 0)
    length = 0
    for i, j in pairs:
        if length and (i, j) == (start[0] + length, start[1] + length):
            length += 1
            continue
        if length:
            blocks.append(Match(*start, length))
        start, length = (i, j), 1
    if length:
        blocks.append(Match(*start, length))
    return [*blocks, Match(size, new_size, 0)]
