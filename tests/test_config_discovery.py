"""The configuration is found from the working directory upwards; `--repository` names a folder."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from jsonschema_tools.config import load_config
from jsonschema_tools.config_file import find_config
from jsonschema_tools.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import GitRepository, RunTool

CONFIG = (
    "schemaBasePath: jsonschema\ncontentTypes: [yaml]\n"
    "enforcedNumericBounds: [0, 100]\nrequiredFields: []\n"
)
FRAGMENT = (
    "title: fragment/n\n$id: /fragment/n/1.0.0\ntype: object\nproperties: {n: {type: integer}}\n"
)
SCHEMA = (
    "title: a/b\ndescription: x\n$id: /a/b/1.0.0\n"
    "$schema: 'https://json-schema.org/draft-07/schema#'\ntype: object\n"
    "allOf: [{$ref: /fragment/n/1.0.0}]\n"
)
WRITTEN = {"1.0.0", "1.0.0.yaml", "latest", "latest.yaml", "current.yaml"}


def schemas(top: Path) -> Path:
    """Write a schema repository with its configuration."""
    for name, text in (
        (".jsonschema-tools.yaml", CONFIG),
        ("jsonschema/a/b/current.yaml", SCHEMA),
        ("jsonschema/fragment/n/current.yaml", FRAGMENT),
    ):
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return top


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


class TestFound:
    def test_in_a_folder_above(self, tmp_path: Path) -> None:
        schemas(tmp_path)
        config = load_config(tmp_path / "jsonschema/a/b")
        assert config.root == tmp_path
        assert config.working_directory == tmp_path / "jsonschema/a/b"
        assert config.schema_base_paths == (tmp_path / "jsonschema",)
        assert config.files == ("../../../.jsonschema-tools.yaml",)

    def test_the_closest_one_counts(self, tmp_path: Path) -> None:
        schemas(tmp_path)
        schemas(tmp_path / "other")
        assert load_config(tmp_path / "other/jsonschema").root == tmp_path / "other"

    def test_not_outside_of_the_git_repository(self, tmp_path: Path) -> None:
        schemas(tmp_path)
        (tmp_path / "checkout/sub").mkdir(parents=True)
        (tmp_path / "checkout/.git").write_text("gitdir: elsewhere\n")
        assert find_config(tmp_path / "checkout/sub") is None

    def test_a_git_repository_without_git_in_its_name_ends_nothing(self, tmp_path: Path) -> None:
        """Files that look like a git folder may be committed by anybody: only `.git` counts."""
        schemas(tmp_path)
        planted = tmp_path / "jsonschema/planted"
        for name in ("HEAD", "config", "objects/x", "refs/x"):
            (planted / name).parent.mkdir(parents=True, exist_ok=True)
            (planted / name).write_text("ref: refs/heads/main\n")
        assert find_config(planted) == tmp_path

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
    def test_not_that_of_another_user(self, tmp_path: Path) -> None:
        schemas(tmp_path)
        os.chown(tmp_path / ".jsonschema-tools.yaml", 12345, 12345)
        assert find_config(tmp_path) == tmp_path  # who is there has seen it
        with pytest.raises(ConfigError, match="owned by another user"):
            find_config(tmp_path / "jsonschema")
        os.chown(tmp_path / "jsonschema", 12345, 12345)
        assert find_config(tmp_path / "jsonschema") == tmp_path


class TestSubfolder:
    def test_materialize_uses_the_settings(self, tmp_path: Path, run_tool: RunTool) -> None:
        folder = schemas(tmp_path) / "jsonschema/a/b"
        assert run_tool("materialize-all", cwd=tmp_path / "jsonschema").returncode == 0
        before = (folder / "1.0.0.yaml").read_text()
        assert "maximum: 100" in before
        for name in WRITTEN - {"current.yaml"}:
            (folder / name).unlink()
        done = run_tool("materialize", "current.yaml", cwd=folder)
        assert (done.returncode, names(folder)) == (0, WRITTEN)
        assert "wrote 1.0.0.yaml" in done.stdout
        assert (folder / "1.0.0.yaml").read_text() == before

    def test_paths_in_reports_are_relative_to_where_we_are(
        self, tmp_path: Path, run_tool: RunTool
    ) -> None:
        schemas(tmp_path)
        run_tool("materialize-all", cwd=tmp_path)
        for folder in (tmp_path, tmp_path / "jsonschema/a", tmp_path):  # what is kept does not mix
            report = json.loads(run_tool("check", "--format", "json", cwd=folder).stdout)
            paths = {result["path"] for result in report["results"]}
            assert report["summary"]["failed"] == 0
            assert paths, report
            assert all((folder / path).exists() for path in paths)
        assert (tmp_path / ".jsonschema-tools-cache").is_dir()
        assert not (tmp_path / "jsonschema/a/.jsonschema-tools-cache").exists()
        shown = run_tool("cache", cwd=tmp_path / "jsonschema/a").stdout
        assert shown.startswith("../../.jsonschema-tools-cache: ")
        assert ": 0 entries" not in shown

    def test_a_reference_that_leads_nowhere(self, tmp_path: Path, run_tool: RunTool) -> None:
        schemas(tmp_path)
        (tmp_path / "jsonschema/fragment/n/current.yaml").unlink()
        done = run_tool("materialize-all", cwd=tmp_path / "jsonschema/a")
        assert "b/current.yaml:6:" in done.stderr
        assert "tried ../fragment/n/1.0.0 (" in done.stderr

    @pytest.mark.parametrize("base", ["jsonschema", "../sub/jsonschema", "{}/sub/jsonschema"])
    def test_a_base_path_on_the_command_line(
        self, base: str, tmp_path: Path, run_tool: RunTool
    ) -> None:
        """It is relative to where we are, not to the configuration above."""
        (tmp_path / ".jsonschema-tools.yaml").write_text("contentTypes: [yaml]\n")
        schemas(tmp_path / "sub")
        (tmp_path / "sub/.jsonschema-tools.yaml").unlink()
        done = run_tool("materialize-all", base.format(tmp_path), cwd=tmp_path / "sub")
        assert done.returncode == 0, done.stderr
        assert names(tmp_path / "sub/jsonschema/a/b") == WRITTEN

    def test_waivers_are_written_to_the_file_above(self, tmp_path: Path, run_tool: RunTool) -> None:
        schemas(tmp_path)
        (tmp_path / ".jsonschema-tools.yaml").write_text(CONFIG.replace("[]", "[dt]"))
        run_tool("materialize-all", cwd=tmp_path)
        done = run_tool("check", "--write-skips", cwd=tmp_path / "jsonschema/a")
        assert done.stdout.startswith("../../.jsonschema-tools.yaml: 1 entry added")
        assert run_tool("check", cwd=tmp_path / "jsonschema").returncode == 0


class TestRepositoryOption:
    @pytest.mark.parametrize(
        "call",
        [
            ["--repository", "schemas", "materialize", "a/b"],
            ["materialize", "--repository", "schemas", "a/b"],
            ["materialize", "--repository=schemas", "schemas/jsonschema/a/b/current.yaml"],
            ["materialize", "--repository=schemas/jsonschema", "jsonschema/a/b/current.yaml"],
        ],
    )
    def test_before_and_after_the_command(
        self, call: list[str], tmp_path: Path, run_tool: RunTool
    ) -> None:
        schemas(tmp_path / "schemas")
        run_tool("--repository", "schemas", "materialize", "fragment/n")
        done = run_tool(*call)
        assert done.returncode == 0, done.stderr
        assert "wrote schemas/jsonschema/a/b/1.0.0.yaml" in done.stdout
        assert names(tmp_path / "schemas/jsonschema/a/b") == WRITTEN

    def test_no_such_folder(self, run_tool: RunTool) -> None:
        done = run_tool("--repository", "nowhere", "check")
        assert (done.returncode, done.stderr) == (
            2,
            "error[config-error]: folder not found: nowhere\n  hint: --repository names a folder\n",
        )

    def test_every_command_that_reads_settings_has_it(self, run_tool: RunTool) -> None:
        for command in ("check", "list", "bump", "site", "serve", "cache", "install-git-hook"):
            assert "--repository FOLDER" in run_tool(command, "--help").stdout, command


class TestNone:
    def test_a_folder_below_has_one(self, tmp_path: Path, run_tool: RunTool) -> None:
        schemas(tmp_path / "schemas")
        done = run_tool("list", cwd=tmp_path)
        assert "warning: no .jsonschema-tools.yaml in " in done.stderr
        assert "`--repository schemas` uses the one in schemas" in done.stderr

    def test_in_a_subfolder_of_a_git_repository(
        self, git_repository: GitRepository, run_tool: RunTool
    ) -> None:
        (git_repository.root / "sub").mkdir()
        done = run_tool("list", cwd=git_repository.root / "sub")
        assert "warning: no .jsonschema-tools.yaml in " in done.stderr
        assert run_tool("list", cwd=git_repository.root).stderr == ""

    def test_a_schema_from_standard_input_needs_none(
        self, git_repository: GitRepository, run_tool: RunTool
    ) -> None:
        (git_repository.root / "sub").mkdir()
        done = run_tool("dereference", cwd=git_repository.root / "sub", stdin="type: object\n")
        assert (done.returncode, done.stderr) == (0, "")


class TestHooks:
    def stage(self, repository: GitRepository, *folders: str) -> None:
        for folder in folders:
            schemas(repository.root / folder)
        repository.git("add", "--all")

    def test_two_repositories_have_one_git_hook(
        self, git_repository: GitRepository, run_tool: RunTool
    ) -> None:
        git_repository.commit()
        self.stage(git_repository, "one", "it's two")
        assert run_tool("install-git-hook", cwd=git_repository.root / "one").returncode == 0
        done = run_tool("--repository", "it's two", "install-git-hook", cwd=git_repository.root)
        assert done.returncode == 0, done.stderr
        again = run_tool("install-git-hook", cwd=git_repository.root / "one/jsonschema")
        assert again.returncode == 0, again.stderr
        git_repository.git("commit", "--message", "x")
        for folder in ("one", "it's two"):
            assert names(git_repository.root / folder / "jsonschema/a/b") == WRITTEN
        assert git_repository.git("status", "--porcelain") == ""

        hook = git_repository.root / ".git/hooks/pre-commit"
        done = run_tool("install-git-hook", "--uninstall", cwd=git_repository.root / "one")
        assert done.stdout == f"removed ./one from {hook}\n"
        assert "./one " not in hook.read_text()
        assert "two" in hook.read_text()
        run_tool("install-git-hook", "--uninstall", cwd=git_repository.root / "it's two")
        assert not hook.exists()

    def test_the_first_failure_stops_the_commit(
        self, git_repository: GitRepository, run_tool: RunTool
    ) -> None:
        git_repository.commit()
        self.stage(git_repository, "one", "two")
        for folder in ("one", "two"):
            run_tool("install-git-hook", cwd=git_repository.root / folder)
        broken = git_repository.root / "one/jsonschema/a/b/current.yaml"
        broken.write_text(SCHEMA.replace("$id: /a/b/1.0.0\n", ""))
        git_repository.git("add", "--all")
        assert "the schema has no `$id`" in git_repository.git("commit", "-m", "x", check=False)
        assert git_repository.git("log", "--oneline").count("\n") == 1

    def test_each_repository(self, git_repository: GitRepository, run_tool: RunTool) -> None:
        git_repository.commit()
        self.stage(git_repository, "one", "two", "one/tests/fixture")
        done = run_tool(
            *("each-repository", "materialize-modified", "--staged", "--fail-if-written"),
            cwd=git_repository.root,
        )
        assert done.returncode == 1, done.stderr
        assert names(git_repository.root / "one/jsonschema/a/b") == WRITTEN
        assert names(git_repository.root / "two/jsonschema/a/b") == WRITTEN
        assert names(git_repository.root / "one/tests/fixture/jsonschema/a/b") == {"current.yaml"}
        git_repository.commit()
        done = run_tool("each-repository", "check", cwd=git_repository.root)
        assert (done.returncode, done.stdout.count("2 schemas, ")) == (0, 2)
        git_repository.write("two/jsonschema/a/b/current.yaml", SCHEMA.replace("a/b\n", "x\n"))
        git_repository.git("add", "--all")
        done = run_tool("each-repository", "check", cwd=git_repository.root)
        assert (done.returncode, done.stdout.count(" schemas, ")) == (1, 1)
        assert "two/jsonschema/a/b/current.yaml:1:1: structure-title-matches" in done.stdout
        done = run_tool("each-repository", "check", "--repository=one", cwd=git_repository.root)
        assert (done.returncode, done.stdout.count("2 schemas, ")) == (0, 1)

    def test_each_repository_where_there_is_no_configuration(
        self, git_repository: GitRepository, run_tool: RunTool
    ) -> None:
        git_repository.write("a/b/current.yaml", SCHEMA.replace("allOf", "$comment"))
        done = run_tool("each-repository", "list", cwd=git_repository.root)
        assert (done.returncode, done.stdout.split()) == (0, ["a/b", "none", "yet", "a/b"])
        done = run_tool("each-repository", "lst", cwd=git_repository.root)
        assert (done.returncode, "Did you mean 'list'?" in done.stderr) == (2, True)
