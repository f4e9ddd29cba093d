"""Two JSON values, and how they differ, in words."""

from __future__ import annotations

from itertools import chain
from json import dumps
from typing import TYPE_CHECKING

from jsonschema_tools.messages import format_value
from jsonschema_tools.pointers import join

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.values import Json

_MOST = 3


def named(name: str) -> str:
    """Return a name between backticks, on one line whatever is in it."""
    return f"`{dumps(name, ensure_ascii=False)[1:-1]}`"


def from_to(old: Json, new: Json) -> str:
    """Return what changed, such as `from 1 to 2` or `/a from 1 to 2, /b added`."""
    containers = {dict, list}
    differ = type(old) is not type(new) or type(old) not in containers
    if differ or not _soon_aligned(old, new):
        return f"from {format_value(old)} to {format_value(new)}"
    found = sorted(_differences(old, new))
    more = f" and {len(found) - _MOST} more" if len(found) > _MOST else ""
    return f"{', '.join(found[:_MOST])}{more}"


def _soon_aligned(old: Json, new: Json) -> bool:
    """Tell whether DeepDiff does not take long.

    It aligns lists of plain values with `difflib`, which may look at each value thousands of times;
    other lists it compares item by item, as they are numbered.
    """
    from jsonschema_tools.limited_matcher import MOST_LOOKS, LimitedMatcher, TooManyLooksError

    looks_left = MOST_LOOKS
    waiting = [(old, new)]
    while waiting:
        one, other = waiting.pop()
        if isinstance(one, dict) and isinstance(other, dict):
            waiting += [(value, other[key]) for key, value in one.items() if key in other]
        elif isinstance(one, list) and isinstance(other, list):
            if not all(map(_is_plain, chain(one, other))):
                waiting += zip(one, other, strict=False)
                continue
            matcher = LimitedMatcher(one, other, looks_left, autojunk=False)
            try:
                matcher.get_matching_blocks()
            except TooManyLooksError:
                return False
            looks_left = matcher.looks_left
    return True


def _is_plain(value: Json) -> bool:
    return not isinstance(value, (dict, list))


def _differences(old: Json, new: Json) -> Iterator[str]:
    from deepdiff import DeepDiff  # 0.3 s to import, which only findings and `diff` need

    for kind, levels in DeepDiff(old, new, view="tree").items():
        for level in levels:
            place = named(join(level.path(output_format="list")))
            if kind.endswith("_added"):
                yield f"{place} {format_value(level.t2)} added"
            elif kind.endswith("_removed"):
                yield f"{place} {format_value(level.t1)} removed"
            else:
                yield f"{place} from {format_value(level.t1)} to {format_value(level.t2)}"
