"""The author's day with the real program, git and pre-commit: what goes well, and each mistake."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from support.fork_server import lay_program, run_module

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import GitRepository, RunTool

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("pre_commit") is None, reason="pre-commit is not installed"
)

TITLE = "shop/order_placed"
FOLDER = f"jsonschema/{TITLE}"
CURRENT = f"{FOLDER}/current.yaml"
FIELDS = """\
properties:
  order_id:
    description: Which order it is.
    type: string
    maxLength: 9
"""


def made(version: str) -> set[str]:
    names = (version, f"{version}.yaml", f"{version}.json", "latest", "latest.yaml", "latest.json")
    return {f"{FOLDER}/{name}" for name in names}


class Author:
    """Somebody at a terminal, in a git repository."""

    def __init__(self, repository: GitRepository, run_tool: RunTool) -> None:
        self.repository = repository
        self.root = repository.root
        self._run_tool = run_tool

    def tool(self, *arguments: str) -> str:
        """Run jsonschema-tools; return what it says."""
        done = self._run_tool(*arguments, cwd=self.root)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    def fails(self, *arguments: str) -> str:
        """Run jsonschema-tools, which must find something wrong; return what it says."""
        done = self._run_tool(*arguments, cwd=self.root)
        assert done.returncode == 1, done.stdout + done.stderr
        return done.stdout + done.stderr

    def edit(self, old: str, new: str, name: str = CURRENT) -> None:
        path = self.root / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))

    def add_field(self, name: str) -> None:
        with (self.root / CURRENT).open("a") as file:
            file.write(f"  {name}:\n    description: Added.\n    type: string\n")

    def try_to_commit(self) -> tuple[bool, str]:
        """Commit all there is; return whether that worked, and what was said."""
        before = self.repository.git("rev-parse", "--verify", "--quiet", "HEAD", check=False)
        self.repository.git("add", "--all")
        output = self.repository.git("commit", "--message", "x", check=False)
        return self.repository.git("rev-parse", "HEAD", check=False) != before, output

    def commit(self) -> str:
        done, output = self.try_to_commit()
        assert done, output
        assert self.repository.git("status", "--porcelain") == ""
        return output

    def is_stopped(self) -> str:
        done, output = self.try_to_commit()
        assert not done, output
        return output

    def committed(self) -> set[str]:
        names = self.repository.git("show", "--name-only", "--no-renames", "--format=", "HEAD")
        return set(names.split())

    def pytest(self, *arguments: str) -> tuple[int, str]:
        plugins = ("-p", "jsonschema_tools", "-p", "no:cacheprovider")
        env = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # others take their time
        done = run_module("pytest", ["-q", *plugins, *arguments], cwd=self.root, environment=env)
        return done.returncode, done.stdout.decode()


@pytest.fixture
def newcomer(
    git_repository: GitRepository,
    run_tool: RunTool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Author:
    """An author in an empty git repository, with the tool on the PATH."""
    program = lay_program(tmp_path / "bin/jsonschema-tools")
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "pre-commit"))
    return Author(git_repository, run_tool)


def begin(author: Author) -> None:
    """Make the schema repository, set up its hooks, and commit."""
    author.tool("init")
    install = [sys.executable, "-m", "pre_commit", "install"]
    subprocess.run(install, cwd=author.root, check=True, capture_output=True)
    author.commit()


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder in which the first test leaves a repository to the next ones, which saves time."""
    return tmp_path_factory.mktemp("kept") / "repository"


@pytest.fixture
def published(newcomer: Author, kept: Path) -> Author:
    """An author who has committed 1.0.0 of a schema."""
    if kept.exists():
        shutil.rmtree(newcomer.root)
        shutil.copytree(kept, newcomer.root, symlinks=True)
        return newcomer
    begin(newcomer)
    newcomer.tool("new", TITLE)
    newcomer.edit("properties: {}\n", FIELDS)
    newcomer.is_stopped()
    newcomer.commit()
    shutil.copytree(newcomer.root, kept, symlinks=True)
    return newcomer


def test_all_goes_well(newcomer: Author) -> None:
    author = newcomer
    begin(author)
    assert f"wrote {CURRENT}\n" in author.tool("new", TITLE)
    author.edit("To be described.", "A customer placed an order.")
    author.edit("properties: {}\n", FIELDS)
    said = author.is_stopped()
    assert f"wrote {FOLDER}/1.0.0.yaml" in said
    author.commit()
    assert author.committed() == {CURRENT, *made("1.0.0")}

    author.add_field("channel")
    said = author.tool("bump")
    assert f"{CURRENT}: bumped 1.0.0 -> 1.1.0 (minor), policy additive\n" in said
    assert "  optional property `channel` was added to the schema\n" in said
    assert f"wrote {FOLDER}/1.1.0.yaml\n" in author.tool("build-modified")
    status, said = author.pytest("-k", "order_placed")
    assert status == 0, said
    author.commit()  # all that the hook would write is there already
    assert author.committed() == {CURRENT, *made("1.1.0")}

    author.tool("check", "--against", "HEAD~1")
    assert author.pytest()[0] == 0
    assert f"{TITLE}            1.0.0, 1.1.0  {FOLDER}\n" in author.tool("list")


def test_forgot_to_bump(published: Author) -> None:
    published.add_field("channel")
    said = published.is_stopped()
    assert f"{FOLDER}/1.0.0.yaml was there before and changes" in said
    assert "bump the version instead" in said
    said = published.fails("check", "--against", "HEAD")
    assert f"{FOLDER}/1.0.0.yaml" in said
    assert "schema-version-immutable" in said
    said = published.tool("bump")
    assert "bumped 1.0.0 -> 1.1.0 (minor), policy additive" in said
    assert f"git checkout HEAD -- {FOLDER}/1.0.0.json {FOLDER}/1.0.0.yaml" in said
    published.repository.git("checkout", "HEAD", "--", *sorted(made("1.0.0")))
    published.is_stopped()
    published.commit()
    assert published.committed() == {CURRENT, *made("1.1.0")}


def test_required_field_added(published: Author) -> None:
    published.add_field("channel")
    published.edit("properties:\n", "required:\n  - channel\nproperties:\n")
    said = published.fails("bump")
    assert "error[bump-refused]: what changed since 1.0.0 needs a major version" in said
    assert "`channel`" in said
    published.edit(f"{TITLE}/1.0.0", f"{TITLE}/1.1.0")  # all the same
    published.is_stopped()
    said = published.is_stopped()  # written, but not sound
    assert "schema-version-compatibility" in said
    assert "required property `channel` was added" in said
    status, said = published.pytest("-k", "order_placed and compatibility")
    assert (status, "required property `channel` was added" in said) == (1, True)
    for name in made("1.1.0"):
        published.repository.git("rm", "--cached", "--quiet", "--force", name)
        (published.root / name).unlink()
    published.repository.git("checkout", "HEAD", "--", *sorted(made("1.0.0")))
    assert "bumped 1.1.0 -> 2.0.0 (major), policy additive" in published.tool(
        "bump", "--major", TITLE
    )
    published.is_stopped()
    published.commit()


def test_edited_a_published_version(published: Author) -> None:
    published.edit("Which order it is.", "Which order it was.", f"{FOLDER}/1.0.0.yaml")
    said = published.is_stopped()
    assert f"{CURRENT}:16:5: structure-current-equals-latest" in said
    assert "materializing it again gives another 1.0.0.yaml: `/properties/order_id/desc" in said
    published.edit("Which order it is.", "Which order it was.", f"{FOLDER}/1.0.0.json")
    published.edit("Which order it is.", "Which order it was.")
    said = published.fails("check", "--against", "HEAD")
    assert "schema-version-immutable" in said
    published.repository.git("reset", "--hard", "--quiet")
    published.tool("check")


def test_wrong_title(published: Author) -> None:
    published.edit("title: shop/order_placed", "title: shop/order_palced")
    said = published.is_stopped()
    assert CURRENT in said
    assert "structure-title-matches-directory" in said


@pytest.mark.parametrize("link", ["latest", "latest.yaml", "1.0.0"])
def test_deleted_a_symlink(published: Author, link: str) -> None:
    (published.root / FOLDER / link).unlink()
    said = published.fails("check")
    assert f"{link} is missing" in said
    status, said = published.pytest("-k", "order_placed and structure")
    assert (status, f"{link} is missing" in said) == (1, True)
    assert f"wrote {FOLDER}/{link} -> 1.0.0.yaml" in published.tool("materialize-all")
    published.repository.git("add", "--all")
    assert published.repository.git("status", "--porcelain") == ""


def test_fragment_missing(published: Author) -> None:
    published.edit("/fragment/common/1.0.0#", "/fragment/common/1.2.0#")
    said = published.is_stopped()
    assert f"{CURRENT}:8:5: error[unresolved-ref]: nothing found" in said
    assert "jsonschema/fragment/common/1.2.0 (no such file)" in said
