"""materialize-modified and build-modified: the real program in real git repositories."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import GitRepository, RunTool


def schema(title: str, version: str = "1.0.0", extra: str = "") -> str:
    return f"title: {title}\n$id: /{title}/{version}\ntype: object\n{extra}"


def field(name: str) -> str:
    return f"properties:\n  {name}:\n    type: string\n"


def outputs(title: str, version: str = "1.0.0") -> set[str]:
    names = (f"{version}.yaml", f"{version}.json", version, "latest.yaml", "latest.json", "latest")
    return {f"{title}/{name}" for name in names}


def made(repository: GitRepository) -> set[str]:
    """Return the names of the versioned files and links, apart from git's."""
    return {
        str(path.relative_to(repository.root))
        for path in repository.root.rglob("*")
        if path.name != "current.yaml"
        and not path.name.startswith(".")
        and not path.is_relative_to(repository.root / ".git")
        and (path.is_symlink() or not path.is_dir())
    }


@pytest.fixture
def repository(git_repository: GitRepository) -> GitRepository:
    """A committed schema `old/thing`, materialized."""
    git_repository.write("old/thing/current.yaml", schema("old/thing"))
    for name in ("1.0.0.yaml", "1.0.0.json"):
        git_repository.write(f"old/thing/{name}", "{}")
    for name in ("1.0.0", "latest.yaml", "latest"):
        (git_repository.root / "old/thing" / name).symlink_to("1.0.0.yaml")
    (git_repository.root / "old/thing/latest.json").symlink_to("1.0.0.json")
    git_repository.commit()
    return git_repository


class TestWorkingTree:
    def test_nothing_changed(self, repository: GitRepository, run_tool: RunTool) -> None:
        done = run_tool("materialize-modified", "-v", cwd=repository.root)
        assert (done.returncode, done.stdout) == (0, "")
        assert "no current.yaml has changed" in done.stderr
        assert not repository.staged()

    def test_changed_file(self, repository: GitRepository, run_tool: RunTool) -> None:
        repository.write("old/thing/current.yaml", schema("old/thing", "1.1.0"))
        repository.write("unrelated", "x")
        done = run_tool("materialize-modified", cwd=repository.root)
        assert done.returncode == 0, done.stderr
        assert "wrote old/thing/1.1.0.yaml\n" in done.stdout
        assert repository.staged() == outputs("old/thing", "1.1.0")  # and not current.yaml
        assert (repository.root / "old/thing/latest").readlink().name == "1.1.0.yaml"

    @pytest.mark.parametrize("command", [("build-modified",), ("materialize-modified", "-G")])
    def test_without_git_add(
        self, repository: GitRepository, run_tool: RunTool, command: tuple[str, ...]
    ) -> None:
        repository.write("old/thing/current.yaml", schema("old/thing", "1.1.0"))
        assert run_tool(*command, cwd=repository.root).returncode == 0
        assert not repository.staged()
        assert outputs("old/thing", "1.1.0") <= made(repository)

    def test_new_files_unless_ignored(self, repository: GitRepository, run_tool: RunTool) -> None:
        repository.write(".gitignore", "scratch\n")
        repository.write("new/thing/current.yaml", schema("new/thing"))
        repository.write("scratch/thing/current.yaml", schema("scratch/thing"))
        done = run_tool("materialize-modified", cwd=repository.root)
        assert done.returncode == 0, done.stderr
        assert repository.staged() == outputs("new/thing")
        assert "scratch/thing/1.0.0.yaml" not in made(repository)

    def test_before_the_first_commit(
        self, git_repository: GitRepository, run_tool: RunTool
    ) -> None:
        git_repository.write("new/thing/current.yaml", schema("new/thing"))
        assert run_tool("materialize-modified", cwd=git_repository.root).returncode == 0
        assert git_repository.staged() == outputs("new/thing")

    def test_deleted_file(self, repository: GitRepository, run_tool: RunTool) -> None:
        (repository.root / "old/thing/current.yaml").unlink()
        done = run_tool("materialize-modified", cwd=repository.root)
        assert (done.returncode, done.stdout) == (0, "")

    def test_staged_file_is_hinted_at(self, repository: GitRepository, run_tool: RunTool) -> None:
        repository.write("old/thing/current.yaml", schema("old/thing", "1.1.0"))
        repository.git("add", ".")
        done = run_tool("build-modified", cwd=repository.root)
        assert (done.returncode, done.stdout) == (0, "")
        assert "1 current.yaml staged and not changed since: --staged" in done.stderr

    def test_one_failure_does_not_stop_the_rest(
        self, repository: GitRepository, run_tool: RunTool
    ) -> None:
        repository.write("bad/thing/current.yaml", "title: [\n")
        repository.write("worse/thing/current.yaml", schema("worse/thing", "no version"))
        repository.write("new/thing/current.yaml", schema("new/thing"))
        done = run_tool("materialize-modified", cwd=repository.root)
        assert done.returncode == 1
        assert "bad/thing/current.yaml:" in done.stderr
        assert "no version found in `$id`" in done.stderr
        assert repository.staged() == outputs("new/thing")

    def test_merge_conflict(self, repository: GitRepository, run_tool: RunTool) -> None:
        conflict(repository)
        repository.write("new/thing/current.yaml", schema("new/thing"))
        done = run_tool("materialize-modified", cwd=repository.root)
        assert done.returncode == 1
        message = "old/thing/current.yaml: error[git-error]: a merge has left this file in conflict"
        assert message in done.stderr
        assert outputs("new/thing") <= repository.staged()

    def test_dry_run(self, repository: GitRepository, run_tool: RunTool) -> None:
        repository.write("new/thing/current.yaml", schema("new/thing"))
        before = made(repository)
        done = run_tool("materialize-modified", "--dry-run", cwd=repository.root)
        assert done.returncode == 0
        assert "would write new/thing/1.0.0.yaml\n" in done.stdout
        assert made(repository) == before
        assert not repository.staged()

    def test_base_path_and_subfolder(self, repository: GitRepository, run_tool: RunTool) -> None:
        repository.write("a/new/current.yaml", schema("new"))
        repository.write("b/new/current.yaml", schema("new"))
        assert run_tool("materialize-modified", "b", cwd=repository.root).returncode == 0
        assert repository.staged() == outputs("b/new")
        assert run_tool("materialize-modified", cwd=repository.root / "a").returncode == 0
        assert repository.staged() == outputs("a/new") | outputs("b/new")

    def test_configuration(self, repository: GitRepository, run_tool: RunTool) -> None:
        repository.write(
            ".jsonschema-tools.yaml",
            "schemaBasePath: [a, b]\ncontentTypes: [json]\ncurrentName: edit.json\n"
            "shouldGitAdd: false\nshouldSymlinkLatest: false\n",
        )
        for name in ("a/x/edit.json", "b/y/edit.json", "c/z/edit.json", "a/x/current.json"):
            repository.write(name, '{"title": "t", "$id": "/t/1.0.0"}')
        before = made(repository)
        assert run_tool("materialize-modified", cwd=repository.root).returncode == 0
        assert made(repository) - before == {
            *("a/x/1.0.0.json", "a/x/1.0.0"),
            *("b/y/1.0.0.json", "b/y/1.0.0"),
        }
        assert not repository.staged()

    def test_git_staged_in_the_configuration(
        self, repository: GitRepository, run_tool: RunTool
    ) -> None:
        repository.write(".jsonschema-tools.yaml", "gitStaged: true\ndryRun: true\n")
        repository.write("new/thing/current.yaml", schema("new/thing"))
        repository.write("newer/thing/current.yaml", schema("newer/thing"))
        repository.git("add", "new")
        done = run_tool("materialize-modified", cwd=repository.root)
        assert "would write new/thing/1.0.0.yaml\n" in done.stdout
        assert "newer" not in done.stdout

    def test_worktree_and_submodule(
        self, repository: GitRepository, run_tool: RunTool, tmp_path: Path
    ) -> None:
        shutil.copytree(repository.root, tmp_path / "inner", symlinks=True)
        repository.git("submodule", "--quiet", "add", tmp_path / "inner", "inner")
        repository.git("worktree", "add", "--quiet", tmp_path / "linked")
        for folder in (repository.root / "inner", tmp_path / "linked"):
            (folder / "old/thing/current.yaml").write_text(schema("old/thing", "1.1.0"))
            assert run_tool("materialize-modified", cwd=folder).returncode == 0
            staged = repository.git("diff", "--cached", "--name-only", cwd=folder).splitlines()
            assert {*staged} == outputs("old/thing", "1.1.0")
        assert "old/thing/1.1.0.yaml" not in made(repository)

    def test_base_paths_in_two_repositories(
        self, repository: GitRepository, run_tool: RunTool, tmp_path: Path
    ) -> None:
        repository.git("clone", "--quiet", ".", tmp_path / "other")
        repository.write(".jsonschema-tools.yaml", "schemaBasePath: [., ../other]\n")
        for root in (repository.root, tmp_path / "other"):
            (root / "old/thing/current.yaml").write_text(schema("old/thing", "1.1.0"))
        assert run_tool("materialize-modified", cwd=repository.root).returncode == 0
        assert repository.staged() == outputs("old/thing", "1.1.0")
        staged = repository.git("diff", "--cached", "--name-only", cwd=tmp_path / "other")
        assert {*staged.splitlines()} == outputs("old/thing", "1.1.0")

    def test_submodule_below_a_base_path(
        self, repository: GitRepository, run_tool: RunTool, tmp_path: Path
    ) -> None:
        shutil.copytree(repository.root, tmp_path / "inner", symlinks=True)
        repository.git("submodule", "--quiet", "add", tmp_path / "inner", "inner")
        repository.commit()
        repository.write(".jsonschema-tools.yaml", "schemaBasePath: [., inner]\n")
        for name in ("old/thing/current.yaml", "inner/old/thing/current.yaml"):
            repository.write(name, schema("old/thing", "1.1.0"))
        done = run_tool("materialize-modified", cwd=repository.root)
        assert done.returncode == 0, done.stderr
        assert repository.staged() == outputs("old/thing", "1.1.0")
        staged = repository.git("diff", "--cached", "--name-only", cwd=repository.root / "inner")
        assert {*staged.splitlines()} == outputs("old/thing", "1.1.0")

    @pytest.mark.parametrize(
        "folder", ["with space", "qu'ote\"s", "-n", "$(touch injected)", "été", "new\nline"]
    )
    def test_odd_folders(self, repository: GitRepository, run_tool: RunTool, folder: str) -> None:
        repository.write(f"{folder}/thing/current.yaml", schema("odd/thing"))
        done = run_tool("materialize-modified", cwd=repository.root)
        assert done.returncode == 0, done.stderr
        assert repository.staged() == outputs(f"{folder}/thing")
        assert not (repository.root / "injected").exists()

    def test_ignored_outputs_are_reported(
        self, repository: GitRepository, run_tool: RunTool
    ) -> None:
        repository.write(".gitignore", "*.json\n")
        repository.write("new/thing/current.yaml", schema("new/thing"))
        done = run_tool("materialize-modified", cwd=repository.root)
        assert done.returncode == 0
        assert "new/thing/1.0.0.json is ignored by git, so it was not added" in done.stderr
        assert repository.staged() == {n for n in outputs("new/thing") if "json" not in n}


class TestStaged:
    def test_what_is_staged_counts(self, repository: GitRepository, run_tool: RunTool) -> None:
        repository.write("old/thing/current.yaml", schema("old/thing", "1.1.0", field("staged")))
        repository.git("add", ".")
        repository.write("old/thing/current.yaml", schema("old/thing", "1.2.0", field("not_yet")))
        done = run_tool("materialize-modified", "--staged", cwd=repository.root)
        assert done.returncode == 0, done.stderr
        assert "staged" in repository.git("show", ":old/thing/1.1.0.yaml")
        assert repository.staged() == outputs("old/thing", "1.1.0") | {"old/thing/current.yaml"}
        assert "old/thing/1.2.0.yaml" not in made(repository)

    def test_not_staged(self, repository: GitRepository, run_tool: RunTool) -> None:
        repository.write("old/thing/current.yaml", schema("old/thing", "1.1.0"))
        repository.write("new/thing/current.yaml", schema("new/thing"))
        done = run_tool("materialize-modified", "-s", "-v", cwd=repository.root)
        assert (done.returncode, done.stdout) == (0, "")
        assert "no current.yaml is staged" in done.stderr

    def test_deleted_in_the_working_tree(
        self, repository: GitRepository, run_tool: RunTool
    ) -> None:
        repository.write("new/thing/current.yaml", schema("new/thing"))
        repository.git("add", ".")
        shutil.rmtree(repository.root / "new")
        done = run_tool("materialize-modified", "--staged", cwd=repository.root)
        assert done.returncode == 0, done.stderr
        assert repository.staged() == outputs("new/thing") | {"new/thing/current.yaml"}

    def test_built_before_but_not_added(self, repository: GitRepository, run_tool: RunTool) -> None:
        repository.write("new/thing/current.yaml", schema("new/thing"))
        run_tool("build-modified", cwd=repository.root)
        repository.git("add", "new/thing/current.yaml")
        done = run_tool("materialize-modified", "--staged", cwd=repository.root)
        assert (done.returncode, done.stdout) == (0, "")  # nothing to write, all to add
        assert repository.staged() == outputs("new/thing") | {"new/thing/current.yaml"}

    def test_renamed_and_copied(self, repository: GitRepository, run_tool: RunTool) -> None:
        repository.write("copied/thing/current.yaml", schema("old/thing"))
        repository.git("mv", "old", "moved")
        repository.git("add", "--all")
        done = run_tool("materialize-modified", "--staged", cwd=repository.root)
        assert done.returncode == 0, done.stderr
        assert outputs("moved/thing") | outputs("copied/thing") <= repository.staged()

    def test_conflict(self, repository: GitRepository, run_tool: RunTool) -> None:
        conflict(repository)
        repository.write("old/thing/current.yaml", schema("old/thing", "1.3.0"))
        repository.git("add", ".")  # this resolves it
        done = run_tool("materialize-modified", "--staged", cwd=repository.root)
        assert done.returncode == 0, done.stderr
        assert outputs("old/thing", "1.3.0") <= repository.staged()

    def test_in_the_middle_of_a_rebase(self, repository: GitRepository, run_tool: RunTool) -> None:
        diverge(repository)
        repository.git("rebase", "side", check=False)
        repository.write("old/thing/current.yaml", schema("old/thing", "1.2.0"))
        repository.git("add", ".")
        assert run_tool("materialize-modified", "-s", cwd=repository.root).returncode == 0
        assert outputs("old/thing", "1.2.0") <= repository.staged()


REFERRING = "allOf:\n  - $ref: /fragment/common/1.0.0\n"


class TestFragments:
    @pytest.fixture
    def repository(self, git_repository: GitRepository, run_tool: RunTool) -> GitRepository:
        write = git_repository.write
        write("fragment/common/current.yaml", schema("fragment/common", extra=field("old_field")))
        write("event/a/current.yaml", schema("event/a", extra=REFERRING))
        write("event/b/current.yaml", schema("event/b", extra=REFERRING))
        assert run_tool("materialize-all", cwd=git_repository.root).returncode == 0
        git_repository.commit()
        return git_repository

    def test_users_that_pin_an_older_version(
        self, repository: GitRepository, run_tool: RunTool
    ) -> None:
        repository.write("fragment/common/current.yaml", schema("fragment/common", "1.1.0"))
        pin = REFERRING.replace("1.0.0", "1.1.0")
        repository.write("event/b/current.yaml", schema("event/b", "1.1.0", pin))
        done = run_tool("build-modified", cwd=repository.root)
        assert done.returncode == 0, done.stderr
        assert (
            "warning: of 2 schemas that use fragment/common 1 pin an older version: "
            "event/a (1.0.0)\n"
        ) in done.stderr

    def test_staged_fragment(self, repository: GitRepository, run_tool: RunTool) -> None:
        """A fragment in the working tree that differs from the staged one has no part in it."""
        path = repository.root / "fragment/common/1.0.0.yaml"
        path.write_text(path.read_text().replace("old_field", "not_staged"))
        repository.write("event/a/current.yaml", schema("event/a", "1.1.0", REFERRING))
        repository.git("add", "event")
        done = run_tool("materialize-modified", "--staged", cwd=repository.root)
        assert done.returncode == 0, done.stderr
        assert "old_field" in repository.git("show", ":event/a/1.1.0.yaml")
        assert "not_staged" in path.read_text()

    def test_fragment_that_is_gone_from_the_working_tree(
        self, repository: GitRepository, run_tool: RunTool
    ) -> None:
        shutil.rmtree(repository.root / "fragment")
        repository.write("event/a/current.yaml", schema("event/a", "1.1.0", REFERRING))
        repository.git("add", "event")
        done = run_tool("materialize-modified", "--staged", cwd=repository.root)
        assert done.returncode == 0, done.stderr
        assert "old_field" in repository.git("show", ":event/a/1.1.0.yaml")

    def test_fragment_that_is_not_staged(
        self, repository: GitRepository, run_tool: RunTool
    ) -> None:
        repository.write("fragment/new/current.yaml", schema("fragment/new", extra=field("x")))
        run_tool("build-modified", cwd=repository.root)
        ref = "allOf:\n  - $ref: /fragment/new/1.0.0\n"
        repository.write("event/a/current.yaml", schema("event/a", "1.1.0", ref))
        repository.git("add", "event")
        done = run_tool("materialize-modified", "--staged", cwd=repository.root)
        assert done.returncode == 0, done.stderr
        assert "fragment/new/1.0.0 was used and is not staged: `git add` it as well" in done.stderr

    def test_fragment_of_the_same_commit(
        self, repository: GitRepository, run_tool: RunTool
    ) -> None:
        repository.write(
            "fragment/common/current.yaml", schema("fragment/common", "2.0.0", field("newest"))
        )
        pin = REFERRING.replace("1.0.0", "2.0.0")
        repository.write("event/a/current.yaml", schema("event/a", "2.0.0", pin))
        repository.git("add", ".")
        done = run_tool("materialize-modified", "--staged", cwd=repository.root)
        assert done.returncode == 0, done.stderr
        assert "newest" in repository.git("show", ":event/a/2.0.0.yaml")


class TestErrors:
    def test_no_repository(self, tmp_path: Path, git_environment: None, run_tool: RunTool) -> None:
        done = run_tool("build-modified", cwd=tmp_path)
        assert done.returncode == 1
        assert "is not in a git repository" in done.stderr

    def test_no_git(self, repository: GitRepository, run_tool: RunTool) -> None:
        done = run_tool("build-modified", cwd=repository.root, env={"PATH": "/nowhere"})
        assert done.returncode == 1
        assert "git not found\n  hint: install it" in done.stderr

    def test_base_path_that_does_not_exist(
        self, repository: GitRepository, run_tool: RunTool
    ) -> None:
        done = run_tool("build-modified", "nowhere", cwd=repository.root)
        assert done.returncode == 2
        assert "folder nowhere not found" in done.stderr

    def test_base_path_that_does_not_exist_yet(
        self, repository: GitRepository, run_tool: RunTool
    ) -> None:
        repository.write(".jsonschema-tools.yaml", "schemaBasePath: [schemas, fragments]\n")
        done = run_tool("materialize-modified", "--staged", cwd=repository.root)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        repository.write("schemas/new/current.yaml", schema("new"))
        done = run_tool("materialize-modified", cwd=repository.root)
        assert done.returncode == 0, done.stderr
        assert repository.staged() == outputs("schemas/new")

    def test_index_is_locked(self, repository: GitRepository, run_tool: RunTool) -> None:
        repository.write("old/thing/current.yaml", schema("old/thing", "1.1.0"))
        repository.write(".git/index.lock", "")
        done = run_tool("materialize-modified", cwd=repository.root)
        assert done.returncode == 1
        assert "index.lock': File exists" in done.stderr


def diverge(repository: GitRepository) -> None:
    """Change old/thing/current.yaml differently in the branches side and main."""
    repository.git("switch", "--quiet", "--create", "side")
    repository.write("old/thing/current.yaml", schema("old/thing", "1.1.0"))
    repository.commit()
    repository.git("switch", "--quiet", "main")
    repository.write("old/thing/current.yaml", schema("old/thing", "1.2.0"))
    repository.commit()


def conflict(repository: GitRepository) -> None:
    """Leave old/thing/current.yaml in conflict."""
    diverge(repository)
    assert "CONFLICT" in repository.git("merge", "side", check=False)
