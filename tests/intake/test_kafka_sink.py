"""The sink for Kafka, with the broker that librdkafka has within itself."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

confluent_kafka = pytest.importorskip(
    "confluent_kafka", reason="the extra `kafka` is not installed"
)

from jsonschema_tools.intake.kafka import KafkaSink  # noqa: E402 - needs the extra
from jsonschema_tools.intake.message import Message  # noqa: E402
from jsonschema_tools.intake.sinks import BusyError  # noqa: E402
from jsonschema_tools.intake_settings import read_intake  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from jsonschema_tools.values import Json

MOCK: dict[str, Json] = {"test.mock.num.brokers": 1}
NOWHERE: dict[str, Json] = {"message.timeout.ms": 60_000}


def with_sink(
    kafka: dict[str, Json],
    work: Callable[[KafkaSink], Awaitable[None]],
    at: str = "127.0.0.1:1",
) -> None:
    """Do something with a sink in an event loop of its own."""

    async def run() -> None:
        sink = KafkaSink(at, read_intake({"kafka": kafka}))
        await work(sink)
        for producer in (sink._guaranteed, sink._hasty):
            producer._producer.purge()
        await sink.close()

    asyncio.run(asyncio.wait_for(run(), 30))


def message(number: int, size: int = 10) -> Message:
    return Message("thing.seen", None, 1_767_225_600_000 + number, b'"%s"' % (b"x" * size))


def test_each_message_has_its_answer() -> None:
    async def work(sink: KafkaSink) -> None:
        assert await sink.produce([message(n) for n in range(50)]) == [None] * 50
        assert await sink.produce([message(1)], hasty=True) == [None]
        small, large = await sink.produce([message(1), message(2, 5 * 2**20)])
        assert small is None
        assert "too large" in str(large)

    with_sink(MOCK, work)


def test_a_full_queue_turns_requests_away() -> None:
    async def work(sink: KafkaSink) -> None:
        waiting = asyncio.create_task(sink.produce([message(n) for n in range(10)]))
        await asyncio.sleep(0.1)
        assert sink.is_busy()
        with pytest.raises(BusyError):
            await sink.produce([message(1)])
        waiting.cancel()

    with_sink({**NOWHERE, "queue.buffering.max.messages": 10}, work)


def test_what_waits_in_a_producer_that_failed_is_answered() -> None:
    async def work(sink: KafkaSink) -> None:
        waiting = asyncio.create_task(sink.produce([message(n) for n in range(10)]))
        await asyncio.sleep(0.1)
        fatal = confluent_kafka.KafkaError(confluent_kafka.KafkaError._FATAL, "lost", fatal=True)
        sink._guaranteed._failed(fatal)
        second = asyncio.create_task(sink.produce([message(11)]))
        answers = await asyncio.wait_for(waiting, 5)
        assert all("Kafka did not take the event" in str(answer) for answer in answers)
        assert len(answers) == 10
        second.cancel()

    with_sink(NOWHERE, work)
