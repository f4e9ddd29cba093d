"""Standard output that is full, closed or without a reader: the work is done, the status tells."""

from __future__ import annotations

import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click
import pytest

from jsonschema_tools.cli import cli
from support.fork_server import EXTRAS, lay_program

SCHEMA = (
    "title: {0}\n$id: /{0}/{1}\n$schema: https://json-schema.org/draft-07/schema#\ntype: object\n"
)
FRESH = f"{sys.executable} -m jsonschema_tools"
"""The program as it starts: its last breath is part of what is tested."""
FULL = "error: cannot write to standard output: No space left on device"
WORDS = {
    "init": "init --keep",
    "new": "new x/y",
    "dereference": "dereference s0/current.yaml",
    "materialize": "materialize s0/current.yaml",
    "materialize-all": "materialize-all",
    "bump": "bump",
    "diff": "diff s0/1.0.0.yaml /s1/1.0.0",
    "outdated": "outdated",
    "graph": "graph --format json",
    "list": "list",
    "schema": "schema config",
    "check": "check",
    "explain": "explain",
    "generate-tests": "generate-tests",
    "cache": "cache",
    "materialize-modified": "materialize-modified",
    "build-modified": "build-modified",
    "each-repository": "each-repository list",
    "install-git-hook": "install-git-hook",
    "validate": "validate e.json",
    "streams": "streams",
    "serve": "serve --host nowhere.invalid --port 0",
    "produce": "produce e.json --to http://127.0.0.1:9",
    "consume": "consume --from events.db",
    "canary": "canary --to http://127.0.0.1:9",
    "table": "table s0/current",
    "load": "load s0 --from e.json --to tables",
    "site": "site out",
}
"""A call of every command."""
LOST = (">/dev/full", ">&-", "2>&-", "| head -1")
COMMANDS = (
    *("list", "graph --format json", "check", "check --format json", "explain", "--help", "bump"),
    *("materialize-all", "dereference s0/current.yaml", "outdated", "diff s0/1.0.0.yaml /s1/1.0.0"),
    *("validate e.json", "new x/y", "generate-tests", "cache", "table s0/current"),
    *("schema config", "each-repository list", "build-modified", "materialize s0/current.yaml"),
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
    subprocess.run(["git", "init", "--quiet", "--template=", str(tmp_path)], check=True)
    return tmp_path


@pytest.fixture(scope="module")
def forked(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The program, forked: for all but its last breath."""
    return str(lay_program(tmp_path_factory.mktemp("bin") / "jsonschema-tools", forked=EXTRAS))


def run(root: Path, command: str, tool: str = FRESH) -> subprocess.CompletedProcess[str]:
    script = f"set -o pipefail; {tool} {command}"
    return subprocess.run(
        ["bash", "-c", script], cwd=root, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_a_full_disk_is_reported_and_is_no_bug(root: Path, forked: str, command: str) -> None:
    done = run(root, f"{command} >/dev/full", forked)
    assert done.returncode == 2
    assert FULL in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["list", "check", "--help"])
def test_the_end_of_the_program_adds_nothing(root: Path, command: str) -> None:
    done = run(root, f"{command} >/dev/full")
    assert done.returncode == 2
    assert FULL in done.stderr
    assert "Traceback" not in done.stderr


def test_every_command_is_tried() -> None:
    assert set(WORDS) == set(cli.list_commands(click.Context(cli)))


@pytest.mark.parametrize("command", WORDS)
def test_no_command_breaks_or_hides_what_became_of_it(
    root: Path, tmp_path_factory: pytest.TempPathFactory, forked: str, command: str
) -> None:
    """Whatever is lost, the same files are left, and the same status or 2."""
    folders = {where: copy_of(root, tmp_path_factory) for where in ("", *LOST)}
    with ThreadPoolExecutor() as pool:  # some wait
        runs = pool.map(
            lambda where: run(folders[where], f"{WORDS[command]} {where}", forked), folders
        )
        found = dict(zip(folders, runs, strict=True))
    whole = found[""]
    assert whole.returncode in {0, 1, 2}, whole.stderr
    for where in LOST:
        done = found[where]
        statuses = {whole.returncode, 2} if "full" in where else {whole.returncode}
        assert done.returncode in statuses, (where, done.stderr)
        assert "Traceback" not in done.stderr
        assert files(folders[where]) == files(folders[""]), where


def copy_of(root: Path, factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(root, factory.mktemp("copy") / "r", symlinks=True))


def files(root: Path) -> set[str]:
    return {
        str(path.relative_to(root))
        for path in root.rglob("*")
        if not {".git", "tables", ".jsonschema-tools-cache"}
        & set(path.relative_to(root).parts[:-1])
    }


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
    root: Path, forked: str, command: str, where: str, status: int
) -> None:
    tool = FRESH if command == "list" else forked
    assert run(root, f"{command} {where}", tool).returncode == status


def test_what_has_no_end_but_its_reader_ends(root: Path) -> None:
    (root / "e.json").write_text('{"$schema": "/s0/1.0.0"}\n' * 50_000)
    assert run(root, "validate e.json --valid - | head -1").returncode in {0, 1}


@pytest.mark.parametrize("option", ["--valid", "--invalid"])
def test_events_for_a_full_disk(root: Path, option: str) -> None:
    (root / "e.json").write_text('{"$schema": "/s0/1.0.0.yaml"}\n{"$schema": "/none/1.0.0"}\n')
    done = run(root, f"validate e.json {option} /dev/full")
    assert done.returncode == 2
    assert "cannot write /dev/full: No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
