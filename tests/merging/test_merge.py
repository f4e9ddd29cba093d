"""Merging `allOf`: the reference's results, conflicts in plain words, nothing changed or shared."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jsonschema_tools.errors import Location, SchemaError, SchemaToolsError
from jsonschema_tools.merging import AllOfConflictError, contributions, merge_all_of
from jsonschema_tools.pointers import follow, split
from jsonschema_tools.values import deep_copy
from support.every_case import for_each

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.values import Schema

DATA = Path(__file__).parents[1] / "data" / "merge"


def cases(name: str) -> list[dict[str, Any]]:
    """Return cases made with the reference; without `merged` it fails.

    Where there is a `reference`, that is what it gives (`fails`: it does not merge this), and
    `merged` accepts what the schema accepts, or has one layer of `not` less.
    """
    return [json.loads(line) for line in (DATA / name).read_text().splitlines()]


def with_shared(value: Any, groups: list[list[str]]) -> Any:
    """Return a value in which all pointers of a group lead to one object."""
    for first, *others in groups:
        for pointer in others:
            *parents, last = split(pointer)
            parent: Any = follow(value, "".join(f"/{token}" for token in parents))
            parent[int(last) if isinstance(parent, list) else last] = follow(value, first)
    return value


def shared(value: Any) -> list[list[str]]:
    """Return the pointers of each object that stands at several places."""
    places: dict[int, list[str]] = {}

    def walk(node: Any, pointer: str) -> None:
        if isinstance(node, (dict, list)):
            places.setdefault(id(node), []).append(pointer)
            if len(places[id(node)]) == 1:
                for key, item in (
                    sorted(node.items()) if isinstance(node, dict) else enumerate(node)
                ):
                    walk(item, f"{pointer}/{key}")

    walk(value, "")
    return sorted(group for group in places.values() if len(group) > 1)


def containers(value: Any) -> Iterator[int]:
    if isinstance(value, (dict, list)):
        yield id(value)
        for item in value.values() if isinstance(value, dict) else value:
            yield from containers(item)


def check(case: dict[str, Any]) -> None:
    schema = with_shared(case["schema"], case.get("shared", []))
    before = deep_copy(schema)
    if "merged" not in case:
        with pytest.raises(SchemaToolsError):
            merge_all_of(schema)
    else:
        merged = merge_all_of(schema)
        assert merged == case["merged"]
        assert json.dumps(merged, sort_keys=True) == json.dumps(case["merged"], sort_keys=True)
        assert shared(merged) == sorted(case.get("merged_shared", []))
        assert set(containers(merged)).isdisjoint(containers(schema))
    assert schema == before
    assert shared(schema) == shared(before)


@for_each(cases("keywords.jsonl"), lambda case: case["name"])
def test_keyword_by_keyword(case: dict[str, Any]) -> None:
    check(case)


@for_each(cases("random.jsonl"), json.dumps)
def test_random_schemas(case: dict[str, Any]) -> None:
    check(case)


def test_keywords_stay_where_the_schema_itself_has_them() -> None:
    schema: Schema = {
        "pattern": "a",
        "properties": {"b": {}},
        "allOf": [{"pattern": "b", "type": "object", "items": {"not": {}}}],
        "title": "t",
    }
    merged = merge_all_of(schema)
    assert isinstance(merged, dict)
    assert list(merged) == ["properties", "title", "allOf", "type", "items"]


CONFLICTS = [
    (
        {"allOf": [{"type": "string"}, {"type": "integer"}]},
        'allOf branches disagree on `type` of the schema: "string" and "integer"',
        "leave `type` to one branch, or write the same in each",
        ["/allOf/0/type", "/allOf/1/type"],
    ),
    (
        {
            "properties": {"a/b": {"type": "number"}},
            "allOf": [{"allOf": [{"properties": {"a/b": {"type": "string"}}}]}],
        },
        'allOf branches disagree on `type` of /properties/a~1b: "number" and "string"',
        "leave `type` to one branch, or write the same in each",
        ["/properties/a~1b/type", "/allOf/0/allOf/0/properties/a~1b/type"],
    ),
    (
        {"items": [{"enum": [1]}], "allOf": [{"items": {"enum": [2, 3]}}, {"items": {}}]},
        "allOf branches disagree on `enum` of /items/0: [1] and [2,3]",
        "the lists need at least one value in common",
        ["/items/0/enum", "/allOf/0/items/enum"],
    ),
    (
        {
            "items": [{}],
            "additionalItems": {"const": 1},
            "allOf": [{"items": [True, {"const": None}]}],
        },
        "allOf branches disagree on `const` of /items/1: 1 and null",
        "leave `const` to one branch, or write the same in each",
        ["/additionalItems/const", "/allOf/0/items/1/const"],
    ),
    (
        {"additionalItems": {"const": 1}, "items": [], "allOf": [{"items": {"const": 2}}]},
        "allOf branches disagree on `const` of /additionalItems: 1 and 2",
        "leave `const` to one branch, or write the same in each",
        ["/additionalItems/const", "/allOf/0/items/const"],
    ),
    (
        {"not": {}, "anyOf": [{}, {"allOf": [{"const": f} for f in ("uri", "date", "time")]}]},
        'allOf branches disagree on `const` of /anyOf/1: "uri", "date" and "time"',
        "leave `const` to one branch, or write the same in each",
        ["/anyOf/1/allOf/0/const", "/anyOf/1/allOf/1/const", "/anyOf/1/allOf/2/const"],
    ),
    (
        {"oneOf": [{"type": "string"}], "allOf": [{"oneOf": [{"type": "null"}]}]},
        'allOf branches disagree on `oneOf` of the schema: [{"type":"string"}] and '
        '[{"type":"null"}]',
        "no choice of one branch goes together with a choice of the other",
        ["/oneOf", "/allOf/0/oneOf"],
    ),
    (
        {"allOf": [{"minimum": "low", "x": "y" * 99}, {"minimum": 1}]},
        'allOf branches disagree on `minimum` of the schema: "low" and 1',
        "leave `minimum` to one branch, or write the same in each",
        ["/allOf/0/minimum", "/allOf/1/minimum"],
    ),
    (
        {"allOf": [{"const": {"title": "y" * 99}}, {"const": {}}]},
        f'allOf branches disagree on `const` of the schema: {{"title":"{"y" * 37}… and {{}}',
        "leave `const` to one branch, or write the same in each",
        ["/allOf/0/const", "/allOf/1/const"],
    ),
]


@pytest.mark.parametrize(("schema", "message", "hint", "pointers"), CONFLICTS)
def test_a_conflict_names_keyword_place_and_values(
    schema: dict[str, Any], message: str, hint: str, pointers: list[str]
) -> None:
    with pytest.raises(AllOfConflictError) as caught:
        merge_all_of(schema)
    assert caught.value.message == message
    assert caught.value.hint == hint
    sides = contributions(schema, caught.value.path)
    assert [side.pointer for side in sides] == pointers
    assert [side.value for side in sides] == [follow(schema, pointer) for pointer in pointers]


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({"allOf": {}}, "`allOf` of the schema must be a list of schemas"),
        (
            {"properties": {"a": {"allOf": "x"}}},
            "`allOf` of /properties/a must be a list of schemas",
        ),
        ({"allOf": [{"allOf": None}]}, "`allOf` of the schema must be a list of schemas"),
        ({"allOf": [None]}, "`allOf` of the schema must not have null in it"),
        ({"anyOf": {"type": "string"}}, "/anyOf must be a list of schemas"),
        ({"items": [True, "x"]}, "/items/1 must be a schema"),
        (
            {"allOf": [{"anyOf": [{"x": i} for i in range(80)]}, {"anyOf": [{}] * 70}]},
            "the choices of /anyOf cannot be merged: all in all there are more than 5,000 "
            "combinations",
        ),
    ],
)
def test_what_is_no_schema(schema: dict[str, Any], message: str) -> None:
    with pytest.raises(SchemaError) as caught:
        merge_all_of(schema)
    assert caught.value.message == message


def test_what_is_no_schema_but_has_to_be_merged_with_one() -> None:
    not_merged: Schema = {"allOf": [{"properties": {"a": None}}, {"properties": {"a": {}}}]}
    with pytest.raises(
        AllOfConflictError, match="null is not a schema, but is in the place of one, in /items"
    ):
        merge_all_of({"items": not_merged})


def test_a_bomb_of_references_ends() -> None:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(30):
        schema = {"properties": {"a": schema, "b": schema}}
    with pytest.raises(SchemaError, match="more than 1,000,000 objects and lists"):
        merge_all_of(schema)


def test_nesting_ends() -> None:
    schema: dict[str, Any] = {}
    for _ in range(5000):
        schema = {"contains": schema}
    with pytest.raises(SchemaError, match="nested more than 200 levels deep") as caught:
        merge_all_of(schema)
    assert caught.value.at == Location("", "/contains" * 200)


def test_nesting_as_deep_as_documents_may_be() -> None:
    schema: dict[str, Any] = {"allOf": [{"type": "string"}]}
    for _ in range(198):
        schema = {"contains": schema}
    merged = merge_all_of(schema)
    assert follow(merged, "/contains" * 198) == {"type": "string"}


NAMES = st.sampled_from("abc")
COUNTS = st.integers(0, 3)
VALUES = st.sampled_from([None, True, 0, 1, 2.5, "", "a", "bbb"])
TYPES = st.sampled_from(["null", "boolean", "number", "string", "object"])
KEYWORDS = st.fixed_dictionaries(
    {},
    optional={
        "type": TYPES | st.lists(TYPES, min_size=1, unique=True),
        "enum": st.lists(VALUES, min_size=1),
        "minimum": COUNTS,
        "maximum": COUNTS,
        "multipleOf": st.sampled_from([0.5, 1, 2]),
        "minLength": COUNTS,
        "maxLength": COUNTS,
        "pattern": st.sampled_from(["a", "^b"]),
        "required": st.lists(NAMES, unique=True),
        "minProperties": COUNTS,
        "maxProperties": COUNTS,
    },
)
SCHEMAS = st.recursive(
    KEYWORDS,
    lambda inner: st.builds(
        lambda plain, properties, branches: {
            **plain,
            "properties": properties,
            **({"allOf": branches} if branches else {}),
        },
        KEYWORDS,
        st.dictionaries(NAMES, inner),
        st.lists(inner, max_size=3),
    ),
    max_leaves=8,
)
SCALARS: list[Any] = [None, True, 0, 1, 2.5, "", "a", "bbb"]
INSTANCES = [
    *SCALARS,
    {},
    *({"a": a} for a in SCALARS),
    *({"a": a, "b": b} for a, b in product(SCALARS, SCALARS)),
    {"a": {"a": 1}, "b": {"b": "a", "c": 1}, "c": None},
]


@given(SCHEMAS)
def test_the_merged_schema_accepts_the_same(schema: dict[str, Any]) -> None:
    try:
        merged = merge_all_of(schema)
    except SchemaToolsError:
        return
    before, after = (jsonschema_rs.Draft7Validator(s) for s in (schema, merged))
    for instance in INSTANCES:
        assert before.is_valid(instance) == after.is_valid(instance), instance


@given(SCHEMAS)
def test_merging_again_changes_nothing(schema: dict[str, Any]) -> None:
    try:
        merged = merge_all_of(schema)
    except SchemaToolsError:
        return
    assert isinstance(merged, dict)
    assert merge_all_of(merged) == merged
