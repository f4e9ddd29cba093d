"""`streams`: the stream configuration, as the platform reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from jsonschema_tools.commands.config_options import pass_config
from jsonschema_tools.commands.console import Console, aligned
from jsonschema_tools.commands.options import (
    config_option,
    format_option,
    refresh_option,
    verbose_option,
)
from jsonschema_tools.errors import EXIT_FAILED, EXIT_OK, printable
from jsonschema_tools.messages import json_text
from jsonschema_tools.values import as_list

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jsonschema_tools.config import Config
    from jsonschema_tools.values import Json


@click.command("streams")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--constraints",
    multiple=True,
    metavar="SETTING=VALUE",
    help="Only streams with this setting; SETTING[PART]=VALUE for a nested one.",
)
@click.option(
    "--unused", is_flag=True, help="Show schemas without a stream, and deprecated streams."
)
@format_option("text", "json")
@refresh_option
@config_option
@verbose_option
@pass_config
def streams_command(
    config: Config,
    names: tuple[str, ...],
    *,
    constraints: tuple[str, ...],
    unused: bool,
    format_: str,
) -> int:
    """List the streams of the configuration, or show the settings of some.

    Defaults are filled in, and topics made from prefixes, as the API of EventStreamConfig does.
    """
    from jsonschema_tools.events.constraints import parse_constraints
    from jsonschema_tools.events.stream_files import require_streams

    streams = require_streams(config)
    for warning in streams.warnings:
        Console(config).warn(warning)
    if unused:
        return _show_unused(config, format_)
    found = streams.select(names, parse_constraints(constraints))
    if format_ == "json":
        click.echo(json_text({"streams": found}), nl=False)
    else:
        click.echo(printable(_details(found) if names else _list(found)), nl=False)
    unknown = [name for name in names if streams.find(name) is None]
    for name in unknown:
        Console(config).warn(f"stream not found: {name}")
    return EXIT_FAILED if unknown else EXIT_OK


def _list(found: Mapping[str, Mapping[str, Json]]) -> str:
    return aligned(
        [
            (
                name,
                str(settings.get("schema_title") or "(no schema_title)"),
                ", ".join(map(str, as_list(settings["topics"]))),
            )
            for name, settings in found.items()
        ]
    )


def _details(found: Mapping[str, Mapping[str, Json]]) -> str:
    from jsonschema_tools.serialization import serialize

    return serialize({name: dict(settings) for name, settings in found.items()})


def _show_unused(config: Config, format_: str) -> int:
    from jsonschema_tools.events.usage import unused

    rows = unused(config)
    if format_ == "json":
        click.echo(json_text([row._asdict() for row in rows]), nl=False)
    else:
        cells = [(row.title, row.stream or "", row.why) for row in rows]
        click.echo(printable(aligned(cells)), nl=False)
    return EXIT_OK
