"""What `check --against` sees behind links and in submodules, whatever was put in their place."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from jsonschema_tools.git.snapshot import files_at
from jsonschema_tools.git.work_tree import open_work_tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import GitRepository, RunTool

SCHEMA = """\
title: {0}
description: d
$id: /{0}/1.0.0
$schema: https://json-schema.org/draft-07/schema#
type: object
properties: {{name: {{type: string}}}}
"""


@pytest.fixture
def repository(git_repository: GitRepository, run_tool: RunTool) -> GitRepository:
    """Two published schemas, of which a link leads to one: `a`, and `linked` in `shared/b`."""
    git_repository.write(
        ".jsonschema-tools.yaml", "schemaBasePath: ./jsonschema/\nrequiredFields: []\n"
    )
    git_repository.write("jsonschema/a/current.yaml", SCHEMA.format("a"))
    git_repository.write("shared/b/current.yaml", SCHEMA.format("linked"))
    (git_repository.root / "jsonschema/linked").symlink_to("../shared/b")
    assert run_tool("materialize-all", cwd=git_repository.root).returncode == 0
    git_repository.commit()
    return git_repository


def altered(folder: Path) -> None:
    """Change the version in a folder."""
    for path in folder.glob("*.*"):
        if not path.is_symlink():
            path.write_text(path.read_text().replace("name", "other"))


def change_in_place(root: Path) -> None:
    altered(root / "shared/b")


def lead_the_link_elsewhere(root: Path) -> None:
    shutil.copytree(root / "shared/b", root / "shared/c", symlinks=True)
    altered(root / "shared/c")
    (root / "jsonschema/linked").unlink()
    (root / "jsonschema/linked").symlink_to("../shared/c")


def put_a_link_in_place_of_its_target(root: Path) -> None:
    (root / "shared/b").rename(root / "shared/c")
    altered(root / "shared/c")
    (root / "shared/b").symlink_to("c")


def put_a_link_in_place_of_all(root: Path) -> None:
    (root / "jsonschema").rename(root / "moved")
    altered(root / "shared/b")
    (root / "jsonschema").symlink_to("moved")


def put_a_folder_in_place_of_the_link(root: Path) -> None:
    (root / "jsonschema/linked").unlink()
    shutil.copytree(root / "shared/b", root / "jsonschema/linked", symlinks=True)
    altered(root / "jsonschema/linked")


def remove_the_link(root: Path) -> None:
    (root / "jsonschema/linked").unlink()


WAYS = (
    change_in_place,
    lead_the_link_elsewhere,
    put_a_link_in_place_of_its_target,
    put_a_link_in_place_of_all,
    put_a_folder_in_place_of_the_link,
    remove_the_link,
)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("everything", [[], ["--all"]], ids=["changed", "all"])
def test_no_link_hides_what_became_of_a_version(
    way: Callable[[Path], None],
    everything: list[str],
    repository: GitRepository,
    run_tool: RunTool,
) -> None:
    arguments = ("check", "--against", "HEAD", "--select", "schema-version-immutable", *everything)
    assert run_tool(*arguments, cwd=repository.root).returncode == 0
    way(repository.root)
    for _ in range(2):  # in the working tree, then committed
        done = run_tool(*arguments, cwd=repository.root)
        assert done.returncode == 1
        assert "jsonschema/linked/1.0.0.yaml: schema-version-immutable: 1.0.0" in done.stdout
        repository.commit()
        arguments = tuple(argument.replace("HEAD", "HEAD~") for argument in arguments)


def test_a_base_path_that_becomes_a_link(repository: GitRepository, run_tool: RunTool) -> None:
    root = repository.root
    (root / "jsonschema").rename(root / "moved")
    (root / "jsonschema").symlink_to("moved")
    altered(root / "moved/a")
    done = run_tool("check", "--against", "HEAD", cwd=root)
    assert done.returncode == 1
    assert "jsonschema/a/1.0.0.yaml: schema-version-immutable: 1.0.0" in done.stdout


def test_a_new_file_behind_a_link(repository: GitRepository, run_tool: RunTool) -> None:
    repository.write("shared/b/1.1.0.yaml", "a: [")
    done = run_tool("check", "--against", "HEAD", cwd=repository.root)
    assert done.returncode == 1
    assert "1.1.0.yaml cannot be read" in done.stdout


def test_an_ignored_file_is_not_a_change(repository: GitRepository, run_tool: RunTool) -> None:
    repository.write(".gitignore", "1.1.0.yaml\n")
    repository.write("jsonschema/a/1.1.0.yaml", "a: [")
    done = run_tool("check", "--against", "HEAD", cwd=repository.root)
    assert done.returncode == 0
    assert done.stdout.startswith("2 schemas, none changed since HEAD, ")


def test_submodules_are_entered(
    repository: GitRepository, tmp_path: Path, run_tool: RunTool
) -> None:
    inner = type(repository)(tmp_path / "inner")
    shutil.copytree(repository.root / "jsonschema/a", inner.root / "c", symlinks=True)
    altered(inner.root / "c")
    inner.git("init", "--quiet")
    inner.commit()
    allowed = ("-c", "protocol.file.allow=always")
    repository.git(*allowed, "submodule", "--quiet", "add", inner.root, "jsonschema/sub")
    done = run_tool("check", "--against", "HEAD", cwd=repository.root)
    assert done.returncode == 1
    assert "title 'a' does not match the folder 'sub/c'" in done.stdout
    repository.commit()
    done = run_tool("check", "--against", "HEAD", cwd=repository.root)
    assert done.returncode == 0
    assert done.stdout.startswith("3 schemas, none changed since HEAD, ")

    clone = type(repository)(repository.root / "jsonschema/sub")
    for path in (clone.root / "c").glob("1.0.0.*"):
        path.write_text(path.read_text() + "\n")
    clone.commit()
    repository.commit()
    done = run_tool("check", "--against", "HEAD~", cwd=repository.root)
    assert done.returncode == 1
    assert "jsonschema/sub/c/1.0.0.yaml: schema-version-immutable: 1.0.0" in done.stdout


def test_links_that_lead_nowhere_or_in_circles(repository: GitRepository) -> None:
    root = repository.root
    for name, target in {
        "up": "../..",
        "out": "../../elsewhere",
        "absolute": "/etc",
        "circle": "circle",
        "one": "two",
        "two": "one",
        "self": ".",
        "all": "..",
        "file": "a/current.yaml",
        "again": "a",
        "long": "../jsonschema/../shared/./b",
    }.items():
        (root / "jsonschema" / name).symlink_to(target)
    repository.commit()
    tree = open_work_tree(root)
    found = files_at(tree, tree.resolve("HEAD"), [root / "jsonschema"])
    folders = {path.parent.relative_to(root / "jsonschema").as_posix() for path in found}
    assert folders == {".", "a", "all", "all/shared/b"}
