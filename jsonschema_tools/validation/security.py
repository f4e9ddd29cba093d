"""What makes validating untrusted data slow: the rules of ajv's `json-schema-secure.json`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jsonschema_tools.errors import Problem
from jsonschema_tools.keywords import IN_PLACE
from jsonschema_tools.subschemas import TUPLE, Subschema, places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.values import Json, Schema

_COMPOSITES = ("object", "array")
_BRANCHES = sorted(IN_PLACE.lists)
_LOOKED_AT = frozenset({"format", "pattern", "patternProperties", "uniqueItems", *_BRANCHES})


def insecure(schema: Schema) -> Iterator[Problem]:
    """Yield what in a schema lacks the limit that keeps its validation fast."""
    for place in places(schema):
        # a list of `items` is passed over, as the reference does
        if not place.through & TUPLE and not _LOOKED_AT.isdisjoint(place.schema):
            yield from _limits(place)


def _limits(place: Subschema) -> Iterator[Problem]:
    schema = place.schema
    for key in _BRANCHES:
        value = schema.get(key, ...)
        if value is not ... and not (isinstance(value, list) and value):
            yield Problem(f"`{key}` must be a list with at least one schema", place.at(key))
    if "maxLength" not in schema:
        for key in ("pattern", "format"):
            if key in schema:
                yield Problem(f"`{key}` without `maxLength`", place.at(key), "add `maxLength`")
    if "patternProperties" in schema:
        names = schema.get("propertyNames", ...)
        if names is ... or (isinstance(names, dict) and "maxLength" not in names):
            yield Problem(
                "`patternProperties` without `propertyNames` that have `maxLength`",
                place.at("patternProperties"),
                "add `propertyNames: {maxLength: 128}`",
            )
    if _compares_composites(schema) and "maxItems" not in schema:
        yield Problem("`uniqueItems` without `maxItems`", place.at("uniqueItems"), "add `maxItems`")


def _compares_composites(schema: Schema) -> bool:
    """Tell whether `uniqueItems` may have to compare objects or lists with each other."""
    if schema.get("uniqueItems") is not True:
        return False
    items: Json = schema.get("items")
    if not isinstance(items, dict) or "type" not in items:
        return True
    kind = items["type"]
    return any(name in _COMPOSITES for name in (kind if isinstance(kind, list) else [kind]))
