"""The page on which a developer sees events as they come, and those that were refused."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from jsonschema_tools.intake import answers
from jsonschema_tools.intake.app import response
from jsonschema_tools.intake.openapi import document

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import Request

    from jsonschema_tools.intake.outcome import Failure
    from jsonschema_tools.intake.stream_source import StreamSource

_FOLDER = Path(__file__).parent / "static"
_FILES = {
    "index.html": "text/html; charset=utf-8",
    "page.css": "text/css; charset=utf-8",
    "page.js": "text/javascript; charset=utf-8",
}
_LINKS = b"<!-- links -->"
_TO_SITE = b'<a href="/">Schemas</a>'
_LARGEST = 2**16  # bytes of a refused event that is kept


@dataclass
class Refused:
    """The newest refused events, in memory."""

    items: deque[tuple[int, bytes]] = field(default_factory=lambda: deque(maxlen=100))
    last: int = 0

    def add(self, failures: Iterable[Failure]) -> None:
        """Keep some more; the first of many, and only those that are not too large."""
        for failure in list(failures)[:20]:
            text = answers.dump(failure.item())
            if len(text) <= _LARGEST:
                self.last += 1
                self.items.append((self.last, text))

    def after(self, last: int) -> bytes:
        """Return those after another one as JSON, `[{"id": ..., "item": ...}, ...]`."""
        found = [b'{"id":%d,"item":%b}' % (n, text) for n, text in self.items if n > last]
        return b"[" + b",".join(found) + b"]"


def page_routes(refused: Refused, streams: StreamSource, events_page: str = "") -> list[Route]:
    """Return the routes of the page and of the description of all routes.

    Args:
        refused: the newest refused events.
        streams: the stream configuration.
        events_page: where the page is, relative to the root; empty for the root itself. Elsewhere
            it has a link to the root, where the site is.
    """

    async def page(request: Request) -> Response:
        if "spec" in request.query_params:
            return response(answers.json_answer(document(streams.current)))
        return _file("index.html", links=_TO_SITE if events_page else b"")

    async def static(request: Request) -> Response:
        return _file(request.path_params["name"])

    async def openapi(_: Request) -> Response:
        return response(answers.json_answer(document(streams.current)))

    async def recent(request: Request) -> Response:
        text = request.query_params.get("after", "0")
        last = int(text) if text.isdecimal() and text.isascii() and len(text) < 16 else 0
        return response(answers.Answer(200, refused.after(last), answers.JSON))

    return [
        Route(f"/{events_page}", page),
        Route("/static/{name}", static),
        Route("/openapi.json", openapi),
        Route("/_refused", recent),
    ]


def _file(name: str, links: bytes = b"") -> Response:
    if name not in _FILES:
        raise HTTPException(404)
    body = (_FOLDER / name).read_bytes().replace(_LINKS, links)
    return Response(body, headers={"content-type": _FILES[name], "cache-control": "no-cache"})
