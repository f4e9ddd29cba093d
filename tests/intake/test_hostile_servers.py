"""Servers that `consume`, `produce`, `canary` and `EventProducer` speak to may be anyone's."""

from __future__ import annotations

import itertools
import json
import time
from typing import TYPE_CHECKING

import pytest

from jsonschema_tools.intake.client import EventProducer, EventRefusedError, Limits
from support.answering_server import answering
from support.event_repository import lay
from support.running_intake import event

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Future
    from pathlib import Path

    from conftest import RunTool

STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"
GOOD = b'data: {"a": 1, "meta": {"topic": "t", "partition": 0, "offset": 3}}\n\n'


def slowly(pieces: Iterable[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        yield piece
        time.sleep(0.3)


ENDLESS = {
    "a line": (b"data: " if number == 0 else b"a" * 65536 for number in itertools.count()),
    "lines of data": (b"data: aaaa\n" * 5000 for _ in itertools.count()),
    "comments": slowly(b":\n" for _ in itertools.count()),
    "one byte after the other": slowly(b"a" for _ in itertools.count()),
}


@pytest.mark.parametrize("kind", ENDLESS)
def test_a_stream_without_end(kind: str, run_tool: RunTool) -> None:
    with answering(itertools.chain([STREAM], ENDLESS[kind])) as (url, _):
        done = run_tool("consume", "--url", url, timeout=40)
    if kind in {"a line", "lines of data"}:
        assert done.returncode == 1
        assert "more than 16 MiB" in done.stderr
    else:  # nothing came for two seconds
        assert done.returncode == 0, done.stderr
    assert done.stdout == ""


PLACES = [
    '{"topic": [], "partition": "x", "offset": {}, "key": 1}',
    '{"topic": 1e300, "partition": 1e300, "offset": true, "key": []}',
    '{"topic": "\\u001b[2J", "partition": null, "offset": -5}',
    "1",
]


@pytest.mark.parametrize("format_", ["event", "record"])
def test_places_that_are_none(format_: str, run_tool: RunTool) -> None:
    ids = [
        b"\xff\xfe",
        b"[[",
        b'[{"topic": "t", "offset": 1, "timestamp": 1e400}]',
        b"a\rX: y",
        b"\0",
    ]
    events = [f'data: {{"meta": {place}}}\n\n'.encode() for place in PLACES]
    pieces = [STREAM, *(b"id: " + one + b"\n" + e for one in ids for e in events), GOOD]
    with answering(pieces) as (url, _):
        done = run_tool("consume", "--url", url, "--format", format_)
    assert done.returncode == 0, done.stderr
    assert len([json.loads(line) for line in done.stdout.splitlines()]) == len(pieces) - 1
    assert "\x1b" not in done.stdout


def test_what_is_no_event(run_tool: RunTool) -> None:
    for data in (b"data: {\n\n", b"data: \xff\n\n", b"data: " + b"[" * 100_000 + b"\n\n"):
        with answering([STREAM, data]) as (url, _):
            done = run_tool("consume", "--url", url)
        assert done.returncode in {1, 2}, done.stderr
        assert "error" in done.stderr


def test_an_answer_that_is_none(run_tool: RunTool) -> None:
    detail = json.dumps({"detail": "no\n::error::x\x1b[2J" + "a" * 5000}).encode()
    answers = {
        b"HTTP/1.1 404 Not Found\r\n\r\n" + detail: "answered 404: no\\n",
        b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\n\r\n": "answered 302",
        b"HTTP/1.1 500 \x1b[2J\r\n\r\n": "answered 500",
        b"nonsense\x1b[2J\r\n\r\n": "cannot be read",
        b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 1000 + b"\r\n": "cannot be read",
        b"HTTP/1.1 200 OK\r\na: " + b"b" * 100_000 + b"\r\n\r\n": "cannot be read",
    }
    for answer, message in answers.items():
        with answering([answer]) as (url, received):
            done = run_tool("consume", "--url", url)
        assert done.returncode == 1, done.stderr
        assert message in done.stderr
        assert len(done.stderr) < 1500
        assert "\x1b" not in done.stderr
        assert len(received) == 1


def test_no_storm_of_connections(run_tool: RunTool) -> None:
    def once(number: int) -> Iterable[bytes]:
        if number < 8:
            return [STREAM, b"id: [%d]\n" % number, GOOD]
        return [b"HTTP/1.1 410 Gone\r\n\r\n"]

    start = time.monotonic()
    with answering(once) as (url, received):
        done = run_tool("consume", "--url", url, "--follow", timeout=90)
    assert done.stdout.count("\n") == 8
    assert b"Last-Event-ID: [7]" in received[8]
    assert time.monotonic() - start > 10  # 0.2 s, then twice as long each time


@pytest.mark.parametrize(
    "url",
    [
        "http://x:99999",
        "http://x:y",
        "http://[x",
        "http://",
        "ftp://x",
        f"http://{'a' * 70}.x",
        "http://a..b",
    ],
)
def test_what_is_no_address(url: str, tmp_path: Path, run_tool: RunTool) -> None:
    folder = lay(tmp_path / "repository")
    for arguments in (("consume", "--url"), ("produce", "-", "--to"), ("canary", "--to")):
        done = run_tool(*arguments, url, cwd=folder)
        assert done.returncode == 2
        assert "not the address of an intake" in done.stderr


def test_paths_and_passwords_of_addresses(run_tool: RunTool) -> None:
    with answering([STREAM, GOOD]) as (url, received):
        done = run_tool("consume", "--url", f"{url}/ä b/%41?x", "str\xe9am")
    assert done.returncode == 0
    assert received[0].startswith(b"GET /%C3%A4%20b/%41/v2/stream/str%C3%A9am?since=0 HTTP/1.1")
    done = run_tool("consume", "--url", "http://user:secret@127.0.0.1:1/")
    assert done.returncode == 1
    assert "secret" not in done.stderr


def item(message: str) -> bytes:
    body = {"invalid": [{"event": {}, "context": {"errorsText": message}}]}
    text = json.dumps(body).encode()
    return b"HTTP/1.1 400 Bad Request\r\ncontent-length: %d\r\n\r\n%b" % (len(text), text)


def test_what_an_intake_says_stays_on_its_line(tmp_path: Path, run_tool: RunTool) -> None:
    folder = lay(tmp_path / "repository")
    said = "no\nthing.kept  accepted\n::error::x\x1b[2J" + "a" * 100_000
    with answering([item(said)]) as (url, _):
        done = run_tool("produce", "-", "--to", url, stdin=json.dumps(event()), cwd=folder)
        lines = done.stderr.splitlines()
        assert done.returncode == 1
        assert lines[0].startswith("<stdin>:1: no\\nthing.kept  accepted\\n")
        assert len(done.stderr) < 3000
    schema = folder / "schemas/thing/seen/1.0.0.yaml"
    schema.write_text(schema.read_text() + 'examples: [{"$schema": /thing/seen/1.0.0}]\n')
    with answering([item(said)]) as (url, _):
        done = run_tool("canary", "thing.seen", "--to", url, cwd=folder)
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 1
    assert "\x1b" not in done.stdout


def test_an_answer_to_events_without_end(tmp_path: Path, run_tool: RunTool) -> None:
    folder = lay(tmp_path / "repository")
    endless = itertools.chain(
        [b"HTTP/1.1 400 Bad Request\r\n\r\n"], (b" " * 2**20 for _ in itertools.count())
    )
    with answering(endless) as (url, received):
        done = run_tool("produce", "-", "--to", url, stdin=json.dumps(event()), cwd=folder)
    assert done.returncode == 1
    assert "the intake answered 400" in done.stderr
    assert len(received) == 1


def test_a_producer_outlives_those_who_give_up() -> None:
    class Accepting:
        def deliver(self, events: list[bytes]) -> list[None]:
            return [None] * len(events)

        def close(self) -> None:
            pass

    with EventProducer(Accepting(), limits=Limits(linger=0.2)) as producer:  # type: ignore[arg-type]
        given_up: Future[None] = producer.send("a", {})
        assert given_up.cancel()
        assert producer.flush(5)
        producer.send("a", {}).result(5)
        last = [producer.send("a", {}) for _ in range(3)]
        last[1].cancel()
        last[2].result(5)


def test_a_producer_outlives_a_target_that_answers_for_other_events() -> None:
    class Wrong:
        def deliver(self, events: list[bytes]) -> list[None]:
            return [None] * (len(events) + 1)

        def close(self) -> None:
            pass

    with EventProducer(Wrong()) as producer:  # type: ignore[arg-type]
        for _ in range(2):
            error = producer.send("a", {}).exception(5)
            assert error is not None
            assert not isinstance(error, EventRefusedError)
