"""Checks of single files: a valid schema, clear types and names, bounds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jsonschema_tools.checks.base import Check, Context, check
from jsonschema_tools.checks.examples import CHECKS as EXAMPLES
from jsonschema_tools.checks.scopes import FILE, is_materialized
from jsonschema_tools.ecmascript.conversions import truthy
from jsonschema_tools.errors import Problem
from jsonschema_tools.messages import MANY, format_value, suggest
from jsonschema_tools.pointers import escape
from jsonschema_tools.subschemas import CONDITION, Subschema, places
from jsonschema_tools.validation import (
    is_schema,
    schema_problems,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.repository import SchemaFile
    from jsonschema_tools.values import Json, Schema

_NUMBERS = ("integer", "number")  # no set: `type` may be a list, which has no hash
_SCALARS = ("string", "integer", "number", "boolean", "null")
_SNAKE_CASE = re.compile(r"[$a-z]+[a-z0-9_]*")


# Most parts of a schema are leaves: they hold none of the keywords that a check looks at.
_LEADING_TO_NAMES = frozenset({"properties", "allOf"})
_LEADING_TO_TYPES = frozenset({"properties", "allOf", "oneOf", "enum"})
_LEADING_TO_REQUIRED = frozenset({"properties", "required"})


def _has_bounds(file: SchemaFile, context: Context) -> bool:
    return not file.current and context.config.numeric_bounds is not None


@check("schema-is-valid", "robustness", FILE, applies=is_materialized)
def schema_is_valid(file: SchemaFile, _: Context) -> Iterator[Problem]:
    """Every materialized file is a valid JSON Schema (draft-07).

    A schema with a slip, such as `type: strnig` or `required: name`, makes validators fail, or
    worse, accept anything.

    Bad: `minLength: "3"`, `required: name`, `enum: []`.

    Good: `minLength: 3`, `required: [name]`, `enum: [a, b]`.

    Fix: correct it in the current file, in a new version if this one is published.
    """
    if not is_schema(file.schema):
        yield from schema_problems(file.schema)


@check("schema-snake-case-properties", "robustness", FILE)
def snake_case_properties(file: SchemaFile, _: Context) -> Iterator[Problem]:
    """Property names are snake_case.

    Fields become columns of SQL tables, where upper and lower case are the same and a dash is a
    minus. A name starts with a lower case letter or `$`, and goes on with lower case letters,
    digits and `_`. Looks into `properties` and `allOf`.

    Bad: `pageTitle`, `page-title`, `_page`.

    Good: `page_title`.

    Fix: rename the property; in a published schema that takes a new major version.
    """
    yield from _names(file.data, "")


def _names(node: Json, pointer: str) -> Iterator[Problem]:
    yield from _malformed(node, pointer)
    for index, part in enumerate(_list(node, "allOf")):
        yield from _names(part, f"{pointer}/allOf/{index}")
    for name, part in _dict(node, "properties").items():
        if _SNAKE_CASE.fullmatch(name) and _is_leaf(part, _LEADING_TO_NAMES):
            continue
        here = f"{pointer}/properties/{escape(name)}"
        if not _SNAKE_CASE.fullmatch(name):
            yield Problem(f"property {name!r} is not snake_case", here)
        yield from _names(part, here)


@check("schema-deterministic-types", "robustness", FILE, applies=is_materialized)
def deterministic_types(file: SchemaFile, _: Context) -> Iterator[Problem]:
    """Every property has one type, arrays have typed items, objects properties or typed values.

    A column of a table has one type. A field that is sometimes a string and sometimes a number, or
    an object of which nothing is known, cannot become one. Alternatives (`oneOf`) have to agree on
    type and required properties; `enum` must not hold null.

    Bad:

        size: {type: [integer, "null"]}
        tags: {type: array}
        extra: {type: object}

    Good:

        size: {type: integer}
        tags: {type: array, items: {type: string}}
        extra: {type: object, additionalProperties: {type: string}}

    Fix: choose one type, and leave the field out of the event where it has no value.
    """
    yield from _types(file.data, "")


def _types(node: Json, pointer: str) -> Iterator[Problem]:
    yield from _malformed(node, pointer)
    if not isinstance(node, dict):
        return
    kind = node.get("type")
    if isinstance(kind, list):
        yield Problem("`type` lists several types", f"{pointer}/type", "choose one")
    elif kind == "array":
        yield from _item_types(node, pointer)
    elif kind == "object":
        yield from _value_types(node, pointer)
    if any(value is None for value in _list(node, "enum")):
        yield Problem("`enum` holds null", f"{pointer}/enum")
    for name, part in _dict(node, "properties").items():
        kind = part.get("type") if isinstance(part, dict) else None
        if kind in _SCALARS and _is_leaf(part, _LEADING_TO_TYPES):
            continue
        here = f"{pointer}/properties/{escape(name)}"
        if isinstance(part, dict) and truthy(kind):
            yield from _types(part, here)
        else:
            yield Problem(f"property {name!r} has no type", here, "add `type`")
    for index, part in enumerate(_list(node, "allOf")):
        yield from _types(part, f"{pointer}/allOf/{index}")
    if node.get("oneOf") and isinstance(node["oneOf"], str):
        yield Problem("`oneOf` must be a list", f"{pointer}/oneOf")
    yield from _alternatives(_list(node, "oneOf"), f"{pointer}/oneOf")


def _item_types(node: Schema, pointer: str) -> Iterator[Problem]:
    items = node.get("items")
    if isinstance(items, dict) and truthy(items.get("type")):
        yield from _types(items, f"{pointer}/items")
    else:
        yield Problem("an array must have `items` with a `type`", pointer, "add `items`")


def _value_types(node: Schema, pointer: str) -> Iterator[Problem]:
    values = node.get("additionalProperties")
    if truthy(values):
        yield from _types(values, f"{pointer}/additionalProperties")
    elif not any(truthy(node.get(key)) for key in ("properties", "oneOf", "allOf")):
        yield Problem(
            "an object must have `properties`, or `additionalProperties` with a `type`",
            pointer,
            "say what is in it",
        )


def _alternatives(parts: list[Json], pointer: str) -> Iterator[Problem]:
    kinds = [part.get("type") if isinstance(part, dict) else None for part in parts]
    if any(kind != kinds[0] for kind in kinds):
        yield Problem("`oneOf` holds different types", pointer)
    elif kinds and kinds[0] == "object":
        required = [{format_value(name) for name in _list(part, "required")} for part in parts]
        if any(names != required[0] for names in required):
            yield Problem("`oneOf` holds objects with different `required` properties", pointer)
    for index, part in enumerate(parts):
        yield from _types(part, f"{pointer}/{index}")


@check("schema-required-properties-exist", "robustness", FILE, applies=is_materialized)
def required_properties_exist(file: SchemaFile, _: Context) -> Iterator[Problem]:
    """Every property in `required` is in `properties`.

    A required name that is declared nowhere is a slip, or was left behind: no producer knows what
    to put there, and where `additionalProperties` is false no event is valid. Looks into
    `properties`.

    Bad: `required: [page_titel]` beside `properties: {page_title: …}`.

    Good: `required: [page_title]`.

    Fix: declare the property, or take its name out of `required`.
    """
    yield from _required(file.data, "")


def _required(node: Json, pointer: str) -> Iterator[Problem]:
    if not isinstance(node, dict):
        if node is None:
            yield from _malformed(node, pointer)
        return
    names, properties = node.get("required"), _dict(node, "properties")
    if truthy(names) and not isinstance(names, list):
        yield Problem("`required` must be a list", f"{pointer}/required")
    for index, name in enumerate(_list(node, "required")):
        if not (isinstance(name, str) and truthy(properties.get(name))):
            yield Problem(
                f"required property {format_value(name)} is not in `properties`",
                f"{pointer}/required/{index}",
                suggest(name, properties, most=MANY) if isinstance(name, str) else None,
            )
    if names == [] and not truthy(node.get("properties")):
        yield Problem("`required` without `properties`", f"{pointer}/required")
    for name, part in properties.items():
        if not _is_leaf(part, _LEADING_TO_REQUIRED):
            yield from _required(part, f"{pointer}/properties/{escape(name)}")


@check("schema-enforced-numeric-bounds", "robustness", FILE, applies=_has_bounds)
def enforced_numeric_bounds(file: SchemaFile, context: Context) -> Iterator[Problem]:
    """Every number has `minimum` and `maximum` inside `enforcedNumericBounds`.

    JavaScript cannot hold integers beyond 2^53 - 1, databases have limits of their own. A number
    with bounds can be stored by everybody without loss.

    Bad: `size: {type: integer}`.

    Good: `size: {type: integer, minimum: -9007199254740991, maximum: 9007199254740991}`.

    Fix: materialize; it adds bounds where there are none. Correct those that are too wide.
    """
    if context.config.numeric_bounds is None:
        return
    low, high = context.config.numeric_bounds
    for place in places(file.schema):
        # conditions are passed over, as materializing does when it adds bounds
        if place.schema.get("type") in _NUMBERS and not place.through & CONDITION:
            yield from _bound(place, "minimum", low, high)
            yield from _bound(place, "maximum", low, high)


def _bound(place: Subschema, key: str, low: float, high: float) -> Iterator[Problem]:
    value = place.schema.get(key)
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        yield Problem(f"a number without `{key}`", place.pointer, "materialize again")
    elif not (value >= low if key == "minimum" else value <= high):
        yield Problem(
            f"`{key}` {format_value(value)} is outside the enforced bounds {low} to {high}",
            place.at(key),
        )


CHECKS: tuple[Check, ...] = (
    schema_is_valid,
    snake_case_properties,
    deterministic_types,
    required_properties_exist,
    *EXAMPLES,
    enforced_numeric_bounds,
)


def _is_leaf(node: Json, keywords: frozenset[str]) -> bool:
    return isinstance(node, dict) and keywords.isdisjoint(node)


def _dict(node: Json, key: str) -> dict[str, Json]:
    value = node.get(key) if isinstance(node, dict) else None
    return value if isinstance(value, dict) else {}


def _list(node: Json, key: str) -> list[Json]:
    value = node.get(key) if isinstance(node, dict) else None
    return value if isinstance(value, list) else []


def _malformed(node: Json, pointer: str) -> Iterator[Problem]:
    """Yield what keeps a check from looking into a schema."""
    if node is None:
        yield Problem("there is null where a schema should be", pointer)
    elif isinstance(node, dict):
        if truthy(node.get("allOf")) and not isinstance(node["allOf"], list):
            yield Problem("`allOf` must be a list", f"{pointer}/allOf")
        if node.get("properties") and isinstance(node["properties"], (list, str)):
            yield Problem("`properties` must be an object", f"{pointer}/properties")
