"""JavaScript's order and uniqueness of mixed values, by which merged lists are sorted."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, NamedTuple

from jsonschema_tools.ecmascript.conversions import identity, to_number, to_primitive
from jsonschema_tools.ecmascript.timsort import tim_sort

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
    cannot be compared (`"a"` with 1, two objects) stays in the order in which it came. Where that
    is not an order (`"10" < "9"`, `9 < "10"`), the result is that of V8's algorithm.
    """
    items = list(values)
    texts = [item for item in items if isinstance(item, str)]
    if len(texts) == len(items):
        return [*sorted(texts, key=_code_units)]
    keys = list(map(_key, items))
    if all(key.text is None and not isnan(key.number) for key in keys):
        order = sorted(range(len(items)), key=lambda i: (keys[i].rank, keys[i].number))
    else:
        order = tim_sort(range(len(items)), lambda i, j: _less(keys[i], keys[j]))
    return [items[i] for i in order]


def _code_units(text: str) -> bytes:
    return text.encode("utf-16-be", "surrogatepass")


class _Key(NamedTuple):
    """What values are compared by: null comes after all others, and NaN after that."""

    rank: int
    text: bytes | None
    number: float


def _key(value: Json) -> _Key:
    if value is None:
        return _Key(1, None, 0)
    if isinstance(value, float) and isnan(value):
        return _Key(2, None, 0)
    primitive = to_primitive(value)
    text = _code_units(primitive) if isinstance(primitive, str) else None
    return _Key(0, text, to_number(primitive))


def _less(a: _Key, b: _Key) -> bool:
    if a.rank or b.rank:
        return a.rank < b.rank
    if a.text is not None and b.text is not None:
        return a.text < b.text
    return a.number < b.number
