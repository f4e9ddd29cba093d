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


CHUNKED = HEAD + b"transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
#: heads that are too long: how they begin, what comes so many times, and how they end
LONG_HEADS = {
    "one header without end": (HEAD + b"x: ", b"a", 2_000_000, b""),
    "an endless URL": (b"GET /", b"a", 2_000_000, b""),
    "a long URL": (b"GET /", b"a", 66_000, b" HTTP/1.1\r\nhost: x\r\n\r\n"),
    "long headers": (HEAD + b"x: ", b"a", 66_000, b"\r\n\r\n"),
    "many headers": (HEAD, b"x: y\r\n", 1001, b"\r\n"),
    "headers without end": (HEAD, b"x: y\r\n", 500_000, b""),
    "trailers without end": (CHUNKED, b"x: y\r\n", 500_000, b""),
}


@pytest.mark.parametrize("head", LONG_HEADS.values(), ids=LONG_HEADS)
@pytest.mark.parametrize("before", [b"", b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"], ids=["1st", "2nd"])
def test_long_headers_are_refused(head: tuple[bytes, bytes, int, bytes], before: bytes) -> None:
    start, repeated, times, end = head
    sent = start + repeated * times + end

    async def run() -> bytes:
        async with listening(20) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            if before:
                writer.write(before)
                await asyncio.wait_for(reader.readuntil(b"ok"), 10)
            with contextlib.suppress(OSError):  # it is closed before all is sent
                for at in range(0, len(sent), 50_000):
                    writer.write(sent[at : at + 50_000])
                    await asyncio.wait_for(writer.drain(), 10)
            found = b""
            with contextlib.suppress(OSError):
                while piece := await asyncio.wait_for(reader.read(65536), 10):
                    found += piece
            writer.close()
            return found

    answer_ = asyncio.run(run())
    assert answer_ == b"" or b"HTTP/1.1 431 " in answer_, answer_[:100]
    if len(sent) < 100_000:
        assert answer_.startswith(b"HTTP/1.1 431 Request Header Fields Too Large")
        assert answer_.endswith(
            b'"detail":"the URL and the headers may have 65,536 bytes, and be 1,000 at most"}'
        )


def test_headers_up_to_the_limit_are_taken() -> None:
    end = b"\r\n"
    long = HEAD + b"x: " + b"a" * 60_000 + end + end
    many = HEAD + b"x: y\r\n" * 990 + end
    with_body = HEAD + b"content-length: 200000\r\n\r\n" + b" " * 200_000

    async def run() -> list[bytes]:
        async with listening(20) as port:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            found = []
            for requests in ([long], [many], [with_body, long], [many]):
                writer.write(b"".join(requests))
                found += [await asyncio.wait_for(reader.readuntil(b"ok"), 10) for _ in requests]
            writer.close()
            return found

    found = asyncio.run(run())
    assert [answer_[:12] for answer_ in found] == [b"HTTP/1.1 200"] * 5
