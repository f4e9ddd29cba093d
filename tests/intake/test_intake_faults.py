"""What was acknowledged is in the log, whatever happens to the intake."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest

from support.effort import kills
from support.event_repository import lay
from support.running_intake import Intake, consume, event, running

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import RunTool

pytest.importorskip("uvicorn", reason="the extra `serve` is not installed")

KILLS = kills(3)


def load(intake: Intake, start: int, acknowledged: list[int], stop: threading.Event) -> None:
    """Post events, and note the numbers of those that were answered with 201."""
    link = intake.connect()
    number = start
    try:
        while not stop.is_set():
            numbers = list(range(number, number + 3))
            number += 3
            body = json.dumps([event(n) for n in numbers])
            link.request("POST", "/v1/events", body, {"content-type": "application/json"})
            answer = link.getresponse()
            answer.read()
            if answer.status == 201:
                acknowledged += numbers
    except (OSError, EOFError, Exception):  # noqa: S110 - it was killed
        pass
    finally:
        link.close()


def under_load(folder: Path, first: int, seconds: float, how: signal.Signals) -> list[int]:
    """Run an intake under load, end it, and return the numbers that were acknowledged."""
    lists: list[list[int]] = [[] for _ in range(4)]
    stop = threading.Event()
    with running(folder) as intake:
        threads = [
            threading.Thread(target=load, args=(intake, first + index * 100_000, one, stop))
            for index, one in enumerate(lists)
        ]
        for thread in threads:
            thread.start()
        time.sleep(seconds)
        started = time.monotonic()
        intake.process.send_signal(how)
        intake.process.wait(15)
        assert time.monotonic() - started < 10
        stop.set()
        for thread in threads:
            thread.join()
    return [number for one in lists for number in one]


def test_killed_under_load(tmp_path: Path) -> None:
    folder = lay(tmp_path)
    acknowledged: list[int] = []
    for kill in range(KILLS):
        seconds = 0.1 + 0.4 * (kill * 7 % KILLS) / KILLS
        acknowledged += under_load(folder, kill * 1_000_000, seconds, signal.SIGKILL)
    records = consume(folder)
    found = [record["value"]["thing_id"] for record in records]
    assert len(acknowledged) > 10 * KILLS
    assert len(found) == len(set(found))
    assert set(acknowledged) <= set(found)
    assert [record["offset"] for record in records] == list(range(len(records)))


def test_sigterm_under_load(tmp_path: Path) -> None:
    folder = lay(tmp_path)
    acknowledged = under_load(folder, 0, 0.7, signal.SIGTERM)
    found = [record["value"]["thing_id"] for record in consume(folder)]
    assert acknowledged
    assert set(acknowledged) <= set(found)


def test_hasty_events_survive_sigterm(tmp_path: Path) -> None:
    folder = lay(tmp_path)
    with running(folder) as intake:
        for number in range(50):
            assert intake.post(event(number), "/v1/events?hasty=true").status == 202
        assert intake.stop() == 0
    assert len(consume(folder)) == 50


def test_two_intakes_share_a_log(tmp_path: Path) -> None:
    folder = lay(tmp_path)
    with running(folder) as one, running(folder) as other:
        for number in range(10):
            assert (one, other)[number % 2].post(event(number)).status == 201
        records = one.records()
    assert [record["offset"] for record in records] == list(range(10))
    assert sorted(record["value"]["thing_id"] for record in records) == list(range(10))


def test_no_space_left(tmp_path: Path) -> None:
    folder = lay(tmp_path)
    with running(folder, limits={resource.RLIMIT_FSIZE: 600_000}) as intake:
        answers = [intake.post([event(n, kind="large")] * 100) for n in range(40)]
        statuses = [answer.status for answer in answers]
        assert statuses[0] == 201
        assert statuses[-1] == 500
        assert "not writable" in answers[-1].json()["error"][0]["context"]["message"]
        assert str(folder) not in answers[-1].body.decode()
        assert intake.request("GET", "/healthz").status == 200
    assert len(consume(folder)) == 100 * statuses.count(201)


def test_what_is_wrong_with_a_call(tmp_path: Path, run_tool: RunTool) -> None:
    folder = lay(tmp_path)

    def tool(*arguments: str) -> tuple[int, str]:
        done = run_tool(*arguments, cwd=folder, timeout=30)
        assert "Traceback" not in done.stderr
        return done.returncode, done.stderr

    status, message = tool("consume", "--from", "none.db")
    assert status == 2
    assert "event log not found: none.db" in message
    status, message = tool("consume", "--from", "streams.yaml")
    assert status == 2
    assert "not an event log" in message
    status, message = tool("serve", "--events", "no/such/events.db")
    assert status == 2
    assert "cannot be opened" in message
    with running(folder) as intake:
        status, message = tool("serve", "--port", str(intake.port))
    assert status == 2
    assert "cannot listen" in message
    (folder / ".jsonschema-tools.yaml").write_text("intake: {topicprefix: x}\n")
    status, message = tool("serve")
    assert status == 2
    assert "did you mean 'topicPrefix'?" in message


def test_a_body_that_does_not_come_does_not_hold_up_the_end(tmp_path: Path) -> None:
    errors = tmp_path / "errors.txt"
    with (
        running(lay(tmp_path), errors=errors) as intake,
        socket.create_connection((intake.host, intake.port), timeout=20) as link,
    ):
        link.sendall(
            b"POST /v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
            b"content-length: 100\r\n\r\n{"
        )
        time.sleep(0.5)
        intake.process.terminate()
        assert link.recv(4096).startswith(b"HTTP/1.1 503 ")
        assert intake.process.wait(20) == 0
    assert "Traceback" not in errors.read_text()


def test_a_pipe_for_lines_that_nobody_reads(tmp_path: Path, run_tool: RunTool) -> None:
    folder = lay(tmp_path)
    os.mkfifo(folder / "lines.jsonl")
    done = run_tool("serve", "--port", "0", "--events", "lines.jsonl", cwd=folder, timeout=30)
    assert done.returncode == 2
    assert "cannot write lines.jsonl" in done.stderr
    reading = os.open(folder / "lines.jsonl", os.O_RDONLY | os.O_NONBLOCK)
    try:
        with running(folder, "--events", "lines.jsonl") as intake:
            for number in range(20):  # more than a pipe holds
                assert intake.post([event(number)] * 100).status == 201
    finally:
        os.close(reading)


def test_an_empty_host_is_not_all_addresses(tmp_path: Path, run_tool: RunTool) -> None:
    done = run_tool("serve", "--port", "0", "--host", "", cwd=lay(tmp_path), timeout=30)
    assert done.returncode == 2
    assert "--host is empty" in done.stderr


def test_many_connections_leave_files_for_schemas_and_the_log(tmp_path: Path) -> None:
    folder = lay(tmp_path)
    with running(folder, limits={resource.RLIMIT_NOFILE: 100}) as intake:
        with contextlib.ExitStack() as stack:
            links = [
                stack.enter_context(
                    socket.create_connection((intake.host, intake.port), timeout=20)
                )
                for _ in range(60)
            ]
            links[-1].sendall(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n")
            assert links[-1].recv(4096).startswith(b"HTTP/1.1 503 ")
            for link in links[:40]:
                link.close()
            deadline = time.monotonic() + 20
            while intake.request("GET", "/healthz").status == 503 and time.monotonic() < deadline:
                time.sleep(0.1)
            assert intake.post(event(1)).status == 201  # the schema and the log are opened
        assert intake.post(event(2)).status == 201
