"""Follows an event log from any place on: from the file first, then as records come."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from jsonschema_tools.errors import ReadError
from jsonschema_tools.intake.log_reader import LogReader, records_of, starts_at
from jsonschema_tools.intake.message import milliseconds

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from jsonschema_tools.intake.log import Batch
    from jsonschema_tools.intake.log_reader import LogRecord
    from jsonschema_tools.intake.sinks import Feed

_log = logging.getLogger(__name__)
_READ = 20  # batches that are read from the file at a time


@dataclass(frozen=True, slots=True)
class StartingPoint:
    """Where to begin in one topic.

    Attributes:
        topic: the topic.
        offset: the next record's, or None.
        timestamp: in ms, where the offset is None.
    """

    topic: str
    offset: int | None = None
    timestamp: int = 0


@dataclass(slots=True)
class Following:
    """How far a reader has come.

    Attributes:
        topics: those that are followed; None for all.
        offsets: the next one of each topic that is known.
        timestamps: that of the last record of each topic of which there was one.
        batch: id of the last batch that was looked at.
    """

    topics: frozenset[str] | None
    offsets: dict[str, int] = field(default_factory=dict)
    timestamps: dict[str, int] = field(default_factory=dict)
    batch: int = 0


class LogFollower:
    """Lets many follow one log; the file is read by one thread for all of them.

    Args:
        path: the event log.
        feed: what was appended to it last.

    Raises:
        ConfigError: the log cannot be read.
    """

    def __init__(self, path: Path, feed: Feed) -> None:
        self._reader = LogReader(path)
        self._feed = feed
        self._thread = ThreadPoolExecutor(1, "event log reader")

    async def begin(
        self,
        topics: Sequence[str] | None,
        places: Sequence[StartingPoint] = (),
        since: int | None = None,
    ) -> Following:
        """Return a place in the log.

        Args:
            topics: the topics to follow; None for all.
            places: where to begin in some of them.
            since: the time in ms at which to begin in the others; None for their ends.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._begin, topics, places, since)

    def _begin(
        self, topics: Sequence[str] | None, places: Sequence[StartingPoint], since: int | None
    ) -> Following:
        reader = self._reader
        last = reader.last()
        offsets = {}
        for topic in topics if topics is not None else reader.topics():
            offsets[topic] = reader.end(topic) if since is None else reader.offset_at(topic, since)
        for place in places:
            offsets[place.topic] = (
                place.offset
                if place.offset is not None
                else reader.offset_at(place.topic, place.timestamp)
            )
        batch = min(last, starts_at(reader, offsets)) if offsets else last
        wanted = frozenset(topics) if topics is not None else None
        return Following(wanted, offsets, batch=batch)

    async def read(self, following: Following) -> list[Batch]:
        """Return the next batches of those that are followed; none where there is nothing new."""
        batches = self._feed.after(following.batch)
        if batches is not None:
            if batches:
                following.batch = batches[-1].id
            wanted = following.topics
            return [batch for batch in batches if wanted is None or batch.topic in wanted]
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._read, following)

    def _read(self, following: Following) -> list[Batch]:
        last = self._reader.last()
        topics = None if following.topics is None else sorted(following.topics)
        batches = self._reader.after(following.batch, topics, _READ)
        following.batch = batches[-1].id if batches else max(last, following.batch)
        return batches

    async def follow(
        self, following: Following, stopping: asyncio.Event, patience: float
    ) -> AsyncIterator[LogRecord | None]:
        """Yield records as they come, and None where there were none for some seconds.

        Args:
            following: where to begin; kept up to date.
            stopping: ends it.
            patience: seconds.
        """
        while not stopping.is_set():
            news = self._feed.signal()
            batches = await self.read(following)
            for batch in batches:
                start = following.offsets.get(batch.topic, 0)
                try:
                    records = list(records_of(batch, start))
                except ReadError as error:  # those who follow would come back to it forever
                    _log.warning("passed over: %s", error)
                    continue
                for record in records:
                    following.offsets[record.topic] = record.offset + 1
                    following.timestamps[record.topic] = record.timestamp
                    yield record
            if not batches:
                try:
                    await asyncio.wait_for(news.wait(), patience)
                except TimeoutError:
                    yield None

    def close(self) -> None:
        """Close the file."""
        self._thread.submit(self._reader.close)
        self._thread.shutdown()


def parse_time(text: str) -> int | None:
    """Return a time as milliseconds since 1970: a number of them, or a date, or a date and time.

    None where it is none of these.
    """
    text = text.strip()
    if text.isdecimal() and text.isascii() and len(text) < 16:
        return int(text)
    found = milliseconds(text)
    if found is None:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return None
        moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        found = int(moment.timestamp() * 1000)
    return found
