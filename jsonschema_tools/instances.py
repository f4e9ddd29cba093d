"""Small values that a schema accepts, made to show what it does; not the examples that we publish.

Nothing here is proved: whoever asks for a value tries it out. That keeps the making simple, and
all of it is bounded: each schema is looked at once, each gives a handful of values.
"""

from __future__ import annotations

from itertools import chain, islice
from math import floor
from typing import TYPE_CHECKING

from jsonschema_tools import keywords
from jsonschema_tools.example_patterns import PatternError, text_for
from jsonschema_tools.values import as_double, equal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from jsonschema_tools.values import Json, Schema

SIMPLE: tuple[Json, ...] = ("", "a", 0, 1, -1, 0.5, False, True, None, [], {}, "0", "A", " ")
"""One or two values of every type, for where a schema does not say what it wants."""

_FORMATS = {
    "date": "2021-01-01",
    "date-time": "2021-01-01T00:00:00Z",
    "email": "a@a.aa",
    "hostname": "a",
    "idn-email": "a@a.aa",
    "idn-hostname": "a",
    "ipv4": "1.1.1.1",
    "ipv6": "::",
    "iri": "a:",
    "json-pointer": "/",
    "relative-json-pointer": "0",
    "time": "00:00:00Z",
    "uri": "a:",
    "uuid": "00000000-0000-0000-0000-000000000000",
}
_STRETCHY = {  # start, what may be repeated, end
    "date-time": ("2021-01-01T00:00:00.", "0", "Z"),
    "iri": ("a:", "a", ""),
    "iri-reference": ("", "a", ""),
    "time": ("00:00:00.", "0", "Z"),
    "uri": ("a:", "a", ""),
    "uri-reference": ("", "a", ""),
}
_TYPES = ("object", "string", "integer", "number", "boolean", "array", "null")
_MOST = 40
_LONGEST_TEXT = 100_000
_LONGEST_PATTERN_TEXT = 1000
_DEEPEST = 24


class Maker:
    """Makes small values for schemas, remembering the smallest one of each."""

    def __init__(self, accepts: Callable[[Json, Json], bool]) -> None:
        """Take what tells whether a schema accepts a value."""
        self._accepts = accepts
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
            first = next(iter(guesses), None)
            good = (guess for guess in guesses if self._accepts(schema, guess))
            value = next(good, first)
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
        yield from (schema[key] for key in ("default",) if key in schema)

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
        required = schema.get("required")
        made: dict[str, Json] = {}
        for name in required if isinstance(required, list) else []:
            if isinstance(name, str):
                made[name] = self.smallest(part_for(schema, name))
        yield made
        least = schema.get("minProperties")
        for name in islice(
            _names(schema), least if isinstance(least, int) and least < _MOST else 0
        ):
            made = {**made, name: self.smallest(part_for(schema, name))}
        yield made
        yield {**made, **{name: self.smallest(part_for(schema, name)) for name in _names(schema)}}

    def _arrays(self, schema: Schema) -> Iterator[Json]:
        least = schema.get("minItems")
        length = min(least, _MOST) if isinstance(least, int) else 0
        for item in chain(dict.fromkeys([length, 1])):
            yield [self.smallest(_item(schema, index)) for index in range(item)]
        yield self.values(_item(schema, 0))[:length] if length > 1 else []
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
        key, *rest = path
        below = schema.get(key)
        token = None
        if key in keywords.MAPS or (rest and isinstance(below, list)):
            token, *rest = rest
            below = follow(below, token)
        if key in _IN_PLACE:
            inner = both(schema, below) if isinstance(below, dict) else below
            held = self.holding(below, rest, value, base) if rest else value
            outer = base if base is not None else self.smallest(inner)
            return {**outer, **held} if _are_objects(outer, held) else held
        if key in _ELEMENTS:
            return self._array_holding(schema, below, token, rest, value, base)
        name = field_name(schema, key, token)
        outer = base if isinstance(base, dict) else self.smallest(schema)
        outer = outer if isinstance(outer, dict) else {}
        if key == "propertyNames":
            return {**outer, value: None} if isinstance(value, str) else value
        return {**outer, name: self.holding(below, rest, value, outer.get(name))}

    def _array_holding(  # noqa: PLR0913, PLR0917
        self,
        schema: Schema,
        below: Json,
        token: str | None,
        rest: list[str],
        value: Json,
        base: Json,
    ) -> Json:
        index = int(token) if token is not None else 0
        outer = list(base) if isinstance(base, list) else []
        items = [self.smallest(_item(schema, at)) for at in range(index)]
        kept = outer[index] if len(outer) > index else None
        return [*items, self.holding(below, rest, value, kept), *outer[index + 1 :]]


_IN_PLACE = keywords.IN_PLACE_SCHEMAS | keywords.IN_PLACE_LISTS | keywords.IN_PLACE_MAPS
_ELEMENTS = frozenset({"additionalItems", "contains", "items", "prefixItems", "unevaluatedItems"})


def both(schema: Schema, branch: Schema) -> Schema:
    """Return a schema that asks for about what two of them ask for."""
    rest = {key: value for key, value in schema.items() if key not in _IN_PLACE}
    merged = {**rest, **branch}
    for key in ("properties", "patternProperties"):
        if _are_objects(schema.get(key), branch.get(key)):
            merged[key] = {**schema[key], **branch[key]}
    if isinstance(schema.get("required"), list) and isinstance(branch.get("required"), list):
        merged["required"] = [*schema["required"], *branch["required"]]
    return merged


def part_for(schema: Schema, name: str) -> Json:
    """Return the schema that an object schema puts to a field, as far as one will do."""
    properties = schema.get("properties")
    if isinstance(properties, dict) and name in properties:
        return properties[name]
    rest = schema.get("additionalProperties")
    return rest if isinstance(rest, dict) else True


def texts(schema: Schema) -> Iterator[str]:
    """Yield short texts around the lengths that a schema speaks of."""
    kind, pattern = schema.get("format"), schema.get("pattern")
    if kind in _FORMATS:
        yield _FORMATS[kind]
    if isinstance(pattern, str):
        yield from matching(pattern)
    start, middle, end = _STRETCHY.get(str(kind), ("", "a", ""))
    for key in ("minLength", "maxLength"):
        length = schema.get(key)
        if isinstance(length, int) and length < _LONGEST_TEXT:
            fill = length - len(start) - len(end)
            yield from (f"{start}{middle * (fill + n)}{end}" for n in (0, 1, -1) if fill + n > 0)
    yield from ("", "a", "0")


def matching(pattern: str) -> Iterator[str]:
    """Yield texts that a regular expression may match."""
    try:
        text = text_for(pattern, limit=_LONGEST_PATTERN_TEXT)
    except PatternError:
        return
    yield from dict.fromkeys([text[:1], text[:2], text])


def numbers(schema: Schema, *, whole: bool = False) -> Iterator[int | float]:
    """Yield numbers around those that a schema speaks of."""
    step = schema.get("multipleOf")
    near: list[int | float] = [0, 1, -1]
    near += [] if whole else [0.5]
    for key in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"):
        limit = schema.get(key)
        if isinstance(limit, (int, float)) and not isinstance(limit, bool):
            limit = floor(limit) if whole else limit
            near += [limit, limit + 1, limit - 1]
            near += [] if whole else [limit + 0.5, limit - 0.5, limit / 2]
    yield from (as_double(number) for number in near)
    if isinstance(step, (int, float)) and step:
        yield from (as_double(floor(number / step) * step) for number in near)


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
        return [name for name in kind if isinstance(name, str)]
    return list(_TYPES)


def _branches(schema: Schema) -> Iterator[Schema]:
    for key in ("allOf", "anyOf", "oneOf"):
        branches = schema.get(key)
        if isinstance(branches, list):
            yield from (branch for branch in branches if isinstance(branch, dict))
    yield from (schema[key] for key in ("then", "else") if isinstance(schema.get(key), dict))


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


def _are_objects(*values: Json) -> bool:
    return all(isinstance(value, dict) for value in values)
