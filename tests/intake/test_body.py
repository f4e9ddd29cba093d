"""The bodies of all requests together take a bounded amount of memory."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from jsonschema_tools.intake.body import BodyReader, RefusedBodyError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

HEADERS = {"content-type": "application/json"}


def arriving(pieces: list[bytes], goes_on: asyncio.Event) -> Callable[[], Awaitable[Any]]:
    """Return what receives a body whose last piece comes later."""
    left = list(pieces)

    async def receive() -> dict[str, Any]:
        if len(left) == 1:
            await goes_on.wait()
        piece = left.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(left)}

    return receive


def test_bodies_that_are_arriving_have_a_bound_together() -> None:
    async def run() -> list[Any]:
        reader, goes_on = BodyReader(1000, room=3000), asyncio.Event()
        text = json.dumps(["a" * 900]).encode()
        pieces = [text[:500], text[500:-1], text[-1:]]

        def read() -> asyncio.Task[Any]:
            return asyncio.ensure_future(reader.read(HEADERS, arriving(pieces, goes_on)))

        first = [read() for _ in range(5)]
        await asyncio.sleep(0.05)
        refused = [task for task in first if task.done()]
        assert len(refused) == 2
        goes_on.set()
        found = await asyncio.gather(*first, return_exceptions=True)
        later = await asyncio.gather(*(read() for _ in range(3)))  # all room is there again
        return [*found, *later]

    found = asyncio.run(run())
    errors = [one for one in found if isinstance(one, RefusedBodyError)]
    assert [error.status for error in errors] == [503, 503]
    assert [one for one in found if one not in errors] == [["a" * 900]] * 6


def test_one_body_always_has_room() -> None:
    async def run() -> Any:
        goes_on = asyncio.Event()
        goes_on.set()
        pieces = [b'["', b"a" * 900, b'"]']
        return await BodyReader(1000, room=10).read(HEADERS, arriving(pieces, goes_on))

    assert asyncio.run(run()) == ["a" * 900]


def test_a_body_that_is_too_large_gives_its_room_back() -> None:
    async def run() -> Any:
        reader, goes_on = BodyReader(1000, room=2000), asyncio.Event()
        goes_on.set()
        for _ in range(10):
            with pytest.raises(RefusedBodyError, match="too large"):
                await reader.read(HEADERS, arriving([b"a" * 900] * 4, goes_on))
        return await reader.read(HEADERS, arriving([b'["', b"a" * 900, b'"]'], goes_on))

    assert asyncio.run(run()) == ["a" * 900]
