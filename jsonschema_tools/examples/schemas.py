"""Schemas as the generator of examples works on them: copied, resolved, changed along the way.

json-schema-faker reads a schema by rewriting it: `allOf` is merged into its owner, `oneOf` becomes
a choice still to make, types that it guesses are written down. Later steps see what earlier ones
wrote, also where one object is at several places. So this works in place, on a private copy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, TypeGuard, overload

from jsonschema_tools.ecmascript.conversions import MISSING, identity, to_number, truthy
from jsonschema_tools.errors import ExampleError, Location
from jsonschema_tools.examples.fixed_random import pick
from jsonschema_tools.pointers import join

if TYPE_CHECKING:
    from collections.abc import Callable

    from jsonschema_tools.values import Json, Schema

Path: TypeAlias = tuple[str | int | None, ...]
"""Where we are in the schema; None is the position in an array whose items share one schema."""


Choice: TypeAlias = "Callable[[Json], Schema]"
"""A choice of `oneOf` or `anyOf` still to make: takes what is made so far, and returns a schema."""

MAX_SIZE = 10_000_000
"""The budget of one example: some 100,000 values."""

CHOICE = "thunk"
"""Key of a choice still to make. Its value is a function, which no document can contain."""

_PLAIN = frozenset((str, int, float, bool, type(None)))
_SCALAR_TYPES = ("integer", "number", "string", "boolean", "null")
_INFERRED_FROM = {
    "array": ("additionalItems", "items", "maxItems", "minItems", "uniqueItems"),
    "integer": ("exclusiveMaximum", "exclusiveMinimum", "maximum", "minimum", "multipleOf"),
    "object": (
        "additionalProperties",
        "dependencies",
        "maxProperties",
        "minProperties",
        "patternProperties",
        "properties",
        "required",
    ),
    "string": ("maxLength", "minLength", "pattern", "format"),
}
_NOT_INFERRED_BELOW = frozenset(
    (
        "additionalItems",
        "items",
        "additionalProperties",
        "dependencies",
        "patternProperties",
        "properties",
    )
)


def place(path: Path) -> Location:
    """Return a path as the place of an error."""
    return Location("", join(token for token in path if token is not None))


class Budget:
    """What an example may cost; so no small schema makes a large one.

    A value costs 100, a character of a string or name 1, and so does each entry that is gone
    through again; a pattern that a name is matched with costs 5.
    """

    def __init__(self) -> None:
        self._left: float = MAX_SIZE

    def affords(self, cost: float) -> bool:
        """Take a cost; tell whether as much was left."""
        self._left -= cost
        return self._left >= 0

    def spend(self, cost: float) -> None:
        """Take a cost.

        Raises:
            ExampleError: nothing is left.
        """
        if not self.affords(cost):
            raise ExampleError(
                "the example would be too large",
                hint="lower maxItems, minItems or minLength, or give the schema an example",
            )


def size_written_out(value: Json, done: dict[int, int] | None = None) -> int:
    """Return how many values a value holds, where one object at several places counts each time."""
    done = {} if done is None else done
    if isinstance(value, (dict, list)) and id(value) not in done:
        parts = value.values() if isinstance(value, dict) else value
        inner = (size_written_out(part, done) for part in parts if type(part) not in _PLAIN)
        done[id(value)] = len(value) + sum(inner)
    return done.get(id(value), 0)


def working_copy(value: Json, done: dict[int, Json] | None = None) -> Json:
    """Copy a value, keeping aliases; dates become empty objects, as in the reference."""
    if type(value) in _PLAIN:
        return value
    done = {} if done is None else done
    if id(value) in done:
        return done[id(value)]
    if isinstance(value, list):
        items: list[Json] = []
        done[id(value)] = items
        items += [v if type(v) in _PLAIN else working_copy(v, done) for v in value]
        return items
    copy: dict[str, Json] = {}
    done[id(value)] = copy
    if isinstance(value, dict):
        for key, item in value.items():
            copy[key] = item if type(item) in _PLAIN else working_copy(item, done)
    return copy


def is_choice(value: object) -> TypeGuard[Choice]:
    """Tell whether a value is a choice still to make, which is where a value of `Json` is."""
    return callable(value)


class KnownItems:
    """What is in the lists of names that grow while many objects are merged into one."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[list[Json], int, set[object]]] = {}

    def add(self, names: list[Json], more: list[Json]) -> None:
        """Append to a list, which nobody changes but by appending, what it does not have."""
        _, length, known = self._known.get(id(names), (names, -1, set[object]()))
        if length != len(names):
            known = {identity(item) for item in names}
        for item in list(more):
            if identity(item) not in known:
                known.add(identity(item))
                names.append(item)
        self._known[id(names)] = names, len(names), known


@overload
def merge(target: Schema, source: Json, known: KnownItems | None = None) -> Schema: ...
@overload
def merge(target: Json, source: Json, known: KnownItems | None = None) -> Json: ...
def merge(target: Json, source: Json, known: KnownItems | None = None) -> Json:
    """Merge one object into another, deeply and in place; lists gain what they don't have.

    Args:
        target: what is changed.
        source: what is merged into it.
        known: what is known of lists below `required`, where more objects follow.
    """
    if not isinstance(target, dict) or not isinstance(source, dict):
        return target
    for key, value in list(source.items()):  # the source may be part of the target
        current = target.get(key)
        if isinstance(value, dict):
            target[key] = merge(current if isinstance(current, dict) else {}, value, known)
        elif isinstance(value, list):
            target[key] = held = current if truthy(current) else []
            if isinstance(held, list):
                (known if known and key == "required" else KnownItems()).add(held, value)
        else:
            target[key] = value
    return target


def without(schema: Schema, *keywords: str) -> Schema:
    """Copy a schema without some keywords."""
    copy: Schema = {}
    for key, value in schema.items():
        if key not in keywords:
            copy[key] = _copied(value)
    return copy


def _copied(value: Json) -> Json:
    if isinstance(value, list):
        return list(value)
    if is_choice(value):
        return {}  # a choice is lost here; the reference leaves this in its place
    return merge({}, value) if isinstance(value, dict) else value


def opposite(refused: Json, schema: Schema) -> Schema:
    """Return a copy of a schema with the little that can be done about its `not`."""
    copy = merge({}, schema)
    if not isinstance(refused, dict):
        return copy
    for low, high, flag in (("minimum", "maximum", True), ("minLength", "maxLength", False)):
        if low in refused:
            copy[high] = refused[low]
            if flag:
                copy["exclusiveMaximum"] = True
        if high in refused:
            above = high in copy and to_number(refused[high]) > to_number(copy[high])
            copy[low] = 0 if above else refused[high]
            if flag:
                copy["exclusiveMinimum"] = True
    if truthy(refused.get("type")):
        _set_other_type(copy, refused["type"])
    elif isinstance(values := refused.get("enum"), list):
        known = {identity(value) for value in values}
        others: list[Json] = [True, False, None, -1]
        copy["enum"] = [value for value in others if identity(value) not in known][:1]
    names, properties = refused.get("required"), copy.get("properties")
    if isinstance(names, (list, str)) and isinstance(properties, dict):
        for name in names:
            if isinstance(name, str):
                properties.pop(name, None)
    return copy


def _set_other_type(schema: Schema, refused: Json) -> None:
    types = refused if isinstance(refused, list) else [refused]
    if "number" in types or "integer" in types:
        types = [*types, "number", "integer"]
    others = [name for name in _SCALAR_TYPES if name not in types]
    schema.pop("type", None)
    if others:
        schema["type"] = pick(others)


def inferred_type(schema: Schema, path: Path) -> str | None:
    """Return the type that a schema's keywords suggest, unless it only holds other schemas."""
    if path and path[-1] in _NOT_INFERRED_BELOW:
        return None
    for name, keywords in _INFERRED_FROM.items():
        if any(keyword in schema for keyword in keywords):
            return name
    return None


def cleaned(value: Json, schema: Json, budget: Budget, *, in_array: bool = False) -> Json:
    """Drop what is missing, and empty objects that the schema does not require, in place."""
    if isinstance(value, (dict, list)):
        budget.spend(len(value))
    if isinstance(value, list):
        items = [cleaned(item, schema, budget, in_array=True) for item in value]
        return [item for item in items if item is not MISSING]
    if not isinstance(value, dict):
        return value
    for key, item in list(value.items()):
        if item == {}:
            if not _is_wanted(key, schema):
                del value[key]
        elif item is MISSING:
            del value[key]
        else:
            kept = cleaned(item, schema, budget)
            if kept != {}:
                value[key] = kept
    return MISSING if in_array and not value else value


def _is_wanted(name: str, schema: Json) -> bool:
    if not isinstance(schema, dict):
        return False
    required, others = schema.get("required"), schema.get("additionalProperties")
    return (
        (isinstance(required, list) and name in required)
        or is_choice(schema.get(CHOICE))
        or (isinstance(others, dict) and is_choice(others.get(CHOICE)))
    )


def required_names(schema: Schema) -> list[str]:
    """Return the names under `required`; none for draft-03's boolean.

    Raises:
        ExampleError: it is something else than a list of strings.
    """
    names = schema.get("required")
    if names is None or isinstance(names, bool):
        return []
    if not _are_names(names):
        raise ExampleError("required is not a list of names", hint="write it as a list of strings")
    return names


def _are_names(value: Json) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)
