"""From a schema to the tree of its fields, as a reader wants to see them: pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from jsonschema_tools.site.model import Constraint, Field

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.site.model import FieldKind
    from jsonschema_tools.values import Json, Schema

MOST_FIELDS: Final = 3_000
"""Fields of one version that are shown: references can multiply each other without end."""
_MOST_NAMES: Final = 500_000
"""Characters in the paths of these: each field repeats the names of those around it."""

_DEEPEST = 24  # levels; what is nested deeper is left out
_LIMITS: Final = {
    "format": "format",
    "pattern": "matches",
    "minLength": "characters at least",
    "maxLength": "characters at most",
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "more than",
    "exclusiveMaximum": "less than",
    "multipleOf": "a multiple of",
    "minItems": "items at least",
    "maxItems": "items at most",
    "minProperties": "fields at least",
    "maxProperties": "fields at most",
}
_CHOICES: Final = {"anyOf": "any of", "oneOf": "one of", "allOf": "all of"}


def fields_of(schema: Schema) -> tuple[Field, ...]:
    """Return the fields of a materialized schema, as a tree in the order of the schema."""
    return shown_fields(schema)[0]


def shown_fields(schema: Schema, free: tuple[float, ...] = ()) -> tuple[tuple[Field, ...], bool]:
    """Return the fields of a schema as a tree, and whether some were left out.

    Args:
        schema: a materialized schema.
        free: the bounds that materializing adds to every number; they are not shown.
    """
    reader = _Reader(frozenset(free))
    fields = reader.children(schema, (), 0)
    return fields, reader.is_cut


def flat(fields: tuple[Field, ...]) -> Iterator[Field]:
    """Yield fields and the fields in them, each before its own."""
    for field in fields:
        yield field
        yield from flat(field.children)


def type_of(schema: Json) -> str:
    """Return the type of a schema in words, such as `list of string`."""
    if not isinstance(schema, dict):
        return "nothing" if schema is False else "anything"
    if isinstance(reference := schema.get("$ref"), str):
        return f"as {reference}"
    kind = schema.get("type")
    if isinstance(kind, list):
        kinds = dict.fromkeys(map(str, kind))  # each once: what is in a list would double
        return " or ".join(_one_type(one, schema) for one in kinds) or "anything"
    if isinstance(kind, str):
        return _one_type(kind, schema)
    if "properties" in schema:
        return "object"
    if "enum" in schema or "const" in schema:
        return "fixed value"
    return next((label for key, label in _CHOICES.items() if key in schema), "anything")


def _one_type(kind: str, schema: Schema) -> str:
    if kind == "array" and isinstance(schema.get("items"), dict):
        return f"list of {type_of(schema['items'])}"
    if kind == "array":
        return "list"
    if kind == "object" and not schema.get("properties"):
        values = schema.get("additionalProperties")
        return f"map of {type_of(values)}" if isinstance(values, dict) else "object"
    return kind


class _Reader:
    """Reads one schema; counts fields and their names, so that no page is without end."""

    def __init__(self, free: frozenset[float]) -> None:
        self._free = free
        self._left = MOST_FIELDS
        self._names_left = _MOST_NAMES
        self.is_cut = False

    def children(self, schema: Json, path: tuple[str, ...], depth: int) -> tuple[Field, ...]:
        if not isinstance(schema, dict):
            return ()
        if depth > _DEEPEST:
            self.is_cut |= _says_more(schema)
            return ()
        return tuple(self._children(schema, path, depth))

    def _children(self, schema: Schema, path: tuple[str, ...], depth: int) -> Iterator[Field]:
        required = schema.get("required")
        names = set(map(str, required)) if isinstance(required, list) else set()
        for name, part in _items(schema.get("properties")):
            yield from self._field(part, (*path, name), "property", depth, required=name in names)
        for name, part in _items(schema.get("patternProperties")):
            yield from self._field(part, (*path, f"/{name}/"), "pattern", depth)
        inner = schema.get("items")
        if isinstance(inner, dict) and _says_more(inner):
            yield from self._field(inner, (*path, "[]"), "items", depth)
        for index, part in enumerate(inner if isinstance(inner, list) else ()):
            yield from self._field(part, (*path, f"[{index}]"), "items", depth)
        values = schema.get("additionalProperties")
        if isinstance(values, dict) and _says_more(values):
            yield from self._field(values, (*path, "{}"), "values", depth)
        for keyword, label in _CHOICES.items():
            parts = schema.get(keyword)
            for index, part in enumerate(parts if isinstance(parts, list) else (), 1):
                if _says_more(part) or isinstance(part, bool):
                    yield from self._field(part, (*path, f"{label}: {index}"), "option", depth)

    def _field(
        self,
        schema: Json,
        path: tuple[str, ...],
        kind: FieldKind,
        depth: int,
        *,
        required: bool = False,
    ) -> Iterator[Field]:
        self._names_left -= sum(map(len, path))
        if self._left <= 0 or self._names_left < 0:
            self.is_cut = True
            return
        self._left -= 1
        known = schema if isinstance(schema, dict) else {}
        description = known.get("description")
        yield Field(
            path,
            kind,
            type_of(schema),
            required,
            description.strip() if isinstance(description, str) else "",
            tuple(self._constraints(known)),
            self.children(schema, path, depth + 1),
        )

    def _constraints(self, schema: Schema) -> Iterator[Constraint]:
        if isinstance(enum := schema.get("enum"), list):
            yield Constraint("one of", tuple(map(as_json, enum)))
        if "const" in schema:
            yield Constraint("always", (as_json(schema["const"]),))
        for keyword, label in _LIMITS.items():
            value = schema.get(keyword)
            if value is None or isinstance(value, bool):
                continue
            if isinstance(value, (int, float)) and value in self._free:
                continue
            yield Constraint(label, (value if isinstance(value, str) else as_json(value),))
        if schema.get("uniqueItems") is True:
            yield Constraint("no item twice")
        if schema.get("additionalProperties") is False:
            yield Constraint("no other fields")
        if "not" in schema:
            yield Constraint("not", (as_json(schema["not"]),))
        if "default" in schema:
            yield Constraint("default", (as_json(schema["default"]),))


def _items(value: Json) -> Iterator[tuple[str, Json]]:
    return (
        ((str(name), part) for name, part in value.items()) if isinstance(value, dict) else iter(())
    )


def _says_more(schema: Json) -> bool:
    """Tell whether a schema says more than the type, which the field around it tells already."""
    return isinstance(schema, dict) and bool(schema.keys() - {"type"})


def as_json(value: Json) -> str:
    """Return a value as compact JSON; a timestamp as text."""
    return json.dumps(value, ensure_ascii=False, default=str)
