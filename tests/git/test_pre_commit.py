"""The hooks for the pre-commit framework, run by the real pre-commit in scratch repositories."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from support.every_case import every_case
from support.fork_server import lay_program

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conftest import GitRepository

ROOT = Path(__file__).parents[2]
MANIFEST = ROOT / ".pre-commit-hooks.yaml"
SCHEMA = """\
title: some/thing
$id: /some/thing/1.0.0
$schema: https://json-schema.org/draft-07/schema#
type: object
properties:
  some_field: {type: string}
"""
OUTPUTS = {
    f"some/thing/{name}"
    for name in ("1.0.0.yaml", "1.0.0.json", "1.0.0", "latest.yaml", "latest.json", "latest")
}

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("pre_commit") is None, reason="pre-commit is not installed"
)


def pre_commit(
    *arguments: str, cwd: Path, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", *arguments],
        cwd=cwd,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The hook that `pre-commit install` lays, the same in every repository."""
    root = tmp_path_factory.mktemp("installed")
    home = tmp_path_factory.mktemp("home")
    # as the fixture `git_environment`, which is there for one test only
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    env |= {"HOME": str(home), "PRE_COMMIT_HOME": str(home / "pre-commit")}
    env |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", "init", "--quiet", root], env=env, check=True)
    (root / ".pre-commit-config.yaml").write_text("repos: []\n")
    done = pre_commit("install", cwd=root, env=env)
    assert done.returncode == 0, done.stderr
    return root / ".git/hooks/pre-commit"


@pytest.fixture
def repository(
    git_repository: GitRepository,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    installed: Path,
) -> GitRepository:
    """A repository whose commits run the hooks of the manifest, with the tool as it is here."""
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "pre-commit"))
    hooks = yaml.safe_load(MANIFEST.read_text())
    ours = str(lay_program(tmp_path / "bin/jsonschema-tools"))
    for hook in hooks:
        program, *arguments = shlex.split(hook["entry"])
        assert program == "jsonschema-tools"
        hook["entry"] = shlex.join([ours, *arguments])
        hook["language"] = "system"
    config = {"repos": [{"repo": "local", "hooks": hooks}]}
    git_repository.write(".pre-commit-config.yaml", yaml.safe_dump(config))
    git_repository.write(".jsonschema-tools.yaml", "requiredFields: []\n")
    git_repository.write("unrelated", "x")
    git_repository.commit()
    shutil.copy(installed, git_repository.root / ".git/hooks/pre-commit")
    return git_repository


def commit(repository: GitRepository, *arguments: str) -> tuple[bool, str]:
    """Try to commit; return whether that worked, and what was said."""
    before = repository.git("rev-parse", "HEAD")
    output = repository.git("commit", "--message", "x", *arguments, check=False)
    return repository.git("rev-parse", "HEAD") != before, output


def committed(repository: GitRepository) -> set[str]:
    return set(repository.git("show", "--name-only", "--format=", "HEAD").split())


def test_manifest() -> None:
    done = pre_commit("validate-manifest", str(MANIFEST), cwd=ROOT)
    assert done.returncode == 0, done.stdout
    ids = {hook["id"] for hook in yaml.safe_load(MANIFEST.read_text())}
    assert ids == {"jsonschema-tools-materialize", "jsonschema-tools-check"}


@pytest.mark.parametrize("call", [[], ["--all"], ["--", "some/thing/current.yaml"]])
def test_first_attempt_stops_second_passes(repository: GitRepository, call: list[str]) -> None:
    repository.write("some/thing/current.yaml", SCHEMA)
    repository.git("add", ".")
    done, output = commit(repository, *call)
    assert not done
    assert "wrote some/thing/1.0.0.yaml" in output
    assert "review what was written" in output
    assert (repository.root / "some/thing/latest").is_symlink()
    done, output = commit(repository, *call)
    assert done, output
    assert committed(repository) == {"some/thing/current.yaml", *OUTPUTS}
    assert repository.git("status", "--porcelain") == ""


def test_no_schema(repository: GitRepository) -> None:
    repository.write("unrelated", "y")
    done, output = commit(repository, "--all")
    assert done
    assert output.count("(no files to check)Skipped") == 2


def test_partial_staging(repository: GitRepository) -> None:
    """What is not staged is neither materialized nor lost."""
    repository.write("some/thing/current.yaml", SCHEMA)
    repository.git("add", ".")
    unfinished = SCHEMA.replace("1.0.0", "1.1.0") + "  unfinished: {type: string}\n"
    path = repository.write("some/thing/current.yaml", unfinished)
    assert not commit(repository)[0]
    assert commit(repository)[0]
    assert committed(repository) == {"some/thing/current.yaml", *OUTPUTS}
    assert path.read_text() == unfinished
    assert repository.git("status", "--porcelain") == " M some/thing/current.yaml\n"
    assert "unfinished" not in repository.git("show", "HEAD:some/thing/1.0.0.yaml")


def test_schema_that_cannot_be_materialized(repository: GitRepository) -> None:
    repository.write("some/thing/current.yaml", SCHEMA.replace("/1.0.0", ""))
    repository.git("add", ".")
    done, output = commit(repository)
    assert not done
    assert "some/thing/current.yaml:2:" in output
    assert "no version found in `$id`" in output


def test_check_runs_when_a_versioned_file_changes(repository: GitRepository) -> None:
    repository.write("some/thing/current.yaml", SCHEMA)
    repository.git("add", ".")
    commit(repository)
    assert commit(repository)[0]

    def check(name: str) -> None:
        repository.git("reset", "--quiet", "--hard")
        path = repository.root / "some/thing" / name
        path.unlink()
        path.write_text("title: some/thing\n$id: /some/thing/9.9.9\n")
        repository.git("add", ".")
        done, output = commit(repository)
        assert not done
        assert "check schemas......" in output
        assert "hook id: jsonschema-tools-check" in output

    names = ["1.0.0.yaml", "1.0.0.json", "1.0.0", "latest", "latest.yaml"]
    every_case([(name, name) for name in names], check)


@pytest.mark.skipif(
    not os.environ.get("JSONSCHEMA_TOOLS_TEST_INSTALL"),
    reason="installs from PyPI; set JSONSCHEMA_TOOLS_TEST_INSTALL=1",
)
def test_installed_by_pre_commit(repository: GitRepository, tmp_path: Path) -> None:
    source = tmp_path / "source"
    repository.git("clone", "--quiet", ROOT, source)
    revision = repository.git("rev-parse", "HEAD", cwd=source).strip()
    hooks = [{"id": "jsonschema-tools-materialize"}, {"id": "jsonschema-tools-check"}]
    config = {"repos": [{"repo": str(source), "rev": revision, "hooks": hooks}]}
    repository.write(".pre-commit-config.yaml", yaml.safe_dump(config))
    repository.write("some/thing/current.yaml", SCHEMA)
    repository.git("add", ".")
    done, output = commit(repository)
    assert not done
    assert "wrote some/thing/1.0.0.yaml" in output
    done, output = commit(repository)
    assert done, output


def examples() -> list[str]:
    pages = (ROOT / "docs/guides" / name for name in ("hooks.md", "ci.md"))
    return [
        text for page in pages for text in re.findall(r"(?ms)^```yaml\n(.*?)^```", page.read_text())
    ]


def test_examples_of_the_documentation(tmp_path: Path) -> None:
    ours = {hook["id"] for hook in yaml.safe_load(MANIFEST.read_text())}
    configurations = [text for text in examples() if text.startswith("repos:")]
    assert len(configurations) == 2
    for text in configurations:
        (tmp_path / "config.yaml").write_text(text)
        done = pre_commit("validate-config", "config.yaml", cwd=tmp_path)
        assert done.returncode == 0, done.stdout
        assert {hook["id"] for hook in yaml.safe_load(text)["repos"][0]["hooks"]} <= ours


def test_action() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    for step in action["runs"]["steps"]:
        assert "${{" not in step.get("run", ""), "an input in a script can run code"
    uses = next(text for text in examples() if "uses: OWNER/jsonschema-tools" in text)
    assert yaml.safe_load(uses)["jobs"]["check"]["steps"]


def test_configuration_of_this_repository() -> None:
    """Its own hooks are those that it offers, apart from where they are run from."""
    ours = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    mine = {hook["id"]: hook for hook in ours}
    for offered in yaml.safe_load(MANIFEST.read_text()):
        del offered["description"]
        local = {"language": "system", "exclude": "^tests/"}
        assert mine[offered["id"]] == {**offered, **local}
