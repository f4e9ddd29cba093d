"""Sends events to Kafka without an intake between: all that an intake does, in this process."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

from jsonschema_tools.events.json_text import decode
from jsonschema_tools.events.problems import errors_text
from jsonschema_tools.events.registry import Registry
from jsonschema_tools.intake.enrich import RequestContext
from jsonschema_tools.intake.kafka import KafkaSink
from jsonschema_tools.intake.metrics import Metrics
from jsonschema_tools.intake.process import Processor
from jsonschema_tools.intake.sinks import BusyError
from jsonschema_tools.intake.stream_source import StreamSource
from jsonschema_tools.intake.targets import Refusal, TryAgainError
from jsonschema_tools.intake_settings import read_intake

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jsonschema_tools.config import Config


class KafkaTarget:
    """A Kafka cluster, for `EventProducer`; fills in, validates and routes as an intake does.

    Args:
        config: the settings of the schema repository.
        brokers: `HOST:PORT,...`.

    Raises:
        ConfigError: the stream configuration or a setting of Kafka is not usable.
    """

    def __init__(self, config: Config, brokers: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._config = config
        self._sink = self._run_make(brokers)
        self._processor = Processor(
            config, Registry.of(config), StreamSource(config), self._sink, Metrics()
        )

    def _run_make(self, brokers: str) -> KafkaSink:
        async def make() -> KafkaSink:
            return KafkaSink(brokers, read_intake(self._config.intake))

        return asyncio.run_coroutine_threadsafe(make(), self._loop).result()

    def deliver(self, events: Sequence[bytes]) -> Sequence[Refusal | None]:
        """See `Target`."""
        return asyncio.run_coroutine_threadsafe(self._deliver(events), self._loop).result()

    async def _deliver(self, events: Sequence[bytes]) -> Sequence[Refusal | None]:
        context = RequestContext({}, {}, None)
        try:
            outcome = await self._processor.process([decode(event) for event in events], context)
        except BusyError:
            raise TryAgainError("the queue of Kafka's producer is full") from None
        await self._processor.report(outcome.failures, context)
        answers: list[Refusal | None] = [None] * len(events)
        for failure in outcome.failures:
            kind = "invalid" if failure.kind == "invalid" else "error"
            message = errors_text(failure.verdict.problems) or failure.verdict.message or ""
            answers[failure.index] = Refusal(kind, message)
        return answers

    def close(self) -> None:
        """See `Target`."""
        asyncio.run_coroutine_threadsafe(self._sink.close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
