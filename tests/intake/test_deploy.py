"""The files of `deploy/` by the linters of those who run them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parent.parent.parent / "deploy"


def beside_python(name: str) -> str:
    """Return a program of the environment that runs the tests; skip where it is not installed."""
    program = Path(sys.executable).parent / name
    if not program.exists():
        pytest.skip(f"{name} is not installed")
    return str(program)


def output_of(*command: str) -> str:
    """Return what a linter says; nothing where it finds nothing."""
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def test_dockerfile() -> None:
    assert output_of(beside_python("hadolint"), str(DEPLOY / "Dockerfile")) == ""


def test_compose_file() -> None:
    program = beside_python("check-jsonschema")
    schema = ("--builtin-schema", "vendor.compose-spec")
    assert output_of(program, *schema, str(DEPLOY / "compose.yaml")) == ""


def test_systemd_unit(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd is not installed")
    unit = tmp_path / "event-intake.service"
    text = (DEPLOY / unit.name).read_text()
    program_of_unit = text.partition("ExecStart=")[2].split()[0]
    unit.write_text(text.replace(program_of_unit, "/bin/true"))  # it has to exist
    assert output_of(program, "verify", str(unit)) == ""
