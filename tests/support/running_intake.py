"""The real intake, as a process of its own, and what a test sends to it."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from support.fork_server import Started, run_module, start_program

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

SEEN = "/thing/seen/1.0.0"
TIME = "2026-01-01T00:00:00Z"


def event(number: int | str = 1, **more: Any) -> dict[str, Any]:
    """Return an event that the repository of `support.event_repository` takes."""
    return {
        "$schema": SEEN,
        "meta": {"stream": "thing.seen"},
        "dt": TIME,
        "thing_id": number,
        **more,
    }


@dataclass
class Answer:
    """An answer of the intake."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return what its body holds."""
        return json.loads(self.body)


@dataclass
class Intake:
    """A running intake."""

    process: Started | subprocess.Popen[str]
    host: str
    port: int
    folder: Path

    @property
    def url(self) -> str:
        """Return its address."""
        return f"http://{self.host}:{self.port}"

    def connect(self) -> http.client.HTTPConnection:
        """Open a connection."""
        return http.client.HTTPConnection(self.host, self.port, timeout=30)

    def request(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send one request, and return its answer."""
        link = self.connect()
        with contextlib.closing(link):
            link.request(method, path, body=body, headers=dict(headers or {}))
            answer = link.getresponse()
            got = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, got, answer.read())

    def post(
        self, events: Any, path: str = "/v1/events", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Post events; bytes go as they are."""
        body = events if isinstance(events, bytes) else json.dumps(events).encode()
        return self.request(
            "POST", path, body, {"content-type": "application/json", **(headers or {})}
        )

    def records(self, *arguments: str) -> list[dict[str, Any]]:
        """Return what `consume` finds in the log."""
        return consume(self.folder, *arguments)

    def stop(self) -> int:
        """End it as a service manager does, and return its exit status."""
        self.process.terminate()
        return self.process.wait(15)


def consume(folder: Path, *arguments: str) -> list[dict[str, Any]]:
    """Return the records that `consume` prints of the log of a folder."""
    source = [] if "--url" in arguments or "--kafka" in arguments else ["--from", "events.db"]
    words = ["consume", "--format", "record", *source, *arguments]
    done = run_module("jsonschema_tools", words, cwd=folder, environment=os.environ)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@contextlib.contextmanager
def running(
    folder: Path,
    *arguments: str,
    limits: Mapping[int, int] | None = None,
    errors: Path | None = None,
) -> Iterator[Intake]:
    """Start an intake in a folder, on a port that is free.

    Args:
        folder: its working directory.
        arguments: more words for `serve`.
        limits: the most that it may have of something, such as `resource.RLIMIT_NOFILE`.
        errors: a file for its standard error, which otherwise leads nowhere.
    """
    words = ["serve", "--port", "0", *arguments]
    process: Started | subprocess.Popen[str]
    if limits is None and errors is None:
        process = start_program(words, cwd=folder, stdout=subprocess.PIPE)
    else:
        process = _fresh(words, folder, limits or {}, errors)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        found = re.fullmatch(r"listening on http://([^:]+):(\d+)\n", line)
        assert found is not None, f"it did not start: {line!r}"
        yield Intake(process, found[1], int(found[2]), folder)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def _fresh(
    words: Sequence[str], folder: Path, limits: Mapping[int, int], errors: Path | None
) -> subprocess.Popen[str]:
    """Start the program in a Python of its own, under limits."""
    code = (
        "import resource, runpy, sys\n"
        f"for which, most in {dict(limits)}.items(): resource.setrlimit(which, (most, most))\n"
        "runpy.run_module('jsonschema_tools', run_name='__main__', alter_sys=True)"
    )
    with open(errors or os.devnull, "w") as stderr:  # noqa: PTH123 - devnull is no path
        return subprocess.Popen(
            [sys.executable, "-c", code, *words],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
