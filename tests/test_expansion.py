"""Schemas of a few lines that would keep a validator busy without end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from jsonschema_tools.comparison import changes
from jsonschema_tools.comparison.allowance import Allowance
from jsonschema_tools.comparison.counterexample import Search
from jsonschema_tools.expansion import too_large

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import RunTool

    from jsonschema_tools.values import Schema


def doubling(depth: int, keyword: str = "allOf") -> dict[str, Any]:
    definitions: dict[str, Any] = {
        f"d{n}": {keyword: [{"$ref": f"#/definitions/d{n + 1}"}] * 2} for n in range(depth)
    }
    definitions[f"d{depth}"] = {"type": "object"}
    return {"$ref": "#/definitions/d0", "definitions": definitions}


@pytest.mark.parametrize("keyword", ["allOf", "anyOf", "oneOf"])
def test_doubling(keyword: str) -> None:
    assert not too_large(doubling(15, keyword), doubling(15, keyword))
    for depth in (20, 60, 5000):
        schema = doubling(depth, keyword)
        assert too_large(schema, schema)


def test_what_was_counted_is_not_counted_again() -> None:
    definitions: dict[str, Any] = {
        f"d{n}": {"$ref": f"#/definitions/d{n + 1}"} for n in range(5000)
    }
    schema: Schema = {"definitions": {**definitions, "d5000": {}}}
    counts: dict[int, int] = {}
    assert not any(too_large(schema, part, counts) for part in definitions.values())
    assert counts[id(definitions["d0"])] == 5001


def test_what_goes_down_into_a_value_does_not_count() -> None:
    definitions: Schema = {
        f"d{n}": {"properties": {k: {"$ref": f"#/definitions/d{n + 1}"} for k in "ab"}}
        for n in range(60)
    }
    schema: Schema = {"$ref": "#/definitions/d0", "definitions": {**definitions, "d60": {}}}
    assert not too_large(schema, schema)


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"allOf": [{"$ref": "#"}, {"$ref": "#"}]},
        {"$ref": "#/nowhere"},
        {"$ref": "#/a", "a": 1},
    ],
)
def test_odd_references(schema: dict[str, Any]) -> None:
    assert not too_large(schema, schema)


def test_check_and_validate_end(tmp_path: Path, run_tool: RunTool) -> None:
    schema = {
        "title": "a",
        "$id": "/a/1.0.0",
        "$schema": "https://json-schema.org/draft-07/schema#",
        "type": "object",
        "allOf": [{"$ref": "#/definitions/d0"}],
        "definitions": doubling(60)["definitions"],
        "examples": [{}],
    }
    (tmp_path / "a").mkdir()
    (tmp_path / "a/1.0.0.json").write_text(json.dumps(schema))
    (tmp_path / ".jsonschema-tools.yaml").write_text("contentTypes: [json]\n")
    done = run_tool("check", "--no-cache", cwd=tmp_path, timeout=30)
    assert done.returncode == 1
    assert "more than a million subschemas" in done.stdout
    done = run_tool("validate", cwd=tmp_path, stdin='{"$schema": "/a/1.0.0.json"}', timeout=30)
    assert done.returncode == 1
    assert "more than a million subschemas" in done.stdout


def test_no_counterexample_is_searched_without_end() -> None:
    old = {**doubling(40), "type": "object"}
    new = {**old, "required": ["a"]}
    (change,) = [one for one in changes(old, new) if one.keyword == "required"]
    assert Search(old, new, Allowance()).find(change) is None
