"""JavaScript's order and uniqueness of mixed values, by which merged lists are sorted."""

from __future__ import annotations

from functools import cmp_to_key
from typing import TYPE_CHECKING

from jsonschema_tools.ecmascript.conversions import identity, to_number, to_primitive

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jsonschema_tools.values import Json


def unique(values: Iterable[Json]) -> list[Json]:
    """Return the values without repeats, each at its first place.

    Containers and dates are the same only if they are one object: SameValueZero (ECMA-262), by
    which lodash's `uniq` works.
    """
    found: dict[object, Json] = {}
    for value in values:
        found.setdefault(identity(value), value)
    return list(found.values())


def sort_values(values: Iterable[Json]) -> list[Json]:
    """Return the values in ascending order, as lodash's `sortBy` has it.

    Strings go by UTF-16 code units, a string and a number as numbers, null comes last, and what
    cannot be compared (`"a"` with 1, two objects) stays in the order in which it came.
    """
    items = list(values)
    if all(isinstance(item, str) for item in items):
        return sorted(items, key=_code_units)
    return sorted(items, key=cmp_to_key(_compare))


def _code_units(text: str) -> bytes:
    return text.encode("utf-16-be", "surrogatepass")


def _compare(a: Json, b: Json) -> int:
    if a is None or b is None:
        return (a is None) - (b is None)
    left, right = to_primitive(a), to_primitive(b)
    if isinstance(left, str) and isinstance(right, str):
        keys = _code_units(left), _code_units(right)
        return (keys[0] > keys[1]) - (keys[0] < keys[1])
    x, y = to_number(left), to_number(right)
    return (x > y) - (x < y)
