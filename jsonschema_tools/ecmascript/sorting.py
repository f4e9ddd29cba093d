"""JavaScript's order and uniqueness of mixed values, by which merged lists are sorted."""

from __future__ import annotations

import re
from datetime import datetime
from functools import cmp_to_key
from math import inf, isnan, nan
from typing import TYPE_CHECKING, TypeAlias

from jsonschema_tools.ecmascript.numbers import number_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jsonschema_tools.values import Json

_Primitive: TypeAlias = str | float

_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_RADIX = re.compile(r"0([xX][\da-fA-F]+|[oO][0-7]+|[bB][01]+)")
_INFINITY = {"Infinity": inf, "+Infinity": inf, "-Infinity": -inf}


def unique(values: Iterable[Json]) -> list[Json]:
    """Return the values without repeats, each at its first place.

    Containers and dates are the same only if they are one object: SameValueZero (ECMA-262), by
    which lodash's `uniq` works.
    """
    found: dict[object, Json] = {}
    for value in values:
        found.setdefault(_identity(value), value)
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


def to_number(value: Json) -> float:
    """Return what JavaScript's `Number()` makes of a value; NaN where it is no number."""
    primitive = _primitive(value)
    return _parse(primitive.strip()) if isinstance(primitive, str) else primitive


def _identity(value: Json) -> object:
    if isinstance(value, (dict, list, datetime)):
        return "object", id(value)
    if isinstance(value, bool):
        return "boolean", value
    return "NaN" if isinstance(value, float) and isnan(value) else ("plain", value)


def _code_units(text: str) -> bytes:
    return text.encode("utf-16-be", "surrogatepass")


def _compare(a: Json, b: Json) -> int:
    if a is None or b is None:
        return (a is None) - (b is None)
    left, right = _primitive(a), _primitive(b)
    if isinstance(left, str) and isinstance(right, str):
        keys = _code_units(left), _code_units(right)
        return (keys[0] > keys[1]) - (keys[0] < keys[1])
    x, y = to_number(left), to_number(right)
    return (x > y) - (x < y)


def _primitive(value: Json) -> _Primitive:
    """Return a value as JavaScript's `<` sees it (ECMA-262, ToPrimitive with hint number)."""
    if value is None:
        return 0
    if isinstance(value, (dict, list)):
        return _text(value)
    if isinstance(value, datetime):
        return value.timestamp() * 1000
    return value if isinstance(value, str) else value + 0


def _text(value: Json) -> str:
    if isinstance(value, list):
        return ",".join("" if item is None else _text(item) for item in value)
    if isinstance(value, dict):
        return "[object Object]"
    if isinstance(value, bool):
        return str(value).lower()
    return number_text(value) if isinstance(value, (int, float)) else str(value)


def _parse(text: str) -> float:
    if _DECIMAL.fullmatch(text):
        return float(text)
    if _RADIX.fullmatch(text):
        return int(text, 0)
    return _INFINITY.get(text, nan) if text else 0
