"""The answers of an intake: one place for the status and the shape of each."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from jsonschema_tools.intake.outcome import Outcome
    from jsonschema_tools.values import Json

    Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

JSON = b"application/json; charset=utf-8"
PROBLEM = b"application/problem+json"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer.

    Attributes:
        status: HTTP's.
        body: its bytes.
        content_type: of the body; None where it has none.
        headers: further ones.
    """

    status: int
    body: bytes = b""
    content_type: bytes | None = None
    headers: tuple[tuple[bytes, bytes], ...] = ()

    async def send(self, send: Send) -> None:
        """Send it through ASGI."""
        headers = [(b"content-length", str(len(self.body)).encode()), *self.headers]
        if self.content_type is not None:
            headers.append((b"content-type", self.content_type))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


def json_answer(value: object, status: int = 200) -> Answer:
    """Return an answer that holds JSON."""
    return Answer(status, dump(value), JSON)


def dump(value: object) -> bytes:
    """Return JSON; what cannot be written in UTF-8 is escaped."""
    try:
        return msgspec.json.encode(value)
    except (UnicodeEncodeError, RecursionError, TypeError, msgspec.MsgspecError):
        # RecursionError: msgspec calls itself for each level
        return json.dumps(value, default=str).encode()


def problem(
    status: int, title: str, detail: str, *, closes: bool = False, retry_after: int | None = None
) -> Answer:
    """Return a problem as RFC 9457 has it.

    Args:
        status: HTTP's.
        title: what is wrong, in a few words.
        detail: a sentence about this occurrence.
        closes: whether the connection ends.
        retry_after: seconds after which trying again makes sense.
    """
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    headers = ((b"connection", b"close"),) if closes else ()
    if retry_after is not None:
        headers = (*headers, (b"retry-after", str(retry_after).encode()))
    return Answer(status, dump(body), PROBLEM, headers)


EMPTY = problem(
    400,
    "Request body was empty",
    "Must provide JSON encoded events, as application/json or text/plain.",
)
BUSY = problem(
    503, "Too much is waiting", "The log does not take events fast enough.", retry_after=1
)
HASTY = Answer(202)
CREATED = Answer(201)


def of(outcome: Outcome) -> Answer:
    """Return EventGate's answer to a request of which all events were looked at."""
    if not outcome.failures:
        return CREATED
    invalid = [f.item() for f in outcome.failures if f.kind == "invalid"]
    errors = [f.item() for f in outcome.failures if f.kind != "invalid"]
    if len(invalid) == outcome.total:
        return _listing({"invalid": invalid}, 400)
    failed = len(outcome.failures)
    body = {"invalid": invalid, "error": errors}
    return _listing(body, 207 if failed < outcome.total else 500)


def _listing(body: dict[str, list[dict[str, Json]]], status: int) -> Answer:
    """Return the answer that lists events; with null for each if one is too deep to be repeated."""
    try:
        return json_answer(body, status)
    except RecursionError:  # msgspec and `json` call themselves for each level
        listed = {kind: [{**item, "event": None} for item in items] for kind, items in body.items()}
        return json_answer(listed, status)
