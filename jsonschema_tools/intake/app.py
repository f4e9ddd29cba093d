"""The ASGI application of an intake: its routes, and the headers that all answers have."""

from __future__ import annotations

import asyncio
import contextlib
import re
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from jsonschema_tools._version import __version__
from jsonschema_tools.intake import answers
from jsonschema_tools.intake.enrich import RequestContext
from jsonschema_tools.intake.events_route import Background, EventsRoute, headers_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, MutableMapping, Sequence

    from starlette.requests import Request

    from jsonschema_tools.intake.answers import Answer, Send
    from jsonschema_tools.intake.hosts import HostNames
    from jsonschema_tools.intake.metrics import Metrics
    from jsonschema_tools.intake.process import Processor
    from jsonschema_tools.intake.sinks import Sink
    from jsonschema_tools.intake.stream_source import StreamSource
    from jsonschema_tools.intake_settings import IntakeSettings
    from jsonschema_tools.values import Json

#: methods for which EventGate says that nothing is found; for others RFC 9110, section 15.5.6 holds
_AS_EVENTGATE = frozenset({"GET", "HEAD", "PUT", "DELETE"})
_EVENTS = re.compile(r"/v1/events/?", re.IGNORECASE)
_CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "object-src 'none'; frame-ancestors 'self'; base-uri 'none'"
)
_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"x-xss-protection", b"1; mode=block"),
    (b"content-security-policy", _CSP.encode()),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What an application is made of.

    Attributes:
        settings: of the intake.
        processor: takes events.
        sink: where accepted events go.
        streams: the stream configuration.
        metrics: counts.
        background: what goes on after an answer.
        routes: further routes.
        closing: called at the end.
        hosts: the names under which it answers; None for any.
    """

    settings: IntakeSettings
    processor: Processor
    sink: Sink
    streams: StreamSource
    metrics: Metrics
    background: Background
    routes: Sequence[Route] = ()
    closing: Sequence[Callable[[], None]] = ()
    hosts: HostNames | None = None


def application(parts: Parts) -> Callable[..., Any]:
    """Return the ASGI application of an intake."""
    events = EventsRoute(
        parts.processor,
        parts.sink,
        parts.metrics,
        parts.settings.max_body_size,
        parts.background,
    )

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        watching = asyncio.create_task(parts.streams.watch())
        yield
        watching.cancel()
        await parts.background.finish()
        await parts.sink.close()
        for close in parts.closing:
            close()

    starlette = Starlette(
        routes=[*_own_routes(parts, events), *parts.routes],
        exception_handlers={HTTPException: _http_problem, Exception: _bug},
        lifespan=lifespan,
    )
    return _Front(starlette, events, parts.settings.cors, parts.hosts)


class _Front:
    """Takes the shortest way to the intake, and gives all answers their headers."""

    def __init__(
        self, rest: Starlette, events: EventsRoute, cors: str | None, hosts: HostNames | None
    ) -> None:
        self._rest = rest
        self._events = events
        self._hosts = hosts
        self._headers = list(_HEADERS)
        if cors is not None:
            self._headers += [
                (b"access-control-allow-origin", cors.encode()),
                (b"access-control-allow-headers", b"accept, x-requested-with, content-type"),
                (b"access-control-expose-headers", b"etag"),
                (b"access-control-allow-methods", b"post"),
            ]

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Send) -> None:
        if scope["type"] != "http":
            await self._rest(scope, receive, send)
            return

        async def with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *self._headers]
            await send(message)

        if self._hosts is not None:
            for name, value in scope["headers"]:
                if name == b"host" and not self._hosts.take(value):
                    await _misdirected(value).send(with_headers)
                    return
        if _EVENTS.fullmatch(scope["path"]) is None:
            await self._rest(scope, receive, with_headers)
        elif scope["method"] == "POST":
            await self._events(scope, receive, with_headers)
        elif scope["method"] == "OPTIONS":
            answer = answers.Answer(200, b"POST", b"text/plain", ((b"allow", b"POST"),))
            await answer.send(with_headers)
        elif scope["method"] in _AS_EVENTGATE:
            await _not_found(scope).send(with_headers)
        else:
            allow = ((b"allow", b"POST, OPTIONS"),)
            answer = answers.problem(405, "Method Not Allowed", "POST events here")
            await replace(answer, headers=(*answer.headers, *allow)).send(with_headers)


def _own_routes(parts: Parts, events: EventsRoute) -> list[Route]:
    info = {
        "name": parts.settings.service_name,
        "version": __version__,
        "description": "Event intake of jsonschema-tools",
        "home": "https://wikitech.wikimedia.org/wiki/Event_Platform",
    }

    async def show_info(request: Request) -> Response:
        name = request.path_params.get("name")
        if name == "home":
            return Response(status_code=301, headers={"location": info["home"]})
        if name is not None and name not in info:
            raise HTTPException(404)
        return response(answers.json_answer(info if name is None else {name: info[name]}))

    async def health(_: Request) -> Response:
        if parts.sink.is_busy():
            return response(answers.BUSY)
        return response(answers.json_answer({"status": "ok"}))

    async def metrics(_: Request) -> Response:
        kind = "text/plain; version=0.0.4; charset=utf-8"
        return Response(parts.metrics.text(), headers={"content-type": kind})

    async def robots(_: Request) -> Response:
        return PlainTextResponse("User-agent: *\nDisallow: /\n")

    async def test_events(request: Request) -> Response:
        if not parts.settings.test_events:
            raise HTTPException(404)
        client = request.client.host if request.client else None
        context = RequestContext(headers_of(request.scope), {}, client)
        body: Json = [*deepcopy(parts.settings.test_events)]
        return response(await events.answer(body, context))

    return [
        Route("/_info", show_info),
        Route("/_info/{name}", show_info),
        Route("/healthz", health),
        Route("/metrics", metrics),
        Route("/robots.txt", robots),
        Route("/v1/_test/events", test_events),
    ]


def response(answer: Answer) -> Response:
    """Return an answer as Starlette's."""
    headers = {name.decode(): value.decode() for name, value in answer.headers}
    if answer.content_type is not None:
        headers["content-type"] = answer.content_type.decode()
    return Response(answer.body, answer.status, headers)


def _not_found(scope: MutableMapping[str, Any]) -> Answer:
    return answers.problem(
        404, "Not Found", f"nothing answers {scope['method']} here; POST events to /v1/events"
    )


def _misdirected(host: bytes) -> Answer:
    return answers.problem(
        421,
        "Misdirected Request",
        f"this intake does not answer as {host.decode('latin-1')!r:.100}; "
        "`serve --allowed-host NAME` adds a name",
        closes=True,
    )


async def _http_problem(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == 404:
        return response(_not_found(request.scope))
    detail = str(getattr(error, "detail", "")) or "the request cannot be answered"
    answer = response(answers.problem(status, detail.partition(":")[0], detail))
    answer.headers.update(getattr(error, "headers", None) or {})
    return answer


async def _bug(_: Request, error: Exception) -> Response:
    title = "Internal Server Error"
    return response(answers.problem(500, title, "a bug in the intake; its log says more"))
