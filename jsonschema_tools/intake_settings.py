"""The `intake` section of the configuration: its keys, what they take, and their defaults."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jsonschema_tools.values import Json

#: a number of bytes, as npm's `bytes` reads it: 1 kB is 1024 bytes
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(b|kb|mb|gb)?", re.IGNORECASE)
_UNITS = {"b": 1, "kb": 2**10, "mb": 2**20, "gb": 2**30}

#: the header from which a field is filled in; False where it is not
Headers: TypeAlias = "Mapping[str, str | Literal[False]]"

DEFAULT_HEADERS: Headers = {"meta.request_id": "x-request-id"}


class InvalidSettingError(Exception):
    """A setting is unknown or not what its key takes.

    Attributes:
        key: the key below `intake`.
        expected: what it takes; None where there is no such key.
    """

    def __init__(self, key: str, expected: str | None) -> None:
        super().__init__(key)
        self.key = key
        self.expected = expected


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeSettings:
    """Settings of an intake; `read_intake` builds it.

    Attributes:
        topic_prefix: put before the stream's name to make the topic, such as `eqiad.`.
        error_stream: stream of error events; None: no error events.
        service_name: name under which this intake makes error events.
        max_body_size: bytes of a request's body, also of one that is not compressed any more.
        headers: field of the event -> request header that fills it in, or False.
        schema_param: query parameter that stands in for a missing `$schema`.
        stream_param: query parameter that stands in for a missing `meta.stream`.
        cors: origin that browsers may send from; None: no CORS headers.
        test_events: events that `GET /v1/_test/events` sends through the intake.
        kafka: settings of librdkafka.
        kafka_hasty: those of the producer of hasty events, over the former.
        retention_hours: age at which the event log forgets; None: never.
        retention_size: bytes of events that the event log keeps; None: any number.
    """

    topic_prefix: str = ""
    error_stream: str | None = None
    service_name: str = "jsonschema-tools"
    max_body_size: int = 10 * 2**20
    headers: Headers = field(default_factory=lambda: dict(DEFAULT_HEADERS))
    schema_param: str | None = None
    stream_param: str | None = None
    cors: str | None = None
    test_events: tuple[dict[str, Json], ...] = ()
    kafka: Mapping[str, Any] = field(default_factory=dict)
    kafka_hasty: Mapping[str, Any] = field(default_factory=dict)
    retention_hours: float | None = 168
    retention_size: int | None = None


def read_intake(section: Mapping[str, Json]) -> IntakeSettings:
    """Return the settings that a section of the configuration holds.

    Raises:
        InvalidSettingError: a key is unknown or its value is not what it takes.
    """
    values: dict[str, Any] = {}
    for key, value in section.items():
        if key not in _KEYS:
            raise InvalidSettingError(key, None)
        name, read, expected = _KEYS[key]
        try:
            read_value = read(value)
        except (TypeError, ValueError):
            raise InvalidSettingError(key, expected) from None
        if name:
            values[name] = read_value
    if "headers" in values:
        values["headers"] = {**DEFAULT_HEADERS, **values["headers"]}
    return IntakeSettings(**values)


def known_keys() -> tuple[str, ...]:
    """Return the keys that the section takes."""
    return tuple(_KEYS)


def read_size(value: Json) -> int:
    """Return a number of bytes: a number, or a string such as `10mb`.

    Raises:
        ValueError: it is neither.
    """
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    match = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    size = int(float(match[1]) * _UNITS[(match[2] or "b").lower()]) if match else 0
    if size < 1:
        raise ValueError(value)
    return size


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _optional(value: Json) -> str | None:
    return _text(value) or None if value is not None else None


def _cors(value: Json) -> str | None:
    return None if value is False else _optional(value)


def _headers(value: Json) -> Headers:
    for field_path, header in value.items():
        if header is not False and not (isinstance(header, str) and header):
            raise TypeError(field_path)
    return {name: header and header.lower() for name, header in value.items()}


def _events(value: Json) -> tuple[dict[str, Json], ...]:
    events = [value] if isinstance(value, dict) else value
    if not isinstance(events, list) or not all(isinstance(event, dict) for event in events):
        raise TypeError(value)
    return tuple(events)


def _scalars(value: Json) -> dict[str, Any]:
    for name, item in value.items():
        if isinstance(item, (dict, list)) or item is None:
            raise TypeError(name)
    return dict(value)


def _formats(value: Json) -> str:
    if value not in {"eventgate", "strict"}:
        raise ValueError(value)
    return str(value)


def _hours(value: Json) -> float | None:
    if value is None or value is False:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value <= 0:
        raise ValueError(value)
    return float(value)


def _size_or_none(value: Json) -> int | None:
    return None if value is None or value is False else read_size(value)


_SIZE_TEXT = "a number of bytes, such as 10mb"
#: key -> name of the setting ("" for those read elsewhere), its reader, what it takes
_KEYS: dict[str, tuple[str, Callable[[Json], Any], str]] = {
    "topicPrefix": ("topic_prefix", _text, "a text, such as eqiad."),
    "errorStream": ("error_stream", _optional, "the name of a stream"),
    "eventServiceName": ("service_name", _text, "a text"),
    "maxBodySize": ("max_body_size", read_size, _SIZE_TEXT),
    "enrichFieldsFromHttpHeaders": (
        "headers",
        _headers,
        "a mapping of dotted fields to header names or false",
    ),
    "schemaUriQueryParam": ("schema_param", _optional, "the name of a query parameter"),
    "streamQueryParam": ("stream_param", _optional, "the name of a query parameter"),
    "cors": ("cors", _cors, "an origin such as https://example.org, *, or false"),
    "testEvents": ("test_events", _events, "an event or a list of events"),
    "kafka": ("kafka", _scalars, "a mapping of librdkafka's settings"),
    "kafkaHasty": ("kafka_hasty", _scalars, "a mapping of librdkafka's settings"),
    "formats": ("", _formats, "eventgate or strict"),
    "retentionHours": ("retention_hours", _hours, "a number of hours, or false"),
    "retentionSize": ("retention_size", _size_or_none, f"{_SIZE_TEXT}, or false"),
}
