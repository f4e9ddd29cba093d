"""Kafka as a sink: it acknowledges what the cluster has acknowledged."""

from __future__ import annotations

import asyncio
import itertools
import logging
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

from confluent_kafka import KafkaError, KafkaException, Producer

from jsonschema_tools.errors import ConfigError
from jsonschema_tools.intake.sinks import BusyError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from jsonschema_tools.intake.message import Message
    from jsonschema_tools.intake_settings import IntakeSettings

_log = logging.getLogger(__name__)
_QUEUE = 100_000  # messages that wait in a producer
_REPORTS = 1.0  # seconds for which purged messages may take to be reported
_FLUSH = 6.0  # seconds for which the end waits for what is under way

#: of both producers; `kafka` and `kafkaHasty` in the configuration override them
_GUARANTEED: Mapping[str, Any] = {
    "enable.idempotence": True,
    "acks": "all",
    "compression.type": "snappy",
    "message.max.bytes": 4 * 2**20,
    "queue.buffering.max.messages": _QUEUE,
    "linger.ms": 5,
    "message.timeout.ms": 30_000,  # bounds the time for which a client waits
}
_HASTY: Mapping[str, Any] = {"linger.ms": 100}


class _Producer:
    """A producer of librdkafka with the thread that polls it; replaced after a fatal error."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._going_on = True
        self._is_broken = False
        self._producer = self._new()
        self._capacity = int(settings["queue.buffering.max.messages"])
        self._thread = threading.Thread(target=self._poll, name="kafka producer", daemon=True)
        self._thread.start()

    def _new(self) -> Producer:
        try:
            return Producer({**self._settings, "error_cb": self._failed}, logger=quiet_logger())
        except KafkaException as error:
            raise ConfigError(
                f"Kafka's client does not take these settings: {error.args[0].str()}",
                hint="see `kafka` and `kafkaHasty` of `intake` in the configuration",
            ) from None

    def _failed(self, error: KafkaError) -> None:
        if error.fatal():
            self._is_broken = True
        _log.warning("kafka: %s", error.str())

    def _poll(self) -> None:
        while self._going_on:
            self._producer.poll(0.1)

    def is_full(self) -> bool:
        """Tell whether it takes hardly any more."""
        return len(self._producer) > self._capacity * 0.9

    def produce(self, message: Message, done: Callable[[KafkaError | None, Any], None]) -> None:
        """Queue a message.

        Raises:
            BufferError: the queue is full.
            KafkaException: it is not taken.
        """
        if self._is_broken:
            with self._lock:
                if self._is_broken:
                    _log.warning("kafka: a new producer takes the place of one that failed")
                    failed, self._producer = self._producer, self._new()
                    self._is_broken = False
                    failed.purge()
                    failed.flush(_REPORTS)  # nothing else polls it: this reports to those who wait
        self._producer.produce(
            message.topic,
            message.value,
            message.key,
            timestamp=message.timestamp,
            on_delivery=done,
        )

    def close(self) -> None:
        """Wait for what is under way, and stop."""
        self._producer.flush(_FLUSH)
        self._going_on = False
        self._thread.join(1)


def quiet_logger() -> logging.Logger:
    """Return where librdkafka writes what `error_cb` does not get."""
    logger = logging.getLogger("librdkafka")
    logger.setLevel(logging.ERROR)
    return logger


class KafkaSink:
    """Sends messages to Kafka; see `Sink`.

    Args:
        brokers: `HOST:PORT,...`.
        settings: of the intake.

    Raises:
        ConfigError: librdkafka does not take the settings.
    """

    def __init__(self, brokers: str, settings: IntakeSettings) -> None:
        self._loop = asyncio.get_running_loop()
        name = settings.service_name
        common = {"bootstrap.servers": brokers, **_GUARANTEED, **settings.kafka}
        self._guaranteed = _Producer({"client.id": f"{name}-producer-guaranteed", **common})
        hasty = {**common, **_HASTY, **settings.kafka_hasty}
        self._hasty = _Producer({"client.id": f"{name}-producer-hasty", **hasty})

    async def produce(
        self, messages: Sequence[Message], *, hasty: bool = False
    ) -> Sequence[str | None]:
        """See `Sink`."""
        producer = self._hasty if hasty else self._guaranteed
        if producer.is_full():
            raise BusyError
        answers: list[str | None] = [None] * len(messages)
        done: asyncio.Future[None] = self._loop.create_future()
        reports = _Reports(answers, lambda: self._wake(done))
        for index, message in enumerate(messages):
            try:
                producer.produce(message, reports.of(index))
            except BufferError:
                if index == 0:
                    raise BusyError from None
                reports.of(index)("the queue of Kafka's producer is full", None)
            except KafkaException as error:
                reports.of(index)(error.args[0], None)
        await done
        return answers

    def _wake(self, done: asyncio.Future[None]) -> None:
        def set_done() -> None:
            if not done.done():
                done.set_result(None)

        self._loop.call_soon_threadsafe(set_done)

    def is_busy(self) -> bool:
        """See `Sink`."""
        return self._guaranteed.is_full()

    async def close(self) -> None:
        """See `Sink`."""
        await asyncio.gather(
            asyncio.to_thread(self._guaranteed.close), asyncio.to_thread(self._hasty.close)
        )


class _Reports:
    """Gathers the delivery reports of one request; wakes its task once, after the last.

    Reports come in the thread that polls and, at the end, in the one that flushes. A step of
    `itertools.count` cannot be interrupted, so that no lock is needed.
    """

    def __init__(self, answers: list[str | None], wake: Callable[[], None]) -> None:
        self._answers = answers
        self._count = itertools.count(1)
        self._wake = wake

    def of(self, index: int) -> Callable[[Any, Any], None]:
        """Return what takes the report of one message."""
        return partial(self._report, index)

    def _report(self, index: int, error: Any, _: Any) -> None:
        if error is not None:
            text = error if isinstance(error, str) else error.str()
            self._answers[index] = f"Kafka did not take the event: {text}"
        if next(self._count) == len(self._answers):
            self._wake()
