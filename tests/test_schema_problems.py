"""What is said of a schema that is not valid."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from jsonschema_tools.validation import schema_problems

if TYPE_CHECKING:
    from jsonschema_tools.values import Json, Schema


@pytest.mark.parametrize(
    ("schema", "pointer", "message"),
    [
        ({"type": "strin"}, "/type", '"strin" is not one of "array", "boolean" or 5 other'),
        ({"type": ["string", "strin"]}, "/type/1", '"strin" is not one of'),
        ({"type": ["string", "string"]}, "/type", '["string","string"] has non-unique elements'),
        ({"items": {"type": []}}, "/items/type", "[] should be non-empty"),
        ({"properties": {"a": {"type": ["null", 3]}}}, "/properties/a/type/1", "3 is not one of"),
        ({"maxLength": 1.5}, "/maxLength", '1.5 is not of type "integer"'),
    ],
)
def test_the_alternative_that_was_meant_is_reported(
    schema: Schema, pointer: str, message: str
) -> None:
    [problem] = schema_problems(schema)
    assert (problem.pointer or "").startswith(pointer)
    assert problem.message.startswith(message)


def test_dates_of_an_enum_are_distinguished() -> None:
    days: list[Json] = [datetime(2020, 1, 1, tzinfo=UTC), datetime(2021, 1, 1, tzinfo=UTC)]
    assert list(schema_problems({"enum": days})) == []
    [problem] = schema_problems({"enum": [days[0], days[0]]})
    assert problem.message == "`enum` repeats a value"


def test_depth_is_no_matter() -> None:
    schema: Schema = {"type": ["string", "string"]}
    for _ in range(80):
        schema = {"items": schema}
    [problem] = schema_problems(schema)
    assert problem.message
