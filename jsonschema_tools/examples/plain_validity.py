"""Tells of a value that it surely is valid, where that is easy to see.

Most examples are valid, and most schemas plain. To compile those for the validator, and to import
it, takes longer than all else about an example.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Final

from jsonschema_tools.examples.scalars import FORMATS
from jsonschema_tools.values import equal

if TYPE_CHECKING:
    from collections.abc import Callable

    from jsonschema_tools.values import Json, Schema

_SILENT: Final = frozenset(
    ("title", "description", "$comment", "$id", "$schema", "default", "examples", "definitions")
)
_AS_WRITTEN: Final = {"date-time": "2021-01-01T00:00:00.0Z"}  # without zeros at the end


def is_plainly_valid(schema: Json, value: Json) -> bool:
    """Tell whether a schema surely accepts a value; False says nothing."""
    if not isinstance(schema, dict) or "type" not in schema:
        return False
    for key in schema:  # no generator, here and below: it takes two frames more for each level
        if key not in _SILENT and not (key in _TESTS and _TESTS[key](schema[key], value, schema)):
            return False
    return True


def _type(kind: Json, value: Json, _: Schema) -> bool:
    if not isinstance(kind, str):  # a list, which is not so plain, or a mistake
        return False
    if kind == "object":
        return isinstance(value, dict)
    if kind == "array":
        return isinstance(value, list)
    if kind == "string":
        return isinstance(value, str)
    if kind in {"integer", "number"}:
        return type(value) is int or (kind == "number" and type(value) is float and isfinite(value))
    return kind == "boolean" and isinstance(value, bool)


def _properties(parts: Json, value: Json, _: Schema) -> bool:
    if not (isinstance(parts, dict) and isinstance(value, dict)):
        return False
    for name in value:
        if name in parts and not is_plainly_valid(parts[name], value[name]):
            return False
    return True


def _additional(part: Json, value: Json, schema: Schema) -> bool:
    parts = schema.get("properties", {})
    if not (isinstance(parts, dict) and isinstance(value, dict)):
        return False
    others = [item for name, item in value.items() if name not in parts]
    return part is True or _all_plainly_valid(part, others)


def _required(names: Json, value: Json, _: Schema) -> bool:
    return (
        isinstance(names, list)
        and isinstance(value, dict)
        and all(isinstance(name, str) and name in value for name in names)
    )


def _items(part: Json, value: Json, _: Schema) -> bool:
    return isinstance(value, list) and _all_plainly_valid(part, value)


def _all_plainly_valid(part: Json, values: list[Json]) -> bool:
    for value in values:  # noqa: SIM110 - as above
        if not is_plainly_valid(part, value):
            return False
    return True


def _enum(values: Json, value: Json, _: Schema) -> bool:
    return isinstance(values, list) and any(equal(one, value) for one in values)


def _number(value: Json) -> float | None:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _limit(
    size: Callable[[Json], float | None], *, least: bool
) -> Callable[[Json, Json, Schema], bool]:
    """Return a test of a keyword that limits what is measured of a value."""

    def test(bound: Json, value: Json, _: Schema) -> bool:
        limit, measured = _number(bound), size(value)
        if limit is None or measured is None:
            return False
        return measured >= limit if least else measured <= limit

    return test


def _length(value: Json) -> int | None:
    return len(value) if isinstance(value, str) else None


_TESTS: Final[dict[str, Callable[[Json, Json, Schema], bool]]] = {
    "type": _type,
    "properties": _properties,
    "required": _required,
    "additionalProperties": _additional,
    "items": _items,
    "enum": _enum,
    "const": lambda one, value, _: equal(one, value),
    "minimum": _limit(_number, least=True),
    "maximum": _limit(_number, least=False),
    "minLength": _limit(_length, least=True),
    "maxLength": _limit(_length, least=False),
    "format": lambda name, value, _: (
        isinstance(name, str) and value in (FORMATS.get(name), _AS_WRITTEN.get(name))
    ),
}
