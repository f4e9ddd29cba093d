"""What is not what was meant: settings that pass over all schemas, versions as sources."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import RunTool

SCHEMA = "$id: /a/b/1.0.0\ntitle: a/b\ntype: object\n"

CASES = [
    (
        "contentTypes: [json]",
        "`currentName` is current.json, as the first of `contentTypes` has it",
    ),
    ("contentTypes: [json]\ncurrentName: current.yaml", "`contentTypes` does not have yaml"),
    ("currentName: curent.yaml", "`currentName` is curent.yaml"),
    ("schemaBasePath: ./docs", "`schemaBasePath` says where the schemas are"),
]


@pytest.mark.parametrize("command", ["check", "materialize-all"])
@pytest.mark.parametrize(("setting", "why"), CASES)
def test_schemas_that_a_setting_passes_over(
    command: str, setting: str, why: str, tmp_path: Path, run_tool: RunTool
) -> None:
    (tmp_path / "jsonschema/a/b").mkdir(parents=True)
    (tmp_path / "docs").mkdir()
    (tmp_path / "jsonschema/a/b/current.yaml").write_text(SCHEMA)
    lines = ["schemaBasePath: ./jsonschema", setting]
    if setting.startswith("schemaBasePath"):
        del lines[0]
    (tmp_path / ".jsonschema-tools.yaml").write_text("\n".join(lines) + "\n")
    done = run_tool(command, cwd=tmp_path)
    assert done.returncode == 2
    assert "but there is jsonschema/a/b/current.yaml" in done.stderr
    assert why in done.stderr


def test_a_repository_without_schemas(tmp_path: Path, run_tool: RunTool) -> None:
    done = run_tool("check", cwd=tmp_path)
    assert done.returncode == 2
    assert "no schema found below ." in done.stderr
    assert run_tool("materialize-all", cwd=tmp_path).returncode == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder")
def test_a_folder_that_cannot_be_read(tmp_path: Path, run_tool: RunTool) -> None:
    (tmp_path / "a").mkdir(mode=0)
    done = run_tool("check", cwd=tmp_path)
    assert done.returncode == 2
    assert "cannot read the folder" in done.stderr


def test_a_folder_whose_path_is_too_long(
    tmp_path: Path, run_tool: RunTool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git checks it out, as its names are relative: no schema in it may be passed over."""
    (tmp_path / "current.yaml").write_text(SCHEMA)
    monkeypatch.chdir(tmp_path)
    for name in ("d" * 200,) * 20 + ("e" * 50,):
        os.mkdir(name)  # noqa: PTH102 -- the absolute path would be too long
        os.chdir(name)
    Path("current.yaml").write_text("a: [")
    monkeypatch.chdir(tmp_path)
    for command in ("check", "materialize-all", "list"):
        done = run_tool(command, cwd=tmp_path)
        assert done.returncode == 2
        assert "cannot read the folder" in done.stderr
        assert "File name too long" in done.stderr


@pytest.mark.parametrize("name", ["1.0.0.yaml", "1.0.0", "latest", "latest.yaml"])
def test_what_was_materialized_is_not_materialized_again(
    name: str, tmp_path: Path, run_tool: RunTool
) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/b/current.yaml").write_text(SCHEMA)
    assert run_tool("materialize", "a/b/current.yaml", cwd=tmp_path).returncode == 0
    before = (tmp_path / "a/b/1.0.0.yaml").read_bytes()
    done = run_tool("materialize", f"a/b/{name}", cwd=tmp_path)
    assert done.returncode == 1
    assert "this is a version that was materialized" in done.stderr
    assert "materialize a/b/current.yaml" in done.stderr
    assert (tmp_path / "a/b/1.0.0.yaml").read_bytes() == before
