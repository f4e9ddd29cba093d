"""One way to name schemas: every command that takes them takes files, folders and titles."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import GitRepository, RunTool

CONFIG = "schemaBasePath: jsonschema\nrequiredFields: []\n"
SCHEMA = (
    "title: {title}\ndescription: x\n$id: /{title}/{version}\n"
    "$schema: 'https://json-schema.org/draft-07/schema#'\ntype: object\n"
    "properties:\n  o: {{type: string}}\n"
)
NAMES = ["a/b", "/a/b", "jsonschema/a/b/current.yaml"]


def write(top: Path, title: str, version: str = "1.0.0", more: str = "") -> Path:
    path = top / "jsonschema" / title / "current.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(SCHEMA.format(title=title, version=version) + more)
    return path


@pytest.fixture
def repository(git_repository: GitRepository, run_tool: RunTool) -> GitRepository:
    """A repository of the titles a/b and a/c, at 1.0.0."""
    git_repository.write(".jsonschema-tools.yaml", CONFIG)
    for title in ("a/b", "a/c"):
        write(git_repository.root, title)
    assert run_tool("materialize-all", cwd=git_repository.root).returncode == 0
    git_repository.commit()
    return git_repository


@pytest.mark.parametrize("name", NAMES)
def test_each_command_knows_one_schema_by_each_name(
    name: str, repository: GitRepository, run_tool: RunTool
) -> None:
    root = repository.root
    assert ": nothing to bump: " in run_tool("bump", name, cwd=root).stdout
    assert run_tool("outdated", name, cwd=root).stdout == "nothing is outdated\n"
    assert run_tool("dereference", name, cwd=root).stdout.startswith("title: a/b\n")
    assert run_tool("materialize", name, "-O", cwd=root).stdout.startswith("title: a/b\n")
    assert run_tool("materialize", name, cwd=root).stderr == "1 schema, all up to date\n"
    done = run_tool("check", name, cwd=root)
    assert done.returncode == 0, done.stdout
    if not name.endswith(".yaml"):
        assert done.stdout.startswith("1 schema, 1 version, ")


def test_what_titles_begin_with(repository: GitRepository, run_tool: RunTool) -> None:
    done = run_tool("materialize", "a", "a/b", cwd=repository.root)
    assert (done.returncode, done.stderr) == (0, "2 schemas, all up to date\n")
    assert run_tool("check", "a", cwd=repository.root).stdout.startswith("2 schemas, ")


@pytest.mark.parametrize("command", ["bump", "outdated", "check", "materialize", "dereference"])
def test_a_name_that_means_nothing(
    command: str, repository: GitRepository, run_tool: RunTool
) -> None:
    done = run_tool(command, "a/bb", cwd=repository.root)
    assert done.returncode in {1, 2}
    assert "a/bb" in done.stderr
    assert "hint: did you mean a/b?" in done.stderr


def test_folders(repository: GitRepository, run_tool: RunTool) -> None:
    root = repository.root
    assert run_tool("check", "jsonschema/a/b", cwd=root).returncode == 0
    assert ": nothing to bump: " in run_tool("bump", "jsonschema/a/b", cwd=root).stdout
    done = run_tool("materialize", "jsonschema/a/b", cwd=root)
    assert (done.returncode, "or a/b, its title" in done.stderr) == (1, True)
    done = run_tool("materialize", "a/b", "--repository=jsonschema", cwd=root)
    assert (done.returncode, done.stderr) == (0, "1 schema, all up to date\n")


def test_a_file_means_itself_whatever_titles_there_are(
    repository: GitRepository, run_tool: RunTool
) -> None:
    repository.write("a/b", SCHEMA.format(title="not a/b", version="1.0.0"))
    done = run_tool("dereference", "a/b", cwd=repository.root)
    assert done.stdout.startswith("title: not a/b\n")


class TestDiff:
    def test_titles_are_their_latest_version(
        self, repository: GitRepository, run_tool: RunTool
    ) -> None:
        root = repository.root
        for title in ("a/b", "a/c"):
            write(root, title, "1.1.0", "  p: {type: string}\n")
            run_tool("materialize", title, cwd=root)
        write(root, "a/b", "1.2.0", "  p: {type: string}\n  q: {type: string}\n")

        done = run_tool("diff", "/a/b/1.0.0", "a/b", cwd=root)
        assert done.stdout.startswith("a/b 1.0.0 -> 1.1.0: ")
        done = run_tool("diff", "a/b", "a/b/current", cwd=root)
        assert done.stdout.startswith("a/b 1.1.0 -> 1.2.0: ")
        since = run_tool("diff", "a/b", cwd=root)
        assert (since.returncode, since.stderr) == (0, "")
        assert since.stdout.startswith("a/b 1.0.0 -> 1.1.0: ")
        assert "a/c" not in since.stdout
        assert "a/c" in run_tool("diff", "a", cwd=root).stdout
        assert "a/c" in run_tool("diff", "jsonschema", cwd=root).stdout

    def test_nothing_is_called_so(self, repository: GitRepository, run_tool: RunTool) -> None:
        done = run_tool("diff", "a/b", "a/d", cwd=repository.root)
        assert (done.returncode, "nor a title" in done.stderr) == (2, True)


class TestVersionsAreNotSources:
    def test_by_a_pattern_for_files(self, repository: GitRepository, run_tool: RunTool) -> None:
        folder = repository.root / "jsonschema/a/b"
        before = {path.name: path.read_bytes() for path in folder.iterdir()}
        write(repository.root, "a/b", "1.1.0", "  p: {type: string}\n")
        done = run_tool("materialize", *sorted(folder.iterdir()), cwd=repository.root)
        assert done.returncode == 1
        assert done.stderr.count("this is a version that was materialized") == 6
        assert (folder / "1.1.0.yaml").exists()
        assert (folder / "1.0.0.yaml").read_bytes() == before["1.0.0.yaml"]

    @pytest.mark.parametrize("beside", [True, False])
    def test_by_a_link_of_another_name(
        self, beside: bool, repository: GitRepository, run_tool: RunTool
    ) -> None:
        folder = repository.root / "jsonschema/a/b"
        link = (folder if beside else repository.root) / "link.yaml"
        link.symlink_to(folder / "1.0.0.yaml")
        done = run_tool("materialize", link, cwd=repository.root)
        assert (done.returncode, "this is a version" in done.stderr) == (1, True)

    def test_without_a_current_file(self, repository: GitRepository, run_tool: RunTool) -> None:
        (repository.root / "jsonschema/a/b/current.yaml").unlink()
        done = run_tool("materialize", "jsonschema/a/b/1.0.0.yaml", cwd=repository.root)
        assert (done.returncode, "this is a version" in done.stderr) == (1, True)
        done = run_tool(
            "materialize", "jsonschema/a/b/1.0.0.yaml", "-o", "elsewhere", cwd=repository.root
        )
        assert done.returncode == 0, done.stderr


class TestModified:
    @pytest.mark.parametrize("staged", [True, False])
    def test_looks_where_all_the_others_look(
        self, staged: bool, repository: GitRepository, run_tool: RunTool
    ) -> None:
        text = SCHEMA.format(title="x", version="1.0.0")
        for folder in ("node_modules/x", ".hidden/x", "x/__pycache__", "seen"):
            repository.write(f"jsonschema/{folder}/current.yaml", text)
        if staged:
            repository.git("add", "--all")
        done = run_tool("materialize-modified", *["--staged"] * staged, cwd=repository.root)
        assert done.returncode == 0, done.stderr
        written = {line.split()[1].rpartition("/")[0] for line in done.stdout.splitlines()}
        assert written == {"jsonschema/seen"}

    def test_ignored_schemas_are_left_out(
        self, repository: GitRepository, run_tool: RunTool
    ) -> None:
        repository.write(".jsonschema-tools.yaml", f"{CONFIG}ignoreSchemas: [^/old/]\n")
        write(repository.root, "old/x")
        write(repository.root, "new/x")
        done = run_tool("materialize-modified", cwd=repository.root)
        assert "new/x/1.0.0.yaml" in done.stdout
        assert "old/x" not in done.stdout
