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
_STYLE = Path(__file__).parent.parent / "site" / "static"  # files only: its code is an extra
_FILES = {
    "index.html": (_FOLDER, "text/html; charset=utf-8"),
    "page.css": (_FOLDER, "text/css; charset=utf-8"),
    "page.js": (_FOLDER, "text/javascript; charset=utf-8"),
    "site.css": (_STYLE, "text/css; charset=utf-8"),
    "icon.svg": (_STYLE, "image/svg+xml"),
}
_HEADER = b"<!-- header -->"
_CURRENT = ' aria-current="page"'
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
        return _file("index.html", _header(streams, events_page))

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


def _header(streams: StreamSource, events_page: str) -> bytes:
    """Return the head of the page: with the menu of the site, where there is one."""
    if not events_page:
        return _menu("Events", [("Routes", "openapi.json"), ("Metrics", "metrics")])
    listed = [("Streams", "-/streams/index.html")] if streams.current is not None else []
    pages = (("Graph", "-/graph.html"), ("Changelog", "-/changelog.html"))
    first, last = ("Catalogue", ""), ("Health", "-/health.html")
    return _menu("Schemas", [first, *listed, ("Events", events_page), *pages, last], events_page)


def _menu(title: str, links: Iterable[tuple[str, str]], here: str | None = None) -> bytes:
    items = (
        f'<li><a href="/{target}"{_CURRENT if target == here else ""}>{label}</a></li>'
        for label, target in links
    )
    menu = f'<nav aria-label="Site"><ul>{"".join(items)}</ul></nav>'
    return f'<header class="top">\n<a class="home" href="/">{title}</a>\n{menu}\n</header>'.encode()


def _file(name: str, header: bytes = b"") -> Response:
    if name not in _FILES:
        raise HTTPException(404)
    folder, kind = _FILES[name]
    body = (folder / name).read_bytes().replace(_HEADER, header)
    return Response(body, headers={"content-type": kind, "cache-control": "no-cache"})
