"""Prepares each subschema for the example that is made of it: references, `allOf`, choices."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, cast

from jsonschema_tools.ecmascript.conversions import to_number, truthy
from jsonschema_tools.errors import ExampleError
from jsonschema_tools.examples.fixed_random import between, pick
from jsonschema_tools.examples.scalars import number_at
from jsonschema_tools.examples.schemas import (
    CHOICE,
    KnownItems,
    is_choice,
    merge,
    place,
    required_names,
    without,
    working_copy,
)
from jsonschema_tools.messages import quote
from jsonschema_tools.values import MAX_DEPTH, as_double, as_list

if TYPE_CHECKING:
    from jsonschema_tools.examples.schemas import Choice, Path
    from jsonschema_tools.values import Json, Schema

_RESOLVED_KEYWORDS = frozenset(("$id", "id", "$ref", "allOf", "oneOf", "anyOf"))
_DATA_KEYWORDS = frozenset(
    ("enum", "const", "default", "examples", "required", "definitions", "items", "properties")
)


@dataclass(slots=True)
class _Counter:
    """The state of `autoIncrement: true`, a keyword of json-schema-faker's own."""

    schema: Schema
    last: float | None = None

    def value(self) -> int | float:
        """Return the next number; the first is a bit above `minimum`."""
        if self.last is None:
            low = number_at(self.schema, "minimum") or 1
            self.last = number_at(self.schema, "initialOffset") or between(low, low + 100)
        else:
            self.last += 1
        return as_double(self.last)


_DEEPEST: Final = MAX_DEPTH + 1
"""Values that are being made within each other, and within them subschemas being prepared.

Each takes up to four frames.
"""


class Resolver:
    """Prepares subschemas of one schema, each just before a value is made for it."""

    def __init__(self, schema: Schema) -> None:
        self._source = schema
        self._root: Json = None
        self._named: dict[str, Json] = {}
        self._seen: set[str] = set()
        self._last_depth = -1
        self._depth = 0
        self.counters: dict[int, _Counter] = {}

    def enter(self, path: Path) -> None:
        """Note that a value is being made, or a subschema prepared, within another one.

        Raises:
            ExampleError: they are nested too deeply.
        """
        if self._depth >= _DEEPEST:
            raise too_deep(path)
        self._depth += 1

    def leave(self) -> None:
        """Note that it is done."""
        self._depth -= 1

    def resolve(self, schema: Json, path: Path) -> Json:
        """Resolve references, merge `allOf`, turn `oneOf` and `anyOf` into a choice; in place.

        Raises:
            ExampleError: a reference leads nowhere, a part of `allOf` is null, or it is too deep.
        """
        if not isinstance(schema, (dict, list)) or id(schema) in self.counters:
            return schema
        self.enter(path)
        resolved: Json = schema
        if isinstance(schema, dict):
            resolved = self._resolved(schema, path)
        else:
            for index, item in enumerate(schema):
                if isinstance(item, (dict, list)):
                    schema[index] = self.resolve(item, (*path, index))
        self.leave()
        return resolved

    def _resolved(self, schema: Schema, path: Path) -> Json:
        if not _RESOLVED_KEYWORDS.isdisjoint(schema):
            if isinstance(schema.get("$id") or schema.get("id"), str):
                for keyword in ("id", "$id", "$schema"):
                    schema.pop(keyword, None)
            if isinstance(ref := schema.get("$ref"), str):
                return self._dereferenced(schema, ref, path)
            if isinstance(schema.get("allOf"), list):
                self._merge_all(schema, path)
            choice = "oneOf" if truthy(schema.get("oneOf")) else "anyOf"
            if isinstance(schema.get(choice), list):
                # a function, which no document holds: it is in the place of a value
                return {CHOICE: cast("Json", self._choice(schema, choice))}
        for key, value in list(schema.items()):
            if isinstance(value, (dict, list)) and key not in _DATA_KEYWORDS:
                schema[key] = self.resolve(value, (*path, key))
        self._note_counter(schema, path)
        return schema

    def _dereferenced(self, schema: Schema, ref: str, path: Path) -> Json:
        """Merge what a reference names into its owner; the second time, drop the reference."""
        if ref == "#" or ref in self._seen:
            if ref != "#" and self._last_depth == len(path):
                return self._local(ref, path)
            del schema["$ref"]
            return schema
        self._seen.add(ref)
        self._last_depth = len(path)
        merge(schema, self._local(ref, path) if "#/" in ref else self._by_id(ref, path))
        schema.pop("$ref", None)
        return schema

    def _original(self) -> Json:
        if self._root is None:
            self._root = working_copy(self._source)
        return self._root

    def _local(self, ref: str, path: Path) -> Json:
        value = self._original()
        for token in ref.rpartition("#/")[2].split("/"):
            if isinstance(value, list) and token.isdecimal() and int(token) < len(value):
                value = value[int(token)]
            elif isinstance(value, dict) and truthy(value.get(token)):
                value = value[token]
            else:
                raise _not_found(ref, path)
        return value

    def _by_id(self, ref: str, path: Path) -> Json:
        if not self._named:
            _note_ids(self._original(), self._named, set())
        if ref not in self._named:
            raise _not_found(ref, path)
        return self._named[ref]

    def _merge_all(self, schema: Schema, path: Path) -> None:
        known = KnownItems()
        for part in as_list(schema.pop("allOf")):
            resolved = self.resolve(part, path)
            if resolved is None:
                raise ExampleError("a part of allOf is null", hint="remove it", at=place(path))
            make = resolved.get(CHOICE) if isinstance(resolved, dict) else None
            merge(schema, make(schema) if is_choice(make) else resolved, known)
            if isinstance(schema.get("allOf"), list):
                self.resolve(schema, path)

    def _choice(self, schema: Schema, keyword: str) -> Choice:
        options, values = as_list(schema[keyword]), schema.get("enum")
        if keyword == "oneOf" and isinstance(values, list):
            common = _common_range(options)
            schema["enum"] = [
                value
                for value in values
                if common is None or not common[0] <= to_number(value) <= common[1]
            ]
        return partial(_chosen, schema, options)

    def _note_counter(self, schema: Schema, path: Path) -> None:
        for keyword in ("autoIncrement", "x-autoIncrement"):
            if schema.get(keyword) is True and path[-1:] not in (("properties",), ("items",)):
                self.counters[id(schema)] = _Counter(schema)


def too_deep(path: Path) -> ExampleError:
    """Return the error about a schema, or what its references make of it, at a place in it."""
    return ExampleError(
        "the schema is nested too deeply for an example",
        hint="give it an example",
        at=place(path),
    )


def _not_found(ref: str, path: Path) -> ExampleError:
    return ExampleError(
        f"nothing found for $ref {quote(ref)}",
        hint="examples follow references within the schema only: switch dereferencing on",
        at=place(path),
    )


def _note_ids(value: Json, named: dict[str, Json], done: set[int]) -> None:
    if not isinstance(value, (dict, list)) or id(value) in done:
        return
    done.add(id(value))
    if isinstance(value, dict) and isinstance(name := value.get("$id") or value.get("id"), str):
        named.setdefault(name, value)
    for item in value.values() if isinstance(value, dict) else value:
        _note_ids(item, named, done)


def _common_range(schemas: list[Json]) -> tuple[float, float] | None:
    """Return the numbers that are in the ranges of all schemas; None where one has no range."""
    low, high = -math.inf, math.inf
    for schema in schemas:
        if not isinstance(schema, dict) or not {"minimum", "maximum"} & schema.keys():
            return None
        least, most = to_number(schema.get("minimum", low)), to_number(schema.get("maximum", high))
        if math.isnan(least) or math.isnan(most):
            return None
        low, high = max(low, least), min(high, most)
    return low, high


def _chosen(schema: Schema, options: list[Json], siblings: Json) -> Schema:
    """Return a schema merged with one of its options, without what only others require."""
    if not options or None in options:
        raise ExampleError("oneOf or anyOf is empty or has a null", hint="list at least one schema")
    copy = without(schema, "anyOf", "oneOf")
    chosen = pick(options)
    merge(copy, chosen)
    kept: set[str] | None = None
    for option in options:
        if isinstance(option, dict) and option is not chosen:
            for name in required_names(option):
                if kept is None:
                    kept = set(required_names(copy))
                if name not in kept:
                    _forget(copy, name)
                _forget(siblings, name)
    return copy


def _forget(schema: Json, name: str) -> None:
    if isinstance(schema, dict) and isinstance(properties := schema.get("properties"), dict):
        properties.pop(name, None)
