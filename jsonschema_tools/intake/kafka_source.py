"""Kafka as a source of `consume` and `load`."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from confluent_kafka import OFFSET_END, Consumer, KafkaException, TopicPartition

from jsonschema_tools.errors import ReadError
from jsonschema_tools.intake.consume import require_reached, topics_of
from jsonschema_tools.intake.kafka import quiet_logger
from jsonschema_tools.intake.log_reader import LogRecord

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jsonschema_tools.config import Config
    from jsonschema_tools.intake.consume import Start

_PATIENCE = 10.0  # seconds for a broker's answer


class KafkaSource:
    """Topics of a Kafka cluster; see `Source` of `consume`.

    Args:
        config: the settings of the schema repository.
        brokers: `HOST:PORT,...`.
        streams: names of streams; none for all topics.

    Raises:
        ConfigError: a stream's name is not a topic.
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
            logger=quiet_logger(),
        )
        self._brokers = brokers

    def records(self, *, since: int | None, last: int | None, follow: bool) -> Iterator[LogRecord]:
        """See `Source`."""
        yield from self._closing(self._records(since, last, follow=follow))

    def records_from(self, start: Start) -> Iterator[LogRecord]:
        """Yield the records from an offset of each partition on, up to the newest there are now.

        Args:
            start: returns the offset that is wanted first of a topic and partition; where Kafka
                has removed that one, reading starts at the oldest that it has.

        Raises:
            ReadError: Kafka cannot be read, or a topic ends before that offset.
        """
        yield from self._closing(self._records_from(start))

    def _records_from(self, start: Start) -> Iterator[LogRecord]:
        places, ends = self._places(None, at_end=False)
        for place in places:
            wanted, end = start(place.topic, place.partition), ends[place.topic, place.partition]
            require_reached(place.topic, place.partition, wanted, end)
            place.offset = max(place.offset, wanted)
        yield from self._until(places, ends)

    def _closing(self, records: Iterator[LogRecord]) -> Iterator[LogRecord]:
        try:
            yield from records
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
