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
    return (
        isinstance(schema, dict)
        and "type" in schema
        and all(
            key in _SILENT or (key in _TESTS and _TESTS[key](schema[key], value, schema))
            for key in schema
        )
    )


def _type(kind: Json, value: Json, _: Schema) -> bool:
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
    return isinstance(value, dict) and all(
        is_plainly_valid(parts[name], value[name]) for name in value if name in parts
    )


def _additional(part: Json, value: Json, schema: Schema) -> bool:
    others = [item for name, item in value.items() if name not in schema.get("properties", {})]
    return part is True or not others or all(is_plainly_valid(part, item) for item in others)


def _items(part: Json, value: Json, _: Schema) -> bool:
    return isinstance(value, list) and all(is_plainly_valid(part, item) for item in value)


_TESTS: Final[dict[str, Callable[[Json, Json, Schema], bool]]] = {
    "type": lambda kind, value, schema: isinstance(kind, str) and _type(kind, value, schema),
    "properties": _properties,
    "required": lambda names, value, _: isinstance(value, dict) and all(n in value for n in names),
    "additionalProperties": lambda part, value, schema: (
        isinstance(value, dict) and _additional(part, value, schema)
    ),
    "items": _items,
    "enum": lambda values, value, _: any(equal(one, value) for one in values),
    "const": lambda one, value, _: equal(one, value),
    "minimum": lambda bound, value, _: _is_number(value) and value >= bound,
    "maximum": lambda bound, value, _: _is_number(value) and value <= bound,
    "maxLength": lambda most, value, _: isinstance(value, str) and len(value) <= most,
    "minLength": lambda least, value, _: isinstance(value, str) and len(value) >= least,
    "format": lambda name, value, _: (
        isinstance(name, str) and value in (FORMATS.get(name), _AS_WRITTEN.get(name))
    ),
}


def _is_number(value: Json) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
