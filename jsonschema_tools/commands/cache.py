"""`cache`: show or clear what earlier runs left for later ones."""

from __future__ import annotations

import os.path
from datetime import UTC, datetime
from pathlib import Path

import click

from jsonschema_tools.cache import FOLDER, Cache
from jsonschema_tools.commands.config_options import repository_folder
from jsonschema_tools.commands.options import repository_option
from jsonschema_tools.config_file import find_config
from jsonschema_tools.errors import EXIT_OK, printable
from jsonschema_tools.messages import counted


@click.command("cache")
@click.argument("action", type=click.Choice(["show", "clear"]), default="show")
@click.option("--remote", is_flag=True, help="Downloaded documents instead of results.")
@repository_option
def cache_command(action: str, *, remote: bool, repository: str | None) -> int:
    """Show or clear the results of earlier runs, or the documents that they downloaded.

    Results are in the folder .jsonschema-tools-cache beside the configuration, under the hash of
    all that went into them, so they are never out of date. Downloaded documents are in the user's
    cache folder: versioned ones for good, stream configuration for ten minutes.
    """
    if remote:
        _remote(action)
        return EXIT_OK
    start = (repository_folder(repository) or Path.cwd()).resolve()
    folder = (find_config(start) or start) / FOLDER
    cache = Cache(folder)
    usage = cache.clear() if action == "clear" else cache.usage()
    display_path = os.path.relpath(folder)
    click.echo(_line(display_path, action, usage.entries, usage.size))
    if action == "clear":
        _tell_remote()
    return EXIT_OK


def _remote(action: str) -> None:
    from jsonschema_tools.dereferencing.remote_cache import DocumentCache, cache_folder

    folder = cache_folder()
    if folder is None:
        click.echo("no folder for downloaded documents: JSONSCHEMA_TOOLS_CACHE_DIR is empty")
        return
    cache = DocumentCache(folder)
    entries = cache.clear() if action == "clear" else cache.entries()
    if action == "show":
        for entry in entries:
            downloaded = datetime.fromtimestamp(entry.time, UTC).isoformat(" ", "minutes")
            click.echo(printable(f"{downloaded}  {entry.size:>9,}  {entry.url}"))
    click.echo(_line(str(folder), action, len(entries), sum(entry.size for entry in entries)))


def _tell_remote() -> None:
    """Say that downloaded documents are still there, if any are."""
    from jsonschema_tools.dereferencing.remote_cache import DocumentCache, cache_folder

    if kept := DocumentCache(cache_folder()).entries():
        documents = counted(len(kept), "downloaded document")
        click.echo(f"{documents} still kept; `cache clear --remote` removes them", err=True)


def _line(folder: str, action: str, entries: int, size: int) -> str:
    done = "removed " if action == "clear" else ""
    number = counted(entries, "entry", "entries")
    return f"{folder}: {done}{number}, {size / 2**20:.1f} MiB"
