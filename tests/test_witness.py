from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jsonschema_tools import parse
from jsonschema_tools.comparison.compare import changes
from jsonschema_tools.comparison.counterexample import find, shown
from jsonschema_tools.comparison.problems import problems

CASES = parse((Path(__file__).parent / "data/witness/cases.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_finds_the_smallest_event(case: dict[str, Any]) -> None:
    old, new = case["old"], case["new"]
    found = changes(old, new, policy="reference")
    refused = [change for change in found if change.verdict != "allowed"]
    assert [find(old, new, change) for change in refused] == case["events"]


def hint(old: Any, new: Any) -> str:
    verdict = changes(old, new)[0].verdict
    return next(problems(old, new, verdict, policy="additive", bounds=None)).hint or ""


def test_long_texts_are_cut_for_reading() -> None:
    text = hint({"maxLength": 3000}, {"maxLength": 2000})
    assert text.endswith('Was valid, is refused now: "aaaaaaaa… (2001 characters)"')


def test_an_event_too_long_to_read_is_left_out() -> None:
    names = [f"field_{number}" for number in range(100)]
    old = {"properties": {"a": {"type": "string"}}, "required": names}
    new = {"properties": {"a": {"type": "integer"}}, "required": names}
    what = "restore it and add a new property instead, or bump the major version (policy additive)"
    assert hint(old, new) == what


@pytest.mark.parametrize("pattern", ["^(a+)+$", r"^(a|aa)+(?!b)\1$", "^(([a-z])+.)+[A-Z]([a-z])+$"])
def test_a_hostile_pattern_comes_to_an_end(pattern: str) -> None:
    old = {"type": "string", "minLength": 60, "pattern": "^a"}
    find(old, {**old, "pattern": pattern}, changes(old, {**old, "pattern": pattern})[0])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"pattern": "("}, {"pattern": "(", "maxLength": 1}),
        ({"$ref": "/elsewhere"}, {"$ref": "/elsewhere", "type": "string"}),
        ({"type": 5}, {"type": 5, "enum": [1]}),
    ],
)
def test_what_is_no_schema_has_no_witness(old: Any, new: Any) -> None:
    assert find(old, new, changes(old, new)[0]) is None


def test_a_schema_that_holds_itself_comes_to_an_end() -> None:
    old = {"required": ["a"], "properties": {"a": {"$ref": "#"}}, "type": "object"}
    assert (
        find(old, {**old, "maxProperties": 0}, changes(old, {**old, "maxProperties": 0})[0]) is None
    )


def test_many_alternatives_come_to_an_end() -> None:
    branches = [
        {"required": [f"p{n}"], "properties": {f"q{n}": {"multipleOf": n + 2}}} for n in range(40)
    ]
    old, new = {"anyOf": branches}, {"anyOf": branches[1:]}
    found = list(problems(old, new, "constraint", policy="additive", bounds=None))
    assert len(found) == 39


def test_an_event_is_shown_on_one_line() -> None:
    assert shown({"a": ["é\n", 1.5, None]}) == '{"a":["é\\n",1.5,null]}'
