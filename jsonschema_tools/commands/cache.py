"""`cache`: show or clear what `check` remembers."""

from __future__ import annotations

from pathlib import Path

import click

from jsonschema_tools.cache import FOLDER, Cache
from jsonschema_tools.errors import EXIT_OK


@click.command("cache")
@click.argument("action", type=click.Choice(["show", "clear"]), default="show")
def cache_command(action: str) -> int:
    """Show or clear what `check` remembers of earlier runs.

    It is kept in the folder .jsonschema-tools-cache of the working directory, under the hash of
    all that went into it. So it is never out of date, and clearing it costs nothing but time.
    """
    cache = Cache(Path.cwd() / FOLDER)
    usage = cache.clear() if action == "clear" else cache.usage()
    done = "removed " if action == "clear" else ""
    plural = "y" if usage.entries == 1 else "ies"
    click.echo(f"{FOLDER}: {done}{usage.entries:,} entr{plural}, {usage.size / 2**20:.1f} MiB")
    return EXIT_OK
