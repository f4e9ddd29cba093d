"""install-git-hook: the real hook, run by real commits."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from jsonschema_tools.git import hook as git_hook

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import GitRepository, RunTool

SCHEMA = "title: some/thing\n$id: /some/thing/1.0.0\ntype: object\n"
OUTPUTS = {
    f"some/thing/{name}"
    for name in ("1.0.0.yaml", "1.0.0.json", "1.0.0", "latest.yaml", "latest.json", "latest")
}
FOREIGN = "#!/bin/sh\necho foreign >> hook-ran\n"


@pytest.fixture
def repository(git_repository: GitRepository, run_tool: RunTool) -> GitRepository:
    git_repository.write("unrelated", "x")
    git_repository.commit()
    done = run_tool("install-git-hook", cwd=git_repository.root)
    assert done.returncode == 0, done.stderr
    return git_repository


def committed(repository: GitRepository, cwd: Path | None = None) -> set[str]:
    output = repository.git("show", "--name-only", "--format=", "-z", "HEAD", cwd=cwd)
    return set(output.strip("\0").split("\0"))


def status(repository: GitRepository) -> str:
    return repository.git("status", "--porcelain")


class TestCommit:
    def test_adds_what_it_makes(self, repository: GitRepository) -> None:
        repository.write("some/thing/current.yaml", SCHEMA)
        repository.write("untracked", "x")
        repository.git("add", "some")
        repository.git("commit", "--message", "x")
        assert committed(repository) == {"some/thing/current.yaml", *OUTPUTS}
        assert status(repository) == "?? untracked\n"

    def test_no_schema_is_staged(self, repository: GitRepository) -> None:
        repository.write("some/thing/current.yaml", SCHEMA)
        repository.write("unrelated", "y")
        repository.git("commit", "--all", "--message", "x")
        assert committed(repository) == {"unrelated"}

    @pytest.mark.parametrize(
        "call", [["--all"], ["--", "some/thing/current.yaml"], ["--include", "some"]]
    )
    def test_index_of_its_own(self, repository: GitRepository, call: list[str]) -> None:
        """`git commit --all`, `git commit PATH`: the new files are in the commit, and stay."""
        repository.write("some/thing/current.yaml", SCHEMA)
        repository.git("add", "some/thing/current.yaml")
        repository.write("staged", "x")
        repository.git("add", "staged")
        repository.git("commit", "--message", "x", *call)
        partial = call[0] == "--"
        also = set() if partial else {"staged"}
        assert committed(repository) == {"some/thing/current.yaml", *OUTPUTS, *also}
        assert status(repository) == ("A  staged\n" if partial else "")

    def test_from_a_subfolder(self, repository: GitRepository) -> None:
        repository.write("some/thing/current.yaml", SCHEMA)
        folder = repository.root / "some/thing"
        repository.git("add", ".", cwd=folder)
        repository.git("commit", "--message", "x", cwd=folder)
        assert committed(repository) >= OUTPUTS

    def test_failure_stops_the_commit(self, repository: GitRepository) -> None:
        repository.write("some/thing/current.yaml", SCHEMA.replace("/1.0.0", ""))
        repository.git("add", ".")
        output = repository.git("commit", "--message", "x", check=False)
        assert "no version found in `$id`" in output
        assert committed(repository) == {"unrelated"}

    def test_worktree(self, repository: GitRepository, tmp_path: Path) -> None:
        linked = tmp_path / "linked"
        repository.git("worktree", "add", "--quiet", linked)
        (linked / "some/thing").mkdir(parents=True)
        (linked / "some/thing/current.yaml").write_text(SCHEMA)
        repository.git("add", ".", cwd=linked)
        repository.git("commit", "--message", "x", cwd=linked)
        assert committed(repository, linked) == {"some/thing/current.yaml", *OUTPUTS}
        assert status(repository) == ""

    def test_first_commit(self, git_repository: GitRepository, run_tool: RunTool) -> None:
        git_repository.write("some/thing/current.yaml", SCHEMA)
        assert run_tool("install-git-hook", cwd=git_repository.root).returncode == 0
        git_repository.git("add", ".")
        git_repository.git("commit", "--message", "x")
        assert committed(git_repository) == {"some/thing/current.yaml", *OUTPUTS}

    def test_nothing_of_the_repository_is_imported(self, repository: GitRepository) -> None:
        for name in ("jsonschema_tools", "yaml", "click", "subprocess", "jsonschema"):
            repository.write(f"{name}.py", "open('evil-ran', 'w')")
        repository.write("some/thing/current.yaml", SCHEMA)
        repository.git("add", ".")
        repository.git("commit", "--message", "x")
        assert not (repository.root / "evil-ran").exists()
        assert committed(repository) >= OUTPUTS


class TestWhereItGoes:
    def test_default(self, repository: GitRepository) -> None:
        mode = (repository.root / ".git/hooks/pre-commit").stat().st_mode
        assert stat.S_IMODE(mode) == 0o755

    def test_hooks_path(self, git_repository: GitRepository, run_tool: RunTool) -> None:
        git_repository.git("config", "core.hooksPath", ".githooks")
        folder = git_repository.root / "below"
        folder.mkdir()
        done = run_tool("install-git-hook", cwd=folder)
        hook = git_repository.root / ".githooks/pre-commit"
        assert done.stdout == f"installed {hook}\n"
        assert hook.exists()

    def test_hooks_path_of_the_user(
        self, git_repository: GitRepository, run_tool: RunTool, tmp_path: Path
    ) -> None:
        git_repository.git("config", "--global", "core.hooksPath", tmp_path / "shared")
        done = run_tool("install-git-hook", cwd=git_repository.root)
        assert done.returncode == 1
        assert "one folder of hooks for all repositories" in done.stderr
        assert not (tmp_path / "shared").exists()
        git_repository.git("config", "--local", "core.hooksPath", ".git/hooks")  # as the hint says
        assert run_tool("install-git-hook", cwd=git_repository.root).returncode == 0

    def test_worktree(
        self, git_repository: GitRepository, run_tool: RunTool, tmp_path: Path
    ) -> None:
        git_repository.commit()
        git_repository.git("worktree", "add", "--quiet", tmp_path / "linked")
        assert run_tool("install-git-hook", cwd=tmp_path / "linked").returncode == 0
        assert (git_repository.root / ".git/hooks/pre-commit").exists()

    def test_submodule(
        self, git_repository: GitRepository, run_tool: RunTool, tmp_path: Path
    ) -> None:
        git_repository.commit()
        shutil.copytree(git_repository.root, tmp_path / "inner")
        git_repository.git("submodule", "--quiet", "add", tmp_path / "inner", "inner")
        inner = git_repository.root / "inner"
        assert run_tool("install-git-hook", cwd=inner).returncode == 0
        (inner / "current.yaml").write_text(SCHEMA)
        git_repository.git("add", ".", cwd=inner)
        git_repository.git("commit", "--message", "x", cwd=inner)
        assert "1.0.0.yaml" in committed(git_repository, inner)

    def test_schemas_in_a_subfolder(self, git_repository: GitRepository, run_tool: RunTool) -> None:
        folder = git_repository.root / "it's a folder"
        folder.mkdir()
        (folder / ".jsonschema-tools.yaml").write_text(
            "contentTypes: [yaml]\nshouldSymlinkLatest: false\n"
        )
        assert run_tool("install-git-hook", "below", cwd=folder).returncode == 0
        git_repository.write("outside/current.yaml", SCHEMA)
        git_repository.write("it's a folder/below/current.yaml", SCHEMA)
        git_repository.git("add", ".")
        git_repository.git("commit", "--message", "x")
        made = {name for name in committed(git_repository) if "1.0.0" in name}
        assert made == {"it's a folder/below/1.0.0.yaml", "it's a folder/below/1.0.0"}
        git_repository.git("switch", "--quiet", "--orphan", "without-the-folder")
        git_repository.git("commit", "--allow-empty", "--message", "x")

    def test_from_outside(
        self, git_repository: GitRepository, run_tool: RunTool, tmp_path: Path
    ) -> None:
        (git_repository.root / "-odd").mkdir()
        done = run_tool("install-git-hook", "--", "repository/-odd", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        git_repository.write("-odd/current.yaml", SCHEMA)
        git_repository.git("add", ".")
        git_repository.git("commit", "--message", "x")
        assert "-odd/1.0.0.yaml" in committed(git_repository)

    def test_configuration_file(self, git_repository: GitRepository, run_tool: RunTool) -> None:
        git_repository.write("my config.yaml", "contentTypes: [json]\nshouldSymlinkLatest: false\n")
        done = run_tool("install-git-hook", "-C", "my config.yaml", cwd=git_repository.root)
        assert done.returncode == 0, done.stderr
        git_repository.write("some/thing/current.json", '{"title": "x", "$id": "/x/1.0.0"}')
        git_repository.git("add", "some")
        git_repository.git("commit", "--message", "x")
        assert committed(git_repository) == {
            f"some/thing/{name}" for name in ("current.json", "1.0.0.json", "1.0.0")
        }


class TestWithAnotherHook:
    @pytest.fixture
    def foreign(self, git_repository: GitRepository) -> Path:
        hook = git_repository.write(".git/hooks/pre-commit", FOREIGN)
        hook.chmod(0o755)
        return hook

    def test_is_not_touched(
        self, git_repository: GitRepository, run_tool: RunTool, foreign: Path
    ) -> None:
        done = run_tool("install-git-hook", cwd=git_repository.root)
        assert done.returncode == 1
        assert f"there is a hook already: {foreign}\n  hint: with --chain it is kept" in done.stderr
        assert foreign.read_text() == FOREIGN

    def test_of_pre_commit(
        self, git_repository: GitRepository, run_tool: RunTool, foreign: Path
    ) -> None:
        foreign.write_text(
            "#!/usr/bin/env bash\n# File generated by pre-commit: https://pre-commit.com\n"
        )
        done = run_tool("install-git-hook", cwd=git_repository.root)
        assert "add `jsonschema-tools-materialize` to .pre-commit-config.yaml" in done.stderr

    def test_chained(self, git_repository: GitRepository, run_tool: RunTool, foreign: Path) -> None:
        assert run_tool("install-git-hook", "--chain", cwd=git_repository.root).returncode == 0
        git_repository.write("some/thing/current.yaml", SCHEMA)
        git_repository.git("add", ".")
        git_repository.git("commit", "--message", "x")
        assert committed(git_repository) >= OUTPUTS
        assert (git_repository.root / "hook-ran").read_text() == "foreign\n"
        done = run_tool("install-git-hook", "--uninstall", cwd=git_repository.root)
        assert done.stdout == f"removed {foreign}\n"
        assert foreign.read_text() == FOREIGN
        assert {
            path.name for path in foreign.parent.iterdir() if "jsonschema" in path.name
        } == set()

    def test_chained_one_fails(
        self, git_repository: GitRepository, run_tool: RunTool, foreign: Path
    ) -> None:
        foreign.write_text("#!/bin/sh\necho no >&2\nexit 7\n")
        run_tool("install-git-hook", "--chain", cwd=git_repository.root)
        assert "no" in git_repository.git("commit", "--allow-empty", "-m", "x", check=False)
        assert "does not have any commits" in git_repository.git("log", check=False)

    def test_chained_twice(
        self, git_repository: GitRepository, run_tool: RunTool, foreign: Path
    ) -> None:
        for _ in range(2):  # what is there the second time is ours
            assert run_tool("install-git-hook", "--chain", cwd=git_repository.root).returncode == 0
        foreign.write_text(FOREIGN + "# another\n")
        done = run_tool("install-git-hook", "--chain", cwd=git_repository.root)
        assert done.returncode == 1
        assert "there are two earlier hooks" in done.stderr
        assert foreign.read_text() == FOREIGN + "# another\n"

    def test_link_to_a_hook(self, git_repository: GitRepository, run_tool: RunTool) -> None:
        tracked = git_repository.write("scripts/hook", FOREIGN)
        tracked.chmod(0o755)
        hook = git_repository.root / ".git/hooks/pre-commit"
        hook.parent.mkdir(exist_ok=True)
        hook.symlink_to("../../scripts/hook")
        assert run_tool("install-git-hook", cwd=git_repository.root).returncode == 1
        assert run_tool("install-git-hook", "--chain", cwd=git_repository.root).returncode == 0
        assert tracked.read_text() == FOREIGN
        git_repository.git("commit", "--allow-empty", "--message", "x")
        assert (git_repository.root / "hook-ran").exists()


class TestInstallation:
    def test_again(self, repository: GitRepository, run_tool: RunTool) -> None:
        hook = repository.root / ".git/hooks/pre-commit"
        before = hook.read_bytes()
        assert run_tool("install-git-hook", cwd=repository.root).returncode == 0
        assert hook.read_bytes() == before

    def test_uninstall(self, repository: GitRepository, run_tool: RunTool) -> None:
        hook = repository.root / ".git/hooks/pre-commit"
        assert run_tool("install-git-hook", "--uninstall", cwd=repository.root).returncode == 0
        assert not hook.exists()
        again = run_tool("install-git-hook", "--uninstall", cwd=repository.root)
        assert (again.returncode, again.stderr) == (0, f"no hook of jsonschema-tools at {hook}\n")

    def test_uninstall_leaves_others_alone(
        self, git_repository: GitRepository, run_tool: RunTool
    ) -> None:
        hook = git_repository.write(".git/hooks/pre-commit", FOREIGN)
        assert run_tool("install-git-hook", "--uninstall", cwd=git_repository.root).returncode == 0
        assert hook.read_text() == FOREIGN

    def test_dry_run(self, git_repository: GitRepository, run_tool: RunTool) -> None:
        git_repository.write(".jsonschema-tools.yaml", "dryRun: true\n")
        done = run_tool("install-git-hook", cwd=git_repository.root)
        hook = git_repository.root / ".git/hooks/pre-commit"
        assert (done.returncode, done.stdout) == (0, f"would install {hook}\n")
        assert not hook.exists()

    def test_no_repository(self, tmp_path: Path, git_environment: None, run_tool: RunTool) -> None:
        done = run_tool("install-git-hook", cwd=tmp_path)
        assert done.returncode == 1
        assert "is not in a git repository" in done.stderr


class TestPrograms:
    """The hook finds the tool where it was installed, else on the PATH, else says what to do."""

    def install(
        self, repository: GitRepository, monkeypatch: pytest.MonkeyPatch, python: str
    ) -> None:
        monkeypatch.setattr(sys, "executable", python)
        text = git_hook.script([git_hook.line(".", ["--version"])])
        git_hook.Hook(repository.root / ".git/hooks/pre-commit").install(text)

    def test_odd_path(
        self, git_repository: GitRepository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        odd = tmp_path / 'it\'s $HOME; "a" é'
        odd.mkdir()
        (odd / "python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
        (odd / "python").chmod(0o755)
        self.install(git_repository, monkeypatch, str(odd / "python"))
        output = git_repository.git("commit", "--allow-empty", "--message", "x")
        assert "jsonschema-tools, version" in output

    def test_on_the_path(
        self, git_repository: GitRepository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        program = tmp_path / "bin/jsonschema-tools"
        program.parent.mkdir()
        program.write_text('#!/bin/sh\necho "found on the path: $*"\n')
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
        self.install(git_repository, monkeypatch, "/venv that is gone/bin/python")
        output = git_repository.git("commit", "--allow-empty", "--message", "x")
        assert "found on the path: --version" in output

    def test_python_without_the_tool(
        self, git_repository: GitRepository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "v"], check=True)
        monkeypatch.setenv("PATH", "/usr/bin:/bin")
        self.install(git_repository, monkeypatch, str(tmp_path / "v/bin/python"))
        output = git_repository.git("commit", "--allow-empty", "-m", "x", check=False)
        assert "jsonschema-tools is neither at" in output
        assert "Traceback" not in output

    def test_gone(self, git_repository: GitRepository, monkeypatch: pytest.MonkeyPatch) -> None:
        self.install(git_repository, monkeypatch, "/venv that is gone/bin/python")
        monkeypatch.setenv("PATH", "/usr/bin:/bin")
        output = git_repository.git("commit", "--allow-empty", "-m", "x", check=False)
        assert "jsonschema-tools is neither at /venv that is gone/bin/python nor on" in output
        assert "commit with --no-verify" in output
        assert "does not have any commits" in git_repository.git("log", check=False)
