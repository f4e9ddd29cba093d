"""The GitHub Action's own steps, run by bash in a checkout as actions/checkout makes it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

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


@pytest.mark.parametrize("against", ["--upload-pack=touch trap", "no/such"])
def test_what_is_not_a_revision_fails(against: str, checkout: GitRepository) -> None:
    status, output = find_base(checkout, against)
    assert status != 0
    assert not output
    assert not (checkout.root / "trap").exists()


def test_pip_starts_outside_of_the_checkout() -> None:
    install = step("Install jsonschema-tools")
    assert install["working-directory"] == "${{ github.action_path }}"
    assert "python -I -m pip" in install["run"]
