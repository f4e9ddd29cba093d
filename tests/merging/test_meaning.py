"""A merged schema accepts what the branches of its `allOf` accept: draft-07, section 6.7.1."""

from __future__ import annotations

import math
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jsonschema_tools.errors import SchemaToolsError
from jsonschema_tools.merging.merge import merge_all_of
from support.effort import examples

NAMES = st.sampled_from(["a", "b", "c"])
SCALARS = st.sampled_from(
    [None, True, False, 0, 1, 2, -1, 2.5, 0.07, "", "a", "ab", "b", "2021-01-01"]
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)
TYPES = st.sampled_from(["null", "boolean", "integer", "number", "string", "array", "object"])
COUNTS = st.integers(0, 3)
PATTERNS = st.sampled_from(["^a", "b$", "a|b"])


def keywords(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return schemas that use every keyword of draft-07 that has a meaning for events."""
    schema = inner | st.booleans()
    several = st.lists(schema, min_size=1, max_size=2)
    return st.fixed_dictionaries(
        {},
        optional={
            "type": TYPES | st.lists(TYPES, min_size=1, max_size=3, unique=True),
            "enum": st.lists(VALUES, min_size=1, max_size=3, unique_by=repr),
            "const": VALUES,
            "multipleOf": st.sampled_from([1, 2, 3, 0.5, 0.01, 0.07]),
            "minimum": COUNTS,
            "maximum": COUNTS,
            "minLength": COUNTS,
            "pattern": PATTERNS,
            "format": st.sampled_from(["date", "email"]),
            "items": schema | several,
            "additionalItems": schema,
            "maxItems": COUNTS,
            "uniqueItems": st.booleans(),
            "contains": schema,
            "required": st.lists(NAMES, max_size=2, unique=True),
            "properties": st.dictionaries(NAMES, schema, max_size=2),
            "patternProperties": st.dictionaries(PATTERNS, schema, max_size=1),
            # not `false`, which is read as `unevaluatedProperties`: see `merge_all_of`
            "additionalProperties": inner | st.just(True),
            "dependencies": st.dictionaries(
                NAMES, schema | st.lists(NAMES, max_size=2, unique=True), max_size=2
            ),
            "propertyNames": schema,
            "if": schema,
            "then": schema,
            "else": schema,
            "allOf": several,
            "anyOf": several,
            "oneOf": several,
            "not": schema,
            "title": st.just("t"),
            "$comment": st.sampled_from(["x", "y"]),
        },
    )


SCHEMAS = st.recursive(keywords(st.just({})), keywords, max_leaves=4)


def is_valid(schema: Any, value: Any) -> bool:
    return jsonschema_rs.Draft7Validator(schema, validate_formats=True).is_valid(value)


def merged_or_none(schema: Any) -> Any:
    try:
        return merge_all_of(schema)
    except SchemaToolsError:
        return None


@given(
    own=SCHEMAS,
    branches=st.lists(SCHEMAS, min_size=1, max_size=3),
    values=st.lists(VALUES, min_size=8, max_size=8),
)
@settings(max_examples=examples(80), deadline=None)
def test_a_merged_schema_accepts_the_same(own: Any, branches: Any, values: Any) -> None:
    schema = {**own, "allOf": branches}
    merged = merged_or_none(schema)
    if merged is not None:
        for value in values:
            assert is_valid(merged, value) == is_valid(schema, value), value


@given(own=SCHEMAS, branches=st.lists(SCHEMAS, min_size=1, max_size=3))
@settings(max_examples=examples(50), deadline=None)
def test_merging_again_changes_nothing(own: Any, branches: Any) -> None:
    merged = merged_or_none({**own, "allOf": branches})
    if isinstance(merged, dict):
        assert merge_all_of(merged) == merged


#: branches of an `allOf`, what they become, and values of which the branches decide
CASES: list[tuple[str, list[Any], Any]] = [
    (
        "two contains may mean two items",
        [{"contains": {"const": 1}}, {"contains": {"const": 2}}],
        {"allOf": [{"contains": {"const": 1}}, {"contains": {"const": 2}}]},
    ),
    (
        "dependencies are added up",
        [{"dependencies": {"a": ["b"]}}, {"dependencies": {"a": ["c"]}}],
        {"dependencies": {"a": ["b", "c"]}},
    ),
    ("decimals", [{"multipleOf": 0.01}, {"multipleOf": 0.07}], {"multipleOf": 0.07}),
    (
        "a multiple that no double is",
        [{"multipleOf": 1e-300}, {"multipleOf": 7e300}],
        {"allOf": [{"multipleOf": 1e-300}, {"multipleOf": 7e300}]},
    ),
    ("an integer is a number", [{"type": "number"}, {"type": "integer"}], {"type": "integer"}),
    (
        "in lists too",
        [{"type": ["integer", "null"]}, {"type": ["number", "string", "null"]}],
        {"type": ["integer", "null"]},
    ),
    (
        "two formats",
        [{"format": "date"}, {"format": "email"}],
        {"allOf": [{"format": "date"}, {"format": "email"}]},
    ),
    (
        "conditionals stay with their own",
        [{"if": {"const": 1}, "then": False}, {"if": {"const": 2}, "else": {"type": "string"}}],
        {
            "allOf": [
                {"if": {"const": 1}, "then": False},
                {"if": {"const": 2}, "else": {"type": "string"}},
            ]
        },
    ),
    (
        "a then without if says nothing to another's if",
        [{"then": False}, {"if": {"const": 1}, "else": {"type": "string"}}],
        {"if": {"const": 1}, "else": {"type": "string"}},
    ),
    (
        "additionalProperties are about the names of their own schema",
        [{"additionalProperties": {"type": "string"}}, {"properties": {"a": {"type": "integer"}}}],
        {
            "allOf": [{"additionalProperties": {"type": "string"}}],
            "properties": {"a": {"type": "integer"}},
        },
    ),
    (
        "a choice that contradicts another on a part that may be missing",
        [
            {"anyOf": [{"properties": {"a": {"const": 1}}}, {"type": "null"}]},
            {"anyOf": [{"properties": {"a": {"const": 2}}}, {"minimum": 1}]},
        ],
        {
            "anyOf": [
                {"properties": {"a": False}},
                {"properties": {"a": {"const": 1}}, "minimum": 1},
                {"properties": {"a": {"const": 2}}, "type": "null"},
                {"type": "null", "minimum": 1},
            ]
        },
    ),
    (
        "of a oneOf, choices that are twice there count twice",
        [{"oneOf": [{"type": "integer"}, {"minimum": 2}]}, {"oneOf": [{"type": "number"}, {}]}],
        {
            "oneOf": [
                {"type": "integer"},
                {"type": "integer"},
                {"type": "number", "minimum": 2},
                {"minimum": 2},
            ]
        },
    ),
    ("no items at all", [{"items": False}, {"items": [{}]}], {"items": False}),
    (
        "comments and custom keywords",
        [{"$comment": "a"}, {"$comment": "b", "x": 1}, {"x": 2}],
        {"$comment": "a", "x": 1},
    ),
    (
        "definitions to which nothing refers any more",
        [{"definitions": {"a": {"type": "string"}}}, {"definitions": {"a": {"type": "null"}}}],
        {"definitions": {"a": {"type": "string"}}},
    ),
    (
        "not grows no layer",
        [{"not": {"anyOf": [{"type": "null"}]}}],
        {"not": {"anyOf": [{"type": "null"}]}},
    ),
    (
        "false closes the whole, as a later draft's unevaluatedProperties",
        [{"additionalProperties": False, "properties": {"a": {}}}, {"properties": {"b": {}}}],
        {"additionalProperties": False, "properties": {"a": {}, "b": {}}},
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("branches", "expected"), [case[1:] for case in CASES], ids=[c[0] for c in CASES]
)
def test_what_branches_become(branches: list[Any], expected: Any) -> None:
    merged = merge_all_of({"allOf": branches})
    assert merged == expected


@given(
    a=st.sampled_from([0.01, 0.07, 0.5, 3, 1.1]),
    b=st.sampled_from([0.01, 0.3, 2, 7]),
    k=st.integers(1, 50),
)
def test_a_common_multiple_is_one_of_both(a: float, b: float, k: int) -> None:
    merged: Any = merge_all_of({"allOf": [{"multipleOf": a}, {"multipleOf": b}]})
    assert isinstance(merged, dict)
    multiple = merged["multipleOf"] * k
    for factor in (a, b):
        assert math.isclose(multiple / factor, round(multiple / factor))
