"""What a fuzzer that knows nothing of the intake finds when it follows `/openapi.json`."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from support.event_repository import lay
from support.running_intake import running

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("uvicorn", reason="the extra `serve` is not installed")


def test_schemathesis_finds_nothing(tmp_path: Path) -> None:
    pytest.importorskip("schemathesis", reason="schemathesis is not installed")
    with running(lay(tmp_path)) as intake:
        options = ["--max-examples=30", "--seed=1", "--no-color"]
        options += ["--exclude-path-regex=^/v2/"]  # a stream's answer has no end
        # EventGate answers 500 where no event has a usable schema, and 404 to PUT: see below
        options += ["--exclude-checks=not_a_server_error,unsupported_method"]
        command = [sys.executable, "-m", "schemathesis.cli", "run", f"{intake.url}/openapi.json"]
        found = subprocess.run(
            [*command, *options],
            check=False, cwd=tmp_path, capture_output=True, text=True, timeout=300,
        )  # fmt: skip
        assert found.returncode == 0, found.stdout
        assert intake.request("GET", "/healthz").status == 200


def test_a_method_that_eventgate_does_not_know(tmp_path: Path) -> None:
    with running(lay(tmp_path)) as intake:
        assert intake.request("GET", "/v1/events").status == 404
        answer = intake.request("PATCH", "/v1/events")
        assert answer.status == 405
        assert answer.headers["allow"] == "POST, OPTIONS"
