"""A server that sends what a test says, whatever it is asked."""

from __future__ import annotations

import contextlib
import itertools
import socket
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


@contextlib.contextmanager
def answering(
    answer: Iterable[bytes] | Callable[[int], Iterable[bytes]],
) -> Iterator[tuple[str, list[bytes]]]:
    """Yield the address of a server that sends an answer piece by piece, and what it received."""
    received: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        for number in itertools.count():
            try:
                link, _ = listener.accept()
            except OSError:
                return
            with link, contextlib.suppress(OSError):
                received.append(link.recv(65536))
                for piece in answer(number) if callable(answer) else answer:
                    link.sendall(piece)

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", received
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
