"""Schemas as the generator of examples works on them: copied, resolved, changed along the way.

json-schema-faker reads a schema by rewriting it: `allOf` is merged into its owner, `oneOf` becomes
a choice still to make, types that it guesses are written down. Later steps see what earlier ones
wrote, also where one object stands at several places. So this works in place, on a private copy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeAlias

from jsonschema_tools.chance import between, pick
from jsonschema_tools.errors import ExampleError
from jsonschema_tools.example_scalars import js_number, truthy
from jsonschema_tools.values import Json, Schema, as_double

Path: TypeAlias = tuple[str | int | None, ...]
"""Where we are in the schema; None is the position in an array whose items share one schema."""


class _Missing:
    """The type of MISSING, which is false as JavaScript's undefined is."""

    def __bool__(self) -> bool:
        return False


MISSING: Final[Any] = _Missing()
"""JavaScript's undefined: a value that is not there, other than null."""

CHOICE = "thunk"
"""Key of a choice still to make. Its value is a function, which no document can contain."""

_DATA_KEYWORDS = frozenset(
    ("enum", "const", "default", "examples", "required", "definitions", "items", "properties")
)
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


def working_copy(value: Json, done: dict[int, Json] | None = None) -> Json:
    """Copy a value, keeping what is shared; dates become empty objects, as in the reference."""
    if isinstance(value, (str, int, float)) or value is None:
        return value
    done = {} if done is None else done
    if id(value) in done:
        return done[id(value)]
    if isinstance(value, list):
        items: list[Json] = []
        done[id(value)] = items
        items.extend(working_copy(item, done) for item in value)
        return items
    copy: dict[str, Json] = {}
    done[id(value)] = copy
    if isinstance(value, dict):
        for key, item in value.items():
            copy[key] = working_copy(item, done)
    return copy


def merge(target: Json, source: Json) -> Json:
    """Merge one object into another, deeply and in place; lists gain what they don't have."""
    if not isinstance(target, dict) or not isinstance(source, dict):
        return target
    for key, value in source.items():
        current = target.get(key)
        if isinstance(value, dict):
            target[key] = merge(current if isinstance(current, dict) else {}, value)
        elif isinstance(value, list):
            target[key] = current if truthy(current) else []
            if isinstance(target[key], list):
                _append_new(target[key], value)
        else:
            target[key] = value
    return target


def _append_new(items: list[Json], more: list[Json]) -> None:
    known = {_identity(item) for item in items}
    for item in list(more):
        if _identity(item) not in known:
            known.add(_identity(item))
            items.append(item)


def _identity(value: Json) -> tuple[str, Json]:
    """Return a key that is equal for what JavaScript's === takes for the same."""
    if isinstance(value, (dict, list)):
        return "object", id(value)
    return ("boolean" if isinstance(value, bool) else "scalar"), value


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
    return merge({}, value) if isinstance(value, dict) else value


def opposite(refused: Json, schema: Schema) -> Schema:
    """Return a copy of a schema with the little that can be done about its `not`."""
    copy: Schema = merge({}, schema)
    if not isinstance(refused, dict):
        return copy
    for low, high, flag in (("minimum", "maximum", True), ("minLength", "maxLength", False)):
        if low in refused:
            copy[high] = refused[low]
            if flag:
                copy["exclusiveMaximum"] = True
        if high in refused:
            above = high in copy and js_number(refused[high]) > js_number(copy[high])
            copy[low] = 0 if above else refused[high]
            if flag:
                copy["exclusiveMinimum"] = True
    if truthy(refused.get("type")):
        _set_other_type(copy, refused["type"])
    elif isinstance(refused.get("enum"), list):
        known = {_identity(value) for value in refused["enum"]}
        copy["enum"] = [v for v in (True, False, None, -1) if _identity(v) not in known][:1]
    if truthy(refused.get("required")) and isinstance(copy.get("properties"), dict):
        for name in refused["required"]:
            copy["properties"].pop(name, None)
    return copy


def _set_other_type(schema: Schema, refused: Json) -> None:
    types = refused if isinstance(refused, list) else [refused]
    if "number" in types or "integer" in types:
        types = [*types, "number", "integer"]
    others = [name for name in _SCALAR_TYPES if name not in types]
    schema.pop("type", None)
    if others:
        schema["type"] = pick(others)


def inferred_type(schema: Json, path: Path) -> str | None:
    """Return the type that a schema's keywords suggest, unless it only holds other schemas."""
    if path and path[-1] in _NOT_INFERRED_BELOW:
        return None
    for name, keywords in _INFERRED_FROM.items():
        if any(keyword in schema for keyword in keywords):
            return name
    return None


def cleaned(value: Json, schema: Json, *, in_array: bool = False) -> Json:
    """Drop what is missing, and empty objects that the schema does not require, in place."""
    if isinstance(value, list):
        items = [cleaned(item, schema, in_array=True) for item in value]
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
            kept = cleaned(item, schema)
            if kept != {}:
                value[key] = kept
    return MISSING if in_array and not value else value


def _is_wanted(name: str, schema: Json) -> bool:
    if not isinstance(schema, dict):
        return False
    required, others = schema.get("required"), schema.get("additionalProperties")
    return (
        (isinstance(required, list) and name in required)
        or callable(schema.get(CHOICE))
        or (isinstance(others, dict) and callable(others.get(CHOICE)))
    )


@dataclass(slots=True, eq=False)
class _Counter:
    """The state of `autoIncrement`, a keyword of json-schema-faker's own."""

    schema: Schema
    keyword: str
    next: float = 0

    def value(self) -> Json:
        """Return the next number; the schema itself where the keyword is not `true`."""
        setting = self.schema[self.keyword]
        if not self.next:
            low = self.schema.get("minimum") or 1
            start = setting.get("initialOffset") if isinstance(setting, dict) else None
            start = start or self.schema.get("initialOffset")
            self.next = start or between(float(low), float(low) + 100)
        if setting is not True:
            return self.schema
        self.next += 1
        return as_double(self.next - 1)


class Resolver:
    """Prepares subschemas of one schema, each just before a value is made for it."""

    def __init__(self, schema: Schema) -> None:
        self._source = schema
        self._root: Json = None
        self._named: dict[str, Json] = {}
        self._seen: set[str] = set()
        self._last_depth = -1
        self.counters: dict[int, _Counter] = {}

    def resolve(self, schema: Json, path: Path) -> Json:
        """Resolve references, merge `allOf`, turn `oneOf` and `anyOf` into a choice; in place.

        Raises:
            ExampleError: a reference leads nowhere, or a part of `allOf` is null.
        """
        if schema is MISSING or schema is None:
            return None
        if isinstance(schema, list):
            for index, item in enumerate(schema):
                if isinstance(item, (dict, list)):
                    schema[index] = self.resolve(item, (*path, index))
        if not isinstance(schema, dict) or id(schema) in self.counters:
            return schema
        if isinstance(schema.get("$id") or schema.get("id"), str):
            for keyword in ("id", "$id", "$schema"):
                schema.pop(keyword, None)
        if isinstance(schema.get("$ref"), str):
            return self._dereferenced(schema, schema["$ref"], path)
        if isinstance(schema.get("allOf"), list):
            self._merge_all(schema, path)
        choices = schema.get("oneOf")
        if isinstance(choices if truthy(choices) else schema.get("anyOf"), list):
            return self._choice(schema)
        for key, value in list(schema.items()):
            if isinstance(value, (dict, list)) and key not in _DATA_KEYWORDS:
                schema[key] = self.resolve(value, (*path, key))
        if path[-1:] not in (("properties",), ("items",)):
            self._note_counter(schema)
        return schema

    def _dereferenced(self, schema: Schema, ref: str, path: Path) -> Json:
        """Merge what a reference names into its owner; the second time, drop the reference."""
        if ref == "#" or ref in self._seen:
            if ref != "#" and self._last_depth == len(path):
                return self._local(ref)
            del schema["$ref"]
            return schema
        self._seen.add(ref)
        self._last_depth = len(path)
        merge(schema, self._local(ref) if "#/" in ref else self._by_id(ref))
        schema.pop("$ref", None)
        return schema

    def _original(self) -> Json:
        if self._root is None:
            self._root = working_copy(self._source)
        return self._root

    def _local(self, ref: str) -> Json:
        value = self._original()
        for token in ref.rpartition("#/")[2].split("/"):
            if isinstance(value, list) and token.isdecimal() and int(token) < len(value):
                value = value[int(token)]
            elif isinstance(value, dict) and truthy(value.get(token)):
                value = value[token]
            else:
                raise _not_found(ref)
        return value

    def _by_id(self, ref: str) -> Json:
        if not self._named:
            _note_ids(self._original(), self._named)
        if ref not in self._named:
            raise _not_found(ref)
        return self._named[ref]

    def _merge_all(self, schema: Schema, path: Path) -> None:
        for part in schema.pop("allOf"):
            resolved = self.resolve(part, path)
            if resolved is None:
                raise ExampleError("a part of allOf is null", hint="remove it")
            make = resolved.get(CHOICE) if isinstance(resolved, dict) else None
            merge(schema, make(schema) if callable(make) else resolved)
            if isinstance(schema.get("allOf"), list):
                self.resolve(schema, path)

    def _choice(self, schema: Schema) -> Schema:
        one_of = schema.get("oneOf")
        options = one_of if truthy(one_of) else schema["anyOf"]
        if isinstance(schema.get("enum"), list) and truthy(one_of):
            schema["enum"] = [
                v for v in schema["enum"] if not all(_in_range(v, o) for o in options)
            ]
        make: Callable[[Json], Schema] = partial(_chosen, schema, options)
        return {CHOICE: make}

    def _note_counter(self, schema: Schema) -> None:
        for key in ("autoIncrement", "x-autoIncrement"):
            if key in schema:
                self.counters[id(schema)] = _Counter(schema, key)


def _not_found(ref: str) -> ExampleError:
    return ExampleError(
        f"nothing found for $ref {ref!r}",
        hint="examples know only references that dereferencing has replaced; switch it on",
    )


def _note_ids(value: Json, named: dict[str, Json]) -> None:
    if isinstance(value, dict):
        name = value.get("$id") or value.get("id")
        if isinstance(name, str):
            named.setdefault(name, value)
    if isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            _note_ids(item, named)


def _in_range(value: Json, schema: Json) -> bool:
    if not isinstance(schema, dict) or not {"minimum", "maximum"} & schema.keys():
        return False
    number = js_number(value)
    return not (
        ("minimum" in schema and not number >= js_number(schema["minimum"]))
        or ("maximum" in schema and not number <= js_number(schema["maximum"]))
    )


def _chosen(schema: Schema, options: list[Json], siblings: Json) -> Schema:
    """Return a schema merged with one of its options, without what only others require."""
    if not options:
        raise ExampleError("oneOf or anyOf is empty", hint="list at least one schema, or remove it")
    copy = without(schema, "anyOf", "oneOf")
    chosen = pick(options)
    merge(copy, chosen)
    for option in options:
        if isinstance(option, dict) and option is not chosen:
            for name in required_names(option):
                if name not in required_names(copy):
                    _forget(copy, name)
                _forget(siblings, name)
    return copy


def _forget(schema: Json, name: str) -> None:
    if isinstance(schema, dict) and isinstance(schema.get("properties"), dict):
        schema["properties"].pop(name, None)


def required_names(schema: Schema) -> list[str]:
    """Return the names under `required`; none for draft-03's boolean.

    Raises:
        ExampleError: it is something else than a list of strings.
    """
    names = schema.get("required")
    if names is None or isinstance(names, bool):
        return []
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ExampleError("required is not a list of names", hint="write it as a list of strings")
    return names
