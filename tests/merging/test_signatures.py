"""Schemas that say the same have one signature; with it, merging many stays linear."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from jsonschema_tools.merging.equivalence import (
    NotASchemaError,
    distinct,
    distinct_schemas,
    same_schema,
)
from jsonschema_tools.merging.merge import merge_all_of
from jsonschema_tools.merging.signatures import UnknownSignatureError, of_schema

SCALARS = st.sampled_from([None, True, False, 0, 1, 1.0, "", "a", "b", "ab", float("nan"), 10**30])
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2)
    ),
    max_leaves=3,
)


def keywords(schemas: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    maps = st.dictionaries(st.sampled_from("ab"), schemas, max_size=2)
    lists = st.lists(schemas, max_size=2)
    names = st.lists(st.sampled_from("ab"), max_size=3)
    known = {
        **dict.fromkeys(("additionalProperties", "additionalItems", "not", "contains"), schemas),
        **dict.fromkeys(("properties", "patternProperties"), maps),
        **dict.fromkeys(("anyOf", "allOf", "oneOf"), lists),
        "dependencies": st.dictionaries(st.sampled_from("ab"), schemas | names, max_size=2),
        "items": schemas | lists,
        "required": names,
        "enum": st.lists(VALUES, max_size=3),
        "type": st.sampled_from(["string", ["string"], ["string", "null"], ["null", "string"]]),
        **dict.fromkeys(("minLength", "minItems", "minProperties"), st.sampled_from([0, 0.0, 1])),
        "uniqueItems": st.booleans(),
        **dict.fromkeys(("description", "default", "const"), VALUES),
    }
    return st.fixed_dictionaries({}, optional=known) | VALUES


SCHEMAS = st.recursive(
    st.sampled_from([{}, True, False, {"type": "string"}, {"minLength": 0}]), keywords, max_leaves=5
)


def signature(schema: Any) -> Any:
    try:
        return of_schema(schema)
    except UnknownSignatureError:
        return None


@given(st.lists(SCHEMAS, min_size=2, max_size=6))
def test_schemas_that_say_the_same_have_one_signature(schemas: list[Any]) -> None:
    for one in schemas:
        for other in schemas:
            signatures = signature(one), signature(other)
            try:
                same = same_schema(one, other)
            except NotASchemaError:
                continue
            assert not same or None in signatures or signatures[0] == signatures[1]


@given(st.lists(SCHEMAS, min_size=2, max_size=4), st.randoms(use_true_random=False))
def test_many_are_distinguished_as_few_are(schemas: list[Any], random: Any) -> None:
    many = [random.choice(schemas) for _ in range(20)]
    try:
        expected = distinct(many, same_schema)
    except NotASchemaError:
        return
    assert [*map(id, distinct_schemas(many))] == [*map(id, expected)]


def test_many_combinations_take_no_comparison_of_each_with_each() -> None:
    def choices(letter: str) -> dict[str, Any]:
        return {"anyOf": [{"properties": {f"{letter}{i}": {"type": "string"}}} for i in range(70)]}

    merged: Any = merge_all_of({"allOf": [choices("a"), choices("b")]})
    assert isinstance(merged, dict)
    assert len(merged["anyOf"]) == 70 * 70
