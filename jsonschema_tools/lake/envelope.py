"""What is asked of every event before its columns: its schema, its stream and its time."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from jsonschema_tools.lake.fitting import UnfitError

if TYPE_CHECKING:
    from jsonschema_tools.lake.records import Record


class Meta(msgspec.Struct, gc=False):
    """The part of an event about the event itself, unchecked."""

    dt: Any = None
    domain: Any = None
    stream: Any = None


class Envelope(msgspec.Struct, gc=False):
    """The schema that an event names, and its `meta`, both unchecked."""

    schema: Any = msgspec.field(name="$schema", default=None)
    meta: Meta | None = None


#: why there is no envelope, where nothing else is said of it
NO_OBJECT = "the event is not a JSON object"
_decode = msgspec.json.Decoder(Envelope).decode


def envelope_of(record: Record) -> Envelope | None:
    """Return the envelope of an event; None where the record holds no JSON object."""
    if record.problem is None:
        # RecursionError: msgspec calls itself for each level
        with contextlib.suppress(msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return _decode(record.value)
    return None


def received(time: object, timestamp: int | None) -> int:
    """Return when an event was received, in microseconds since 1970.

    Args:
        time: the event's `meta.dt`.
        timestamp: when it was stored, in ms since 1970, for want of the former.

    Raises:
        UnfitError: neither is known.
    """
    if isinstance(time, str):
        with contextlib.suppress(ValueError, OverflowError):
            found = datetime.fromisoformat(time.upper())
            return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()) * 10**6
    if timestamp is None:
        raise UnfitError("`meta.dt` is not a time, so its hour is unknown")
    return timestamp * 1000
