"""Links in a repository lead neither reads nor writes out of it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import GitRepository, RunTool

SECRET = "title: a\n$id: /a/1.0.0\ntype: object\ndescription: SECRET\n"
CONFIG = "schemaBasePath: ./jsonschema/\nrequiredFields: []\n"


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "secret.yaml").write_text(SECRET)
    return folder


@pytest.fixture
def repository(git_repository: GitRepository, outside: Path) -> GitRepository:
    git_repository.write(".jsonschema-tools.yaml", CONFIG)
    git_repository.write("jsonschema/b/current.yaml", SECRET.replace("/a/", "/b/"))
    return git_repository


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("link", ["a/current.yaml", "a"])
def test_a_linked_current_file_is_not_read(
    link: str, repository: GitRepository, outside: Path, run_tool: RunTool
) -> None:
    target = outside / "secret.yaml"
    if link == "a":
        target = target.rename(outside / "current.yaml").parent
    path = repository.root / "jsonschema" / link
    path.parent.mkdir(exist_ok=True)
    path.symlink_to(target)
    before = contents(outside)
    for command in ("materialize-all", "materialize-modified", "bump", "check"):
        done = run_tool(command, cwd=repository.root)
        assert "Traceback" not in done.stderr
    done = run_tool("materialize-all", cwd=repository.root)
    assert done.returncode == 1
    assert "a symbolic link leads out of the repository" in done.stderr
    assert contents(outside) == before
    assert "SECRET" not in repository.git("diff", "--cached", "--", "jsonschema/a")


def test_a_link_inside_of_the_repository_is_followed(
    repository: GitRepository, run_tool: RunTool
) -> None:
    repository.write("shared/current.yaml", SECRET)
    (repository.root / "jsonschema/a").mkdir()
    (repository.root / "jsonschema/a/current.yaml").symlink_to("../../shared/current.yaml")
    done = run_tool("materialize-all", cwd=repository.root)
    assert done.returncode == 0, done.stderr
    assert (repository.root / "jsonschema/a/1.0.0.yaml").is_file()


@pytest.mark.parametrize(
    ("link", "arguments"),
    [
        ("report.xml", ("check", "--format", "junit", "--output", "report.xml")),
        ("tests", ("generate-tests",)),
        ("jsonschema/x", ("new", "x/y")),
        (".github", ("init", "--keep")),
        (".jsonschema-tools", ("new", "x")),
        (".jsonschema-tools", ("schema", "--write")),
    ],
    ids=["check --output", "generate-tests", "new", "init", "new for editors", "schema --write"],
)
@pytest.mark.parametrize("dangling", [False, True], ids=["link", "dangling"])
def test_no_command_writes_through_a_link(  # noqa: PLR0917 - fixtures
    link: str,
    arguments: tuple[str, ...],
    dangling: bool,
    repository: GitRepository,
    outside: Path,
    run_tool: RunTool,
) -> None:
    target = outside / "new" if dangling else outside
    if link == "report.xml" and not dangling:
        target = outside / "secret.yaml"
    (repository.root / link).symlink_to(target)
    before = contents(outside)
    done = run_tool(*arguments, cwd=repository.root)
    assert done.returncode in {1, 2}, done.stderr
    assert contents(outside) == before
    assert "Traceback" not in done.stderr


def git_s(repository: GitRepository) -> dict[Path, bytes]:
    """Return what is in its `.git`."""
    paths = (repository.root / ".git").rglob("*")
    return {path: path.read_bytes() for path in paths if path.is_file()}


@pytest.mark.parametrize(
    ("link", "target", "arguments"),
    [
        ("report", ".git/config", ("check", "--format", "text", "--output", "report")),
        ("report", ".git/hooks/pre-push", ("check", "--output", "report")),
        ("tests", ".git/hooks", ("generate-tests",)),
        ("jsonschema/x", "../.git", ("new", "x/y")),
        (".github", ".git", ("init", "--keep")),
        (".jsonschema-tools", ".git/hooks", ("schema", "--write")),
        ("jsonschema/z", "../.git/b", ("materialize-all",)),
        ("jsonschema/z/current.yaml", "../../.git/b/current.yaml", ("bump",)),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else value,
)
def test_no_command_writes_through_a_link_to_what_is_git_s(
    link: str,
    target: str,
    arguments: tuple[str, ...],
    repository: GitRepository,
    run_tool: RunTool,
) -> None:
    """Its configuration names programs, its hooks are some."""
    repository.write("jsonschema/c/current.yaml", "title: c\n$id: /c/1.0.0\ntype: object\n")
    repository.write(".git/b/current.yaml", "title: b\n$id: /b/1.0.0\ntype: object\n")
    repository.write(".git/b/1.0.0.yaml", "title: b\n$id: /b/1.0.0\ntype: string\n")
    (repository.root / link).parent.mkdir(exist_ok=True)
    (repository.root / link).symlink_to(target)
    before = git_s(repository)
    done = run_tool(*arguments, cwd=repository.root)
    assert done.returncode in {1, 2}, done.stderr
    assert git_s(repository) == before
    assert "a symbolic link leads out of the repository" in done.stderr


EVENT = '{"$schema": "/b/1.0.0", "meta": {"stream": "b"}, "secret": "SECRET"}\n'


@pytest.mark.parametrize(
    "arguments",
    [
        ("validate", "events.jsonl"),
        ("validate", "events.jsonl", "--jobs", "2"),
        ("validate", "folder/events.jsonl"),
        ("produce", "events.jsonl", "--to", "http://127.0.0.1:9"),
        ("bump", "b", "--events", "events.jsonl"),
        ("load", "b", "--from", "events.jsonl", "--to", "lake"),
        ("consume", "--from", "events.jsonl"),
        ("consume",),
    ],
    ids=" ".join,
)
def test_events_are_not_read_through_a_link(
    arguments: tuple[str, ...], repository: GitRepository, outside: Path, run_tool: RunTool
) -> None:
    schema = "title: b\n$id: /b/1.0.0\ntype: object\n"
    repository.write("jsonschema/b/current.yaml", schema)
    run_tool("materialize-all", cwd=repository.root)
    repository.write("jsonschema/b/current.yaml", f"{schema}properties: {{c: {{type: string}}}}\n")
    (outside / "events.jsonl").write_text(EVENT)
    for name in ("events.jsonl", "events.db"):
        (repository.root / name).symlink_to(outside / "events.jsonl")
    (repository.root / "folder").symlink_to(outside)
    done = run_tool(*arguments, cwd=repository.root)
    assert done.returncode in {1, 2}
    assert "a symbolic link leads out of the repository" in done.stderr
    assert "SECRET" not in done.stdout + done.stderr


def test_what_the_user_names_outside_is_read_and_written(
    repository: GitRepository, outside: Path, run_tool: RunTool
) -> None:
    (outside / "events.jsonl").write_text(EVENT)
    (outside / "link").symlink_to("events.jsonl")
    (repository.root / "inside").symlink_to("link")
    (repository.root / "link").write_text(EVENT)
    for name in (outside / "link", "../outside/link", "inside"):
        done = run_tool("validate", str(name), "--invalid", "../invalid", cwd=repository.root)
        assert done.returncode == 1
        assert "1 event" in done.stdout
    assert (repository.root.parent / "invalid").read_text()
    done = run_tool("check", "--format", "json", "--output", "../report", cwd=repository.root)
    assert (repository.root.parent / "report").exists(), done.stderr


@pytest.mark.parametrize(
    ("link", "arguments"),
    [
        ("valid", ("validate", "-", "--valid", "valid")),
        ("valid", ("validate", "-", "--invalid", "valid")),
        ("events.db", ("serve", "--port", "0")),
        ("events.db-wal", ("serve", "--port", "0")),
        ("events.db-journal", ("serve", "--port", "0")),
        ("x.db", ("serve", "--port", "0", "--events", "x.db")),
        ("x.jsonl", ("serve", "--port", "0", "--events", "x.jsonl")),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
@pytest.mark.parametrize("dangling", [False, True], ids=["link", "dangling"])
def test_events_are_not_written_through_a_link(  # noqa: PLR0917 - fixtures
    link: str,
    arguments: tuple[str, ...],
    dangling: bool,
    repository: GitRepository,
    outside: Path,
    run_tool: RunTool,
) -> None:
    target = outside / ("new" if dangling else "secret.yaml")
    (repository.root / link).symlink_to(target)
    before = contents(outside)
    done = run_tool(*arguments, cwd=repository.root)
    assert done.returncode in {1, 2}, done.stderr
    assert "symbolic link" in done.stderr
    assert contents(outside) == before


def test_waivers_are_not_written_through_a_link(
    repository: GitRepository, outside: Path, run_tool: RunTool
) -> None:
    (repository.root / ".jsonschema-tools.yaml").unlink()
    (repository.root / ".jsonschema-tools.yaml").symlink_to(outside / "new.yaml")
    done = run_tool("check", "--write-skips", cwd=repository.root)
    assert done.returncode == 2
    assert not (outside / "new.yaml").exists()


def test_a_report_replaces_the_old_one_as_a_whole(
    repository: GitRepository, run_tool: RunTool
) -> None:
    report = repository.write("report.json", "the old report")
    inode = report.stat().st_ino
    run_tool("check", "--format", "json", "--output", "report.json", cwd=repository.root)
    assert report.read_text().startswith("{")
    assert report.stat().st_ino != inode


def test_a_report_for_a_pipe_that_nobody_reads(
    repository: GitRepository, run_tool: RunTool
) -> None:
    os.mkfifo(repository.root / "fifo")
    done = run_tool("check", "--output", "fifo", cwd=repository.root, timeout=20)
    assert done.returncode == 2
    assert "cannot write" in done.stderr


def test_a_report_for_a_device(repository: GitRepository, run_tool: RunTool) -> None:
    done = run_tool("check", "--format", "json", "--output", "/dev/stdout", cwd=repository.root)
    assert done.stdout.startswith("{")


def test_a_report_for_an_open_file_is_added_to_it(
    repository: GitRepository, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    log.write_text("before\n")
    command = [sys.executable, "-m", "jsonschema_tools", "check", "--format", "json"]
    with log.open("ab") as stream:
        subprocess.run(
            [*command, "--output", "/dev/stdout"], check=False, cwd=repository.root, stdout=stream
        )
    assert log.read_text().startswith("before\n{")


@pytest.mark.parametrize("name", [".gitignore", "CACHEDIR.TAG"])
def test_nothing_is_made_through_links_in_the_cache(
    name: str, repository: GitRepository, outside: Path, run_tool: RunTool
) -> None:
    cache = repository.root / ".jsonschema-tools-cache"
    cache.mkdir()
    (cache / name).symlink_to(outside / "made")
    run_tool("check", cwd=repository.root)
    assert any(cache.glob("*.entry"))
    assert not (outside / "made").exists()


def test_waivers_leave_a_byte_order_mark(repository: GitRepository, run_tool: RunTool) -> None:
    config = repository.root / ".jsonschema-tools.yaml"
    before = b"\xef\xbb\xbf" + CONFIG.encode()
    config.write_bytes(before)
    repository.write("jsonschema/a/1.0.0.yaml", f"{SECRET}properties: {{BAD: {{}}}}\n")
    assert run_tool("check", "--write-skips", cwd=repository.root).returncode == 0
    assert config.read_bytes().startswith(before + b"skipSchemaTestCases:\n")
