"""`list`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from jsonschema_tools.commands.config_options import pass_config
from jsonschema_tools.commands.console import aligned
from jsonschema_tools.commands.options import (
    config_option,
    format_option,
    named_streams,
    streams_cell,
    streams_option,
    verbose_option,
)
from jsonschema_tools.errors import EXIT_OK, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from jsonschema_tools.catalog import SchemaFolder
    from jsonschema_tools.config import Config


@click.command("list")
@streams_option
@format_option("text", "json")
@verbose_option
@config_option
@pass_config
def list_command(config: Config, format_: str, *, streams: bool) -> int:
    """List the titles of the repository, with their versions and paths."""
    from jsonschema_tools.catalog import catalog

    entries = catalog(config)
    of = named_streams(config, wanted=streams)
    report = _as_json(entries, of) if format_ == "json" else _as_text(entries, of)
    click.echo(printable(report), nl=False)
    return EXIT_OK


def _as_text(entries: Sequence[SchemaFolder], streams: Mapping[str, Sequence[str]] | None) -> str:
    rows = [
        (
            entry.title,
            ", ".join(map(str, entry.versions)) or "none yet",
            entry.display_path,
            *streams_cell(streams, entry.title),
        )
        for entry in entries
    ]
    return aligned(rows)


def _as_json(entries: Iterable[SchemaFolder], streams: Mapping[str, Sequence[str]] | None) -> str:
    titles = [_title(entry) for entry in entries]
    if streams is not None:
        titles = [{**title, "streams": streams.get(title["title"], [])} for title in titles]
    return json.dumps({"version": 1, "titles": titles}, indent=2) + "\n"


def _title(entry: SchemaFolder) -> dict[str, Any]:
    current = entry.current
    version = current.version if current is not None else None
    return {
        "title": entry.title,
        "fragment": entry.fragment,
        "path": entry.display_path,
        "current": current and {"version": version and str(version), "path": current.display_path},
        "latest": str(entry.latest) if entry.latest is not None else None,
        "versions": [
            {
                "version": str(version),
                "paths": [file.display_path for file in entry.files if file.named == version],
            }
            for version in entry.versions
        ],
    }
