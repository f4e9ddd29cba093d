"""`generate-tests`: the file it writes, and whether it is up to date."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jsonschema_tools.commands.generate_tests import SUITE

if TYPE_CHECKING:
    from conftest import RunTool

DEFAULT = "tests/test_schema_repository.py"


def test_it_writes_and_says_so_once(tmp_path: Path, run_tool: RunTool) -> None:
    done = run_tool("generate-tests")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"wrote {DEFAULT}\n", "")
    assert (tmp_path / DEFAULT).read_text() == SUITE
    again = run_tool("generate-tests")
    assert (again.returncode, again.stdout) == (0, f"{DEFAULT} is up to date\n")


@pytest.mark.parametrize("arguments", [(), ("--output", "checks/test_it.py")])
def test_check(tmp_path: Path, run_tool: RunTool, arguments: tuple[str, ...]) -> None:
    name = arguments[-1] if arguments else DEFAULT
    command = " ".join(("jsonschema-tools generate-tests", *arguments))
    missing = run_tool("generate-tests", "--check", *arguments)
    assert missing.returncode == 1
    assert missing.stderr == f"{name} is missing\n  hint: run `{command}`\n"
    assert not (tmp_path / name).exists()
    run_tool("generate-tests", *arguments)
    assert run_tool("generate-tests", "--check", *arguments).returncode == 0
    (tmp_path / name).write_text(f"{SUITE}\n# edited\n")
    edited = run_tool("generate-tests", "--check", *arguments)
    assert edited.returncode == 1
    assert edited.stderr == f"{name} is out of date\n  hint: run `{command}`\n"
    assert (tmp_path / name).read_text() != SUITE


def test_what_is_in_the_way_stays(tmp_path: Path, run_tool: RunTool) -> None:
    (tmp_path / "tests").write_text("a file")
    done = run_tool("generate-tests")
    assert done.returncode == 1
    assert "error[write-error]" in done.stderr
    assert (tmp_path / "tests").read_text() == "a file"


def test_it_is_short() -> None:
    assert SUITE.count("\n") <= 20
    assert max(map(len, SUITE.splitlines())) <= 100


def test_this_repository_has_it() -> None:
    suite = Path(__file__).with_name("test_schema_repository.py")
    assert suite.read_text() == SUITE
