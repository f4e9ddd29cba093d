"""From schemas to columns: the cases of the platform's converters, in our words."""

from __future__ import annotations

from typing import Any

import pytest

from jsonschema_tools.lake.columns import columns
from jsonschema_tools.lake.names import column_name, field_name, table_name
from jsonschema_tools.lake.types import Field, sql

TEXT, INT, NUM, BOOL = ({"type": kind} for kind in ("string", "integer", "number", "boolean"))


def table(properties: dict[str, Any], **rest: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, **rest}


def one(schema: Any, **options: bool) -> Field:
    found = columns(table({"a": schema}), **options)
    assert not found.problems
    return found.columns[0]


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (BOOL, "BOOLEAN"),
        (INT, "BIGINT"),
        ({"type": "integer", "maximum": 9}, "BIGINT"),
        (NUM, "DOUBLE"),
        (TEXT, "STRING"),
        ({"type": "string", "format": "date-time"}, "TIMESTAMP"),
        ({"type": "string", "format": "date"}, "STRING"),
        ({"type": "string", "enum": ["x"]}, "STRING"),
        ({"type": ["string"]}, "STRING"),
        ({"type": "array", "items": TEXT}, "ARRAY<STRING>"),
        ({"type": "array", "items": {"type": "array", "items": INT}}, "ARRAY<ARRAY<BIGINT>>"),
        (table({"x": TEXT, "Y": INT}), "STRUCT<x: STRING, Y: BIGINT>"),
        (table({"x": TEXT}, additionalProperties=False), "STRUCT<x: STRING>"),
        (table({"x": TEXT}, additionalProperties=True), "STRUCT<x: STRING>"),
        ({"type": "object", "additionalProperties": NUM}, "MAP<STRING, DOUBLE>"),
        (table({"key": NUM}, additionalProperties=NUM), "MAP<STRING, DOUBLE>"),
        (
            table({"k": table({"x": {**TEXT, "description": "other"}})},
                  additionalProperties=table({"x": TEXT}, required=["x"])),
            "MAP<STRING, STRUCT<x: STRING>>",
        ),
        (
            {"type": "array", "items": {"type": "object", "additionalProperties": INT}},
            "ARRAY<MAP<STRING, BIGINT>>",
        ),
        ({"type": "string", "oneOf": [{}, {}]}, "STRING"),
    ],
)  # fmt: skip
def test_types(schema: Any, expected: str) -> None:
    assert sql(one(schema).type) == expected


@pytest.mark.parametrize(
    ("schema", "pointer", "words"),
    [
        ({}, "", "without `type`"),
        ({"type": "wrong"}, "", "unknown type, 'wrong'"),
        ({"type": "null"}, "", "always null"),
        ({"type": ["string", "null"]}, "", "union of types (string, null)"),
        ({"type": ["string", "object"]}, "", "union of types (string, object)"),
        ({"oneOf": [TEXT, INT]}, "", "`oneOf`"),
        ({"anyOf": [TEXT, INT]}, "", "`anyOf`"),
        ({"$ref": "/x/1.0.0"}, "", "`$ref`"),
        ({"enum": ["x"]}, "", "`enum`"),
        ({"type": "array"}, "", "array without `items`"),
        ({"type": "array", "items": [TEXT, INT]}, "/items", "list of schemas"),
        ({"type": "array", "items": {}}, "/items", "without `type`"),
        ({"type": "object"}, "", "free object"),
        ({"type": "object", "properties": {}}, "", "free object"),
        ({"type": "object", "additionalProperties": True}, "", "free object"),
        ({"type": "object", "properties": "x"}, "", "`properties` is not an object"),
        ({"type": "object", "additionalProperties": {}}, "/additionalProperties", "without `type`"),
        (False, "", "`False`"),
        (True, "", "`True`"),
        (table({"x": {}}), "/properties/x", "without `type`"),
    ],
)
def test_what_has_no_type(schema: Any, pointer: str, words: str) -> None:
    [problem] = columns(table({"a": schema})).problems
    assert problem.pointer == f"/properties/a{pointer}"
    assert words in problem.message
    assert problem.hint
    if schema is not False:
        assert not columns(table({"a": schema}), lenient=True).problems


def test_properties_beside_a_map_have_its_type() -> None:
    value = table({"x": TEXT, "y": INT})
    schema = table(
        {
            "fits": {**value, "description": "only the words differ"},
            "other_type": table({"x": TEXT, "y": TEXT}),
            "other_name": table({"x": TEXT, "z": INT}),
        },
        additionalProperties=value,
    )
    [problem] = columns(table({"a": schema})).problems
    assert "`other_type`, `other_name` have another type" in problem.message
    assert sql(one(schema, lenient=True).type) == "STRING"


@pytest.mark.parametrize("schema", [TEXT, {"type": "object"}, {"properties": {"a": TEXT}}, {}])
def test_a_table_is_an_object_with_properties(schema: Any) -> None:
    [problem] = columns(schema).problems
    assert "not an object with properties" in problem.message
    assert len(columns(schema, lenient=True).columns) == 1


def test_a_map_is_one_column() -> None:
    [column] = columns({"type": "object", "additionalProperties": {**INT}}).columns
    assert (column.name, sql(column.type)) == ("value", "MAP<STRING, BIGINT>")


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({}, "STRING"),
        ({"type": "object"}, "STRING"),
        ({"type": "array"}, "STRING"),
        ({"type": ["array", "object", "string"]}, "STRING"),
        ({"type": ["integer", "null"]}, "BIGINT"),
        ({"type": ["null", "string"], "format": "date-time"}, "TIMESTAMP"),
        (table({"x": {}}), "STRUCT<x: STRING>"),
    ],
)
def test_lenient(schema: Any, expected: str) -> None:
    assert sql(one(schema, lenient=True).type) == expected


def test_required_is_not_nullable() -> None:
    inner = table({"x": TEXT, "y": TEXT}, required=["y"])
    found = columns(
        table({"a": TEXT, "b": inner, "c": {"type": "array", "items": inner}}, required=["a"])
    )
    a, b, c = found.columns
    assert (a.nullable, b.nullable, c.nullable) == (False, True, True)
    assert [field.nullable for field in b.type.fields] == [True, False]  # type: ignore[union-attr]
    assert [f.nullable for f in c.type.item.fields] == [True, False]  # type: ignore[union-attr]
    every = columns(table({"a": TEXT, "b": inner}, required=["a"]), nullable=True)
    assert all(field.nullable for field in every.columns)
    assert all(field.nullable for field in every.columns[1].type.fields)  # type: ignore[union-attr]


def test_required_of_draft_03() -> None:
    found = columns(table({"a": {**TEXT, "required": True}, "b": {**TEXT, "required": False}}))
    assert [field.nullable for field in found.columns] == [False, True]


def test_what_may_be_null_is_nullable() -> None:
    found = columns(table({"a": {"type": ["string", "null"]}}, required=["a"]), lenient=True)
    assert found.columns[0].nullable


def test_descriptions_are_comments_on_one_line() -> None:
    found = columns(table({"a": {**TEXT, "description": "One.\n  Two\x00.\n"}}, description="It."))
    assert found.columns[0].comment == "One. Two."
    assert found.comment == "It."


def test_times_as_text() -> None:
    time = {"type": "string", "format": "date-time"}
    assert sql(one(time, times_as_text=True).type) == "STRING"


@pytest.mark.parametrize(
    ("name", "column", "field"),
    [
        ("$schema", "_schema", "_schema"),
        ("$Field-1.other", "_field_1_other", "_Field_1_other"),
        ("Test-Table", "test_table", "Test_Table"),
        ("mediawiki.page_change.v1", "mediawiki_page_change_v1", "mediawiki_page_change_v1"),
        ("1st", "_st", "_st"),
        ("é", "_", "_"),
        ("", "_", "_"),
    ],
)
def test_names(name: str, column: str, field: str) -> None:
    assert column_name(name) == table_name(name) == column
    assert field_name(name) == field


def test_nested_names_keep_their_case() -> None:
    found = columns(table({"Outer-A": table({"Inner-B": INT})}))
    assert [field.name for field in found.columns] == ["outer_a"]
    assert sql(found.columns[0].type) == "STRUCT<Inner_B: BIGINT>"
    assert found.columns[0].source == "Outer-A"


@pytest.mark.parametrize("lenient", [False, True])
def test_two_properties_are_not_one_column(lenient: bool) -> None:
    schemas = (table({"a-b": TEXT, "A_b": INT}), table({"x": table({"k": TEXT, "K": TEXT})}))
    for schema in schemas:
        [problem] = columns(schema, lenient=lenient).problems
        assert "would both be" in problem.message


def test_no_property_is_a_partition_column() -> None:
    [problem] = columns(table({"a": TEXT, "Hour": INT})).problems
    assert problem.pointer == "/properties/Hour"


def test_depth_has_an_end() -> None:
    schema: Any = TEXT
    for _ in range(300):
        schema = table({"x": schema})
    [problem] = columns(table({"a": schema})).problems
    assert "deep" in problem.message
    assert not columns(table({"a": schema}), lenient=True).problems


def test_the_event_of_the_platforms_tests() -> None:
    schema = table(
        {
            "$schema": TEXT,
            "dt": {"type": "string", "format": "date-time"},
            "meta": table(
                {"stream": TEXT, "dt": {"type": "string", "format": "date-time"}, "id": TEXT}
            ),
            "test": TEXT,
            "test_int": INT,
            "test_decimal": NUM,
            "test_map": table({"key1": TEXT}, additionalProperties=TEXT),
            "test_array": {"type": "array", "items": table({"prop1": TEXT})},
        }
    )
    assert [f"{field.name} {sql(field.type)}" for field in columns(schema).columns] == [
        "_schema STRING",
        "dt TIMESTAMP",
        "meta STRUCT<stream: STRING, dt: TIMESTAMP, id: STRING>",
        "test STRING",
        "test_int BIGINT",
        "test_decimal DOUBLE",
        "test_map MAP<STRING, STRING>",
        "test_array ARRAY<STRUCT<prop1: STRING>>",
    ]
