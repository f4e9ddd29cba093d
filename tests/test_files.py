"""What is not a regular file is refused at once: nothing that a repository holds can hang a run."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jsonschema_tools.files import read_file

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import RunTool

SCHEMA = """\
title: {0}
description: d
$id: /{0}/1.0.0
$schema: https://json-schema.org/draft-07/schema#
type: object
"""
COMMANDS = [
    ("check",),
    ("materialize-all",),
    ("list",),
    ("graph",),
    ("outdated",),
    ("bump", "--all", "--check"),
    ("new", "x/y"),
]


def test_content(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"abc\r\n\0")
    (tmp_path / "link").symlink_to("file")
    assert read_file(tmp_path / "link") == b"abc\r\n\0"
    assert read_file(tmp_path / "file", 2) == b"ab"


def test_folder(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        read_file(tmp_path)


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


@pytest.mark.parametrize("make", [os.mkfifo, make_socket], ids=["fifo", "socket"])
def test_special_file(
    make: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # the path of a socket is short
    make(Path("x"))
    with pytest.raises(OSError, match=r"not a regular file|No such device"):
        read_file(tmp_path / "x")


def test_device() -> None:
    with pytest.raises(OSError, match="not a regular file"):
        read_file("/dev/zero")


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("name", ["a/current.yaml", "a/1.0.0.yaml", "a/latest"])
def test_no_command_waits_for_a_fifo(
    name: str, command: tuple[str, ...], tmp_path: Path, run_tool: RunTool
) -> None:
    for title in ("a", "b"):
        folder = tmp_path / title
        folder.mkdir()
        (folder / "current.yaml").write_text(SCHEMA.format(title))
    (tmp_path / name).unlink(missing_ok=True)
    os.mkfifo(tmp_path / name)
    done = run_tool(*command, cwd=tmp_path, timeout=20)
    assert done.returncode in {0, 1, 2}
    assert "Traceback" not in done.stderr


def test_no_command_waits_for_its_configuration(tmp_path: Path, run_tool: RunTool) -> None:
    os.mkfifo(tmp_path / ".jsonschema-tools.yaml")
    done = run_tool("check", cwd=tmp_path, timeout=20)
    assert done.returncode == 2
    assert "not a regular file" in done.stderr
