"""The intake over HTTP: EventGate's answers, and bodies that mean no good."""

from __future__ import annotations

import gzip
import json
import re
import socket
import time
import zlib
from typing import TYPE_CHECKING, Any

import pytest

from support.event_repository import lay
from support.running_intake import Intake, event, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytest.importorskip("uvicorn", reason="the extra `serve` is not installed")


@pytest.fixture(scope="module")
def intake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Intake]:
    folder = lay(tmp_path_factory.mktemp("repository"))
    with running(folder) as started:
        yield started


@pytest.mark.parametrize(
    ("events", "status", "invalid", "errors"),
    [
        (event(), 201, 0, 0),
        ([event(1), event(2)], 201, 0, 0),
        ([], 400, 0, 0),
        (event("one"), 400, 1, 0),
        ([event(1), event("two")], 207, 1, 0),
        ([event("one"), 1], 500, 1, 1),
        ({"a": 1}, 500, 0, 1),
        ({**event(), "meta": {"stream": "thing.kept"}}, 500, 0, 1),
        ({**event(), "meta": {"stream": "no\r\nsuch"}}, 500, 0, 1),
        ({**event(), "$schema": "/../../../etc/hostname"}, 500, 0, 1),
        ({**event(), "$schema": "http://example.org/1.0.0"}, 500, 0, 1),
    ],
)
def test_answers(intake: Intake, events: Any, status: int, invalid: int, errors: int) -> None:
    before = len(intake.records())
    answer = intake.post(events)
    assert answer.status == status
    body = answer.json() if answer.body else {}
    assert len(body.get("invalid", ())) == invalid
    assert len(body.get("error", ())) == errors
    total = len(events) if isinstance(events, list) else 1
    assert len(intake.records()) - before == total - invalid - errors
    assert str(intake.folder) not in answer.body.decode()


def test_invalid_event_tells_its_field(intake: Intake) -> None:
    item = intake.post(event(kind="larg")).json()["invalid"][0]
    problem = item["context"]["errors"][0]
    assert (problem["keyword"], problem["dataPath"]) == ("enum", ".kind")
    assert "large" in problem["hint"]
    assert item["event"]["meta"]["id"]


@pytest.mark.parametrize("value", ["true", "1", "yes"])
def test_hasty(intake: Intake, value: str) -> None:
    before = len(intake.records())
    assert intake.post([event(), event("no")], f"/v1/events?hasty={value}").status == 202
    until = time.monotonic() + 5
    while len(intake.records()) == before and time.monotonic() < until:
        time.sleep(0.05)
    assert len(intake.records()) == before + 1


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"{", {}, 400),
        (b"null", {}, 400),
        (b'{"a": NaN}', {}, 400),
        (b"[" * 100_000, {}, 400),
        (b'{"a":' * 100_000, {}, 400),
        (b"\xff\xfe", {}, 400),
        (b"x", {"content-type": "application/json; charset=ebcdic"}, 415),
        (b"x", {"content-encoding": "br"}, 415),
        (b"no gzip", {"content-encoding": "gzip"}, 400),
        (
            gzip.compress(json.dumps(event()).encode(), mtime=0)[:-9],
            {"content-encoding": "gzip"},
            400,
        ),
        (b" " * 11_000_000, {}, 413),
        (json.dumps(event()).encode(), {"content-type": "text/html"}, 400),
        (json.dumps(event()).encode("utf-16"), {"content-type": "text/plain;charset=utf-16"}, 201),
        (b"\xef\xbb\xbf" + json.dumps(event()).encode(), {}, 201),
        (gzip.compress(json.dumps(event()).encode(), mtime=0), {"content-encoding": "gzip"}, 201),
        (zlib.compress(json.dumps(event()).encode()), {"content-encoding": "deflate"}, 201),
    ],
)
def test_bodies(intake: Intake, body: bytes, headers: dict[str, str], status: int) -> None:
    answer = intake.post(body, headers=headers)
    assert answer.status == status
    if status != 201:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == status


def test_a_small_body_that_grows(intake: Intake) -> None:
    body = gzip.compress(b"0" * 200_000_000, 1, mtime=0)
    test_bodies(intake, body, {"content-encoding": "gzip"}, 413)


def test_ten_gigabytes_declared(intake: Intake) -> None:
    with socket.create_connection((intake.host, intake.port), timeout=10) as link:
        link.sendall(
            b"POST /v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
            b"content-length: 10737418240\r\n\r\n"
        )
        assert link.recv(4096).startswith(b"HTTP/1.1 413 ")


def test_endless_chunks_end(intake: Intake) -> None:
    with socket.create_connection((intake.host, intake.port), timeout=10) as link:
        link.sendall(
            b"POST /v1/events HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n"
            b"transfer-encoding: chunked\r\n\r\n"
        )
        chunk = b"100000\r\n" + b" " * 2**20 + b"\r\n"
        with pytest.raises(OSError, match=r"reset|pipe"):
            link.sendall(chunk * 200)
    assert intake.post(event()).status == 201


def test_many_tiny_events(intake: Intake) -> None:
    answer = intake.post(b"[" + b",".join([b"{}"] * 100_000) + b"]")
    assert answer.status == 500
    assert len(answer.json()["error"]) == 100_000


def test_numbers_are_those_of_javascript(intake: Intake) -> None:
    text = json.dumps({**event(), "$schema": "/thing/kept/1.0.0", "meta": {"stream": "thing.kept"}})
    more = text[:-1] + ',"n": 12345678901234567890, "e": 1e400, "z": -0, "f": 0.1}'
    assert intake.post(more.encode()).status == 201
    value = intake.records()[-1]["value"]
    assert value["n"] == 12345678901234567000
    assert (value["e"], value["z"], value["f"]) == (None, 0, 0.1)
    assert value["place"] == {"shelf": 3}


@pytest.mark.parametrize("path", ["/V1/Events", "/v1/events/"])
def test_paths(intake: Intake, path: str) -> None:
    assert intake.post(event(), path).status == 201


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/events", 404),
        ("PUT", "/v1/events", 404),
        ("OPTIONS", "/v1/events", 200),
        ("GET", "/_info", 200),
        ("GET", "/_info/version", 200),
        ("GET", "/_info/home", 301),
        ("GET", "/_info/nothing", 404),
        ("GET", "/healthz", 200),
        ("GET", "/robots.txt", 200),
        ("GET", "/v1/_test/events", 404),
        ("GET", "/no/such", 404),
    ],
)
def test_routes(intake: Intake, method: str, path: str, status: int) -> None:
    answer = intake.request(method, path)
    assert answer.status == status
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in answer.headers


def test_metrics_count(intake: Intake) -> None:
    def produced() -> float:
        text = intake.request("GET", "/metrics").body.decode()
        found = re.search(
            r'^eventgate_events_produced_total\{.*thing\.seen"\} (\S+)$', text, re.MULTILINE
        )
        return float(found[1]) if found else 0

    before = produced()
    intake.post([event(), event(), event("no")])
    assert produced() == before + 2


def test_schema_that_changes_needs_no_restart(tmp_path: Path) -> None:
    folder = lay(tmp_path)
    new = {**event(), "colour": "red"}
    with running(folder) as intake:
        answer = intake.post(new)
        assert answer.status == 400
        assert answer.json()["invalid"][0]["context"]["errors"][0]["params"] == {
            "additionalProperty": "colour"
        }
        schema = folder / "schemas/thing/seen/1.0.0.yaml"
        schema.write_text(schema.read_text() + "  colour: {type: string}\n")
        time.sleep(0.6)
        assert intake.post(new).status == 201
        assert [r["value"]["colour"] for r in intake.records()] == ["red"]


def test_error_events(tmp_path: Path) -> None:
    folder = lay(tmp_path)
    error = folder / "schemas/error"
    error.mkdir()
    (error / "2.1.0").write_text(
        "title: error\n$id: /error/2.1.0\n$schema: https://json-schema.org/draft-07/schema#\n"
        "type: object\nrequired: [message, raw_event]\n"
    )
    (folder / "streams.yaml").write_text(
        "thing.seen: {schema_title: thing/seen}\noops: {schema_title: error}\n"
    )
    with (folder / ".jsonschema-tools.yaml").open("a") as stream:
        stream.write("intake: {errorStream: oops, topicPrefix: eqiad., cors: '*'}\n")
    with running(folder) as intake:
        answer = intake.post(event("no"))
        assert answer.status == 400
        assert answer.headers["access-control-allow-origin"] == "*"
        assert intake.stop() == 0
    [record] = intake.records()
    assert record["topic"] == "eqiad.oops"
    assert json.loads(record["value"]["raw_event"])["thing_id"] == "no"


def test_stream_configuration_is_read_again(tmp_path: Path) -> None:
    folder = lay(tmp_path)
    other = {**event(), "meta": {"stream": "thing.new"}}
    with running(folder) as intake:
        assert intake.post(other).status == 500
        (folder / "streams.yaml").write_text("thing.new: {schema_title: thing/seen}\n")
        until = time.monotonic() + 5
        while intake.post(other).status != 201 and time.monotonic() < until:
            time.sleep(0.1)
        assert intake.post(other).status == 201
