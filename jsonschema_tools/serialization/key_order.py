"""The order in which keys are written: first the well-known ones, then the rest, alphabetically."""

from __future__ import annotations

from functools import cmp_to_key, lru_cache
from itertools import pairwise, takewhile

from jsonschema_tools.ecmascript.collation import CollationKey, collation_key
from jsonschema_tools.ecmascript.objects import creation_order

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

_OBJECT_MEMBERS = frozenset(
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

_LONGEST_RUN = 64


@lru_cache(_MEMO_SIZE)
def sorted_keys(keys: tuple[str, ...]) -> tuple[str, ...]:
    """Return the keys of an object, given in the order of creation, in the order of writing."""
    keys = creation_order(keys)
    if not _OBJECT_MEMBERS.isdisjoint(keys):
        return tuple(_sorted_as_javascript_does(keys))
    return tuple(sorted(keys, key=_sort_key))


def _sort_key(key: str) -> tuple[int, CollationKey]:
    place = _ORDER_OF_FIRST.get(key)
    return (len(FIRST_KEYS), collation_key(key)) if place is None else (place, _NO_KEY)


def _compare(one: str, other: str) -> int:
    """Compare two keys, where members of every object are equal to each first key."""
    one_is_member, other_is_member = one in _OBJECT_MEMBERS, other in _OBJECT_MEMBERS
    if (one_is_member and (other_is_member or other in _ORDER_OF_FIRST)) or (
        other_is_member and one in _ORDER_OF_FIRST
    ):
        return 0
    if one_is_member or other_is_member:
        return -1 if one_is_member else 1
    one_key, other_key = _sort_key(one), _sort_key(other)
    return (one_key > other_key) - (one_key < other_key)


def _sorted_as_javascript_does(keys: tuple[str, ...]) -> list[str]:
    """Sort by a comparison that is not transitive: the algorithm decides the result.

    V8 takes TimSort, which sorts up to 63 elements by binary insertion into the run at their
    beginning. Longer lists with such keys are left to Python's TimSort, which may differ in ties.
    """
    if len(keys) >= _LONGEST_RUN:
        return sorted(keys, key=cmp_to_key(_compare))
    done = _run_at_beginning(keys)
    for key in keys[len(done) :]:
        low, high = 0, len(done)
        while low < high:
            middle = (low + high) // 2
            if _compare(key, done[middle]) < 0:
                high = middle
            else:
                low = middle + 1
        done.insert(low, key)
    return done


def _run_at_beginning(keys: tuple[str, ...]) -> list[str]:
    """Return the ascending, or else the reversed strictly descending, keys at the beginning."""
    steps = [_compare(after, before) < 0 for before, after in pairwise(keys)]
    run = list(takewhile(lambda step: step == steps[0], steps))
    beginning = list(keys[: len(run) + 1])
    return beginning[::-1] if run and run[0] else beginning
