"""Numeric bounds: every number and integer says how small and how large it may get."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from jsonschema_tools.pointers import escape
from jsonschema_tools.subschemas import LISTS, MAPS
from jsonschema_tools.values import deep_copy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.values import Json, Schema

_ONE: Final = frozenset(
    {"additionalItems", "items", "contains", "additionalProperties", "propertyNames", "not"}
)


def with_numeric_bounds(schema: Schema, bounds: tuple[float, float]) -> Schema:
    """Return a schema whose numbers and integers all have a `minimum` and a `maximum`.

    What is there already stays, also outside of the bounds. The input stays as it is; one object
    at several places is one object in the result too.
    """
    bounded: Schema = deep_copy(schema)
    add_numeric_bounds(bounded, bounds)
    return bounded


def add_numeric_bounds(schema: Schema, bounds: tuple[float, float]) -> None:
    """Do the same to a schema that nobody else holds, such as one that was just merged."""
    minimum, maximum = bounds
    for _, subschema in numeric_subschemas(schema):
        subschema.setdefault("minimum", minimum)
        subschema.setdefault("maximum", maximum)


def numeric_subschemas(schema: Json) -> Iterator[tuple[str, Schema]]:
    """Yield each subschema whose `type` is just `number` or `integer`, with its JSON Pointer."""
    for pointer, subschema in _subschemas(schema):
        if subschema.get("type") in ("number", "integer"):
            yield pointer, subschema


def _subschemas(schema: Json) -> Iterator[tuple[str, Schema]]:
    """Yield a schema and those in it, in the order of the document.

    Those below `if`, `then`, `else` and keywords unknown to draft-07 are left out, as
    json-schema-traverse 0.4.1 leaves them out.
    """
    todo: list[tuple[str, Json]] = [("", schema)]
    while todo:
        pointer, node = todo.pop()
        if isinstance(node, dict):
            yield pointer, node
            todo.extend(reversed(list(_children(pointer, node))))


def _children(pointer: str, schema: Schema) -> Iterator[tuple[str, Json]]:
    for keyword, value in schema.items():
        if isinstance(value, list):
            if keyword in LISTS:
                yield from ((f"{pointer}/{keyword}/{i}", item) for i, item in enumerate(value))
        elif keyword in MAPS:
            if isinstance(value, dict):
                for name, item in value.items():
                    yield f"{pointer}/{keyword}/{escape(name)}", item
        elif keyword in _ONE:
            yield f"{pointer}/{keyword}", value
