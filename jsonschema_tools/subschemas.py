"""The subschemas of a draft-07 schema; their pointers cost nothing until asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from jsonschema_tools.pointers import join

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jsonschema_tools.values import Schema


# What may lie on the way to a subschema, and some checks pass over; bits that are added up.
CONDITION = 1
"""`if`, `then` or `else`."""
DEFINITION = 2
"""`definitions`: what stands there says nothing until a `$ref` names it."""
TUPLE = 4
"""A list of `items`."""

SCHEMAS = {
    "additionalItems": 0,
    "additionalProperties": 0,
    "contains": 0,
    "else": CONDITION,
    "if": CONDITION,
    "items": 0,
    "not": 0,
    "propertyNames": 0,
    "then": CONDITION,
}
"""Keywords that hold a schema in draft-07, with what lies behind them."""
LISTS = {
    "allOf": 0,
    "anyOf": 0,
    "items": TUPLE,
    "oneOf": 0,
}
"""Keywords that hold a list of schemas."""
MAPS = {
    "definitions": DEFINITION,
    "dependencies": 0,
    "patternProperties": 0,
    "properties": 0,
}
"""Keywords that hold schemas by name; `dependencies` also lists of names."""


class Place(NamedTuple):
    """A subschema, and the way to it.

    Attributes:
        schema: the subschema, an object.
        parent: the place of the schema that it stands in; None for the root.
        steps: tokens that lead from there.
        through: what lies on the way from the root.
    """

    schema: Schema
    parent: Place | None
    steps: tuple[str | int, ...]
    through: int

    @property
    def pointer(self) -> str:
        """JSON Pointer from the root."""
        above = self.parent.pointer if self.parent is not None else ""
        return above + join(self.steps)

    def at(self, *steps: str | int) -> str:
        """Return the pointer to something in the subschema."""
        return self.pointer + join(steps)


_latest: tuple[Schema, Sequence[Place]] = {}, ()


def places(schema: Schema) -> Sequence[Place]:
    """Return a schema and the object schemas in it, in the order of the document.

    The latest answer is kept: several checks ask for the same schema, one after the other.
    """
    global _latest  # noqa: PLW0603 - a memory of one; the schema in it is compared by identity
    if _latest[0] is not schema:
        _latest = schema, tuple(_walk(schema))
    return _latest[1]


def _walk(schema: Schema) -> Iterator[Place]:
    waiting = [Place(schema, None, (), 0)]
    while waiting:
        place = waiting.pop()
        yield place
        children: list[Place] = []
        for key, value in place.schema.items():
            if isinstance(value, dict):
                if key in MAPS:
                    through = place.through | MAPS[key]
                    children += [
                        Place(part, place, (key, name), through)
                        for name, part in value.items()
                        if isinstance(part, dict)
                    ]
                elif key in SCHEMAS:
                    children.append(Place(value, place, (key,), place.through | SCHEMAS[key]))
            elif isinstance(value, list) and key in LISTS:
                through = place.through | LISTS[key]
                children += [
                    Place(part, place, (key, index), through)
                    for index, part in enumerate(value)
                    if isinstance(part, dict)
                ]
        children.reverse()
        waiting += children
