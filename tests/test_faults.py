"""Faults: processes that are killed, disks that fill up, files that vanish, hostile schemas."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jsonschema_tools.outputs import TEMPORARY
from support import fuzz_targets
from support.effort import kills
from support.fork_server import run_module, start_program

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import RunTool

SCHEMAS = 40
COMMAND = [sys.executable, "-m", "jsonschema_tools", "materialize-all"]
SCHEMA = """\
title: s{number}
description: {description}
$id: /s{number}/1.0.0
$schema: https://json-schema.org/draft-07/schema#
type: object
properties:
  name:
    type: string
"""


def lay(root: Path, description: str, count: int = SCHEMAS) -> None:
    """Write the current files; the description tells one state of the repository from another."""
    (root / ".jsonschema-tools.yaml").write_text("schemaBasePath: ./schemas/\n")
    for number in range(count):
        path = root / f"schemas/s{number}/current.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(SCHEMA.format(number=number, description=description))


def outputs(root: Path) -> dict[str, bytes]:
    """Return the versioned files by path, through their links too; a dangling one fails."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_symlink() or (path.is_file() and path.name.startswith("1."))
    }


def run(root: Path) -> None:
    done = run_module("jsonschema_tools", COMMAND[3:], cwd=root, environment=os.environ)
    assert done.returncode == 0, done.stderr


@dataclass(frozen=True)
class States:
    """A repository in its new state, and what each versioned file may hold: old or new."""

    new: Path
    allowed: dict[str, set[bytes]]

    def lay(self, root: Path) -> dict[str, set[bytes]]:
        """Lay the repository; return what its files may hold."""
        shutil.copytree(self.new, root, symlinks=True, dirs_exist_ok=True)
        return self.allowed


@pytest.fixture(scope="module")
def states(tmp_path_factory: pytest.TempPathFactory) -> States:
    root = tmp_path_factory.mktemp("states")
    allowed: dict[str, set[bytes]] = {}
    for description in ("the old state", "the new state"):
        lay(root, description * 50)
        run(root)
        for name, content in outputs(root).items():
            allowed.setdefault(name, set()).add(content)
    return States(root, allowed)


KILLS = kills(5)
KILLS_AT_A_TIME = 25


@pytest.mark.parametrize("seed", range(-(-KILLS // KILLS_AT_A_TIME)))
def test_killed_at_any_moment(seed: int, states: States, tmp_path: Path) -> None:
    allowed = states.lay(tmp_path)
    chance = random.Random(seed)  # noqa: S311 - a repeatable sequence of moments
    start = time.monotonic()
    run(tmp_path)
    longest = time.monotonic() - start
    for round_number in range(min(KILLS, KILLS_AT_A_TIME)):
        lay(tmp_path, ("the old state", "the new state")[round_number % 2] * 50)
        process = start_program(COMMAND[3:], cwd=tmp_path)
        time.sleep(chance.uniform(0.0, 1.1) * longest)
        process.kill()
        process.wait()
        for name, content in outputs(tmp_path).items():
            assert content in allowed[name], f"{name} is neither old nor new"
    lay(tmp_path, "the new state" * 50)
    run(tmp_path)
    assert outputs(tmp_path).keys() == allowed.keys()
    assert all(b"the new state" in content for content in outputs(tmp_path).values())
    assert not [path.name for path in tmp_path.rglob(".*tmp*")]


WRITES = ("mkdir", "replace", "symlink")
"""The functions of `os` that change what is in a folder, but for making a temporary file."""


def killed_before_write(number: int, root: Path, *arguments: str) -> bool:
    """Run a command, or `init`, in a process that is killed before its so manieth write.

    False: it ended.
    """
    process = os.fork()
    if process == 0:
        count = 0

        def counting(function: Callable[..., None]) -> Callable[..., None]:
            def counted(*arguments: Any, **keywords: Any) -> None:
                nonlocal count
                count += 1
                if count == number:
                    os.kill(os.getpid(), signal.SIGKILL)
                function(*arguments, **keywords)

            return counted

        for name in WRITES:
            setattr(os, name, counting(getattr(os, name)))
        os._exit(fuzz_targets.run(root, [*arguments] or ["init"]))
    _, status = os.waitpid(process, 0)
    assert os.waitstatus_to_exitcode(status) in {0, -signal.SIGKILL}
    return status != 0


def files(root: Path) -> dict[str, str | bytes]:
    """Return what is in a folder, but for temporary files of a process that was killed."""
    return {
        str(path.relative_to(root)): (
            str(path.readlink()) if path.is_symlink() else path.read_bytes()
        )
        for path in root.rglob("*")
        if not path.is_dir() and not path.name.endswith(TEMPORARY)
    }


def test_killed_init_is_resumed(tmp_path: Path) -> None:
    (tmp_path / "whole").mkdir()
    assert not killed_before_write(0, tmp_path / "whole")
    whole = files(tmp_path / "whole")
    root = tmp_path / "killed"
    root.mkdir()
    kills = 0
    while killed_before_write(4, root):
        there = files(root)
        assert there.items() <= whole.items()
        assert len(there) < len(whole)
        kills += 1
    assert files(root) == whole
    assert not [*root.rglob(f"*{TEMPORARY}")]
    assert kills > len(whole) / 3


@pytest.mark.parametrize(
    "command",
    [
        "bump",
        "check --no-cache --write-skips",
        "generate-tests",
        "install-git-hook",
        "check --no-cache --output report",
    ],
)
def test_the_next_run_removes_what_a_killed_one_left(command: str, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    lay(tmp_path, "before")
    assert fuzz_targets.run(tmp_path, ["materialize-all"]) == 0
    for current in tmp_path.glob("schemas/*/current.yaml"):
        current.write_text(current.read_text() + "  New: {type: string}\n")
    number = 0
    while killed_before_write(number := number + 1, tmp_path, *command.split()):
        if [*tmp_path.rglob(f"*{TEMPORARY}")]:
            break
    else:
        pytest.fail("no kill left anything")
    fuzz_targets.run(tmp_path, command.split())
    assert not [*tmp_path.rglob(f"*{TEMPORARY}")]


@pytest.mark.parametrize("count", [2, 8])
def test_processes_at_once(count: int, states: States, tmp_path: Path) -> None:
    allowed = states.lay(tmp_path)
    lay(tmp_path, "the old state" * 50)
    processes = [start_program(COMMAND[3:], cwd=tmp_path) for _ in range(count)]
    assert [process.wait(120) for process in processes] == [0] * count
    found = outputs(tmp_path)
    assert found.keys() == allowed.keys()
    assert all(b"the old state" in content for content in found.values())
    assert not [path.name for path in tmp_path.rglob(".*tmp*")]


def test_disk_fills_up_in_the_middle(states: States, tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    allowed = states.lay(tmp_path)
    lay(tmp_path, "the old state" * 50)
    large = tmp_path / "schemas/s7/current.yaml"
    large.write_text(large.read_text().replace("the old state", "the old state " * 20))

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))

    done = subprocess.run(
        COMMAND, cwd=tmp_path, capture_output=True, text=True, check=False, preexec_fn=limit
    )
    assert done.returncode == 1
    assert "schemas/s7/1.0.0.yaml: error[write-error]: cannot write" in done.stderr
    found = outputs(tmp_path)
    assert all(content in allowed[name] for name, content in found.items())
    assert sum(b"the old state" in content for content in found.values()) > len(found) * 0.9


def test_files_that_change_and_vanish_while_they_are_read(tmp_path: Path) -> None:
    lay(tmp_path, "the old state")
    script = (
        "import pathlib, sys, time\n"
        "files = sorted(pathlib.Path('schemas').glob('*/current.yaml'))\n"
        "texts = {file: file.read_text() for file in files}\n"
        "while True:\n"
        "    for file in files:\n"
        "        file.unlink(missing_ok=True)\n"
        "        file.write_text(texts[file])\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], cwd=tmp_path) as disturber:
        try:
            for command in ("materialize-all", "check"):
                done = subprocess.run(
                    [*COMMAND[:-1], command], cwd=tmp_path, capture_output=True, text=True,
                    check=False, timeout=120,
                )  # fmt: skip
                assert done.returncode in {0, 1}, done.stderr
                assert "Traceback" not in done.stderr
        finally:
            disturber.kill()


def test_loops_of_links(tmp_path: Path, run_tool: RunTool) -> None:
    lay(tmp_path, "a state")
    (tmp_path / "schemas/loop").symlink_to("loop")
    (tmp_path / "schemas/up").symlink_to("..")
    (tmp_path / "schemas/s0/2.0.0.yaml").symlink_to("2.0.0.yaml")
    assert run_tool("materialize-all").returncode == 0
    done = run_tool("check")
    assert done.returncode == 1
    assert "schemas/s0/2.0.0.yaml" in done.stdout
    assert "Traceback" not in done.stderr


def test_many_files_that_are_no_schemas(tmp_path: Path, run_tool: RunTool) -> None:
    lay(tmp_path, "a state")
    folder = tmp_path / "schemas/s0"
    for number in range(5_000):
        os.close(os.open(folder / f"note-{number}.txt", os.O_CREAT))
    done = run_tool("materialize-all", timeout=60)
    assert done.returncode == 0
    assert (folder / "1.0.0.yaml").is_file()


HOSTILE = {
    "pattern": (
        "    pattern: '^(a+)+$'\n    maxLength: 100\nexamples:\n  - name: " + "a" * 60 + "!\n"
    ),
    "number": "    maxLength: 1" + "0" * 400 + "\n",
    "length": "    minLength: 1000000000000\n",
    "id": "$comment: |\n  ../../../etc\n",
    "escape": "    description: \"\\e[31mred\\e[0m \\u202e backwards\"\n    bad Name: 1\n",
    "deep": "    default: " + "[" * 190 + "]" * 190 + "\n",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("command", ["materialize-all", "check"])
def test_hostile_schemas(name: str, command: str, tmp_path: Path, run_tool: RunTool) -> None:
    lay(tmp_path, "a state", 2)
    (tmp_path / ".jsonschema-tools.yaml").write_text(
        "schemaBasePath: ./schemas/\nshouldGenerateExample: true\n"
    )
    text = SCHEMA.format(number=0, description="hostile") + HOSTILE[name]
    (tmp_path / "schemas/s0/current.yaml").write_text(text)
    (tmp_path / "schemas/s0/1.0.0.yaml").write_text(text)
    done = run_tool(command, timeout=30)
    assert done.returncode in {0, 1}, done.stderr
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    assert "\u202e" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    "identifier", ["/../../x/1.0.0", "/a\\nb/1.0.0", "/x/../1.0.0", "/x/..%2f1"]
)
def test_ids_do_not_lead_anywhere(identifier: str, tmp_path: Path, run_tool: RunTool) -> None:
    root = tmp_path / "repository"
    root.mkdir()
    lay(root, "a state", 2)
    path = root / "schemas/s0/current.yaml"
    path.write_text(path.read_text().replace("/s0/1.0.0", f'"{identifier}"'))
    before = {path for path in tmp_path.rglob("*") if not path.is_relative_to(root)}
    assert run_tool("materialize-all", cwd=root).returncode in {0, 1}
    assert {path for path in tmp_path.rglob("*") if not path.is_relative_to(root)} == before
    done = run_tool("check", cwd=root)
    assert done.returncode == 1
    assert "schemas/s0" in done.stdout


def test_an_untrusted_repository_runs_no_code(tmp_path: Path, run_tool: RunTool) -> None:
    lay(tmp_path, "a state")
    trap = tmp_path / "trap"
    for name in ("conftest.py", "sitecustomize.py", "yaml.py", "jsonschema.py", "click.py"):
        (tmp_path / name).write_text(f"open({str(trap)!r}, 'w').close()\n")
    git = ["git", "-c", "init.defaultBranch=main"]
    subprocess.run([*git, "init", "-q", "."], cwd=tmp_path, check=True)
    for key in ("core.fsmonitor", "diff.external", "core.pager"):
        subprocess.run(["git", "config", key, f"touch {trap} #"], cwd=tmp_path, check=True)
    tool = Path(sys.executable).with_name("jsonschema-tools")
    for command in ("materialize-modified", "check", "list", "graph", "outdated"):
        done = subprocess.run(
            [str(tool), command], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode in {0, 1}, done.stderr
        assert "Traceback" not in done.stderr
    assert not trap.exists()
