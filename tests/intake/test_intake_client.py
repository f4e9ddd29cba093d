"""Producing: from Python, and by `produce` and `canary`."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING

import pytest

from jsonschema_tools.config import load_config
from jsonschema_tools.events import Registry
from jsonschema_tools.intake.client import (
    AsyncEventProducer,
    EventProducer,
    EventRefusedError,
    Limits,
    NotDeliveredError,
)
from jsonschema_tools.intake.targets import FileTarget
from support.event_repository import lay
from support.running_intake import Intake, event, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future
    from pathlib import Path

    from conftest import RunTool

pytest.importorskip("uvicorn", reason="the extra `serve` is not installed")


@pytest.fixture
def intake(tmp_path: Path) -> Iterator[Intake]:
    with running(lay(tmp_path)) as started:
        yield started


def bare(number: int | str) -> dict[str, object]:
    return {"$schema": "/thing/seen/1.0.0", "thing_id": number}


def test_sends_in_order_and_fills_in(intake: Intake) -> None:
    with EventProducer(intake.url, domain="example.org") as producer:
        futures = [producer.send("thing.seen", bare(n)) for n in range(1000)]
        assert producer.flush()
        assert all(future.exception() is None for future in futures)
    values = [record["value"] for record in intake.records()]
    assert [value["thing_id"] for value in values] == list(range(1000))
    assert values[0]["meta"]["domain"] == "example.org"
    assert len({value["meta"]["id"] for value in values}) == 1000


def test_tells_which_event_was_refused(intake: Intake) -> None:
    with EventProducer(intake.url) as producer:
        futures = [producer.send("thing.seen", bare(n)) for n in (1, "two", 3)]
        lost = producer.send("no.such", bare(4))
        assert futures[0].result(10) is None
        with pytest.raises(EventRefusedError, match="integer"):
            futures[1].result(10)
        assert futures[2].result(10) is None
        with pytest.raises(EventRefusedError, match="not configured"):
            lost.result(10)


def test_validates_before_it_sends(intake: Intake, tmp_path: Path) -> None:
    registry = Registry.of(load_config(tmp_path))
    with EventProducer(intake.url, validate_with=registry) as producer:
        with pytest.raises(EventRefusedError, match="integer"):
            producer.send("thing.seen", bare("one")).result(0)
        producer.send("thing.seen", bare(1)).result(10)


def test_waits_are_bounded() -> None:
    limits = Limits(attempts=2, pause=1, queue_bytes=1000, wait=0.1)
    producer = EventProducer("http://127.0.0.1:1", limits=limits)
    started = time.monotonic()
    futures: list[Future[None]] = []

    def send_many() -> None:
        for _ in range(100):
            futures.append(producer.send("thing.seen", bare(1)))  # noqa: PERF401

    with pytest.raises(NotDeliveredError, match="stayed full"):
        send_many()
    with pytest.raises(NotDeliveredError, match="no answer"):
        futures[0].result(5)
    producer.close(1)
    assert time.monotonic() - started < 5


def test_goes_on_after_the_intake_was_away(tmp_path: Path) -> None:
    folder = lay(tmp_path)
    with running(folder) as intake:
        port = str(intake.port)
        producer = EventProducer(intake.url, limits=Limits(attempts=8))
        producer.send("thing.seen", bare(1)).result(10)
        intake.stop()
    future = producer.send("thing.seen", bare(2))
    time.sleep(0.3)
    with running(folder, "--port", port) as again:
        assert future.result(15) is None
        assert [r["value"]["thing_id"] for r in again.records()] == [1, 2]
        producer.close()


def test_async_twin_and_file(intake: Intake, tmp_path: Path) -> None:
    async def send() -> None:
        async with AsyncEventProducer(EventProducer(intake.url)) as producer:
            await asyncio.gather(*(producer.send("thing.seen", bare(n)) for n in range(20)))
            with pytest.raises(EventRefusedError):
                await producer.send("thing.seen", bare("x"))

    asyncio.run(send())
    assert len(intake.records()) == 20
    with EventProducer(FileTarget(tmp_path / "out.jsonl")) as producer:
        producer.send("thing.seen", bare(1)).result(5)
    assert json.loads((tmp_path / "out.jsonl").read_text())["meta"]["stream"] == "thing.seen"


def test_produce(intake: Intake, run_tool: RunTool) -> None:
    lines = "".join(json.dumps(event(n)) + "\n" for n in (1, 2, "three"))
    done = run_tool("produce", "--to", intake.url, stdin=lines + "{\n")
    assert done.returncode == 1
    assert "<stdin>:3: '.thing_id' should be integer" in done.stderr
    assert "<stdin>:4: not JSON" in done.stderr
    assert "2 events accepted, 2 not" in done.stderr
    more = ["--stream", "thing.seen", "--schema", "/thing/seen/1.0.0", "--hasty"]
    assert run_tool("produce", "--to", intake.url, *more, stdin='{"thing_id": 5}').returncode == 0
    time.sleep(0.5)
    assert [record["value"]["thing_id"] for record in intake.records()] == [1, 2, 5]
    assert run_tool("produce", "--to", "http://127.0.0.1:1", stdin="{}").returncode == 1
    assert run_tool("produce", "--to", "nowhere", stdin="{}").returncode == 2


def test_canary(intake: Intake, run_tool: RunTool, tmp_path: Path) -> None:
    schema = tmp_path / "schemas/thing/seen/1.0.0.yaml"
    schema.write_text(schema.read_text() + f"examples: [{json.dumps(event(7))}]\n")
    time.sleep(0.6)
    done = run_tool("canary", "--to", intake.url)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "thing.seen  accepted",
        "thing.kept  the schema /thing/kept/1.0.0 has no examples",
    ]
    [record] = intake.records()
    assert record["value"]["meta"]["domain"] == "canary"
    assert run_tool("canary", "--to", intake.url, "thing.seen").returncode == 0
