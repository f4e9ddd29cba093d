"""Plain JSON data as we hold it in memory, and what JavaScript and Python disagree on about it.

A document is a dict, list, str, int, float, bool, None or an aware UTC datetime (YAML timestamp).
Numbers are JavaScript's doubles in canonical form: an integral one is an `int` (also 1.0, 1e21),
any other a `float`; minus zero stays the float -0.0. So 1 and 1.0 are the same value everywhere.
Shared objects stay shared: a YAML alias or a repeated `$ref` is one object at several places,
which the serializer shows as an anchor.
"""

from __future__ import annotations

from datetime import datetime
from math import isinf, isnan
from typing import Any, TypeAlias

Json: TypeAlias = Any
"""Parsed data: dict[str, Json] | list[Json] | str | int | float | bool | None | datetime.

Not the recursive alias, with which mypy has some 850 findings in 89 files: each step of a lookup in
a schema would have to be narrowed first.
"""

Schema: TypeAlias = dict[str, Any]
"""A JSON Schema (draft-07) that is an object."""

MAX_SAFE_INTEGER = 2**53 - 1
"""Largest n such that n and n+1 are both exact doubles (ECMA-262, Number.MAX_SAFE_INTEGER)."""


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
        return isinstance(b, list) and len(a) == len(b) and all(map(equal, a, b))
    if isinstance(a, bool) or isinstance(b, bool):
        return False
    if isinstance(a, float) and isnan(a):
        return isinstance(b, float) and isnan(b)
    return bool(a == b) and isinstance(a, datetime) == isinstance(b, datetime)


def deep_copy(value: Json, memo: dict[int, Json] | None = None) -> Json:
    """Copy a value; what is one shared object in it is one shared object in the copy."""
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
        items.extend(deep_copy(v, memo) if isinstance(v, (dict, list)) else v for v in value)
        return items
    return value


def is_deeper(value: Json, limit: int) -> bool:
    """Tell whether lists and objects are nested in more levels than a limit, level by level."""
    level = {0: value} if isinstance(value, (dict, list)) else {}
    for _ in range(limit):
        # by identity: what is shared stands at more places than could be visited
        level = {
            id(item): item
            for node in level.values()
            for item in (node.values() if isinstance(node, dict) else node)
            if isinstance(item, (dict, list))
        }
        if not level:
            return False
    return bool(level)


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
