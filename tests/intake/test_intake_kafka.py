"""An intake in front of a real broker."""

from __future__ import annotations

import json
import threading
import time
from typing import TYPE_CHECKING

import pytest

from support.event_repository import lay
from support.real_kafka import lay_topics, why_no_kafka, why_not
from support.running_intake import consume, event, running

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import RunTool

    from support.real_kafka import Broker

pytest.importorskip("uvicorn", reason="the extra `serve` is not installed")
pytest.importorskip("confluent_kafka", reason="the extra `kafka` is not installed")

pytestmark = pytest.mark.skipif(why_not() is not None, reason=str(why_not()))


def lay_with_prefix(tmp_path: Path, prefix: str) -> Path:
    folder = lay(tmp_path)
    with (folder / ".jsonschema-tools.yaml").open("a") as stream:
        stream.write(f"intake: {{topicPrefix: {prefix}}}\n")
    (folder / "streams.yaml").write_text(
        "thing.seen: {schema_title: thing/seen, message_key_fields: {id: thing_id}}\n"
        "thing.kept: {schema_title: thing/kept}\n"
    )
    return folder


def test_topic_key_time_and_value(brokers: str, tmp_path: Path, run_tool: RunTool) -> None:
    folder = lay_with_prefix(tmp_path, "one.")
    lay_topics(brokers, "one.thing.seen", "one.thing.kept")
    with running(folder, "--kafka", brokers) as intake:
        assert intake.post([event(1), event("no")]).status == 207
        kept = {
            "$schema": "/thing/kept/1.0.0",
            "meta": {"stream": "thing.kept", "dt": "2026-01-01T00:00:00Z"},
        }
        assert intake.post(kept).status == 201
        assert intake.post(event(2), "/v1/events?hasty=true").status == 202
        assert intake.stop() == 0
    records = consume(folder, "--kafka", brokers, "thing.seen", "thing.kept")
    seen = [record for record in records if record["topic"] == "one.thing.seen"]
    assert sorted(record["value"]["thing_id"] for record in seen) == [1, 2]
    assert {record["key"] for record in seen} == {'{"id":1}', '{"id":2}'}
    [other] = [record for record in records if record["topic"] == "one.thing.kept"]
    assert other["timestamp"] == 1767225600000
    assert other["value"]["place"] == {"shelf": 3}
    last = consume(folder, "--kafka", brokers, "--last", "1", "thing.kept")
    assert last == [other]
    assert consume(folder, "--kafka", brokers, "--since", "2026-01-02", "thing.kept") == []
    done = run_tool("produce", "--kafka", brokers, stdin=json.dumps(event(3)) + "\n{}\n")
    assert done.returncode == 1
    assert "1 event accepted, 1 not" in done.stderr
    assert len(consume(folder, "--kafka", brokers, "thing.seen")) == 3


@pytest.mark.skipif(why_no_kafka() is not None, reason=str(why_no_kafka()))
def test_stopped_and_started_again(kafka: Broker, tmp_path: Path) -> None:
    folder = lay_with_prefix(tmp_path, "two.")
    acknowledged: list[int] = []
    stop = threading.Event()
    with running(folder, "--kafka", kafka.brokers) as intake:
        assert intake.post(event(0)).status == 201

        def load() -> None:
            number = 0
            while not stop.wait(0.005):
                number += 1
                if intake.post(event(number)).status == 201:
                    acknowledged.append(number)

        def wait_for(count: int) -> None:
            until = time.monotonic() + 60
            while len(acknowledged) <= count and time.monotonic() < until:
                time.sleep(0.05)
            assert len(acknowledged) > count

        thread = threading.Thread(target=load)
        thread.start()
        try:
            wait_for(50)
            kafka.kill()
            time.sleep(1)  # so that an event is on its way to nobody
            before = len(acknowledged)
            kafka.start()
            wait_for(before + 20)
        finally:
            stop.set()
            thread.join()
    found = [
        r["value"]["thing_id"] for r in consume(folder, "--kafka", kafka.brokers, "thing.seen")
    ]
    assert len(found) == len(set(found))
    assert set(acknowledged) <= set(found)


def test_no_broker(tmp_path: Path) -> None:
    folder = lay(tmp_path)
    with (folder / ".jsonschema-tools.yaml").open("a") as stream:
        stream.write("intake: {kafka: {message.timeout.ms: 1000}}\n")
    with running(folder, "--kafka", "127.0.0.1:1") as intake:
        started = time.monotonic()
        answer = intake.post(event(1))
        assert time.monotonic() - started < 10
        assert answer.status == 500
        assert "Kafka did not take" in answer.json()["error"][0]["context"]["message"]
        assert intake.stop() == 0
