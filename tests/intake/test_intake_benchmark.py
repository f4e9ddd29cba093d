"""The benchmark of the intake: what it says where it cannot run. It measures nothing here."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "intake.py"


def test_eventgate_that_is_not_there(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, BENCHMARK],
        env={**os.environ, "EVENTGATE": str(tmp_path / "checkout")},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert "checkout is not a checkout of EventGate: server.js" in done.stderr
    assert "hint: name a folder of https://github.com/wikimedia/eventgate" in done.stderr
