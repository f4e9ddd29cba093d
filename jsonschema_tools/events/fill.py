"""Fills in what producers usually add to an event; what is there is never overwritten."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import uuid4

if TYPE_CHECKING:
    from jsonschema_tools.values import Json


def fill(
    event: dict[str, Json],
    *,
    schema: str | None = None,
    stream: str | None = None,
    domain: str | None = None,
    dt: str | None = None,
) -> dict[str, Json]:
    """Return an event with the fields that MediaWiki's EventBus and EventLogging add.

    `meta.dt` is left to the intake, which knows when it received the event.

    Args:
        event: the event; it is not changed.
        schema: its `$schema`.
        stream: its `meta.stream`.
        domain: its `meta.domain`.
        dt: when it happened, RFC 3339; now, if not given.
    """
    meta = event.get("meta", {})
    if not isinstance(meta, dict):
        return event
    added: dict[str, Json] = {"stream": stream, "id": str(uuid4()), "domain": domain}
    filled = {name: value for name, value in added.items() if value is not None}
    start = {"$schema": schema} if schema is not None else {}
    return {**start, "dt": dt or timestamp(), **event, "meta": {**filled, **meta}}


def timestamp() -> str:
    """Return the time as RFC 3339 has it: UTC, milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
