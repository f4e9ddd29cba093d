"""Events by Server-Sent Events, and what else an intake shows."""

from __future__ import annotations

import json
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support.event_repository import lay
from support.running_intake import Intake, event, running

if TYPE_CHECKING:
    import http.client
    from collections.abc import Iterator

pytest.importorskip("uvicorn", reason="the extra `serve` is not installed")


@pytest.fixture
def many_files() -> None:
    """Allow a thousand connections, here and in the intake, where the default is 1024 files."""
    resource = pytest.importorskip("resource", reason="no limit of open files here")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < FILES:
        if hard != resource.RLIM_INFINITY and hard < FILES:
            pytest.skip(f"only {hard} files may be open")
        resource.setrlimit(resource.RLIMIT_NOFILE, (FILES, hard))


@pytest.fixture
def intake(tmp_path: Path) -> Iterator[Intake]:
    with running(lay(tmp_path)) as started:
        yield started
        while OPENED:
            OPENED.pop().close()


#: that may be open
FILES = 2000
#: connections of a test, closed at its end
OPENED: list[Stream] = []


def kept(number: int) -> dict[str, Any]:
    return {"$schema": "/thing/kept/1.0.0", "meta": {"stream": "thing.kept"}, "number": number}


class Stream:
    """A client of Server-Sent Events, as small as the protocol lets it be."""

    def __init__(self, intake: Intake, path: str, **headers: str) -> None:
        self._link = intake.connect()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._link.request("GET", path, headers=named)
        self.answer: http.client.HTTPResponse = self._link.getresponse()
        OPENED.append(self)

    def close(self) -> None:
        """Go away."""
        self.answer.close()
        self._link.close()

    def event(self) -> dict[str, str]:
        """Return the fields of the next event; a comment is the field ''."""
        fields: dict[str, str] = {}
        while line := self.answer.readline().decode().rstrip("\n"):
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
        return fields

    def events(self, count: int) -> list[Any]:
        """Return what so many events hold."""
        return [json.loads(self.event()["data"]) for _ in range(count)]


def test_events_as_they_come(intake: Intake) -> None:
    intake.post(event(0))
    stream = Stream(intake, "/v2/stream/thing.seen,thing.kept")
    assert stream.answer.getheader("content-type") == "text/event-stream; charset=utf-8"
    assert stream.event() == {"": "ok"}
    intake.post([event(1), kept(2)])
    first = stream.event()
    assert first["event"] == "message"
    data = json.loads(first["data"])
    assert data["thing_id"] == 1
    assert data["meta"]["topic"] == "thing.seen"
    assert (data["meta"]["partition"], data["meta"]["offset"], data["meta"]["key"]) == (0, 1, None)
    assert stream.events(1)[0]["number"] == 2


def test_resumes_where_it_was(intake: Intake) -> None:
    intake.post([event(n) for n in range(5)])
    stream = Stream(intake, "/v2/stream/thing.seen?since=0")
    stream.event()
    ids = [stream.event()["id"] for _ in range(3)]
    again = Stream(intake, "/v2/stream/thing.seen", Last_Event_ID=ids[-1])
    again.event()
    assert [e["thing_id"] for e in again.events(2)] == [3, 4]


def test_since_is_the_time_of_the_event(intake: Intake) -> None:
    for day in (1, 2, 3):
        meta = {"stream": "thing.kept", "dt": f"2026-01-0{day}T00:00:00Z"}
        intake.post({**kept(day), "meta": meta})
    for since in ("2026-01-02T00:00:00Z", "2026-01-02", "1767312000000"):
        stream = Stream(intake, f"/v2/stream/thing.kept?since={since}")
        stream.event()
        assert [e["number"] for e in stream.events(2)] == [2, 3]
    place = json.dumps([{"topic": "thing.kept", "partition": 0, "timestamp": 1767398400000}])
    stream = Stream(intake, "/v2/stream/thing.kept", Last_Event_ID=place)
    stream.event()
    assert stream.events(1)[0]["number"] == 3


def test_json_lines(intake: Intake) -> None:
    intake.post([event(1), event(2)])
    stream = Stream(intake, "/v2/stream/thing.seen?since=0", Accept="application/json")
    assert stream.answer.readline() == b"\n"
    lines = [stream.answer.readline() for _ in range(2)]
    assert [json.loads(line)["thing_id"] for line in lines] == [1, 2]


@pytest.mark.parametrize(
    ("path", "headers", "status", "kind"),
    [
        ("/v2/stream/no.such", {}, 400, "not_found"),
        ("/v2/stream/thing.seen?since=yesterday", {}, 400, "invalid_timestamp"),
        ("/v2/stream/thing.seen", {"Last_Event_ID": "x"}, 400, "invalid_last_event_id"),
        ("/v2/stream/thing.seen", {"Last_Event_ID": "[1]"}, 400, "invalid_last_event_id"),
        ("/v2/stream/thing.seen", {"Last_Event_ID": '[{"topic": "other"}]'}, 400, "invalid_last"),
        (
            "/v2/stream/thing.seen",
            {"Last_Event_ID": '[{"topic": "other", "offset": 1}]'},
            404,
            "not_found",
        ),
    ],
)
def test_refused_requests(
    intake: Intake, path: str, headers: dict[str, str], status: int, kind: str
) -> None:
    stream = Stream(intake, path, **headers)
    assert stream.answer.status == status
    assert json.loads(stream.answer.read())["type"].startswith(kind)


def test_slow_and_vanished_clients_disturb_nobody(intake: Intake) -> None:
    slow = [Stream(intake, "/v2/stream/thing.kept") for _ in range(5)]
    for _ in range(5):
        Stream(intake, "/v2/stream/thing.kept").close()
    reading = Stream(intake, "/v2/stream/thing.kept")
    reading.event()
    text = "x" * 100_000
    for number in range(300):  # 30 MB, far more than sockets buffer
        assert intake.post({**kept(number), "text": text}).status == 201
        assert reading.events(1)[0]["number"] == number
    memory = Path(f"/proc/{intake.process.pid}/status")
    if memory.exists():  # Linux
        assert int(memory.read_text().partition("VmRSS:")[2].split()[0]) < 200_000
    slow[0].event()
    assert [e["number"] for e in slow[0].events(300)] == list(range(300))
    assert intake.stop() == 0


def test_many_clients(many_files: None, intake: Intake) -> None:
    streams = [Stream(intake, "/v2/stream/thing.seen") for _ in range(1000)]
    for stream in streams:
        assert stream.event() == {"": "ok"}
    intake.post([event(1), event(2)])
    for stream in streams:
        assert [e["thing_id"] for e in stream.events(2)] == [1, 2]


def test_stream_configuration(intake: Intake) -> None:
    found = intake.request("GET", "/v1/stream-configs/thing.seen,nothing").json()
    assert list(found) == ["thing.seen"]
    assert found["thing.seen"]["topics"] == ["thing.seen"]
    assert set(intake.request("GET", "/v1/stream-configs").json()) == {"thing.seen", "thing.kept"}
    path = "/w/api.php?action=streamconfigs&format=json&constraints=schema_title=thing/kept"
    assert set(intake.request("GET", path).json()["streams"]) == {"thing.kept"}
    assert intake.request("GET", "/w/api.php?action=query").status == 400


def test_schemas(intake: Intake, tmp_path: Path) -> None:
    answer = intake.request("GET", "/schemas/thing/seen/latest")
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/yaml"
    again = {"if-none-match": answer.headers["etag"]}
    assert intake.request("GET", "/schemas/thing/seen/1.0.0", headers=again).status == 304
    (tmp_path / "schemas/secret").symlink_to(tmp_path / "streams.yaml")
    for path in ("../streams.yaml", "%2e%2e/streams.yaml", "secret", "thing", ".git/config", "%00"):
        assert intake.request("GET", f"/schemas/{path}").status == 404


def consume(intake: Intake, *arguments: str) -> list[Any]:
    return [record["value"]["thing_id"] for record in intake.records(*arguments)]


def test_consume(intake: Intake) -> None:
    intake.post([event(n) for n in range(5)])
    intake.post(kept(1))
    assert consume(intake, "thing.seen") == [0, 1, 2, 3, 4]
    assert consume(intake, "thing.seen", "--last", "2") == [3, 4]
    assert consume(intake, "thing.seen", "--since", "2999-01-01") == []
    assert consume(intake, "thing.seen", "--since", "2026-01-01T00:00:00Z") == [0, 1, 2, 3, 4]
    assert len(intake.records("--last", "3")) == 3
    assert consume(intake, "--url", intake.url, "thing.seen") == [0, 1, 2, 3, 4]
    by_url = intake.records("--url", intake.url, "--last", "2")
    assert by_url == intake.records("--last", "2")


def test_consume_follows(intake: Intake) -> None:
    for source in (["--from", "events.db"], ["--url", intake.url]):
        tool = [sys.executable, "-m", "jsonschema_tools"]
        process = subprocess.Popen(
            [*tool, "consume", "--follow", "thing.seen", *source],
            cwd=intake.folder, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert process.stdout is not None
        try:
            until = time.monotonic() + 60
            shown = False
            while not shown and time.monotonic() < until:  # it follows from when it has connected
                intake.post(event(9))
                shown = bool(select.select([process.stdout], [], [], 1)[0])
            assert shown
            assert json.loads(process.stdout.readline())["thing_id"] == 9
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
