"""The `intake` section of the configuration, as the intake uses it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from jsonschema_tools.config_schema import properties
from jsonschema_tools.values import as_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jsonschema_tools.values import Json

#: a number of bytes, as npm's `bytes` reads it: 1 kB is 1024 bytes
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(b|kb|mb|gb)?", re.IGNORECASE)
_UNITS = {"b": 1, "kb": 2**10, "mb": 2**20, "gb": 2**30}

#: the header from which a field is filled in; False where it is not
Headers: TypeAlias = "Mapping[str, str | Literal[False]]"


class InvalidSettingError(Exception):
    """A setting is not what its key takes, which the schema of the configuration cannot say.

    Attributes:
        key: the key below `intake`.
    """

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeSettings:
    """Settings of an intake; `read_intake` builds it.

    `config.schema.json` describes each setting, and has its default.

    Attributes:
        service_name: `eventServiceName`.
        max_body_size: in bytes.
        headers: `enrichFieldsFromHttpHeaders`, with the names of headers in lower case.
        schema_param: `schemaUriQueryParam`.
        stream_param: `streamQueryParam`.
        cors: None: no CORS headers.
        retention_hours: None: forever.
        retention_size: in bytes; None: any number.
    """

    topic_prefix: str
    error_stream: str | None
    service_name: str
    max_body_size: int
    headers: Headers
    schema_param: str | None
    stream_param: str | None
    cors: str | None
    test_events: tuple[dict[str, Json], ...]
    kafka: Mapping[str, Any]
    kafka_hasty: Mapping[str, Any]
    retention_hours: float | None
    retention_size: int | None


def read_intake(section: Mapping[str, Json]) -> IntakeSettings:
    """Return the settings that a section of the configuration holds.

    Args:
        section: one that is valid by the schema of the configuration.

    Raises:
        InvalidSettingError: a size is not a number of bytes.
    """
    defaults = {key: setting["default"] for key, setting in properties("intake").items()}
    given: dict[str, Any] = {**defaults, **section}  # as `config.schema.json` says
    events, headers = given["testEvents"], given["enrichFieldsFromHttpHeaders"]
    headers = as_object(defaults["enrichFieldsFromHttpHeaders"]) | {
        name: header and header.lower() for name, header in headers.items()
    }
    return IntakeSettings(
        topic_prefix=given["topicPrefix"],
        error_stream=given["errorStream"] or None,
        service_name=given["eventServiceName"],
        max_body_size=_size(given, "maxBodySize"),
        headers=headers,
        schema_param=given["schemaUriQueryParam"] or None,
        stream_param=given["streamQueryParam"] or None,
        cors=given["cors"] or None,
        test_events=tuple([events] if isinstance(events, dict) else events),
        kafka=given["kafka"],
        kafka_hasty=given["kafkaHasty"],
        retention_hours=float(given["retentionHours"]) if given["retentionHours"] else None,
        retention_size=_size(given, "retentionSize") if given["retentionSize"] else None,
    )


def _size(given: Mapping[str, Any], key: str) -> int:
    try:
        return read_size(given[key])
    except ValueError:
        raise InvalidSettingError(key) from None


def read_size(value: Json) -> int:
    """Return a number of bytes: a number, or a string such as `10mb`.

    Raises:
        ValueError: it is neither.
    """
    if isinstance(value, int) and not isinstance(value, bool) and value > 0:
        return value
    match = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    size = float(match[1]) * _UNITS[(match[2] or "b").lower()] if match else 0
    if not 1 <= size < float("inf"):
        raise ValueError(value)
    return int(size)
