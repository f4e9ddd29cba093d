"""The error event that reports a refused event, as EventGate makes it.

Its schema is `error` of Wikimedia's primary schema repository, version 2.1.0 or newer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from jsonschema_tools.events.fill import timestamp
from jsonschema_tools.events.json_text import encode
from jsonschema_tools.events.problems import errors_text
from jsonschema_tools.events.schema import UnusableSchemaError
from jsonschema_tools.values import get_field

if TYPE_CHECKING:
    from jsonschema_tools.config import Config
    from jsonschema_tools.events.registry import Registry
    from jsonschema_tools.events.verdict import Verdict
    from jsonschema_tools.values import Json

_SCHEMA = "/error/2.1.0"
_UNKNOWN = "unknown"


def error_schema(registry: Registry) -> str:
    """Return the `$id` of the newest `error` schema that the repository has; else 2.1.0's."""
    try:
        return registry.get("/error/latest").id or _SCHEMA
    except UnusableSchemaError:
        return _SCHEMA


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorEvents:
    """Makes error events.

    Attributes:
        stream: the stream that they go to.
        emitter: the name of the program that makes them.
        schema: the `$id` of their schema.
    """

    stream: str
    emitter: str
    schema: str = _SCHEMA

    @classmethod
    def of(cls, config: Config, registry: Registry) -> ErrorEvents:
        """Return what makes the error events of a schema repository's intake."""
        service = str(config.intake.get("eventServiceName") or "jsonschema-tools")
        stream = str(config.intake.get("errorStream") or f"{service}.error.validation")
        return cls(stream=stream, emitter=service, schema=error_schema(registry))

    def make(self, event: Json, verdict: Verdict, *, raw: str | None = None) -> dict[str, Json]:
        """Return the error event of an event that is not valid.

        Args:
            event: the event, with its defaults filled in.
            verdict: what is wrong with it.
            raw: the event's text, where it is not JSON.
        """
        now = timestamp()
        return {
            "meta": {
                "id": str(uuid4()),
                "uri": _text(event, "meta.uri"),
                "domain": _text(event, "meta.domain"),
                "request_id": _text(event, "meta.request_id"),
                "stream": self.stream,
                "dt": now,
            },
            "dt": now,
            "emitter_id": self.emitter,
            "raw_event": raw if raw is not None else encode(event).decode(),
            "errored_schema_uri": verdict.uri or _UNKNOWN,
            "errored_stream_name": verdict.stream or _UNKNOWN,
            "message": errors_text(verdict.problems) or verdict.message or "",
            "$schema": self.schema,
            "error_type": "ValidationError" if verdict.status == "invalid" else "Error",
        }


def _text(event: Json, path: str) -> str:
    value = get_field(event, path)
    if value is None:
        return _UNKNOWN if not _has(event, path) else "null"
    return value if isinstance(value, str) else encode(value).decode()


def _has(event: Json, path: str) -> bool:
    for name in path.split("."):
        if not isinstance(event, dict) or name not in event:
            return False
        event = event[name]
    return True
