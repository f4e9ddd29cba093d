"""Numbers and names at the edge of what JSON can say end in a message, never in a traceback."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import RunTool

INFINITE = "Infinity"  # written as 1e999
HEAD = {"title": "a", "$schema": "https://json-schema.org/draft-07/schema#", "type": "object"}

TEXT = {"type": "string"}
MAP = {"patternProperties": {"^a": TEXT}, "additionalProperties": TEXT}


def of(schema: Any) -> dict[str, Any]:
    return {"properties": {"p": schema}, "required": ["p"]}


def limited(type_: str, keyword: str, limit: float) -> tuple[str, Any, Any]:
    return f"{keyword} {limit}", {}, of({"type": type_, "items": {}, keyword: limit})


#: what it is, the older schema, the newer one
CASES: list[tuple[str, Any, Any]] = [
    (
        "a multipleOf that no number is a multiple of",
        {"properties": {"p": {"type": "number"}}},
        {"properties": {"p": {"type": "number", "multipleOf": 5e-324, "maximum": 9}}},
    ),
    (
        "half a surrogate pair in a name",
        MAP,
        {**MAP, "properties": {"\ud800": {"type": "integer"}}},
    ),
    *(
        limited(type_, f"{bound}{what}", sign * float("inf"))
        for sign in (1, -1)
        for bound in ("min", "max")
        for type_, what in (
            ("integer", "imum"),
            ("string", "Length"),
            ("array", "Items"),
            ("object", "Properties"),
        )
    ),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new"), [case[1:] for case in CASES], ids=[c[0] for c in CASES])
def test_no_traceback(old: Any, new: Any, tmp_path: Path, run_tool: RunTool) -> None:
    (tmp_path / ".jsonschema-tools.yaml").write_text(
        "requiredFields: []\nshouldGenerateExample: true\n"
    )
    (tmp_path / "a").mkdir()
    for name, version, schema in (
        ("1.0.0", "1.0.0", old),
        ("1.1.0", "1.1.0", new),
        ("current", "1.1.0", new),
    ):
        text = json.dumps({**HEAD, "$id": f"/a/{version}", **schema}).replace(INFINITE, "1e999")
        (tmp_path / f"a/{name}.yaml").write_text(text)
    for words in (
        ["check", "--no-cache"],
        ["materialize-all"],
        ["diff", "a/1.0.0.yaml", "a/1.1.0.yaml"],
        ["bump", "--check"],
    ):
        done = run_tool(*words, cwd=tmp_path)
        assert done.returncode in {0, 1}, done.stderr
        assert "Traceback" not in done.stderr


def test_of_several_broken_references_the_first_is_named(tmp_path: Path, run_tool: RunTool) -> None:
    """The engine names one by chance."""
    schema = {
        **HEAD,
        "$id": "/a/1.0.0",
        "properties": {f"p{n}": {"allOf": [{"$ref": f"/x{n}/1.0.0#"}]} for n in range(9)},
        "examples": [{}],
    }
    (tmp_path / "a").mkdir()
    (tmp_path / "a/1.0.0.yaml").write_text(json.dumps(schema))
    for _ in range(5):
        done = run_tool(
            "check", "--no-cache", "--select", "schema-examples-are-valid", cwd=tmp_path
        )
        assert 'cannot resolve `$ref` "/x0/1.0.0#"' in done.stdout


def test_a_chain_of_references_may_be_long(tmp_path: Path, run_tool: RunTool) -> None:
    for number in range(300):
        folder = tmp_path / f"s{number:03}"
        folder.mkdir()
        reference = f"allOf: [{{$ref: /s{number + 1:03}/1.0.0}}]\n" if number < 299 else ""
        (folder / "current.yaml").write_text(
            f"title: s{number:03}\n$id: /s{number:03}/1.0.0\ntype: object\n{reference}"
        )
    (tmp_path / ".jsonschema-tools.yaml").write_text("schemaBaseUris: [.]\n")
    done = run_tool("materialize-all", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "300 schemas" in done.stderr
