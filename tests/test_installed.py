"""What `init` writes into requirements.txt: where the tool was installed from."""

from __future__ import annotations

import json
from importlib.metadata import PathDistribution
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import jsonschema_tools
from jsonschema_tools._version import __version__
from jsonschema_tools.authoring import installed
from jsonschema_tools.authoring.installed import requirement

if TYPE_CHECKING:
    from conftest import GitRepository, RunTool

URL = "https://example.org/tools.git"
COMMIT = "0123456789012345678901234567890123456789"
PACKAGE = Path(jsonschema_tools.__file__).parent


def install(folder: Path, monkeypatch: pytest.MonkeyPatch, origin: Any, installer: str) -> None:
    """Let the tool find a record of its installation."""
    record = folder / "jsonschema_tools-1.dist-info"
    record.mkdir(parents=True)
    (record / "METADATA").write_text("Name: jsonschema-tools\nVersion: 1\n")
    (record / "INSTALLER").write_text(installer)
    if origin is not None:
        (record / "direct_url.json").write_text(json.dumps(origin))
    monkeypatch.setattr(installed, "distribution", lambda _: PathDistribution(record))


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        (
            {"url": URL, "vcs_info": {"vcs": "git", "commit_id": COMMIT}},
            f"jsonschema-tools @ git+{URL}@{COMMIT}\n",
        ),
        (
            {"url": "https://example.org/t.whl", "archive_info": {"hash": "sha256=ab"}},
            "jsonschema-tools @ https://example.org/t.whl#sha256=ab\n",
        ),
        (
            {"url": "https://example.org/t.whl", "archive_info": {}},
            "jsonschema-tools @ https://example.org/t.whl\n",
        ),
    ],
)
def test_from_a_place_that_others_have(
    origin: Any, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, monkeypatch, origin, "pip")
    assert requirement().text == expected
    assert requirement().is_known


@pytest.mark.parametrize(
    "origin",
    [
        {"url": "file:///nowhere/t.whl", "archive_info": {}},
        {"url": "file:///nowhere", "dir_info": {"editable": True}},
        {},
    ],
)
def test_from_a_place_that_others_do_not_have(
    origin: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, monkeypatch, origin, "pip")
    made = requirement()
    assert not made.is_known
    (line,) = (line for line in made.text.splitlines() if not line.startswith("#"))
    assert ".invalid/" in line, "what is not replaced must not lead to anybody"


def test_from_the_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The package lies beside its record, which an installer has written."""
    (tmp_path / "jsonschema_tools").symlink_to(PACKAGE)
    install(tmp_path, monkeypatch, None, "pip")
    assert requirement().text == f"jsonschema-tools=={__version__}\n"


def test_a_record_of_another_package_is_not_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, monkeypatch, None, "pip")
    assert "==" not in requirement().text


@pytest.mark.parametrize(
    ("remote", "expected"),
    [
        (URL, URL),
        ("https://me:secret@example.org/tools.git", URL),
        ("https://token@example.org/tools.git", URL),
        ("git@example.org:a/tools.git", "ssh://git@example.org/a/tools.git"),
        ("ssh://git:secret@example.org/tools.git", "ssh://git@example.org/tools.git"),
        ("/some/folder", None),
        ("file:///some/folder", None),
        ("ext::sh -c reboot", None),
        (None, None),
    ],
)
def test_from_a_checkout(
    remote: str | None,
    expected: str | None,
    git_repository: GitRepository,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    commit = git_repository.commit()
    if remote is not None:
        git_repository.git("remote", "add", "origin", remote)
    origin = {"url": git_repository.root.as_uri(), "dir_info": {}}
    install(tmp_path / "record", monkeypatch, origin, "pip")
    made = requirement()
    assert made.is_known is (expected is not None)
    assert "secret" not in made.text
    assert "token" not in made.text
    if expected is not None:
        assert made.text == f"jsonschema-tools @ git+{expected}@{commit}\n"


def test_init_says_what_has_to_be_replaced(run_tool: RunTool, tmp_path: Path) -> None:
    done = run_tool("init")
    text = (tmp_path / "requirements.txt").read_text()
    assert f"jsonschema-tools=={__version__}" not in text or requirement().is_known
    assert ("warning: requirements.txt: " in done.stderr) is (".invalid/" in text)
