"""Standard output that is full, closed or without a reader: the work is done, the status tells."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = (
    "title: {0}\n$id: /{0}/{1}\n$schema: https://json-schema.org/draft-07/schema#\ntype: object\n"
)
TOOL = f"{sys.executable} -m jsonschema_tools"
FULL = "error: cannot write to standard output: No space left on device"
COMMANDS = (
    *("list", "graph --format json", "check", "check --format json", "explain", "--help", "bump"),
    *("materialize-all", "dereference s0/current.yaml", "outdated", "diff s0/1.0.0.yaml /s1/1.0.0"),
    *("validate e.json", "new x/y", "generate-tests", "cache"),
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / ".jsonschema-tools.yaml").write_text("schemaBasePath: .\nrequiredFields: []\n")
    (tmp_path / "e.json").write_text('{"$schema": "/s0/1.0.0"}')
    for name in ("s0", "s1", "s2"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.0.0.yaml").write_text(SCHEMA.format(name, "1.0.0"))
        more = "properties: {a: {type: string}}\n"
        (tmp_path / name / "current.yaml").write_text(SCHEMA.format(name, "1.0.0") + more)
    return tmp_path


def run(root: Path, command: str) -> subprocess.CompletedProcess[str]:
    script = f"set -o pipefail; {TOOL} {command}"
    return subprocess.run(
        ["bash", "-c", script], cwd=root, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_a_full_disk_is_reported_and_is_no_bug(root: Path, command: str) -> None:
    done = run(root, f"{command} >/dev/full")
    assert done.returncode == 2
    assert FULL in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "where", [">/dev/full", ">&-", "2>&-", "2>/dev/full", "| true", "&>/dev/full"]
)
def test_the_work_is_done(root: Path, where: str) -> None:
    done = run(root, f"bump {where}")
    assert done.returncode == (2 if where in {">/dev/full", "&>/dev/full"} else 0)
    for name in ("s0", "s1", "s2"):
        assert f"/{name}/1.1.0" in (root / name / "current.yaml").read_text()


@pytest.mark.parametrize("where", [">&-", "2>&-", "2>/dev/full", "| true"])
@pytest.mark.parametrize(("command", "status"), [("check", 1), ("list", 0), ("validate e.json", 1)])
def test_a_stream_that_is_closed_changes_no_status(
    root: Path, command: str, where: str, status: int
) -> None:
    assert run(root, f"{command} {where}").returncode == status


def test_what_has_no_end_but_its_reader_ends(root: Path) -> None:
    (root / "e.json").write_text('{"$schema": "/s0/1.0.0"}\n' * 50_000)
    assert run(root, "validate e.json --valid - | head -1").returncode in {0, 1}
