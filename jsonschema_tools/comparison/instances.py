"""Small values that a schema accepts, made to show what it does; not the examples that we publish.

Nothing here is proved: the caller tries a value out. That keeps the making simple, and
all of it is bounded: each schema is looked at once, each gives a handful of values.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from jsonschema_tools import keywords
from jsonschema_tools.comparison.boundary_values import SIMPLE, matching, numbers, texts
from jsonschema_tools.values import equal, strings_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from jsonschema_tools.values import Json, Schema

    Test: TypeAlias = Callable[[Json], bool]

_TYPES = ("object", "string", "integer", "number", "boolean", "array", "null")
_MOST = 40
_DEEPEST = 24


class Step(NamedTuple):
    """One step of a path through a schema.

    Attributes:
        keyword: the keyword that it goes through.
        token: the name or index in what the keyword holds; None where that is one schema.
        below: the schema that it leads to; None if there is none.
        rest: the tokens that are left.
    """

    keyword: str
    token: str | None
    below: Json
    rest: Sequence[str]


def first_step(schema: Schema, path: Sequence[str]) -> Step:
    """Return the first step of a path that is not empty."""
    keyword, *rest = path
    below = schema.get(keyword)
    if rest and (keyword in keywords.MAPS or isinstance(below, list)):
        return Step(keyword, rest[0], follow(below, rest[0]), rest[1:])
    return Step(keyword, None, below, rest)


class InstanceMaker:
    """Makes small values for schemas, remembering the smallest one of each."""

    def __init__(self, validator: Callable[[Json], Test | None]) -> None:
        """Take what gives the validator of a schema; None where that is not a schema."""
        self._validator = validator
        self._smallest: dict[int, tuple[Json, Json]] = {}  # keeps the schema, so that ids stay
        self._depth = 0

    def smallest(self, schema: Json) -> Json:
        """Return a small value that a schema accepts, or the best guess at one."""
        if (known := self._smallest.get(id(schema))) is not None:
            return known[1]
        if self._depth >= _DEEPEST:
            return None
        self._depth += 1
        try:
            guesses = self.values(schema)
            accepts = self._validator(schema)
            good = (guess for guess in guesses if accepts is not None and accepts(guess))
            value = next(good, guesses[0] if guesses else None)
        finally:
            self._depth -= 1
        self._smallest[id(schema)] = schema, value
        return value

    def values(self, schema: Json) -> list[Json]:
        """Return values that a schema may accept, the simplest first."""
        if not isinstance(schema, dict):
            return list(SIMPLE)
        return list(islice(self._values(schema), _MOST))

    def _values(self, schema: Schema) -> Iterator[Json]:
        if "const" in schema:
            yield schema["const"]
        if isinstance(choices := schema.get("enum"), list):
            yield from choices
        for kind in _types(schema):
            yield from self._of_type(kind, schema)
        for branch in _branches(schema):
            yield from self.values(both(schema, branch))
        if "default" in schema:
            yield schema["default"]

    def _of_type(self, kind: str, schema: Schema) -> Iterable[Json]:
        if kind == "object":
            return self._objects(schema)
        if kind == "array":
            return self._arrays(schema)
        if kind == "string":
            return texts(schema)
        if kind in {"integer", "number"}:
            return numbers(schema, whole=kind == "integer")
        return [False, True] if kind == "boolean" else [None]

    def _objects(self, schema: Schema) -> Iterator[Json]:
        least = schema.get("minProperties")
        needed = self._object(schema, strings_in(schema.get("required")))
        yield needed
        more = min(least, _MOST) if isinstance(least, int) and least > 0 else 0
        yield {**needed, **self._object(schema, islice(_names(schema), more))}
        properties = schema.get("properties")
        if isinstance(properties, dict):
            yield {**needed, **self._object(schema, properties)}

    def _object(self, schema: Schema, names: Iterable[str]) -> dict[str, Json]:
        return {name: self.smallest(part_for(schema, name)) for name in names}

    def _arrays(self, schema: Schema) -> Iterator[Json]:
        least = schema.get("minItems")
        length = min(least, _MOST) if isinstance(least, int) and least > 0 else 0
        for size in dict.fromkeys([length, 1]):
            yield [self.smallest(_item(schema, index)) for index in range(size)]
        yield self.values(_item(schema, 0))[:length]  # all different
        if isinstance(schema.get("contains"), dict):
            yield [self.smallest(schema["contains"])]

    def holding(self, schema: Json, path: Sequence[str], value: Json, base: Json = None) -> Json:
        """Return a small value that holds another one where a path through the schema leads.

        Args:
            schema: the schema that looks at the value to make.
            path: tokens that lead from it to the schema that looks at the other value.
            value: the other value.
            base: a value to start from, such as an example, in place of a small one.
        """
        if not path or not isinstance(schema, dict):
            return value
        step = first_step(schema, path)
        if step.keyword in _IN_PLACE:
            return self._in_place(schema, step, value, base)
        if step.keyword in keywords.OF_ITEMS:
            return self._array_with(schema, step, value, base)
        return self._object_with(schema, step, value, base)

    def _in_place(self, schema: Schema, step: Step, value: Json, base: Json) -> Json:
        """Return what two schemas that look at the same value accept, about."""
        held = self.holding(step.below, step.rest, value, base)
        if base is None:
            inner = both(schema, step.below) if isinstance(step.below, dict) else schema
            base = self.smallest(inner)
        if isinstance(base, dict) and isinstance(held, dict):
            return {**base, **held}
        return held

    def _array_with(self, schema: Schema, step: Step, value: Json, base: Json) -> Json:
        index = int(step.token) if step.token is not None else 0
        outer = base if isinstance(base, list) else []
        before = [self.smallest(_item(schema, at)) for at in range(index)]
        kept = outer[index] if len(outer) > index else None
        item = self.holding(step.below, step.rest, value, kept)
        after = outer[index + 1 :]
        least = schema.get("minItems")
        missing = least - index - 1 - len(after) if isinstance(least, int) else 0
        return [*before, item, *after, *([item] * min(missing, _MOST))]

    def _object_with(self, schema: Schema, step: Step, value: Json, base: Json) -> Json:
        outer = base if isinstance(base, dict) else self.smallest(schema)
        if not isinstance(outer, dict):
            outer = {}
        if step.keyword == "propertyNames":
            return {**outer, value: None} if isinstance(value, str) else value
        name = field_name(schema, step.keyword, step.token)
        return {**outer, name: self.holding(step.below, step.rest, value, outer.get(name))}


_IN_PLACE = keywords.IN_PLACE.names


def both(schema: Schema, branch: Schema) -> Schema:
    """Return a schema that asks for about what two of them ask for."""
    rest = {key: value for key, value in schema.items() if key not in _IN_PLACE}
    merged = {**rest, **branch}
    for key in ("properties", "patternProperties"):
        ours, theirs = schema.get(key), branch.get(key)
        if isinstance(ours, dict) and isinstance(theirs, dict):
            merged[key] = {**ours, **theirs}
    ours, theirs = schema.get("required"), branch.get("required")
    if isinstance(ours, list) and isinstance(theirs, list):
        merged["required"] = [*ours, *theirs]
    return merged


def part_for(schema: Schema, name: str) -> Json:
    """Return the schema that an object schema puts to a field, as far as one will do."""
    properties = schema.get("properties")
    if isinstance(properties, dict) and name in properties:
        return properties[name]
    rest = schema.get("additionalProperties")
    return rest if isinstance(rest, dict) else True


def follow(below: Json, token: str) -> Json:
    """Return the part of a map or list that a token names; None if there is none."""
    if isinstance(below, list):
        return below[int(token)] if token.isdecimal() and int(token) < len(below) else None
    return below.get(token) if isinstance(below, dict) else None


def distinct(values: Iterable[Json]) -> Iterator[Json]:
    """Yield values, each once."""
    seen: list[Json] = []
    for value in values:
        if not any(equal(value, other) for other in seen):
            seen.append(value)
            yield value


def _types(schema: Schema) -> list[str]:
    kind = schema.get("type")
    if isinstance(kind, str):
        return [kind]
    if isinstance(kind, list):
        return strings_in(kind)
    return list(_TYPES)


def _branches(schema: Schema) -> Iterator[Schema]:
    for key in ("allOf", "anyOf", "oneOf"):
        branches = schema.get(key)
        if isinstance(branches, list):
            yield from (branch for branch in branches if isinstance(branch, dict))
    branches_of_if = (schema.get(key) for key in ("then", "else"))
    yield from (branch for branch in branches_of_if if isinstance(branch, dict))


def _item(schema: Schema, index: int) -> Json:
    items = schema.get("items")
    if isinstance(items, list):
        return items[index] if index < len(items) else schema.get("additionalItems")
    return items


def _names(schema: Schema) -> Iterator[str]:
    properties = schema.get("properties")
    yield from properties if isinstance(properties, dict) else ()
    yield from "abcdefghij"


def field_name(schema: Schema, key: str, token: str | None = None) -> str:
    """Return the name of a field that a keyword of an object schema looks at."""
    if key == "patternProperties" and token is not None:
        return next(matching(token), "a")
    if key == "properties" and token is not None:
        return token
    properties = schema.get("properties")
    taken = properties if isinstance(properties, dict) else {}
    return next((name for name in "abcdefghijklm" if name not in taken), "other")
