"""Where a producer sends events: an intake over HTTP, or a file."""

from __future__ import annotations

import http.client
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote, urlsplit

from jsonschema_tools.errors import ConfigError, ParseError
from jsonschema_tools.events.json_text import decode
from jsonschema_tools.messages import cut, one_line

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from jsonschema_tools.values import Json

_AGAIN = {408, 429, 502, 503, 504}  # answers after which trying again makes sense
_PATH = "/v1/events"
_LARGEST_ANSWER = 64 * 2**20  # bytes; that of our intake to a request of 10 MiB has half of them
_LONGEST_MESSAGE = 2000  # characters
_IN_PATHS = "/%:@!$&'()*+,;=~"  # RFC 3986, section 3.3, and what is escaped already


class TryAgainError(Exception):
    """Nothing is known to be wrong with the events: sending them again may help."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an event was not accepted.

    Attributes:
        status: `invalid`: its schema refuses it; `error`: anything else.
        message: what is wrong, in one line.
    """

    status: str
    message: str


class Target(Protocol):
    """Takes batches of events."""

    def deliver(self, events: Sequence[bytes]) -> Sequence[Refusal | None]:
        """Send events, and return for each of them None or why it was refused.

        Raises:
            TryAgainError: it is not known what came of them.
        """
        ...

    def close(self) -> None:
        """Let go of connections and files."""
        ...


@dataclass(frozen=True, slots=True)
class Address:
    """The address of an intake.

    Attributes:
        is_https: whether to speak to it by TLS.
        host: its name or address.
        port: None for that of the scheme.
        path: below the host, escaped.
        query: likewise.
    """

    is_https: bool
    host: str
    port: int | None
    path: str
    query: str

    @classmethod
    def of(cls, url: str) -> Address:
        """Return what a URL says.

        Raises:
            ConfigError: it is not the URL of an intake.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
            (host or "").encode("idna")
        except ValueError:
            host, port = None, None
        if not host or parts.scheme not in {"http", "https"}:
            raise ConfigError(
                f"not the address of an intake: {url!r:.100}",
                hint="write http://HOST:PORT",
            )
        path, query = quote(parts.path, _IN_PATHS), quote(parts.query, f"{_IN_PATHS}?")
        return cls(parts.scheme == "https", host, port, path.rstrip("/"), query)

    def __str__(self) -> str:
        """Return it without path, for messages."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port is None else f":{self.port}"
        return f"http{'s' if self.is_https else ''}://{host}{port}"

    def connection(self, timeout: float) -> http.client.HTTPConnection:
        """Return a connection, which is not open yet."""
        kind = http.client.HTTPSConnection if self.is_https else http.client.HTTPConnection
        return kind(self.host, self.port, timeout=timeout)


class HttpTarget:
    """An intake.

    Args:
        url: its address, with or without `/v1/events`.
        timeout: seconds for connecting, and for an answer.
        hasty: whether the intake answers before it has looked at the events.

    Raises:
        ConfigError: the address is not a URL.
    """

    def __init__(self, url: str, *, timeout: float = 10.0, hasty: bool = False) -> None:
        address = Address.of(url)
        self._link = address.connection(timeout)
        path = address.path
        path = path if path.lower().endswith(_PATH) else path + _PATH
        query = "&".join(filter(None, [address.query, "hasty=true" if hasty else ""]))
        self._path = f"{path}?{query}" if query else path

    def deliver(self, events: Sequence[bytes]) -> Sequence[Refusal | None]:
        """See `Target`."""
        body = b"[" + b",".join(events) + b"]"
        try:
            self._link.request("POST", self._path, body, {"Content-Type": "application/json"})
            answer = self._link.getresponse()
            text = answer.read(_LARGEST_ANSWER)
            if not answer.isclosed():
                self._link.close()  # the rest is not worth reading
        except (OSError, http.client.HTTPException) as error:
            self._link.close()
            raise TryAgainError(f"no answer: {error or type(error).__name__}") from error
        if answer.status in {201, 202}:
            return [None] * len(events)
        if answer.status in _AGAIN:
            reason = one_line(answer.reason)
            raise TryAgainError(f"the intake answered {answer.status} {reason:.100}")
        return _refusals(text, answer.status, events)

    def close(self) -> None:
        """See `Target`."""
        self._link.close()


def _refusals(text: bytes, status: int, events: Sequence[bytes]) -> Sequence[Refusal | None]:
    """Return what an intake says of each event.

    The items of an answer hold the events with what was filled in; they are found by `meta.id`,
    and where that is missing, all events are refused.
    """
    try:
        body: Any = decode(text)  # what is not the answer of an intake raises
        items = [(kind, item) for kind in ("invalid", "error") for item in body.get(kind, ())]
        found = {_id(item["event"]): _refusal(kind, item["context"]) for kind, item in items}
        if not items:
            message = f"the intake answered {status}: {body.get('detail') or body.get('title')}"
            return [Refusal("error", _short(message))] * len(events)
    except (ParseError, AttributeError, KeyError, TypeError):
        return [Refusal("error", f"the intake answered {status}")] * len(events)
    ids = [_id(decode(event)) for event in events]
    if len(found) != len(items) or not set(found) <= set(ids):
        return [_refusal(*_context(items[0]))] * len(events)
    return [found.get(name) for name in ids]


def _context(item: tuple[str, Any]) -> tuple[str, Any]:
    return item[0], item[1]["context"]


def _refusal(kind: str, context: Any) -> Refusal:
    return Refusal(kind, _short(str(context.get("errorsText") or context.get("message"))))


def _short(message: str) -> str:
    """Return what an intake says on one line; it may be anyone's."""
    return one_line(cut(message, _LONGEST_MESSAGE))


def _id(event: Json) -> str | None:
    meta = event.get("meta") if isinstance(event, dict) else None
    found = meta.get("id") if isinstance(meta, dict) else None
    return found if isinstance(found, str) else None


class FileTarget:
    """A file to which events are appended, one a line.

    Args:
        path: the file.

    Raises:
        ConfigError: it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._stream = path.open("ab")
        except OSError as error:
            raise ConfigError(f"cannot write {path}: {error.strerror}") from None

    def deliver(self, events: Sequence[bytes]) -> Sequence[Refusal | None]:
        """See `Target`."""
        try:
            self._stream.write(b"".join([event + b"\n" for event in events]))
            self._stream.flush()
        except OSError as error:
            raise TryAgainError(str(error)) from error
        return [None] * len(events)

    def close(self) -> None:
        """See `Target`."""
        self._stream.close()
