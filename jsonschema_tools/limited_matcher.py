"""A `SequenceMatcher` that does not look at more than a number of items.

Difflib looks for the longest block of equal items, then on both sides of it, and so on: where there
are many blocks, the time grows with the square of the items.
"""

from __future__ import annotations

from difflib import Match, SequenceMatcher
from itertools import accumulate
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")

MOST_LOOKS = 5_000_000
"""Items that it may take two seconds to look at."""


class TooManyLooksError(Exception):
    """Difflib would look at more items than it may."""


class LimitedMatcher(SequenceMatcher[T]):
    """Aligns two sequences as difflib does, if that does not take too long.

    Args:
        before: the one sequence.
        after: the other one.
        most_looks: how many items, and pairs of equal items, may be looked at, each time that they
            are. Some millions take a second.
        autojunk: whether items that are in many places count as junk.

    Attributes:
        looks_left: how many of them are left.
    """

    # attributes of difflib that are not in typeshed
    a: Sequence[T]
    b: Sequence[T]
    b2j: dict[T, list[int]]

    def __init__(
        self, before: Sequence[T], after: Sequence[T], most_looks: int, *, autojunk: bool = True
    ) -> None:
        super().__init__(None, before, after, autojunk)
        self.looks_left = most_looks
        self._looks = [0, *accumulate(1 + len(self.b2j.get(item, ())) for item in before)]

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> Match:
        """Return the longest block of equal items in two ranges.

        Raises:
            TooManyLooksError: more than may be would be looked at.
        """
        self.looks_left -= self._looks[-1 if ahi is None else ahi] - self._looks[alo]
        if self.looks_left < 0:
            raise TooManyLooksError
        return super().find_longest_match(alo, ahi, blo, bhi)
