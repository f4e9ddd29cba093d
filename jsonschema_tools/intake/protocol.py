"""uvicorn's HTTP protocol, with a bound on how long the headers of a request may take.

uvicorn has none: clients that send a header now and then, or nothing at all, would hold their
connections forever.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    from collections.abc import Iterable

#: seconds that a client has from connecting, or from the first byte of a request, to the last
#: byte of its headers
HEADERS_WITHIN = 20.0
_LOOK = 1.0  # seconds between two looks at all connections: a timer for each would cost more


class TimedProtocol(HttpToolsProtocol):
    """One connection.

    Attributes:
        waiting_since: when the headers that are awaited began, in the event loop's time; None
            while a request is being answered, or the connection is idle after one.
    """

    waiting_since: float | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self.waiting_since = self.loop.time()

    def on_message_begin(self) -> None:
        """Begin to wait for the rest of the headers."""
        super().on_message_begin()
        if self.waiting_since is None:
            self.waiting_since = self.loop.time()

    def on_headers_complete(self) -> None:
        """Wait no longer; `BodyReader` bounds the time of a body."""
        self.waiting_since = None
        super().on_headers_complete()


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
