"""The order in which keys are written: first the well-known ones, then the rest, alphabetically."""

from __future__ import annotations

from functools import lru_cache

from jsonschema_tools.ecmascript.collation import CollationKey, collation_key
from jsonschema_tools.ecmascript.objects import creation_order
from jsonschema_tools.ecmascript.timsort import tim_sort

FIRST_KEYS = (
    "title",
    "description",
    "$id",
    "$schema",
    "type",
    "additionalProperties",
    "required",
    "properties",
    "allOf",
    "examples",
)
"""The keys that come first, at every level, also where they are names of properties."""

_NO_KEY: CollationKey = ("", "", "")

_ORDER_OF_FIRST = {key: place for place, key in enumerate(FIRST_KEYS)}

OBJECT_MEMBERS = frozenset(
    (
        "__defineGetter__",
        "__defineSetter__",
        "__lookupGetter__",
        "__lookupSetter__",
        "__proto__",
        "constructor",
        "hasOwnProperty",
        "isPrototypeOf",
        "propertyIsEnumerable",
        "toLocaleString",
        "toString",
        "valueOf",
    )
)
"""Names that JavaScript finds in every object, also in a table of first keys: they too come first,
but equal to each other and to every first key."""

_MEMO_SIZE = 1 << 14


@lru_cache(_MEMO_SIZE)
def sorted_keys(keys: tuple[str, ...]) -> tuple[str, ...]:
    """Return the keys of an object, given in the order of creation, in the order of writing."""
    keys = creation_order(keys)
    if not OBJECT_MEMBERS.isdisjoint(keys):
        return tuple(tim_sort(keys, _less))  # no order, so that the algorithm decides the result
    return tuple(sorted(keys, key=_sort_key))


def _sort_key(key: str) -> tuple[int, CollationKey]:
    place = _ORDER_OF_FIRST.get(key)
    return (len(FIRST_KEYS), collation_key(key)) if place is None else (place, _NO_KEY)


def _less(one: str, other: str) -> bool:
    """Compare two keys, where members of every object are equal to each first key."""
    if one in OBJECT_MEMBERS:
        return other not in OBJECT_MEMBERS and other not in _ORDER_OF_FIRST
    return other not in OBJECT_MEMBERS and _sort_key(one) < _sort_key(other)
