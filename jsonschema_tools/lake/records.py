"""What is loaded: events as they were stored, with the place that each has in its source."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias


class Record(NamedTuple):
    """An event as it was stored; a named tuple, as there are millions.

    Attributes:
        topic: Kafka topic, or what is in its place.
        partition: partition of the topic.
        offset: place in the partition; a later one is greater.
        timestamp: when it was stored, in ms since 1970; None where that is not known.
        value: the event, JSON in UTF-8.
        problem: why there is no event; None where there is one.
        stream: the stream whose topic it is in; None where only the event can tell.
    """

    topic: str
    partition: int
    offset: int
    timestamp: int | None
    value: bytes
    problem: str | None = None
    stream: str | None = None


#: topic, partition, offset and timestamp of a record
Origin: TypeAlias = "tuple[str, int, int, int | None]"
#: topic and partition
Source: TypeAlias = tuple[str, int]
