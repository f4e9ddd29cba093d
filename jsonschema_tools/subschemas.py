"""The one walk over the subschemas of a schema; pointers cost nothing until asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from jsonschema_tools.keywords import CONDITIONALS, DEFINITIONS, DRAFT_7, Applicators
from jsonschema_tools.latest_answer import keep_latest
from jsonschema_tools.pointers import join

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jsonschema_tools.values import Json, Schema


# What may be on the way to a subschema, and some checks pass over; bits that are added up.
CONDITION = 1
"""`if`, `then` or `else`."""
DEFINITION = 2
"""`definitions`: what is there says nothing until a `$ref` names it."""
TUPLE = 4
"""A list of `items`."""

_THROUGH = {**dict.fromkeys(CONDITIONALS, CONDITION), **dict.fromkeys(DEFINITIONS, DEFINITION)}


class Subschema(NamedTuple):
    """A subschema, and the way to it.

    Attributes:
        schema: the subschema, an object.
        parent: the place of the schema that it is in; None for the root.
        steps: tokens that lead from there.
        through: what is on the way from the root.
    """

    schema: Schema
    parent: Subschema | None
    steps: tuple[str | int, ...]
    through: int

    @property
    def pointer(self) -> str:
        """JSON Pointer from the root."""
        steps: list[str] = []
        place: Subschema | None = self
        while place is not None:
            steps.append(join(place.steps))
            place = place.parent
        return "".join(reversed(steps))

    def at(self, *steps: str | int) -> str:
        """Return the pointer to something in the subschema."""
        return self.pointer + join(steps)


@keep_latest
def places(schema: Schema) -> Sequence[Subschema]:
    """Return a schema and the object schemas in it, in the order of the document."""
    return tuple(walk(schema))


def walk(schema: Schema, among: Applicators = DRAFT_7) -> Iterator[Subschema]:
    """Yield a schema and the object schemas below its applicators, in the order of the document.

    What is at several places, as an alias or a repeated `$ref` leaves it, is yielded for each.
    """
    waiting = [Subschema(schema, None, (), 0)]
    while waiting:
        place = waiting.pop()
        yield place
        children: list[Subschema] = []
        for steps, part in parts(place.schema, among):
            if isinstance(part, dict):
                through = place.through | _THROUGH.get(steps[0], 0)
                if steps[0] == "items" and len(steps) > 1:
                    through |= TUPLE
                children.append(Subschema(part, place, steps, through))
        children.reverse()
        waiting += children


def parts(
    schema: Schema, among: Applicators = DRAFT_7
) -> Iterator[tuple[tuple[str] | tuple[str, str | int], Json]]:
    """Yield what is directly in a schema where subschemas belong, with the way to it.

    That need not be a schema, as the list of names in `dependencies`.
    """
    schemas, lists, maps = among
    for keyword, value in schema.items():
        # `type`, as `isinstance` takes a sixth longer here
        if type(value) is dict and keyword in maps:
            for name, part in value.items():
                yield (keyword, name), part
        elif type(value) is list and keyword in lists:
            for index, part in enumerate(value):
                yield (keyword, index), part
        elif keyword in schemas:
            yield (keyword,), value
