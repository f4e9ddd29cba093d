"""What goes into a log: topic, key, timestamp and value of an event, as EventGate makes them."""

from __future__ import annotations

import re
import time
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from jsonschema_tools.events.json_text import encode

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jsonschema_tools.values import Json

#: what Kafka takes as a topic, with any prefix left to it
_TOPIC = re.compile(r"[A-Za-z0-9._-]{1,249}")
_LEGACY = "eventlogging_"  # streams whose topics have no prefix
_MISSING: Final = cast("Json", object())  # in the place of a value, and not one
_datetime = datetime.fromisoformat
_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt\s](\d\d):(\d\d):(\d\d)(?:\.(\d+))?"
    r"(?:[Zz]|([+-])(\d\d):?(\d\d))",
    re.ASCII,
)


class Message(NamedTuple):
    """An event on its way into a log.

    Attributes:
        topic: the topic.
        key: the key, JSON, or None.
        timestamp: milliseconds since 1970.
        value: the event, compact JSON in UTF-8.
    """

    topic: str
    key: str | None
    timestamp: int
    value: bytes


def size_of(messages: Sequence[Message]) -> int:
    """Return the bytes that the values of messages have."""
    return sum([len(message.value) for message in messages])


class UnroutableError(Exception):
    """An event cannot be sent to its topic; the message says why."""


def topic_of(stream: str, prefix: str) -> str:
    """Return the topic of a stream.

    Raises:
        UnroutableError: it is not a legal name of a topic.
    """
    topic = stream if stream.startswith(_LEGACY) else prefix + stream
    if not _TOPIC.fullmatch(topic) or topic in {".", ".."}:
        raise UnroutableError(
            f"{topic!r:.120} is not the name of a topic: at most 249 letters, digits, '.', '_', '-'"
        )
    return topic


def key_of(event: dict[str, Json], fields: Mapping[str, Json]) -> str | None:
    """Return the key that `message_key_fields` asks for.

    Args:
        event: the event.
        fields: path in the key -> path in the event, both dotted.

    Raises:
        UnroutableError: the event lacks one of the fields.
    """
    if not fields:
        return None
    key: dict[str, Json] = {}
    for key_path, event_path in fields.items():
        value = _at(event, str(event_path))
        if value is _MISSING:
            raise UnroutableError(f"Failed extracting {key_path} from event, field is not defined.")
        *parents, last = key_path.split(".")
        place = key
        for name in parents:
            inner = place.get(name)
            if not isinstance(inner, dict):
                inner = place[name] = {}
            place = inner
        place[last] = value
    return encode(key).decode()


def timestamp_of(event: dict[str, Json]) -> int:
    """Return the time of an event in milliseconds: `meta.dt`, or now.

    As in EventGate, a time that JavaScript cannot read and 1970 itself count as now.
    """
    meta = event.get("meta")
    text = meta.get("dt") if type(meta) is dict else None
    return (milliseconds(text) if type(text) is str else None) or time.time_ns() // 1_000_000


def milliseconds(text: str) -> int | None:
    """Return the milliseconds since 1970 of a time as JavaScript's `Date.parse` does.

    Of the forms that it reads only those of ajv's date-time are. Days up to 31 count on into the
    next month; None for what is not a time, such as month 13.
    """
    if 20 <= len(text) <= 24 and text[10] == "T" and text[-1] == "Z":  # nearly always
        try:
            return round(_datetime(text).timestamp() * 1000)
        except ValueError:
            pass
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = map(int, match.group(1, 2, 3, 4, 5, 6))
    is_end = (hour, minute, second) == (24, 0, 0)
    if not (1 <= month <= 12 and 1 <= day <= 31 and minute < 60 and second < 60):
        return None
    if hour > 23 and not is_end:
        return None
    fraction = int((match[7] or "0")[:3].ljust(3, "0"))
    sign, hours, minutes = match.group(8, 9, 10)
    if sign and (int(hours) > 23 or int(minutes) > 59):
        return None
    offset = (int(hours) * 60 + int(minutes)) * (1 if sign == "+" else -1) if sign else 0
    days = _days(year, month) + day - 1
    return ((days * 24 + hour) * 60 + minute - offset) * 60_000 + second * 1000 + fraction


def _days(year: int, month: int) -> int:
    """Return the days from 1970 to the first of a month, in the calendar without end."""
    year -= month <= 2
    era, of_era = divmod(year, 400)
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


def _at(event: Json, path: str) -> Json:
    """Return the value at a dotted path, also null; `_MISSING` if there is none."""
    if isinstance(event, dict) and path in event:
        return event[path]
    for name in path.split("."):
        if isinstance(event, dict) and name in event:
            event = event[name]
        elif isinstance(event, list) and name.isdecimal() and int(name) < len(event):
            event = event[int(name)]
        else:
            return _MISSING
    return event
