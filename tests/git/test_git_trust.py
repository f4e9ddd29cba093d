"""A repository that came from somebody else runs no program, whatever its git data says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import GitRepository, RunTool

SCHEMA = """\
title: a
description: d
$id: /a/1.0.0
$schema: https://json-schema.org/draft-07/schema#
type: object
properties: {name: {type: string}}
"""
COMMANDS = [
    ("build-modified",),
    ("diff",),
    ("bump", "--check"),
    ("check", "--against", "HEAD"),
    ("materialize-modified", "--dry-run"),
    ("materialize-modified", "--staged"),
    ("materialize-modified",),
]


@pytest.fixture
def published(git_repository: GitRepository, run_tool: RunTool) -> GitRepository:
    """A repository with one published version."""
    git_repository.write(
        ".jsonschema-tools.yaml", "schemaBasePath: ./jsonschema/\nrequiredFields: []\n"
    )
    git_repository.write("jsonschema/a/current.yaml", SCHEMA)
    assert run_tool("materialize-all", cwd=git_repository.root).returncode == 0
    git_repository.commit()
    return git_repository


@pytest.fixture
def embedded(published: GitRepository, tmp_path: Path) -> tuple[GitRepository, Path]:
    """A clone whose schema folder holds the parts of a bare repository with a clean filter."""
    trap = tmp_path / "trap"
    config = (
        "[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = .\n"
        f'[filter "x"]\n\tclean = touch {trap}; cat\n\trequired = true\n'
    )
    base = "jsonschema"
    published.write(f"{base}/HEAD", "ref: refs/heads/main\n")
    published.write(f"{base}/config", config)
    published.write(f"{base}/objects/keep", "x")
    published.write(f"{base}/refs/keep", "x")
    published.write(f"{base}/.gitattributes", "*.yaml filter=x\n")
    published.commit()
    clone = clone_of(published, tmp_path / "clone")
    return clone, trap


def clone_of(origin: GitRepository, folder: Path) -> GitRepository:
    origin.git("clone", "--quiet", origin.root, folder)
    return type(origin)(folder)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_parts_of_a_bare_repository_are_not_the_repository(
    command: tuple[str, ...], embedded: tuple[GitRepository, Path], run_tool: RunTool
) -> None:
    clone, trap = embedded
    clone.write("jsonschema/a/current.yaml", SCHEMA.replace("1.0.0", "1.1.0"))
    clone.git("add", "jsonschema/a/current.yaml")
    done = run_tool(*command, cwd=clone.root)
    assert not trap.exists()
    assert "Traceback" not in done.stderr


def test_check_against_sees_a_change_beside_an_embedded_repository(
    embedded: tuple[GitRepository, Path], run_tool: RunTool
) -> None:
    clone, _ = embedded
    for name in ("1.0.0.yaml", "1.0.0.json"):
        path = clone.root / "jsonschema/a" / name
        path.write_text(path.read_text().replace("name", "other"))
    done = run_tool("check", "--against", "HEAD", "--select", "schema-version-immutable",
                    cwd=clone.root)  # fmt: skip
    assert done.returncode == 1
    assert "schema-version-immutable" in done.stdout


@pytest.mark.parametrize("command", [("check", "--against", "HEAD"), ("diff",)], ids=" ".join)
def test_missing_objects_are_not_fetched(
    command: tuple[str, ...], published: GitRepository, tmp_path: Path, run_tool: RunTool
) -> None:
    trap = tmp_path / "trap"
    tree = published.git("rev-parse", "HEAD:jsonschema/a").strip()
    (published.root / ".git/objects" / tree[:2] / tree[2:]).unlink()
    for key, value in {
        "core.repositoryformatversion": "1",
        "core.sshCommand": f"touch {trap}; false",
        "extensions.partialClone": "origin",
        "remote.origin.url": "ssh://x.invalid/y",
        "remote.origin.promisor": "true",
    }.items():
        published.git("config", key, value)
    done = run_tool(*command, cwd=published.root)
    assert done.returncode == 1
    assert "error[git-error]: git: " in done.stderr
    assert "Traceback" not in done.stderr
    assert not trap.exists()
