"""Without an extra, a command says what to install; the rest works."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from support.event_repository import lay

if TYPE_CHECKING:
    from pathlib import Path

WITHOUT = (
    "import sys; [sys.modules.__setitem__(n, None) for n in "
    "('starlette', 'uvicorn', 'httptools', 'prometheus_client', 'confluent_kafka', 'uvloop')]; "
    "import runpy; sys.argv[0] = 'jsonschema-tools'; "
    "runpy.run_module('jsonschema_tools', run_name='__main__')"
)


@pytest.mark.parametrize(
    ("arguments", "extra"),
    [
        (("serve",), "serve"),
        (("consume", "--kafka", "localhost"), "kafka"),
        (("produce", "--kafka", "localhost"), "serve"),
    ],
)
def test_names_what_to_install(tmp_path: Path, arguments: tuple[str, ...], extra: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, *arguments],
        cwd=lay(tmp_path), capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 2
    assert f"pip install 'jsonschema-tools[{extra}]'" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["serve", "produce", "consume", "canary"])
def test_help_needs_no_extra(command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, command, "--help"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.startswith("Usage: jsonschema-tools")
