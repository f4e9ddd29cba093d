"""Numbers and names at the edge of what JSON can say end in a message, never in a traceback."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from support import fuzz_targets

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


YAML_VALUES = ["!!binary aGk=", "2001-01-01", '"\\ud800"', ".nan", ".inf", "{a: 1}", "-0.0", "~"]
PLACES = [
    "title: {}",
    "examples: [{}, {{p: {}}}]",
    "required: [{}]",
    "enum: [{}, {}x]",
    "const: {}",
    "properties: {{p: {{type: string, default: {}, examples: [{}]}}}}",
    "properties: {{p: {{type: string, pattern: {}, minLength: {}}}}}",
]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.partition(":")[0])
def test_values_of_yaml_in_schemas(place: str, tmp_path: Path) -> None:
    (tmp_path / ".jsonschema-tools.yaml").write_text("requiredFields: []\n")
    for number, value in enumerate(YAML_VALUES):
        folder = tmp_path / f"s{number}"
        folder.mkdir()
        for version in ("1.0.0", "1.1.0"):
            lines = {
                "$schema": HEAD["$schema"],
                "$id": f"/s{number}/{version}",
                "title": f"s{number}",
            }
            lines["description"] = version
            written = place.format(value, value)
            text = "".join(f"{key}: {item}\n" for key, item in lines.items() if key not in written)
            (folder / f"{version}.yaml").write_text(f"{text}type: object\n{written}\n")
        (folder / "current.yaml").write_text((folder / "1.1.0.yaml").read_text())
        (folder / "e.jsonl").write_text(json.dumps({"$schema": f"/s{number}/1.0.0", "p": "x"}))
    each = range(len(YAML_VALUES))
    for words in (
        ["check", "--no-cache"],
        ["materialize-all", "--dry-run"],
        ["bump", "--check"],
        *(["diff", f"s{n}/1.0.0.yaml", f"s{n}/1.1.0.yaml"] for n in each),
        *(["table", f"s{n}/1.0.0"] for n in each),
        *(["validate", f"s{n}/e.jsonl"] for n in each),
    ):
        fuzz_targets.run(tmp_path, words)  # asserts that there is no traceback


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("!!binary aGk=", "`!!binary` is not a value of JSON"),
        ('"a\\ud800"', "it holds half a surrogate pair"),
        ('{"\\udc00": 1}', "it holds half a surrogate pair"),
        ("[{a: !!binary aGk=}]", "`!!binary` is not a value of JSON"),
    ],
)
def test_values_of_yaml_in_events(
    written: str, why: str, tmp_path: Path, run_tool: RunTool
) -> None:
    """They are an error as in JSON, and the other events are read."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a/1.0.0").write_text(json.dumps({**HEAD, "$id": "/a/1.0.0"}))
    (tmp_path / "events.yaml").write_text(
        f"$schema: /a/1.0.0\np: {written}\n---\n$schema: {written}\n---\n$schema: /a/1.0.0\n"
    )
    for more in ([], ["--schema", "a/1.0.0"]):
        done = run_tool("validate", "events.yaml", *more, cwd=tmp_path)
        assert done.returncode == 1, done.stderr
        assert f"not JSON: {why}" in done.stdout
        assert "3 events: 1 valid, 0 invalid, 2 in error" in done.stdout


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
