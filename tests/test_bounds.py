"""Numeric bounds: which subschemas get them, and that nothing else changes."""

from __future__ import annotations

from typing import Any

import pytest

from jsonschema_tools.bounds import add_numeric_bounds, numeric_subschemas
from jsonschema_tools.values import Schema, deep_copy

LOW, HIGH = -5, 7
NUMBER: dict[str, Any] = {"type": "number"}
BOUNDED = {"type": "number", "minimum": LOW, "maximum": HIGH}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "integer"}, {"type": "integer", "minimum": LOW, "maximum": HIGH}),
        (NUMBER, BOUNDED),
        ({"type": "number", "minimum": None}, {**BOUNDED, "minimum": None}),
        ({"type": "number", "maximum": 1000}, {**BOUNDED, "maximum": 1000}),
        ({"type": "number", "minimum": -1000}, {**BOUNDED, "minimum": -1000}),
        ({"type": "number", "exclusiveMinimum": 0}, {**BOUNDED, "exclusiveMinimum": 0}),
        ({"type": ["number", "null"]}, {"type": ["number", "null"]}),
        ({"type": "string"}, {"type": "string"}),
    ],
)
def test_only_what_is_not_there_is_added(schema: dict[str, Any], expected: dict[str, Any]) -> None:
    assert _bounded(schema) == expected


@pytest.mark.parametrize(
    "pointer",
    [
        *(f"/{keyword}/a~1b~0" for keyword in ("properties", "patternProperties", "definitions")),
        "/dependencies/a",
        "/items",
        *(f"/{keyword}/1" for keyword in ("items", "allOf", "anyOf", "oneOf")),
        *(f"/{k}" for k in ("additionalItems", "contains", "additionalProperties", "not")),
        "/propertyNames",
        "/properties/properties/items/properties/type/oneOf/0",
    ],
)
def test_subschemas_are_visited(pointer: str) -> None:
    schema = _at(pointer, {"type": "integer", "title": "x"})
    found = [(place.pointer, place.schema) for place in numeric_subschemas(schema)]
    assert found == [(pointer, {"type": "integer", "title": "x"})]


@pytest.mark.parametrize(
    "schema",
    [
        *({keyword: NUMBER} for keyword in ("if", "then", "else", "default", "const", "x-own")),
        *({keyword: [NUMBER]} for keyword in ("enum", "examples", "not", "definitions")),
        {"dependencies": {"a": ["number"], "b": [NUMBER]}},
        {"properties": {"type": "number", "a": [NUMBER], "b": None}},
        {"anyOf": NUMBER},
    ],
)
def test_what_is_not_visited(schema: dict[str, Any]) -> None:
    assert list(numeric_subschemas(schema)) == []
    assert _bounded(schema) == schema


def test_subschemas_come_in_the_order_of_the_document() -> None:
    schema: Schema = {
        "properties": {"b": {"items": NUMBER, "type": "number"}, "a": NUMBER},
        "type": "integer",
        "allOf": [NUMBER],
    }
    pointers = [place.pointer for place in numeric_subschemas(schema)]
    assert pointers == ["", "/properties/b", "/properties/b/items", "/properties/a", "/allOf/0"]


def test_what_is_shared_stays_shared() -> None:
    number = {"type": "number"}
    schema = {"properties": {"a": number, "b": number}, "default": [number]}
    bounded = _bounded(schema)
    assert bounded["properties"]["a"] is bounded["properties"]["b"] is bounded["default"][0]
    assert bounded["default"] == [BOUNDED]


def test_in_place() -> None:
    schema: dict[str, Any] = {"contains": {"type": "integer"}}
    add_numeric_bounds(schema, (LOW, HIGH))
    assert schema == {"contains": {"type": "integer", "minimum": LOW, "maximum": HIGH}}


def test_deep_nesting() -> None:
    schema: dict[str, Any] = {"type": "number"}
    for _ in range(5000):
        schema = {"not": schema}
    assert [place.pointer for place in numeric_subschemas(schema)] == ["/not" * 5000]


def _bounded(schema: dict[str, Any]) -> dict[str, Any]:
    copy: dict[str, Any] = deep_copy(schema)
    add_numeric_bounds(copy, (LOW, HIGH))
    return copy


def _at(pointer: str, value: Any) -> Any:
    for token in reversed(pointer.split("/")[1:]):
        key = token.replace("~1", "/").replace("~0", "~")
        value = [True] * int(key) + [value] if key.isdecimal() else {key: value}
    return value
