from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jsonschema_tools import parse
from jsonschema_tools.comparison import Change, changes, version_problems
from jsonschema_tools.comparison.allowance import Allowance
from jsonschema_tools.comparison.counterexample import Search
from jsonschema_tools.comparison.event_text import event_text

if TYPE_CHECKING:
    from jsonschema_tools.values import Json, Schema

CASES: Any = parse((Path(__file__).parents[1] / "data/witness/cases.yaml").read_text("utf-8"))


def find(old: Any, new: Any, change: Change) -> Any:
    return Search(old, new, Allowance()).find(change)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_finds_the_smallest_event(case: dict[str, Any]) -> None:
    old, new = case["old"], case["new"]
    found = changes(old, new, policy="reference")
    refused = [change for change in found if change.verdict != "allowed"]
    assert [find(old, new, change) for change in refused] == case["events"]


def shown(old: Any, new: Any) -> str | None:
    verdict = changes(old, new)[0].verdict
    return next(version_problems(old, new, verdict, policy="additive", bounds=None)).counterexample


def test_long_texts_are_cut_for_reading() -> None:
    text = shown({"maxLength": 3000}, {"maxLength": 2000})
    assert text == 'was valid, is refused now: "aaaaaaaa… (2001 characters)"'


def test_what_every_event_must_have_is_folded() -> None:
    names = [f"field_{number}" for number in range(100)]
    meta: Schema = {
        "type": "object",
        "required": ["id"],
        "properties": {"id": {}, "b": {"type": "string"}},
    }
    old: dict[str, Any] = {
        "properties": {"a": {"type": "string"}, "meta": meta},
        "required": [*names, "meta"],
    }
    new: Schema = {**old, "properties": {**old["properties"], "a": {"type": "integer"}}}
    assert shown(old, new) == 'was valid, is refused now: {"a":"",…}'
    other: Schema = {**meta, "properties": {"id": {}, "b": {"type": "integer"}}}
    new = {**old, "properties": {**old["properties"], "meta": other}}
    assert shown(old, new) == 'was valid, is refused now: {"meta":{"b":"",…},…}'


def test_a_short_event_is_shown_in_full_where_all_of_it_would_be_folded() -> None:
    old: Schema = {"properties": {"a": {"type": "string"}}, "required": ["a"]}
    new: Schema = {**old, "required": ["a", "b"]}
    assert shown(old, new) == 'was valid, is refused now: {"a":""}'


def test_an_event_too_long_to_read_is_left_out() -> None:
    old: Schema = {"enum": [[f"a value of a list, number {number}" for number in range(20)]]}
    assert shown(old, {"enum": [0]}) is None


def test_no_event_is_looked_for_where_the_change_concerns_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def compiled(*_: Any, **__: Any) -> None:
        raise AssertionError("a validator was made")

    monkeypatch.setattr("jsonschema_rs.Draft7Validator", compiled)
    old: Schema = {"properties": {"a": {"type": "string"}, "b": {"type": "integer"}}}
    new: Schema = {"properties": {"b": {"type": "number"}}}
    assert (
        len(list(version_problems(old, new, "incompatible", policy="additive", bounds=None))) == 2
    )


@pytest.mark.parametrize("allowance", [Allowance(work=1000), Allowance(seconds=0)])
def test_a_search_ends_with_its_allowance(allowance: Allowance) -> None:
    old: Schema = {"type": "string"}
    new: Schema = {"type": "integer"}
    (change,) = changes(old, new)
    assert Search(old, new, Allowance()).find(change) == ""
    assert Search(old, new, allowance).find(change) is None
    assert allowance.is_spent()


def test_only_time_of_the_processor_ends_a_search() -> None:
    allowance = Allowance(seconds=0.01)
    time.sleep(0.02)
    assert not allowance.is_spent()
    end = time.thread_time() + 0.02
    while time.thread_time() < end:
        pass
    assert allowance.is_spent()


def test_an_event_of_the_newer_version_shows_what_the_older_one_refuses() -> None:
    old: Schema = {"type": "object", "required": ["a"], "properties": {"a": {"enum": ["x"]}}}
    new: Schema = {"type": "object", "required": ["a"], "properties": {"a": {"enum": ["x", "y"]}}}
    (problem,) = version_problems(old, new, "incompatible", policy="forward", bounds=None)
    assert problem.counterexample == 'is valid now, the older version refuses it: {"a":"y"}'


@pytest.mark.parametrize("pattern", ["^(a+)+$", r"^(a|aa)+(?!b)\1$", "^(([a-z])+.)+[A-Z]([a-z])+$"])
def test_a_hostile_pattern_comes_to_an_end(pattern: str) -> None:
    old: Schema = {"type": "string", "minLength": 60, "pattern": "^a"}
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
    old: Schema = {"required": ["a"], "properties": {"a": {"$ref": "#"}}, "type": "object"}
    assert (
        find(old, {**old, "maxProperties": 0}, changes(old, {**old, "maxProperties": 0})[0]) is None
    )


def test_many_alternatives_come_to_an_end() -> None:
    branches: list[Json] = [
        {"required": [f"p{n}"], "properties": {f"q{n}": {"multipleOf": n + 2}}} for n in range(40)
    ]
    old: Schema = {"anyOf": branches}
    new: Schema = {"anyOf": branches[1:]}
    found = list(version_problems(old, new, "constraint", policy="additive", bounds=None))
    assert len(found) == 39


def test_an_event_is_shown_on_one_line() -> None:
    assert event_text({"a": ["é\n", 1.5, None]}, {}, ()) == '{"a":["é\\n",1.5,null]}'
