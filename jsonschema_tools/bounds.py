"""Numeric bounds: every number and integer says how small and how large it may get."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jsonschema_tools.subschemas import CONDITION, walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.subschemas import Subschema
    from jsonschema_tools.values import Schema


def add_numeric_bounds(schema: Schema, bounds: tuple[float, float]) -> None:
    """Give all numbers and integers a `minimum` and a `maximum`, in place.

    What is there already stays, also outside of the bounds.
    """
    minimum, maximum = bounds
    for place in numeric_subschemas(schema):
        place.schema.setdefault("minimum", minimum)
        place.schema.setdefault("maximum", maximum)


def numeric_subschemas(schema: Schema) -> Iterator[Subschema]:
    """Yield each subschema whose `type` is just `number` or `integer`.

    Those below `if`, `then`, `else` are left out, as json-schema-traverse 0.4.1 leaves them out.
    """
    for place in walk(schema):
        if place.schema.get("type") in ("number", "integer") and not place.through & CONDITION:
            yield place
