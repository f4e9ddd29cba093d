"""The GitHub Action's own steps, run by bash in a checkout as actions/checkout makes it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from jsonschema_tools.errors import UnknownRevisionError
from jsonschema_tools.git.work_tree import open_work_tree

if TYPE_CHECKING:
    from conftest import GitRepository

ACTION: dict[str, Any] = yaml.safe_load((Path(__file__).parents[2] / "action.yml").read_text())

pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")


def step(name: str) -> dict[str, Any]:
    return next(step for step in ACTION["runs"]["steps"] if step.get("name") == name)


@pytest.fixture
def checkout(git_repository: GitRepository, tmp_path: Path) -> GitRepository:
    """A shallow checkout of one commit of a pull request, and nothing else of its origin."""
    git_repository.write("file", "1")
    git_repository.commit()
    git_repository.git("branch", "-M", "main")
    git_repository.git("tag", "v1")
    git_repository.git("checkout", "--quiet", "-b", "feature")
    git_repository.write("file", "2")
    git_repository.commit()
    git_repository.git("config", "uploadpack.allowAnySHA1InWant", "true")
    clone = type(git_repository)(tmp_path / "checkout")
    clone.root.mkdir()
    clone.git("init", "--quiet")
    clone.git("remote", "add", "origin", git_repository.root.as_uri())
    refspec = "+refs/heads/feature:refs/remotes/pull/1/merge"
    clone.git("fetch", "--quiet", "--no-tags", "--depth=1", "origin", refspec)
    clone.git("checkout", "--quiet", "--detach", "refs/remotes/pull/1/merge")
    return clone


def find_base(checkout: GitRepository, against: str) -> tuple[int, str]:
    output = checkout.root.parent / "output"
    done = subprocess.run(
        ["bash", "-e", "-c", step("Find the commit to compare with")["run"]],
        cwd=checkout.root,
        env={**os.environ, "AGAINST": against, "GITHUB_OUTPUT": str(output)},
        capture_output=True,
        check=False,
    )
    return done.returncode, output.read_text() if output.exists() else ""


@pytest.mark.parametrize("against", ["main", "origin/main", "v1", "COMMIT"])
def test_a_commit_branch_or_tag_is_found(
    against: str, checkout: GitRepository, git_repository: GitRepository
) -> None:
    commit = git_repository.git("rev-parse", "v1").strip()
    status, output = find_base(checkout, commit if against == "COMMIT" else against)
    assert (status, output) == (0, f"commit={commit}\n")


@pytest.mark.parametrize(
    "against",
    ["--upload-pack=touch trap", "origin/--upload-pack=touch trap;git-upload-pack", "no/such"],
)
def test_what_is_not_a_revision_fails(against: str, checkout: GitRepository) -> None:
    status, output = find_base(checkout, against)
    assert status != 0
    assert not output
    assert not (checkout.root / "trap").exists()


@pytest.mark.parametrize("against", ["main", "v1"])
def test_findings_have_paths_from_the_top(
    against: str, checkout: GitRepository, git_repository: GitRepository, tmp_path: Path
) -> None:
    """The schemas lie in a subfolder; a published version was changed."""
    version = "schemas/a/b/1.0.0.yaml"
    git_repository.git("checkout", "--quiet", "main")
    git_repository.write("schemas/.jsonschema-tools.yaml", "requiredFields: []\n")
    git_repository.write(version, "title: a/b\n$id: /a/b/1.0.0\n")
    git_repository.commit()
    git_repository.git("tag", "--force", "v1")
    checkout.write("schemas/.jsonschema-tools.yaml", "requiredFields: []\n")
    checkout.write(version, "title: a/b\n$id: /a/b/1.0.0\ntype: object\n")
    status, output = find_base(checkout, against)
    assert status == 0
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin/jsonschema-tools"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m jsonschema_tools "$@"\n')
    program.chmod(0o755)
    done = subprocess.run(
        ["bash", "-e", "-c", step("Check")["run"]],
        cwd=checkout.root,
        env={
            **os.environ,
            "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
            "AGAINST": output.strip().removeprefix("commit="),
            "FOLDER": "schemas",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    found = [line for line in done.stdout.splitlines() if "title=schema-version-immutable" in line]
    assert found
    assert all(line.startswith(f"::error file={version},") for line in found)


@pytest.mark.parametrize("against", ["main", "v1"])
def test_what_was_just_fetched_is_known_by_its_name(
    against: str, checkout: GitRepository, git_repository: GitRepository
) -> None:
    """`git fetch origin NAME` makes no branch and no tag in such a checkout."""
    commit = git_repository.git("rev-parse", "v1").strip()
    tree = open_work_tree(checkout.root)
    with pytest.raises(UnknownRevisionError):
        tree.resolve(against)
    checkout.git("fetch", "--quiet", "--no-tags", "--depth=1", "origin", against)
    assert tree.resolve(against) == commit
    with pytest.raises(UnknownRevisionError):
        tree.resolve("mai")


def test_pip_starts_outside_of_the_checkout() -> None:
    install = step("Install jsonschema-tools")
    assert install["working-directory"] == "${{ github.action_path }}"
    assert "python -I -m pip" in install["run"]
