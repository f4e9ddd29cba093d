"""Clients that are slow to say what they want."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("uvicorn", reason="the extra `serve` is not installed")

from uvicorn import Config
from uvicorn.server import ServerState

from jsonschema_tools.intake.protocol import TimedProtocol, close_slow

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

HEAD = b"POST /v1/events HTTP/1.1\r\nhost: x\r\n"


async def answer(scope: Any, receive: Any, send: Any) -> None:
    """Answer when the body is here."""
    while (await receive()).get("more_body"):
        pass
    headers = [(b"content-length", b"2")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok"})


@contextlib.asynccontextmanager
async def listening(within: float) -> AsyncIterator[int]:
    """Run a server that gives headers so many seconds, and yield its port."""
    config, state = Config(answer, http=TimedProtocol, log_level="error"), ServerState()
    config.load()
    server = await asyncio.get_running_loop().create_server(
        lambda: TimedProtocol(config, state, {}), "127.0.0.1", 0
    )
    closing = asyncio.create_task(close_slow(state.connections, within))
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        closing.cancel()
        server.close()


@pytest.mark.parametrize("sent", [b"", HEAD], ids=["nothing", "half of the headers"])
def test_slow_headers_end_the_connection(sent: bytes) -> None:
    async def run() -> bytes:
        async with listening(0.2) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(sent)
            rest = await asyncio.wait_for(reader.read(), 10)
            writer.close()
            return rest

    assert asyncio.run(run()) == b""


def test_a_second_request_has_its_own_time_and_a_slow_body_has_more() -> None:
    async def run() -> list[bytes]:
        async with listening(0.2) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            answers = []
            for pause in (0, 2):
                writer.write(HEAD + b"content-length: 2\r\n\r\n")
                await asyncio.sleep(pause)  # longer than headers may take
                writer.write(b"{}")
                answers.append(await asyncio.wait_for(reader.readuntil(b"ok"), 10))
                await asyncio.sleep(1.5)  # nothing has begun, so nothing is slow
            writer.write(HEAD)
            answers.append(await asyncio.wait_for(reader.read(), 10))
            writer.close()
            return answers

    first, second, third = asyncio.run(run())
    assert first.startswith(b"HTTP/1.1 200")
    assert second.startswith(b"HTTP/1.1 200")
    assert third == b""
