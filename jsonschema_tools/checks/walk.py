"""The subschemas of a draft-07 schema; their pointers cost nothing until asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from jsonschema_tools.pointers import join

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

    from jsonschema_tools.values import Json, Schema

SCHEMAS = frozenset(
    {
        "additionalItems",
        "additionalProperties",
        "contains",
        "else",
        "if",
        "items",
        "not",
        "propertyNames",
        "then",
    }
)
LISTS = frozenset({"allOf", "anyOf", "items", "oneOf"})
MAPS = frozenset({"definitions", "dependencies", "patternProperties", "properties"})


class Place(NamedTuple):
    """A subschema, and the way to it.

    Attributes:
        schema: the subschema, an object.
        parent: the place of the schema that it stands in; None for the root.
        steps: tokens that lead from there.
    """

    schema: Schema
    parent: Place | None
    steps: tuple[str | int, ...]

    @property
    def pointer(self) -> str:
        """JSON Pointer from the root."""
        above = self.parent.pointer if self.parent is not None else ""
        return above + join(self.steps)

    def at(self, *steps: str | int) -> str:
        """Return the pointer to something in the subschema."""
        return self.pointer + join(steps)


def walk(
    schema: Schema,
    *,
    schemas: AbstractSet[str] = SCHEMAS,
    lists: AbstractSet[str] = LISTS,
    maps: AbstractSet[str] = MAPS,
) -> Iterator[Place]:
    """Yield a schema and the object schemas in it, in the order of the document.

    Args:
        schema: the root.
        schemas: keywords to follow that hold a schema.
        lists: keywords to follow that hold a list of schemas.
        maps: keywords to follow that hold schemas by name.
    """
    waiting = [Place(schema, None, ())]
    while waiting:
        place = waiting.pop()
        yield place
        children: list[Place] = []
        for key, value in place.schema.items():
            if isinstance(value, dict):
                if key in maps:
                    children += _named(place, key, value)
                elif key in schemas:
                    children.append(Place(value, place, (key,)))
            elif isinstance(value, list) and key in lists:
                children += _listed(place, key, value)
        waiting += reversed(children)


def _named(place: Place, key: str, value: dict[str, Json]) -> Iterator[Place]:
    return (
        Place(part, place, (key, name)) for name, part in value.items() if isinstance(part, dict)
    )


def _listed(place: Place, key: str, value: list[Json]) -> Iterator[Place]:
    return (
        Place(part, place, (key, index))
        for index, part in enumerate(value)
        if isinstance(part, dict)
    )
