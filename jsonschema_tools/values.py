"""Plain JSON data as we hold it in memory, and what JavaScript and Python disagree on about it.

A document is a dict, list, str, int, float, bool, None, an aware UTC datetime (YAML timestamp) or
bytes (YAML `!!binary`).
Numbers are JavaScript's doubles in canonical form: an integral one is an `int` (also 1.0, 1e21),
any other a `float`; minus zero stays the float -0.0. So 1 and 1.0 are the same value everywhere.
Aliases are kept: a YAML alias or a repeated `$ref` is one object at several places,
which the serializer shows as an anchor.
"""

from __future__ import annotations

from datetime import datetime
from math import isinf, isnan
from typing import TYPE_CHECKING, Final, TypeAlias, overload

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

Json: TypeAlias = (
    "bool | int | float | str | bytes | datetime | list[Json] | dict[str, Json] | None"
)
"""Parsed data. Each step of a lookup in it has to be narrowed, as with `isinstance`."""

Schema: TypeAlias = dict[str, Json]
"""A JSON Schema (draft-07) that is an object."""

Container: TypeAlias = list[Json] | dict[str, Json]
"""A list or an object."""

MAX_SAFE_INTEGER = 2**53 - 1
"""Largest n such that n and n+1 are both exact doubles (ECMA-262, Number.MAX_SAFE_INTEGER)."""

MAX_DEPTH: Final = 200
"""Levels of lists and objects that a document may have, and whatever is made of documents.

A walk that calls itself takes up to four frames for a level, and Python allows 1,000 with those of
the caller; so what keeps to this limit is never the end of a walk. Real schemas stay below 60.
"""

TOO_DEEP: Final = f"nested more than {MAX_DEPTH} levels deep"


def as_double(value: float) -> int | float:
    """Return the double nearest to a number, in canonical form (int where integral)."""
    if isinstance(value, int):
        if -MAX_SAFE_INTEGER <= value <= MAX_SAFE_INTEGER:
            return value
        try:
            return int(float(value))
        except OverflowError:
            return float("inf") if value > 0 else float("-inf")
    if isnan(value) or isinf(value):
        return value
    if value == 0:
        return value if str(value)[0] == "-" else 0
    return int(value) if value.is_integer() else value


def equal(a: Json, b: Json) -> bool:
    """Tell whether two values are the same JSON (true is not 1, order of keys is free)."""
    if a is b:
        return True
    if isinstance(a, str):
        return isinstance(b, str) and a == b
    if isinstance(a, dict):
        if not isinstance(b, dict) or len(a) != len(b):
            return False
        for key, value in a.items():  # noqa: SIM110 - `all` takes twice the time
            if key not in b or not equal(value, b[key]):
                return False
        return True
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and _all_equal(a, b)
    if isinstance(a, bool) or isinstance(b, bool):
        return False
    if isinstance(a, float) and isnan(a):
        return isinstance(b, float) and isnan(b)
    return bool(a == b) and isinstance(a, datetime) == isinstance(b, datetime)


def _all_equal(a: list[Json], b: list[Json]) -> bool:
    for one, other in zip(a, b, strict=True):  # noqa: SIM110 - `all` takes a frame more
        if not equal(one, other):
            return False
    return True


class EqualityKeys:
    """Gives values keys for sets: values have the same one where `equal` says that they are.

    What is at several places in a value is looked at once. The values must live, and stay as
    they are, as long as this does.
    """

    def __init__(self) -> None:
        """Know no value yet."""
        self._numbers: dict[Hashable, int] = {}
        self._seen: dict[int, Hashable] = {}

    def of(self, value: Json) -> Hashable:
        """Return the key of a value."""
        if isinstance(value, str):
            return value
        if isinstance(value, (dict, list)):
            if (key := self._seen.get(id(value))) is None:
                key = self._seen[id(value)] = self._of_container(value)
            return key
        if value != value:  # noqa: PLR0124 - NaN, the only value that differs from itself
            return _NAN
        return (value,) if isinstance(value, bool) else value

    def _of_container(self, value: Container) -> Hashable:
        content: Hashable
        if isinstance(value, dict):
            content = frozenset((key, self.of(item)) for key, item in value.items())
        else:
            content = tuple(map(self.of, value))
        # a number in place of the content: what is nested would be hashed at each level again
        return "container", self._numbers.setdefault(content, len(self._numbers))


_NAN: Final = ("NaN",)


@overload
def deep_copy(value: Schema, memo: dict[int, Json] | None = None) -> Schema: ...
@overload
def deep_copy(value: list[Json], memo: dict[int, Json] | None = None) -> list[Json]: ...
@overload
def deep_copy(value: Json, memo: dict[int, Json] | None = None) -> Json: ...
def deep_copy(value: Json, memo: dict[int, Json] | None = None) -> Json:
    """Copy a value; an object at several places in it is one object in the copy."""
    if memo is None:
        memo = {}
    if isinstance(value, dict):
        if (done := memo.get(id(value))) is not None:
            return done
        copy: dict[str, Json] = {}
        memo[id(value)] = copy
        for key, item in value.items():
            copy[key] = deep_copy(item, memo) if isinstance(item, (dict, list)) else item
        return copy
    if isinstance(value, list):
        if (done := memo.get(id(value))) is not None:
            return done
        items: list[Json] = []
        memo[id(value)] = items
        items += [deep_copy(v, memo) if isinstance(v, (dict, list)) else v for v in value]
        return items
    return value


def as_object(value: Json) -> dict[str, Json]:
    """Return a value that is an object, as a configuration is; of anything else, an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: Json) -> list[Json]:
    """Return a value that is a list; of anything else, an empty one."""
    return value if isinstance(value, list) else []


def strings_in(value: Json) -> list[str]:
    """Return the strings in a list, such as `required`; of anything else, none."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def entries(container: Container) -> Iterable[tuple[str | int, Json]]:
    """Return what is in a list or an object, with its index or key."""
    return container.items() if isinstance(container, dict) else enumerate(container)


def items(container: Container) -> Iterable[Json]:
    """Return what is in a list or an object, without its indexes or keys."""
    return container.values() if isinstance(container, dict) else container


def child(value: Json, key: str | int) -> Json:
    """Return what an object has under a key, or a list at an index.

    Raises:
        LookupError: nothing is there.
    """
    if isinstance(value, dict) and isinstance(key, str):
        return value[key]
    if isinstance(value, list) and isinstance(key, int):
        return value[key]
    raise LookupError(key)


def is_too_deep(value: Json) -> bool:
    """Tell whether lists and objects are nested in more than `MAX_DEPTH` levels."""
    return is_deeper(value, MAX_DEPTH)


def is_deeper(value: Json, limit: int) -> bool:
    """Tell whether lists and objects are nested in more levels than a limit, level by level."""
    level = {0: value} if isinstance(value, (dict, list)) else {}
    for _ in range(limit):
        # by identity: what is shared is in more places than could be visited
        level = {
            id(item): item
            for node in level.values()
            for item in items(node)
            if isinstance(item, (dict, list))
        }
        if not level:
            return False
    return bool(level)


def count_values(value: Json, most: int) -> int:
    """Return how many values are in a value, itself included; of more than so many, some number.

    What is at several places counts at each of them.
    """
    count, waiting = 1, [value]
    while waiting and count <= most:
        node = waiting.pop()
        if isinstance(node, (dict, list)):
            count += len(node)
            if count <= most:
                waiting += items(node)
    return count


def get_field(value: Json, path: str) -> Json:
    """Return the value at a dotted path, None if there is none; a key with dots in it wins."""
    if isinstance(value, dict) and path in value:
        return value[path]
    for token in path.split("."):
        if isinstance(value, dict):
            value = value.get(token)
        elif isinstance(value, list) and token.isdecimal() and int(token) < len(value):
            value = value[int(token)]
        else:
            return None
    return value
