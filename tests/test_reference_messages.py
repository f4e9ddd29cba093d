"""What is said of references that lead nowhere or in a circle: which ones, and where they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import RunTool


def write(top: Path, title: str, body: str) -> None:
    path = top / "jsonschema" / title / "current.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"title: {title}\n$id: /{title}/1.0.0\ntype: object\n{body}")


@pytest.fixture
def top(tmp_path: Path) -> Path:
    (tmp_path / ".jsonschema-tools.yaml").write_text("schemaBasePath: jsonschema\n")
    return tmp_path


def test_each_reference_of_a_circle_is_named_with_its_line(top: Path, run_tool: RunTool) -> None:
    write(
        top,
        "a/b",
        "definitions:\n"
        "  one: {properties: {x: {$ref: '#/definitions/two'}}}\n"
        "  two: {properties: {y: {$ref: '#/definitions/one'}}}\n"
        "properties:\n"
        "  z: {$ref: '#/definitions/one'}\n",
    )
    done = run_tool("materialize", "a/b", cwd=top)
    assert done.returncode == 1
    assert done.stderr.startswith(
        "jsonschema/a/b/current.yaml:6:26: error[circular-ref]: circular $ref: "
        "#/definitions/one → #/definitions/two → #/definitions/one"
    )
    assert "a $ref of the cycle is at jsonschema/a/b/current.yaml:5:26" in done.stderr
    assert "alias" not in done.stderr


@pytest.mark.parametrize("folder", [".", "jsonschema/a/b"])
def test_what_a_relative_reference_starts_at(folder: str, top: Path, run_tool: RunTool) -> None:
    write(top, "a/b", "properties:\n  x: {$ref: ../c/1.0.0}\n")
    done = run_tool("materialize", "a/b", cwd=top / folder)
    assert f"starts at {top}/, the folder of the configuration" in done.stderr


def test_what_a_relative_reference_of_a_fragment_starts_at(top: Path, run_tool: RunTool) -> None:
    write(top, "fragment/f", "")
    (top / "jsonschema/fragment/f/1.0.0.yaml").write_text("properties: {x: {$ref: ../g/1.0.0}}\n")
    write(top, "a/b", "properties:\n  x: {$ref: /fragment/f/1.0.0.yaml}\n")
    done = run_tool("materialize", "a/b", cwd=top)
    assert "fragment/f/1.0.0.yaml:1:" in done.stderr
    assert "a relative $ref here starts at /fragment/f/: begin it with /" in done.stderr


@pytest.mark.parametrize("command", ["check", "materialize-all", "bump"])
def test_a_current_file_of_another_content_type(command: str, top: Path, run_tool: RunTool) -> None:
    (top / "jsonschema/a/b").mkdir(parents=True)
    (top / "jsonschema/a/b/current.json").write_text('{"title": "a/b"}')
    done = run_tool(command, cwd=top)
    assert done.returncode == 2
    assert "no current.yaml found below jsonschema, but there is jsonschema/a/b/current.json" in (
        done.stderr
    )
