from __future__ import annotations

from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jsonschema_tools import parse
from jsonschema_tools.comparison import Bump, Change, Verdict, changes, least_bump, version_problems
from jsonschema_tools.pointers import follow
from support.every_case import for_each

if TYPE_CHECKING:
    from jsonschema_tools.values import Schema

CASES: Any = parse((Path(__file__).parent / "data/changes/cases.yaml").read_text("utf-8"))


def told(change: Change) -> str:
    return f"{change.verdict} {change.group} {change.pointer or '/'} {change.message}"


@for_each(CASES, lambda case: case["name"])
def test_says_what_changed(case: dict[str, Any]) -> None:
    found = changes(case["old"], case["new"], policy="reference")
    assert [told(change) for change in found] == case["expect"]
    for change in found:
        follow(case["new"], change.pointer)  # the pointer leads to something that is there


@for_each(CASES, lambda case: case["name"])
def test_nothing_changed(case: dict[str, Any]) -> None:
    again: Any = parse(dumps(case["old"]))
    assert changes(case["old"], again) == []


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [(-100, 100, "allowed"), (-100, 99, "constraint"), (None, None, "constraint")],
)
def test_configured_bounds_are_free(low: int | None, high: int | None, verdict: str) -> None:
    bounds = (low, high) if low is not None and high is not None else None
    found = changes({}, {"minimum": -100, "maximum": 100}, bounds=bounds)
    assert found[1].verdict == verdict


OLD: dict[str, Any] = {"title": "t", "description": "d", "properties": {"a": {"type": "string"}}}


@pytest.mark.parametrize(
    ("new", "bump"),
    [
        ({**OLD, "$id": "/t/1.0.1"}, None),
        ({**OLD, "description": "other"}, "patch"),
        ({**OLD, "description": "other", "properties": {**OLD["properties"], "b": {}}}, "minor"),
        ({**OLD, "default": 1}, "patch"),
        ({**OLD, "properties": {"a": {"type": "string", "maxLength": 1}}}, "major"),
        ({**OLD, "properties": {"a": {"type": "integer"}}}, "major"),
        ({**OLD, "title": "other"}, "patch"),
    ],
)
def test_names_the_bump_that_is_needed(new: dict[str, Any], bump: Bump | None) -> None:
    assert least_bump(changes(OLD, new)) == bump


KEYS = ["properties", "required", "enum", "type", "items", "allOf", "oneOf", "not", "dependencies"]
KEYS += ["definitions", "additionalProperties", "minimum", "maxLength", "const", "examples", "$ref"]
anything = st.recursive(
    st.sampled_from([None, True, 0, -1.5, "a", "string", "(", 10**30, float("nan")]),
    lambda below: (
        st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(KEYS), below, max_size=4)
    ),
)
objects = st.dictionaries(st.sampled_from(KEYS), anything, max_size=5)


@given(objects, objects)
def test_takes_any_two_objects(old: dict[str, Any], new: dict[str, Any]) -> None:
    verdicts: tuple[Verdict, ...] = ("constraint", "incompatible")
    for verdict in verdicts:
        for problem in version_problems(old, new, verdict, policy="reference", bounds=None):
            assert problem.message.isprintable()
            assert problem.hint
            assert problem.pointer is not None
            follow(new, problem.pointer)


def test_values_of_an_enum_are_distinguished_as_json_does() -> None:
    old: Schema = {"enum": [1, "1", True, None, [1], {"a": 1}, float("nan")]}
    new: Schema = {"enum": [{"a": 1}, [1], 1.0, "1", True, False, None, float("nan"), [True]]}
    messages = [change.message for change in changes(old, new)]
    assert messages == ["the schema now also allows false, [true]"]
