"""Makes the values of one example, subschema by subschema."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from jsonschema_tools.ecmascript.conversions import MISSING, to_text, truthy
from jsonschema_tools.ecmascript.objects import creation_order
from jsonschema_tools.errors import ExampleError
from jsonschema_tools.examples.fixed_random import between, floor, pick
from jsonschema_tools.examples.objects import ObjectPlan
from jsonschema_tools.examples.scalars import (
    FORMATS,
    as_type,
    fitting,
    keep_positive_choices,
    number_at,
    number_example,
    pattern_example,
    text_example,
)
from jsonschema_tools.examples.schemas import (
    CHOICE,
    Budget,
    cleaned,
    inferred_type,
    is_choice,
    opposite,
    place,
    without,
)
from jsonschema_tools.values import as_list

if TYPE_CHECKING:
    from collections.abc import Callable

    from jsonschema_tools.examples.rewriting import Resolver
    from jsonschema_tools.examples.schemas import Path
    from jsonschema_tools.values import Json, Schema

_UNIQUE_ATTEMPTS = 10  # the reference makes 100, but a schema gives nothing new after a few
_PROPERTIES = ("properties",)


class Generator:
    """Makes the values of one example. Its methods follow json-schema-faker's `traverse`."""

    def __init__(self, resolver: Resolver, unknown: list[tuple[str, str]] | None = None) -> None:
        self._resolver = resolver
        self._unknown = [] if unknown is None else unknown
        self._budget = Budget()
        self._makers: dict[str, Callable[[Schema, Path], Json]] = {
            "boolean": lambda schema, path: False,
            "null": lambda schema, path: None,
            "integer": lambda schema, path: number_example(schema, integer=True),
            "number": lambda schema, path: number_example(schema, integer=False),
            "string": self._text,
            "array": self._array,
            "object": self._object,
        }

    def value(
        self, schema: Json, path: Path, siblings: Json = None, *, is_map: bool = False
    ) -> Json:
        """Return the value for a schema, or MISSING.

        Args:
            schema: the schema, which is changed.
            path: where it is.
            siblings: the object that is being made and will contain the value.
            is_map: the schema is a map of properties. The reference does not tell them apart from a
                schema, and so reads some names as keywords.
        """
        self._resolver.enter(path)
        try:
            value = self._value(schema, path, siblings, is_map=is_map)
        except ExampleError as error:
            if error.at is None:
                raise error.placed(place(path)) from None
            raise
        self._resolver.leave()
        self._budget.spend(100 + (len(value) if isinstance(value, str) else 0))
        return value

    def _value(self, schema: Json, path: Path, siblings: Json, *, is_map: bool) -> Json:
        schema = self._resolver.resolve(schema, path)
        if not truthy(schema):
            return MISSING
        if isinstance(schema, list):
            return self._items(schema, path)
        if not isinstance(schema, dict):
            raise ExampleError(
                f"{to_text(schema)} is not a schema to make a value for",
                hint="write a schema with a type, or give the schema an example",
            )
        if path[-1:] != _PROPERTIES:
            if "default" in schema:
                return schema["default"]
            if "template" in schema:
                return _filled_in(schema["template"], siblings)
            if "const" in schema:
                return schema["const"]
        if isinstance(schema.get("not"), (dict, list)) and not is_map:
            schema = opposite(schema["not"], without(schema, "not"))
            if schema.get("type") == "object":
                return cleaned(self.value(schema, (*path, "not"), siblings), schema, self._budget)
        choose = schema.get(CHOICE)
        if is_choice(choose):
            return self.value(choose(siblings), path)
        return self._made(schema, path, is_map=is_map)

    def _made(self, schema: Schema, path: Path, *, is_map: bool) -> Json:
        if id(schema) in self._resolver.counters:
            keep_positive_choices(schema)
            counted = self._resolver.counters[id(schema)].value()
            value = as_type(counted, schema.get("type"), schema)
            if _is_of_type(value, schema.get("type")):
                return value
        if isinstance(schema.get("pattern"), str):
            return fitting(pattern_example(schema["pattern"]), schema)
        if isinstance(schema.get("enum"), list):
            keep_positive_choices(schema)
            choices = as_list(schema["enum"])
            choice = pick(choices) if choices else None
            return as_type(choice, schema.get("type"), schema)
        if truthy(schema.get("jsonPath")) and not is_map:
            return schema
        name = _type_of(schema, path)
        if not isinstance(name, str):
            return self._entries(schema, path, is_map=is_map)
        if name not in self._makers:
            raise ExampleError(
                f"type {name!r} is not known", hint=f"known are {', '.join(sorted(self._makers))}"
            )
        return self._makers[name](schema, path)

    def _entries(self, schema: Schema, path: Path, *, is_map: bool) -> Json:
        """Return a map of properties with values in place of schemas; so goes what has no type."""
        made: dict[str, Json] = {}
        for key in creation_order(tuple(schema)):
            part = schema.get(key, MISSING)
            if isinstance(part, (dict, list)) and (is_map or key != "definitions"):
                value = self.value(part, (*path, key), made)
                made[key] = cleaned(value, schema.get(key), self._budget)
            else:
                made[key] = MISSING if part is None else part
        return made

    def _items(self, schemas: list[Json], path: Path) -> list[Json]:
        """Return a list where the reference takes one for a schema, under an unknown keyword."""
        made: list[Json] = []
        for index, part in enumerate(schemas):
            if isinstance(part, (dict, list)):
                value = self.value(part, (*path, index), made)
                made.append(cleaned(value, part, self._budget))
            else:
                made.append(MISSING if part is None else part)
        return made

    def _object(self, schema: Schema, path: Path) -> Json:
        if _allows_nothing(schema):
            return None
        plan = ObjectPlan(schema, self._budget)
        place = (*path, "properties")
        if dependent := plan.dependent_schemas():
            del schema["dependencies"]
            return self.value({"allOf": [*dependent, schema]}, place, schema)
        return self.value(plan.schemas(), place, schema, is_map=True)

    def _text(self, schema: Schema, path: Path) -> Json:
        name = schema.get("format")
        if truthy(name) and not (isinstance(name, str) and name in FORMATS):
            self._unknown.append((to_text(name), place(path).pointer or ""))
        return text_example(schema)

    def _array(self, schema: Schema, path: Path) -> Json:
        items, others = schema.get("items"), schema.get("additionalItems")
        if not (truthy(items) or truthy(others)):
            if schema.keys() & {"minItems", "maxItems", "uniqueItems"}:
                raise ExampleError(
                    "nothing is said about the items of the array",
                    hint="write items, or give the schema an example",
                )
            return []
        if isinstance(items, list):
            return [self.value(item, (*path, "items", i)) for i, item in enumerate(items)]
        item = items if truthy(items) else others if isinstance(others, (dict, list)) else {}
        length = _length(schema)
        self._budget.spend(max(length, 0))
        values: list[Json] = []
        while len(values) < length:
            values.append(self.value(item, (*path, "items", None)))
        return self._unique(values, item, path) if truthy(schema.get("uniqueItems")) else values

    def _unique(self, values: list[Json], item: Json, path: Path) -> list[Json]:
        """Drop repeats, and try to make other values in their place."""
        unique: dict[str, Json] = {}
        for value in values:
            unique.setdefault(_fingerprint(value), value)
        failed = 0
        while len(unique) < len(values) and failed < _UNIQUE_ATTEMPTS:
            before = len(unique)
            value = self.value(item, (*path, "items"))
            unique.setdefault(_fingerprint(value), value)
            failed += len(unique) == before
        return list(unique.values())


def _filled_in(template: Json, siblings: Json) -> Json:
    """Return json-schema-faker's `template` with `#{name}` replaced by what was made before it."""
    if isinstance(template, list):
        return [_filled_in(item, siblings) for item in template]
    if not isinstance(template, str):
        return template
    return re.sub(
        r"#\{([\w.-]+)\}", lambda match: _sibling(siblings, match[1]), template, flags=re.ASCII
    )


def _sibling(siblings: Json, name: str) -> str:
    if not isinstance(siblings, dict):
        raise ExampleError("template has no properties to take", hint="remove its placeholders")
    return to_text(siblings.get(name, MISSING))


def _is_of_type(value: Json, kind: Json) -> bool:
    if isinstance(value, bool):
        return bool(kind == "boolean")
    if isinstance(value, (int, float)):
        return kind in ("integer", "number")
    return isinstance(value, str) and bool(kind == "string")


def _type_of(schema: Schema, path: Path) -> Json:
    """Return the type to make, or None; a type that is guessed is noted in the schema."""
    if "type" not in schema:
        guessed = inferred_type(schema, path)
        if guessed:
            schema["type"] = guessed
        return guessed
    kind = schema["type"]
    if isinstance(kind, list):
        return pick(kind) if kind else None
    return kind


def _allows_nothing(schema: Schema) -> bool:
    """Tell whether the reference gives null for an object that may have no properties."""
    return (
        schema.get("additionalProperties") is False
        and not schema.get("properties")
        and not schema.get("patternProperties")
        and bool(schema.keys() & {"minProperties", "maxProperties", "dependencies", "required"})
    )


def _length(schema: Schema) -> float:
    low, high = number_at(schema, "minItems"), number_at(schema, "maxItems")
    some = between(1 if low is None else low, 5 if high is None else high)
    return max(floor((high or some) + 0.5), low or 0)


def _fingerprint(value: Json) -> str:
    return json.dumps(value, default=str)
