"""What commands import before they do anything: what they do not need, they do not load.

Times depend on the machine; the modules that are loaded do not.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from support.event_repository import lay

if TYPE_CHECKING:
    from pathlib import Path

# the program, as `jsonschema-tools` starts it, and what it has loaded in the end
_PROGRAM = """\
import os, sys
from jsonschema_tools.__main__ import run
status = run()
sys.stdout.flush()
with open(sys.argv[0], "w") as file:
    file.write("\\n".join([str(status), *sys.modules]))
os._exit(0)
"""
# of the standard library; each takes some milliseconds
_SLOW = """
asyncio concurrent.futures difflib email http logging multiprocessing pickle socket sqlite3 ssl
subprocess tempfile unittest urllib.request xml
"""
_LIBRARIES = """
attr click cryptography deepdiff duckdb jinja2 jsonschema jsonschema_rs msgspec numpy orderly_set
pyarrow pytest referencing rpds semver sqlglot starlette uvicorn yaml
"""
# modules and packages of ours
_READING = """
catalog config config_file config_schema documents doors ecmascript errors expansion files
config_values found_files
messages pointers repository schema_shape values
"""
_CHECKING = """
cache checks commands comparison dereferencing keywords lake outputs reports runner subschemas
latest_answer validation versions
"""
_VALIDATING = """
commands comparison dereferencing events keywords latest_answer outputs subschemas validation
"""

#: what reads documents: before Python 3.11.5, YAML has no fast way (gh-101955)
READS = {"yaml"} if sys.version_info < (3, 11, 5) else set()


def loaded(folder: Path, *arguments: str) -> set[str]:
    """Return the modules that a command has loaded in the end."""
    names = folder.parent / "modules.txt"
    program = f"import sys; sys.argv = {[str(names), *arguments]!r}\n{_PROGRAM}"
    command = [sys.executable, "-P", "-c", program]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    status, *modules = names.read_text().splitlines()
    assert status in {"0", "1"}
    return set(modules)


def rooms(modules: set[str]) -> set[str]:
    """Return our modules and packages at the top, listed in docs/contribute/architecture.md."""
    parts = (name.split(".") for name in modules if name.startswith("jsonschema_tools."))
    return {part[1] for part in parts} - {"__main__", "_version", "cli"}


def libraries(modules: set[str]) -> set[str]:
    return modules & set(_LIBRARIES.split())


def slow(modules: set[str]) -> set[str]:
    return modules & set(_SLOW.split())


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = lay(tmp_path / "repository")
    (folder / ".jsonschema-tools.yaml").write_text("schemaBasePath: ./schemas\n")
    return folder


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_help(repository: Path, arguments: list[str]) -> None:
    modules = loaded(repository, *arguments)
    assert rooms(modules) == set()
    assert libraries(modules) == {"click"}
    assert slow(modules) == set()


def test_check_of_nothing_changed(repository: Path) -> None:
    first = loaded(repository, "check")
    assert {"jsonschema_rs", "jsonschema_tools.materialization"} <= first  # it has checked
    modules = loaded(repository, "check")
    assert libraries(modules) == {"click", *READS}
    assert slow(modules) == set()
    assert rooms(modules) <= {
        *_READING.split(),
        *_CHECKING.split(),
    }
    unneeded = {"building", "comparison.compare", "dereferencing.loader", "materialization"}
    assert modules & {f"jsonschema_tools.{name}" for name in unneeded} == set()


def test_git_hook(repository: Path) -> None:
    subprocess.run(["git", "init", "--quiet"], cwd=repository, check=True)
    modules = loaded(repository, "materialize-modified", "--staged")
    assert libraries(modules) == {"click", *READS}
    assert slow(modules) == {"subprocess"}  # it asks git
    assert rooms(modules) <= {*_READING.split(), "commands", "git", "versions"}


def test_one_event(repository: Path) -> None:
    event = {"$schema": "/thing/seen/1.0.0", "meta": {"stream": "thing.seen"}, "dt": "2026-01-01"}
    (repository.parent / "event.json").write_text(json.dumps(event))
    modules = loaded(repository, "validate", "../event.json")
    assert libraries(modules) == {"click", "jsonschema_rs", "msgspec", "yaml"}
    # jsonschema_rs imports these two
    assert slow(modules) <= {"email", "socket"}
    assert rooms(modules) <= {
        *_READING.split(),
        *_VALIDATING.split(),
    }


def test_a_profiler_gets_to_its_end(tmp_path: Path) -> None:
    """The program ends at once, without what Python does at the end, but not under a profiler."""
    command = [sys.executable, "-m", "cProfile", "-m", "jsonschema_tools", "--version"]
    done = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True)
    assert "function calls" in done.stdout
