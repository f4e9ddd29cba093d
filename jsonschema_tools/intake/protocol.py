"""uvicorn's HTTP protocol, with bounds on how long the headers of a request may be and may take.

uvicorn has none: clients that send a header now and then, or nothing at all, would hold their
connections forever, and those that send headers without end would fill the memory.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from jsonschema_tools.intake import answers

if TYPE_CHECKING:
    from collections.abc import Iterable

#: seconds that a client has from connecting, or from the first byte of a request, to the last
#: byte of its headers
HEADERS_WITHIN = 20.0
#: bytes of the URL and the headers of a request
LONGEST_HEAD = 2**16
_MOST_HEADERS = 1000  # those after a chunked body included
_LOOK = 1.0  # seconds between two looks at all connections: a timer for each would cost more


class _LongHeadError(Exception):
    """The URL and the headers of a request are too long; ends the parsing."""


class TimedProtocol(HttpToolsProtocol):
    """One connection.

    Attributes:
        waiting_since: when the headers that are awaited began, in the event loop's time; None
            while a request is being answered, or the connection is idle after one.
    """

    waiting_since: float | None = None
    _chunk = 0  # bytes that are being parsed
    _head = 0  # bytes of headers that are not complete, without the chunk in which they began
    _is_long = False

    def data_received(self, data: bytes) -> None:
        """Parse some bytes."""
        self._chunk = len(data)
        super().data_received(data)
        if self.waiting_since is not None:
            self._head += self._chunk
            if self._head > LONGEST_HEAD:
                self._refuse_head()
        if self.headers is not None and len(self.headers) > _MOST_HEADERS:
            self._refuse_head()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self.waiting_since = self.loop.time()

    def on_message_begin(self) -> None:
        """Begin to wait for the rest of the headers."""
        super().on_message_begin()
        self._head = -self._chunk
        if self.waiting_since is None:
            self.waiting_since = self.loop.time()

    def on_headers_complete(self) -> None:
        """Wait no longer; `BodyReader` bounds the time of a body."""
        if self._chunk > LONGEST_HEAD or self._head >= 0:  # else they are shorter
            pieces = (len(name) + len(value) for name, value in self.headers)
            if len(self.url) + sum(pieces) > LONGEST_HEAD:
                self._is_long = True
                raise _LongHeadError
        self.waiting_since = None
        super().on_headers_complete()

    def _refuse_head(self) -> None:
        if not self.transport.is_closing():
            self._is_long = True
            self.send_400_response("")

    def send_400_response(self, msg: str) -> None:
        """Answer to what is not HTTP, or has headers that are too long, and close."""
        if self._is_long:
            answer = answers.problem(
                431,
                "Request header fields too large",
                f"the URL and the headers may have {LONGEST_HEAD:,} bytes, "
                f"and be {_MOST_HEADERS:,} at most",
            )
        else:
            answer = answers.problem(400, "Bad Request", msg)
        self.transport.write(
            b"HTTP/1.1 %d %b\r\n" % (answer.status, HTTPStatus(answer.status).phrase.encode())
            + b"content-type: %b\r\n" % answers.PROBLEM
            + b"content-length: %d\r\nconnection: close\r\n\r\n" % len(answer.body)
            + answer.body
        )
        self.transport.close()


def has_arrived(receive: Any) -> bool:
    """Tell whether the whole body of a request is here already, as that of a small one is.

    Args:
        receive: ASGI's `receive`; of any server, where the answer is False.
    """
    return getattr(getattr(receive, "__self__", None), "more_body", True) is False


async def close_slow(connections: Iterable[Any], within: float = HEADERS_WITHIN) -> None:
    """Close connections whose headers take too long, until cancelled.

    Args:
        connections: those of a server, as it keeps them.
        within: seconds that they may take.
    """
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(_LOOK)
        limit = loop.time() - within
        for connection in list(connections):
            since = getattr(connection, "waiting_since", None)
            if since is not None and since < limit:
                connection.transport.close()
