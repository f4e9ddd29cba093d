"""Unified diffs: those of difflib, and those of texts for which it would take too long."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from jsonschema_tools.authoring.line_diff import unified_diff

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LINES = st.lists(st.sampled_from([f"{letter}\n" for letter in "abcdefghijkl"]), max_size=30)


def patched(before: Sequence[str], diff: Iterable[str]) -> list[str]:
    """Return lines after a unified diff was applied to them."""
    after: list[str] = []
    done = 0
    for line in list(diff)[2:]:
        if start := re.match(r"@@ -(\d+)(,0)?", line):
            until = int(start[1]) - (not start[2])
            after += before[done:until]
            done = until
            continue
        if line[0] in " -":
            assert line[1:] == before[done]
            done += 1
        if line[0] in " +":
            after.append(line[1:])
    return [*after, *before[done:]]


@given(LINES, LINES)
def test_it_is_the_one_of_difflib(before: list[str], after: list[str]) -> None:
    expected = difflib.unified_diff(before, after, "old", "new")
    assert list(unified_diff(before, after, "old", "new")) == list(expected)


@given(LINES, LINES)
def test_where_difflib_takes_too_long_it_is_a_difference_too(
    before: list[str], after: list[str]
) -> None:
    diff = list(unified_diff(before, after, "old", "new", most_looks=0))
    assert patched(before, diff) == after
    assert bool(diff) == (before != after)


def test_moved_lines_stay_where_most_of_them_are() -> None:
    before = ["a\n", "x\n", "b\n", "x\n", "c\n", "x\n", "d\n"]
    after = ["d\n", "a\n", "x\n", "b\n", "c\n", "x\n"]
    assert list(unified_diff(before, after, "old", "new", most_looks=0))[3:] == [
        *("+d\n", " a\n", " x\n", " b\n", "-x\n", " c\n", " x\n", "-d\n"),
    ]


def test_looking_at_lines_has_a_limit() -> None:
    before = [f"{i}\n" for i in range(2000)]
    after = [f"{i * 7919 % 2000}\n" for i in range(2000)]
    expected = list(unified_diff(before, after, "old", "new", most_looks=0))
    assert list(unified_diff(before, after, "old", "new", most_looks=10_000)) == expected
    assert list(unified_diff(before, after, "old", "new")) != expected
