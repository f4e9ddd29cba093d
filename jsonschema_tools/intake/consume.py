"""Reads records for `consume`: from an event log, or from an intake by Server-Sent Events."""

from __future__ import annotations

import http.client
import re
import time
from collections import deque
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias
from urllib.parse import quote, urlencode

from jsonschema_tools.errors import ConfigError, ParseError, ReadError
from jsonschema_tools.events.json_text import decode, encode
from jsonschema_tools.events.reading import LONGEST_LINE
from jsonschema_tools.events.stream_files import load_streams
from jsonschema_tools.intake.log_reader import LogReader, LogRecord, records_of, starts_at
from jsonschema_tools.intake.message import UnroutableError, timestamp_of, topic_of
from jsonschema_tools.intake.targets import Address
from jsonschema_tools.intake_settings import read_intake
from jsonschema_tools.messages import cut, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from jsonschema_tools.config import Config
    from jsonschema_tools.values import Json

    #: returns an offset of a topic and partition
    Start: TypeAlias = Callable[[str, int], int]

_POLL = 0.2  # seconds between two looks at a log that is followed
_SILENCE = 2.0  # seconds after which a stream that is not followed has come to its end
_QUIET = 60.0  # seconds of silence after which a stream that is followed is asked for anew
_RETRIES = 5
_PAUSE = 0.2  # seconds before a connection that ended is made again; twice as long the next time
_LONGEST_PAUSE = 10.0
_STEADY = 5.0  # seconds after which a connection that ends does not count as one that breaks
_WORTH = 1024  # bytes of a line that is not complete for which it is waited
_LARGEST = LONGEST_LINE  # bytes of an event, and of a line
_LONGEST_ID = 2**15  # bytes of an id that is sent back
_FOR_HEADERS = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")


class Source(Protocol):
    """Where records come from."""

    def records(self, *, since: int | None, last: int | None, follow: bool) -> Iterator[LogRecord]:
        """Yield records, oldest first.

        Args:
            since: only those from a time in ms on.
            last: only so many of the newest that there are.
            follow: whether to wait for more.
        """
        ...


def topics_of(config: Config, streams: Sequence[str]) -> list[str] | None:
    """Return the topics that streams may have; None, which is all, where none is named.

    Raises:
        ConfigError: the name of one is not a topic, or the stream configuration cannot be read.
    """
    if not streams:
        return None
    prefix = read_intake(config.intake).topic_prefix
    configs = load_streams(config) if config.stream_configs else None
    topics: dict[str, None] = {}
    for stream in streams:
        try:
            topics |= {topic_of(stream, prefix): None, topic_of(stream, ""): None}
        except UnroutableError as error:
            raise ConfigError(str(error)) from None
        known = configs.find(stream) if configs is not None else None
        if known is not None:
            topics |= dict.fromkeys(map(str, known.topics(stream) or ()))
    return list(topics)


def require_reached(topic: str, partition: int, start: int, end: int) -> None:
    """Make sure that a place which was read up to once is still there.

    Args:
        topic: the topic.
        partition: its partition.
        start: the offset that is to be read next.
        end: the offset that the next record will have.

    Raises:
        ReadError: the topic is another one by now, with fewer records.
    """
    if start > end:
        raise ReadError(
            f"topic {topic} ends at offset {end} of partition {partition}, but was read up to "
            f"{start} before: it was removed and made again",
            hint="read the new one into another place, so that no event is taken for an old one",
        )


class LogSource:
    """An event log.

    Args:
        config: the settings of the schema repository.
        path: the log.
        streams: names of streams; none for all.

    Raises:
        ConfigError: the log cannot be read.
    """

    def __init__(self, config: Config, path: Path, streams: Sequence[str]) -> None:
        self._topics = topics_of(config, streams)
        self._reader = LogReader(path)

    def records(self, *, since: int | None, last: int | None, follow: bool) -> Iterator[LogRecord]:
        """See `Source`."""
        reader, topics = self._reader, self._topics
        position, starts = 0, {}
        if since is not None:
            names = topics if topics is not None else reader.topics()
            starts = {topic: reader.offset_at(topic, since) for topic in names}
            position = starts_at(reader, starts)
        if last is not None:
            newest = [r for batch in reader.newest(last, topics) for r in records_of(batch)]
            yield from (r for r in newest[-last:] if r.offset >= starts.get(r.topic, 0))
            position = reader.last() if not newest else max(position, self._id_of(newest[-1]))
        while True:
            batches = reader.after(position, topics)
            for batch in batches:
                yield from records_of(batch, starts.get(batch.topic, 0))
                position = batch.id
            if not batches:
                if not follow:
                    return
                time.sleep(_POLL)

    def records_from(self, start: Start) -> Iterator[LogRecord]:
        """Yield the records from an offset of each partition on, up to the newest one there is.

        Args:
            start: returns the offset that is wanted first of a topic and partition.

        Raises:
            ReadError: a topic ends before that offset.
        """
        reader = self._reader
        names = [t for t in reader.topics() if self._topics is None or t in self._topics]
        starts = {topic: start(topic, 0) for topic in names}
        for topic, offset in starts.items():
            require_reached(topic, 0, offset, reader.end(topic))
        position, last = starts_at(reader, starts), reader.last()
        while batches := reader.after(position, names):
            for batch in batches:
                if batch.id > last:
                    return
                yield from records_of(batch, starts[batch.topic])
                position = batch.id

    def _id_of(self, record: LogRecord) -> int:
        return self._reader.batch_of(record.topic, record.offset)


class UrlSource:
    """An intake, or EventStreams, by Server-Sent Events.

    Args:
        url: its address, with or without the path `/v2/stream`.
        streams: names of streams; none for all.

    Raises:
        ConfigError: the address is not a URL.
    """

    def __init__(self, url: str, streams: Sequence[str]) -> None:
        self._address = Address.of(url)
        path = self._address.path
        self._path = path if path.endswith("/v2/stream") else f"{path}/v2/stream"
        if streams:
            self._path += "/" + quote(",".join(streams), safe=",", errors="replace")
        self._last_id = b""

    def records(self, *, since: int | None, last: int | None, follow: bool) -> Iterator[LogRecord]:
        """See `Source`; where it does not follow, it ends when nothing comes for two seconds."""
        if last is not None and not follow:
            yield from deque(self._records(since or 0, follow=False), maxlen=last)
            return
        start = 0 if since is None and not follow else since
        yield from self._records(start, follow=follow)

    def _records(self, since: int | None, *, follow: bool) -> Iterator[LogRecord]:
        failures = 0  # since the last event
        pause = _PAUSE
        while True:
            started = time.monotonic()
            try:
                for record in self._connected(since, follow=follow):
                    failures = 0
                    yield record
            except TimeoutError:
                pass
            except (OSError, http.client.HTTPException) as error:
                failures += 1
                if failures > (_RETRIES if follow else 0):
                    raise ReadError(
                        f"the intake at {self._address} cannot be read: {one_line(error):.300}",
                        hint="is it running? `jsonschema-tools serve` starts one",
                    ) from None
            if not follow:
                return
            pause = _PAUSE if time.monotonic() - started > _STEADY else pause
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _connected(self, since: int | None, *, follow: bool) -> Iterator[LogRecord]:
        link = self._address.connection(_QUIET if follow else _SILENCE)
        headers: dict[str, str | bytes] = {"Accept": "text/event-stream"}
        if self._last_id:
            headers["Last-Event-ID"] = self._last_id
        query = f"?{urlencode({'since': since})}" if since is not None else ""
        try:
            link.request("GET", self._path + query, headers=headers)
            answer = link.getresponse()
            if answer.status != 200:
                raise _refused(answer, str(self._address))
            yield from self._events(_lines(answer, None if follow else _SILENCE))
        finally:
            link.close()

    def _events(self, lines: Iterator[bytes]) -> Iterator[LogRecord]:
        """Yield the events of a stream (WHATWG HTML, section 9.2.6)."""
        data: list[bytes] = []
        size = 0
        for line in lines:
            name, _, value = line.partition(b":")
            value = value.removeprefix(b" ")
            if name == b"data":
                data.append(value)
                size += len(value)
                if size > _LARGEST:
                    raise ReadError(f"{self._address} sends an event of more than 16 MiB")
            elif name == b"id":
                if len(value) <= _LONGEST_ID and _FOR_HEADERS.fullmatch(value):
                    self._last_id = value
            elif not line and data:
                yield _record(b"\n".join(data), self._last_id)
                data, size = [], 0


def _lines(answer: http.client.HTTPResponse, silence: float | None) -> Iterator[bytes]:
    """Yield the lines of an answer, without their ends.

    Args:
        answer: the answer.
        silence: seconds after which it has come to its end, where there is neither a line with
            data in them nor a part of one that is worth waiting for; None: it goes on.

    Raises:
        ReadError: a line is too long.
        TimeoutError: it was silent.
    """
    begun: list[bytes] = []
    size, heard = 0, time.monotonic()
    while piece := answer.read1(2**16):
        first, *others = piece.split(b"\n")
        begun.append(first)
        size += len(first)
        if size > _LARGEST:
            raise ReadError("the server sends a line of more than 16 MiB")
        if others:
            lines = [b"".join(begun), *others]
            begun, size = [lines.pop()], len(others[-1])
            for line in lines:
                if line.startswith(b"data"):
                    heard = time.monotonic()
                yield line.removesuffix(b"\r")
        elif len(piece) >= _WORTH and begun[0].startswith(b"data"):
            heard = time.monotonic()
        if silence is not None and time.monotonic() - heard > silence:
            raise TimeoutError


def _refused(answer: http.client.HTTPResponse, origin: str) -> ReadError:
    try:
        body: Any = decode(answer.read(10_000))  # what is not an object raises
        detail = str(body.get("detail") or body.get("title"))
    except Exception:
        detail = answer.reason
    return ReadError(f"{origin} answered {answer.status}: {one_line(cut(detail, 1000))}")


def _timestamp(event: Json, topic: str, places: bytes) -> int:
    """Return the time of an event: as the id of our own intake has it, else `meta.dt`."""
    try:
        listed: Any = decode(places)  # of any server: what is not a list of places raises
        for place in listed:
            if place["topic"] == topic and "offset" in place:
                return int(place["timestamp"])
    except (ParseError, TypeError, KeyError, ValueError, OverflowError):
        pass
    return timestamp_of(event) if isinstance(event, dict) else 0


def _whole(value: Json) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _record(data: bytes, places: bytes) -> LogRecord:
    """Return the record of an event that has its place in `meta`, and take it out of there."""
    event = decode(data)
    meta = event.get("meta") if isinstance(event, dict) else None
    place: dict[str, Any] = {}  # of any server
    if isinstance(meta, dict):
        names = ("topic", "partition", "offset", "key")
        place = {name: meta.pop(name, None) for name in names}
    return LogRecord(
        topic=str(place.get("topic") or ""),
        partition=_whole(place.get("partition")),
        offset=_whole(place.get("offset")),
        timestamp=_timestamp(event, str(place.get("topic") or ""), places),
        key=place.get("key"),
        value=encode(event),
    )
