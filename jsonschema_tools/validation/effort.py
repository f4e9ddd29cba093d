"""Instances that a schema would take very long to validate, because of its patterns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jsonschema_tools.ecmascript.regexp import backtracks
from jsonschema_tools.subschemas import places
from jsonschema_tools.values import as_object, items

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.values import Json, Schema

_SHORT = 16  # in so few characters, no pattern gets lost for long
_MOST = 500  # pairs; looking for one pattern can take 30 ms

TOO_LONG = "too many patterns in `patternProperties` that backtrack, for so many names"
TOO_LONG_HINT = "write the patterns without `(?=`, `(?!` and the like, or show fewer fields"


def takes_too_long(schema: Schema, instances: Json) -> bool:
    """Tell whether patterns that backtrack would be looked for in too many names.

    Those of `patternProperties` are looked for in each name: n of them in as many names take ever
    longer.
    """
    names = sum(1 for _ in _long_names(instances))
    if not names:  # nearly always: the schema is not looked at
        return False
    patterns = sum(
        sum(map(backtracks, as_object(place.schema.get("patternProperties"))))
        for place in places(schema)
        if "patternProperties" in place.schema
    )
    return patterns > 1 and patterns * names > _MOST


def _long_names(value: Json) -> Iterator[str]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield from (name for name in one if len(name) > _SHORT)
        if isinstance(one, (dict, list)):
            waiting += items(one)
