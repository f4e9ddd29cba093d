"""`serve`: an intake on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from jsonschema_tools.commands.config_options import pass_config_options
from jsonschema_tools.commands.console import Console
from jsonschema_tools.commands.extras import require
from jsonschema_tools.commands.options import (
    config_option,
    refresh_option,
    verbose_option,
)
from jsonschema_tools.commands.site_builds import EVENTS_PAGE, site_builder, watched

if TYPE_CHECKING:
    from jsonschema_tools.commands.config_options import ConfigOptions

_LINES = {".json", ".jsonl"}
_DEFAULT_LOG = Path("events.db")


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8192,
    show_default=True,
    help="Port to listen on; 0 takes any that is free.",
)
@click.option(
    "--allowed-host",
    "allowed_hosts",
    multiple=True,
    metavar="NAME",
    help="Answer to this name in the Host header, *.NAME for those below it, '*' for any.  "
    "[default: on a loopback address localhost, elsewhere any name; IP addresses always]",
)
@click.option(
    "--events",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Event log; a name that ends in .json or .jsonl takes lines as well.  "
    "[default: events.db]",
)
@click.option(
    "--kafka",
    metavar="BROKERS",
    help="Send events to Kafka, HOST:PORT,...; to an event log as well, where --events names one.",
)
@click.option(
    "--site", is_flag=True, help="Serve the site of the working tree at /, with events on it."
)
@refresh_option
@config_option
@verbose_option
@pass_config_options
def serve_command(
    options: ConfigOptions,
    *,
    host: str,
    port: int,
    allowed_hosts: tuple[str, ...],
    events: tuple[Path, ...],
    kafka: str | None,
    site: bool,
) -> None:
    """Receive events over HTTP, as EventGate does, and store the valid ones.

    Events are validated against the schemas of the working tree as they are at that moment.
    Everyone who can reach the address can send events: only this machine, unless --host is given.
    """
    config = options.load()
    require("serve", "`serve`")
    if kafka is not None:
        require("kafka", "`serve --kafka`")
    if site:
        require("site", "`serve --site`")
    from jsonschema_tools.intake.server import ServeOptions, SiteOptions, serve
    from jsonschema_tools.outputs import require_inside

    lines = tuple(path for path in events if path.suffix in _LINES)
    logs = [path for path in events if path.suffix not in _LINES]
    if not host:  # all addresses, for a socket: hardly what was meant
        raise click.UsageError("--host is empty; 0.0.0.0 listens on all addresses.")
    if len(logs) > 1:
        raise click.UsageError("--events names more than one event log.")
    log = logs[0] if logs else None if kafka and not lines else _DEFAULT_LOG
    for path in (*lines, *filter(None, [log])):
        require_inside(path.absolute(), config.folders)
    console = Console(config)
    if host not in {"127.0.0.1", "::1", "localhost"}:
        console.warn(f"listening on {host}: others can send events and read them")
    with_site = None
    if site:
        build = site_builder(config, options.config_paths)
        with_site = SiteOptions(build, tuple(watched(config)), EVENTS_PAGE)
    serve(
        ServeOptions(
            config=config,
            host=host,
            port=port,
            events=log,
            kafka=kafka,
            lines=lines,
            site=with_site,
            allowed_hosts=allowed_hosts,
            log_level="info" if options.verbose else "warning",
        ),
        lambda address: click.echo(f"listening on {address}"),
    )
