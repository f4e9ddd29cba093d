"""Kafka: a sink that acknowledges what the cluster has acknowledged, and a source for `consume`."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from typing import TYPE_CHECKING, Any

from confluent_kafka import (
    OFFSET_END,
    Consumer,
    KafkaError,
    KafkaException,
    Producer,
    TopicPartition,
)

from jsonschema_tools.errors import ConfigError, ReadError
from jsonschema_tools.intake.consume import topics_of
from jsonschema_tools.intake.log_reader import LogRecord
from jsonschema_tools.intake.sinks import BusyError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from jsonschema_tools.config import Config
    from jsonschema_tools.intake.message import Message
    from jsonschema_tools.intake_settings import IntakeSettings

_log = logging.getLogger(__name__)
_QUEUE = 100_000  # messages that wait in a producer
_FLUSH = 6.0  # seconds for which the end waits for what is under way
_PATIENCE = 10.0  # seconds for a broker's answer

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
        self._thread = threading.Thread(target=self._poll, name="kafka producer", daemon=True)
        self._thread.start()

    def _new(self) -> Producer:
        try:
            return Producer({**self._settings, "error_cb": self._failed}, logger=_quiet_logger())
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
        return len(self._producer) > _QUEUE * 0.9

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
                    self._producer.purge()
                    self._producer = self._new()
                    self._is_broken = False
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


def _quiet_logger() -> logging.Logger:
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
        reports = _Reports(answers, len(messages), lambda: self._wake(done))
        for index, message in enumerate(messages):
            try:
                producer.produce(message, reports.of(index))
            except BufferError:
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
    """Gathers the delivery reports of one request; wakes its task once, after the last."""

    def __init__(self, answers: list[str | None], count: int, wake: Callable[[], None]) -> None:
        self._answers = answers
        self._open = count
        self._wake = wake
        self._lock = threading.Lock()

    def of(self, index: int) -> Callable[[Any, Any], None]:
        """Return what takes the report of one message."""

        def report(error: Any, _: Any) -> None:
            if error is not None:
                text = error if isinstance(error, str) else error.str()
                self._answers[index] = f"Kafka did not take the event: {text}"
            with self._lock:
                self._open -= 1
                is_last = self._open == 0
            if is_last:
                self._wake()

        return report


class KafkaSource:
    """Topics of a Kafka cluster; see `Source` of `consume`.

    Args:
        config: the settings of the schema repository.
        brokers: `HOST:PORT,...`.
        streams: names of streams; none for all topics.

    Raises:
        ConfigError: a stream's name is no topic.
    """

    def __init__(self, config: Config, brokers: str, streams: Sequence[str]) -> None:
        self._topics = topics_of(config, streams)
        self._consumer = Consumer(
            {
                "bootstrap.servers": brokers,
                "group.id": "jsonschema-tools-consume",
                "enable.auto.commit": False,
                "auto.offset.reset": "earliest",
            },
            logger=_quiet_logger(),
        )
        self._brokers = brokers

    def records(self, *, since: int | None, last: int | None, follow: bool) -> Iterator[LogRecord]:
        """See `Source`."""
        try:
            yield from self._records(since, last, follow=follow)
        except KafkaException as error:
            raise ReadError(
                f"Kafka at {self._brokers} cannot be read: {error.args[0].str()}"
            ) from None
        finally:
            self._consumer.close()

    def _records(self, since: int | None, last: int | None, *, follow: bool) -> Iterator[LogRecord]:
        places, ends = self._places(since, at_end=follow and since is None and last is None)
        if last is not None:
            found = deque(self._until(places, ends), maxlen=last)
            yield from found
            places = [TopicPartition(*place, end) for place, end in ends.items()]
        else:
            yield from self._until(places, ends)
        if follow:
            self._consumer.assign(
                [TopicPartition(topic, number, end) for (topic, number), end in ends.items()]
            )
            while True:
                yield from map(_record, self._read())

    def _places(
        self, since: int | None, *, at_end: bool
    ) -> tuple[list[TopicPartition], dict[tuple[str, int], int]]:
        """Return where to begin, and where the partitions end now."""
        metadata = self._consumer.list_topics(timeout=_PATIENCE).topics
        places = [
            TopicPartition(name, number)
            for name, topic in metadata.items()
            if (not name.startswith("__") if self._topics is None else name in self._topics)
            for number in topic.partitions
        ]
        ends: dict[tuple[str, int], int] = {}
        for place in places:
            low, high = self._consumer.get_watermark_offsets(place, timeout=_PATIENCE)
            ends[place.topic, place.partition] = high
            place.offset = high if at_end else low
        if since is not None and places:
            wanted = [TopicPartition(p.topic, p.partition, since) for p in places]
            found = self._consumer.offsets_for_times(wanted, timeout=_PATIENCE)
            for place in found:
                if place.offset in {OFFSET_END, -1}:
                    place.offset = ends[place.topic, place.partition]
            places = found
        return places, ends

    def _until(
        self, places: list[TopicPartition], ends: dict[tuple[str, int], int]
    ) -> Iterator[LogRecord]:
        """Yield what there is up to the ends."""
        left = {(p.topic, p.partition) for p in places if p.offset < ends[p.topic, p.partition]}
        self._consumer.assign([p for p in places if (p.topic, p.partition) in left])
        while left:
            for message in self._read():
                place = message.topic(), message.partition()
                if message.offset() < ends[place]:
                    yield _record(message)
            for reached in self._consumer.position([TopicPartition(*place) for place in left]):
                if reached.offset >= ends[reached.topic, reached.partition]:
                    left.discard((reached.topic, reached.partition))

    def _read(self) -> list[Any]:
        messages = self._consumer.consume(500, 1.0)
        for message in messages:
            error = message.error()
            if error is not None and not error.retriable():
                raise KafkaException(error)
        return [message for message in messages if message.error() is None]


def _record(message: Any) -> LogRecord:
    key = message.key()
    return LogRecord(
        topic=message.topic(),
        partition=message.partition(),
        offset=message.offset(),
        timestamp=message.timestamp()[1],
        key=key.decode("utf-8", "replace") if key is not None else None,
        value=message.value() or b"null",
    )
