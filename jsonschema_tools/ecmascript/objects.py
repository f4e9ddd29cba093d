"""The order of an object's own keys."""

from __future__ import annotations

import re

_DIGITS = frozenset("0123456789")
_CANONICAL_INTEGER = re.compile("0|[1-9][0-9]*")
_ARRAY_INDEX_LIMIT = 2**32 - 1
_MOST_DIGITS = 10


def creation_order(keys: tuple[str, ...]) -> tuple[str, ...]:
    """Return keys as a JavaScript object has them (ECMA-262, OrdinaryOwnPropertyKeys).

    Those that are array indexes come first, ascending; the rest as they were created.
    """
    indexes = {key for key in keys if _is_array_index(key)}
    if not indexes:
        return keys
    return (*sorted(indexes, key=int), *(key for key in keys if key not in indexes))


def _is_array_index(key: str) -> bool:
    return (
        key[:1] in _DIGITS
        and len(key) <= _MOST_DIGITS
        and _CANONICAL_INTEGER.fullmatch(key) is not None
        and int(key) < _ARRAY_INDEX_LIMIT
    )
