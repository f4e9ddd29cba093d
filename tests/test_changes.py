from __future__ import annotations

from json import dumps
from pathlib import Path
from typing import Any

import pytest

from jsonschema_tools import parse
from jsonschema_tools.changes import Bump, Change, changes, required_bump
from jsonschema_tools.pointers import follow

CASES = parse((Path(__file__).parent / "data/changes/cases.yaml").read_text(encoding="utf-8"))


def told(change: Change) -> str:
    return f"{change.verdict} {change.group} {change.pointer or '/'} {change.message}"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_says_what_changed(case: dict[str, Any]) -> None:
    found = changes(case["old"], case["new"])
    assert [told(change) for change in found] == case["expect"]
    for change in found:
        follow(case["new"], change.pointer)  # the pointer leads to something that is there


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_nothing_changed(case: dict[str, Any]) -> None:
    assert changes(case["old"], parse(dumps(case["old"]))) == []


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
        ({**OLD, "default": 1}, "minor"),
        ({**OLD, "properties": {"a": {"type": "string", "maxLength": 1}}}, "major"),
        ({**OLD, "properties": {"a": {"type": "integer"}}}, "major"),
        ({**OLD, "title": "other"}, "major"),
    ],
)
def test_names_the_bump_that_is_needed(new: dict[str, Any], bump: Bump | None) -> None:
    assert required_bump(OLD, new) == bump
