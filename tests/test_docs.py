"""The documentation is true: its examples are run, its links lead somewhere."""

from __future__ import annotations

import doctest
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import jsonschema_tools

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A copy of this project's own schema repository, in git."""
    root = tmp_path / "repository"
    root.mkdir()
    for name in ("jsonschema", "fragments"):
        shutil.copytree(ROOT / name, root / name, symlinks=True)
    shutil.copy(ROOT / ".jsonschema-tools.yaml", root)
    identity = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.org"]
    for command in (["init", "-q"], ["add", "."], [*identity, "commit", "-qm", "Begin"]):
        subprocess.run(["git", *command], cwd=root, check=True)
    return root


def test_api_page(repository: Path) -> None:
    failed, tried = doctest.testfile(
        str(ROOT / "docs/api.md"),
        module_relative=False,
        globs={"repository": repository},
        optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS,
        encoding="utf-8",
    )
    assert tried > 10
    assert failed == 0


def commands(block: str) -> list[tuple[str, str]]:
    """Return the commands of a console block, each with the output that is shown for it."""
    parts = re.split(r"^\$ (.*)\n", block, flags=re.MULTILINE)[1:]
    return list(zip(parts[::2], parts[1::2], strict=True))


def normal(text: str) -> str:
    """Return an output without what differs from run to run."""
    return re.sub(r"in [0-9.]+ s$", "in 0.1 s", text, flags=re.MULTILINE).rstrip()


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("README.md", 10),
        ("docs/events.md", 6),
        ("docs/streams.md", 4),
        ("docs/intake.md", 5),
        ("docs/tables.md", 8),
        ("docs/site.md", 3),
    ],
)
def test_console_blocks_show_real_output(name: str, least: int, repository: Path) -> None:
    if name == "docs/tables.md":
        pytest.importorskip("duckdb", reason="it shows the extra [lake]")
    blocks = CONSOLE.findall((ROOT / name).read_text(encoding="utf-8"))
    env = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "GIT_AUTHOR_NAME": "Somebody",
        "GIT_AUTHOR_EMAIL": "somebody@example.org",
        "GIT_COMMITTER_NAME": "Somebody",
        "GIT_COMMITTER_EMAIL": "somebody@example.org",
        "COLUMNS": "80",
    }
    ran = 0
    for command, shown in (pair for block in blocks for pair in commands(block)):
        if command.startswith(("pip ", "python3 dev.py", "git clone")):
            continue  # set-up, which CI does in its own way
        done = subprocess.run(
            ["bash", "-c", command], cwd=repository, env=env, check=False, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        assert normal(done.stdout) == normal(shown), command
        ran += 1
    assert ran >= least


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_public_names_are_no_modules() -> None:
    # a module of the same name would take the name's place once it is imported
    for name in jsonschema_tools.__all__:
        assert not (Path(jsonschema_tools.__file__).parent / f"{name}.py").exists()
        assert getattr(jsonschema_tools, name) is not None
