"""The sets of values that schemas accept: one less another one, and whether one holds another one.

jsonschema-rs computes both, for draft-07. It leaves open what it cannot decide; what it says is
sure.
"""

from __future__ import annotations

import re
from math import prod
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from jsonschema_rs import CanonicalSchema

    from jsonschema_tools.values import Json

_LARGEST = 400
_MOST_CHOICES = 8
_LARGE_REPEAT = re.compile(r"\{[0-9]*,?[0-9]{3}")
_NAMES = frozenset({"$id", "$schema", "examples"})


def covers(larger: Json, smaller: Json) -> bool:
    """Tell whether a schema surely accepts all that another one accepts."""
    import jsonschema_rs  # only findings need it

    try:
        return str(_set(larger).covers(_set(smaller))) == "yes"
    except (jsonschema_rs.ValidationError, ValueError, TypeError):
        return False  # no schema, or beyond what can be computed


def difference(accepting: Json, refusing: Json) -> Json:
    """Return a schema of the values that one schema accepts and another one refuses."""
    import jsonschema_rs

    try:
        # numbers beyond doubles, for which it has Decimal, are in no schema that was read
        return cast("Json", _set(accepting).subtract(_set(refusing)).to_json_schema())
    except (jsonschema_rs.ValidationError, ValueError, TypeError):
        return False


def _set(schema: Json) -> CanonicalSchema:
    import jsonschema_rs

    if isinstance(schema, dict):
        schema = {key: part for key, part in schema.items() if key not in _NAMES}
    if not isinstance(schema, (dict, bool)):
        raise TypeError(schema)
    return jsonschema_rs.canonicalize(
        schema, draft=jsonschema_rs.Draft7, validate_formats=True, offline=True
    )


def is_small(schema: Json) -> bool:
    """Tell whether an answer takes some hundredths of a second at most.

    Large schemas, alternatives that multiply, and long repetitions in patterns can take seconds.
    """
    waiting, count, choices = [schema], 0, 1
    while waiting:
        one = waiting.pop()
        count += 1
        if isinstance(one, dict):
            lists = [part for key in ("anyOf", "oneOf") if isinstance(part := one.get(key), list)]
            choices *= prod(max(1, len(alternatives)) for alternatives in lists)
            if _repeats_often(one.get("pattern")):
                return False
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
        if count > _LARGEST or choices > _MOST_CHOICES:
            return False
    return True


def _repeats_often(pattern: Json) -> bool:
    return isinstance(pattern, str) and _LARGE_REPEAT.search(pattern) is not None
