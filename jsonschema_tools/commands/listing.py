"""`list`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from jsonschema_tools.commands.console import aligned
from jsonschema_tools.commands.options import (
    config_from,
    config_option,
    format_option,
    verbose_option,
)
from jsonschema_tools.errors import EXIT_OK, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from jsonschema_tools.catalog import Entry


@click.command("list")
@format_option("text", "json")
@verbose_option
@config_option
def list_command(format_: str, **options: Any) -> int:
    """List the titles of the repository, with their versions and paths."""
    from jsonschema_tools.catalog import catalog

    entries = catalog(config_from(options))
    report = _as_json(entries) if format_ == "json" else _as_text(entries)
    click.echo(printable(report), nl=False)
    return EXIT_OK


def _as_text(entries: Sequence[Entry]) -> str:
    rows = [
        (entry.title, ", ".join(map(str, entry.versions)) or "none yet", entry.shown)
        for entry in entries
    ]
    return aligned(rows)


def _as_json(entries: Iterable[Entry]) -> str:
    titles = [_title(entry) for entry in entries]
    return json.dumps({"version": 1, "titles": titles}, indent=2) + "\n"


def _title(entry: Entry) -> dict[str, Any]:
    current = entry.current
    version = current.version if current is not None else None
    return {
        "title": entry.title,
        "fragment": entry.fragment,
        "path": entry.shown,
        "current": current and {"version": version and str(version), "path": current.shown},
        "versions": [
            {
                "version": str(version),
                "paths": [file.shown for file in entry.files if file.named == version],
            }
            for version in entry.versions
        ],
    }
