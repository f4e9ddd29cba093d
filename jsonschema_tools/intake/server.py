"""Runs an intake: opens its log, listens, and stops without losing what it accepted."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import socket
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import uvicorn

from jsonschema_tools.errors import ConfigError
from jsonschema_tools.events.registry import Registry
from jsonschema_tools.intake.app import Parts, application
from jsonschema_tools.intake.catalog_routes import CatalogRoutes
from jsonschema_tools.intake.events_route import Background
from jsonschema_tools.intake.follow import LogFollower
from jsonschema_tools.intake.hosts import host_names
from jsonschema_tools.intake.log import Retention
from jsonschema_tools.intake.metrics import Metrics
from jsonschema_tools.intake.page import Refused, page_routes
from jsonschema_tools.intake.process import Processor
from jsonschema_tools.intake.protocol import TimedProtocol, close_slow
from jsonschema_tools.intake.sinks import BothSinks, LogSink
from jsonschema_tools.intake.site_pages import SitePages
from jsonschema_tools.intake.sse import StreamRoute
from jsonschema_tools.intake.stream_source import StreamSource
from jsonschema_tools.intake_settings import read_intake

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from types import FrameType

    from starlette.routing import Route

    from jsonschema_tools.config import Config
    from jsonschema_tools.intake.sinks import Sink
    from jsonschema_tools.intake.site_pages import Build
    from jsonschema_tools.intake_settings import IntakeSettings

_MOST_OPEN = 2**16  # open files, connections included
_OWN_FILES = 64  # that are not connections
_GRACE = 7  # seconds that requests have to end after SIGTERM
_BACKLOG = 2048
#: events are trees without cycles: looking for these less often saves a tenth of the time
_COLLECTING = (50_000, 20, 100)
_SWITCH = 0.001  # seconds after which the thread that writes gets its turn


@dataclass(frozen=True, slots=True)
class SiteOptions:
    """The site that an intake serves.

    Attributes:
        build: builds it.
        watched: the folders and files that it is built from.
        events_page: where events are seen as they come, relative to the root.
    """

    build: Build
    watched: tuple[Path, ...]
    events_page: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions:
    """How an intake runs.

    Attributes:
        config: the settings of the schema repository.
        host: address to listen on.
        port: port to listen on; 0 for any that is free.
        events: the event log; None for none, with Kafka.
        kafka: Kafka's brokers, `HOST:PORT,...`; None without.
        lines: files to which events are appended as lines.
        site: the site to serve; None for the page of events alone.
        allowed_hosts: names that requests may give as `Host`; see `hosts.host_names`.
        log_level: of the server's own messages.
    """

    config: Config
    host: str = "127.0.0.1"
    port: int = 8192
    events: Path | None
    kafka: str | None = None
    lines: tuple[Path, ...] = ()
    site: SiteOptions | None = None
    allowed_hosts: tuple[str, ...] = ()
    log_level: str = "warning"


def serve(options: ServeOptions, listening: Callable[[str], None]) -> None:
    """Run an intake until SIGTERM or SIGINT.

    Args:
        options: how.
        listening: called with its address once it takes requests.

    Raises:
        ConfigError: it cannot listen there, or its log or stream configuration is not usable.
    """
    sys.setswitchinterval(_SWITCH)
    gc.set_threshold(*_COLLECTING)
    with _socket(options.host, options.port) as listener:
        factory = "auto" if sys.platform == "win32" else "uvloop"
        runner = asyncio.Runner(loop_factory=_loop_factory(factory))
        with runner:
            runner.run(_serve(options, listener, listening))


def _most_connections() -> int | None:
    """Return how many connections there may be, so that schemas and the log can be opened as well.

    The limit of open files is raised as far as the system lets us.
    """
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return None
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _MOST_OPEN if hard == resource.RLIM_INFINITY else min(hard, _MOST_OPEN)
    if soft != resource.RLIM_INFINITY and soft < most:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
            soft = most
    return max(min(most, soft) - _OWN_FILES, 1) if soft != resource.RLIM_INFINITY else most


def _loop_factory(name: str) -> Callable[[], asyncio.AbstractEventLoop] | None:
    if name != "uvloop":
        return None
    import uvloop

    return uvloop.new_event_loop


async def _serve(
    options: ServeOptions, listener: socket.socket, listening: Callable[[str], None]
) -> None:
    stopping = asyncio.Event()
    waking: list[Callable[[], None]] = [stopping.set]
    app = _application(options, stopping, waking, listener)
    server = _Server(
        uvicorn.Config(
            app,
            http=TimedProtocol,
            ws="none",
            lifespan="on",
            log_level=options.log_level,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # `RequestContext` reads them
            date_header=True,
            backlog=_BACKLOG,
            limit_concurrency=_most_connections(),
            timeout_keep_alive=75,
            timeout_graceful_shutdown=_GRACE,
        ),
        waking,
        lambda: listening(_address(listener)),
    )
    await server.serve(sockets=[listener])
    if not server.started:
        raise ConfigError("the intake did not start")


def _application(
    options: ServeOptions,
    stopping: asyncio.Event,
    waking: list[Callable[[], None]],
    listener: socket.socket,
) -> Callable[..., Any]:
    config = options.config
    settings = read_intake(config.intake)
    hosts = host_names(listener.getsockname()[0], options.allowed_hosts)
    streams = StreamSource(config)
    metrics = Metrics()
    log = _log_sink(options, settings)
    sink: Sink | None = log
    if options.kafka is not None:
        from jsonschema_tools.intake.kafka import KafkaSink  # the extra `kafka`

        kafka = KafkaSink(options.kafka, settings)
        sink = BothSinks(kafka, log) if log is not None else kafka
    if sink is None:
        raise ConfigError("an intake needs an event log or Kafka")
    registry = Registry.of(config)
    processor = Processor(config, registry, streams, sink, metrics)
    refused = Refused()
    processor.on_refused = refused.add
    routes: list[Route] = []
    closing: list[Callable[[], None]] = []
    if log is not None and options.events is not None:
        waking.append(log.feed.wake)
        follower = LogFollower(options.events, log.feed)
        closing.append(follower.close)
        routes += StreamRoute(
            follower=follower,
            streams=streams,
            prefix=settings.topic_prefix,
            metrics=metrics,
            stopping=stopping,
        ).routes()
    routes += CatalogRoutes(streams, config.schema_base_paths).routes()
    if options.site is None:
        routes += page_routes(refused, streams)
    else:
        address = _for_this_machine(_address(listener))
        pages = SitePages(options.site.build, options.site.watched, address)
        closing.append(pages.close)
        routes += [*page_routes(refused, streams, options.site.events_page), *pages.routes()]
    return application(
        Parts(
            settings=settings,
            processor=processor,
            sink=sink,
            streams=streams,
            metrics=metrics,
            background=Background(),
            routes=routes,
            closing=closing,
            hosts=hosts,
        )
    )


def _log_sink(options: ServeOptions, settings: IntakeSettings) -> LogSink | None:
    if options.events is None:
        return None
    hours = settings.retention_hours
    retention = Retention(
        milliseconds=None if hours is None else int(hours * 3_600_000),
        size=settings.retention_size,
    )
    return LogSink(options.events, options.lines, retention)


class _Server(uvicorn.Server):
    """Says when it listens, and tells those who follow streams when it is to stop."""

    def __init__(
        self,
        config: uvicorn.Config,
        waking: Sequence[Callable[[], None]],
        listening: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self._waking = waking
        self._loop = asyncio.get_running_loop()
        self._listening = listening
        self._closing_slow: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        if self.started:
            self._closing_slow = self._loop.create_task(close_slow(self.server_state.connections))
            self._listening()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop."""
        if self._closing_slow is not None:
            self._closing_slow.cancel()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to stop; a second SIGINT does so at once.

        Unlike uvicorn's own, it ends with status 0: to be stopped is not an error.
        """
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True
        for wake in self._waking:
            self._loop.call_soon_threadsafe(wake)


def _socket(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        reason = error.strerror or str(error)
        raise ConfigError(
            f"cannot listen on {host}:{port}: {reason}",
            hint="choose another with --port; 0 takes any that is free",
        ) from None
    return listener


def _for_this_machine(address: str) -> str:
    """Return an address to connect to, for one that listens everywhere."""
    return address.replace("//0.0.0.0:", "//localhost:").replace("//[::]:", "//localhost:")


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
