"""`graph`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from jsonschema_tools.commands.config_options import pass_config
from jsonschema_tools.commands.console import Console, aligned
from jsonschema_tools.commands.options import (
    config_option,
    format_option,
    verbose_option,
)
from jsonschema_tools.errors import EXIT_FAILED, EXIT_OK, printable
from jsonschema_tools.messages import closest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jsonschema_tools.authoring.dependencies import Dependency
    from jsonschema_tools.catalog import SchemaFolder
    from jsonschema_tools.config import Config
    from jsonschema_tools.versions import Version


@click.command("graph")
@click.option(
    "--of",
    metavar="FRAGMENT",
    help="Show only the schemas that use this one: a title, or TITLE/VERSION.",
)
@click.option("--streams", is_flag=True, help="With --of: show only the streams that it affects.")
@format_option("text", "json", "dot", "mermaid")
@verbose_option
@config_option
@pass_config
def graph_command(config: Config, of: str | None, format_: str, *, streams: bool) -> int:
    """Show which schema uses which fragment, at which version.

    With --of: the schemas that use a fragment, the schemas that use these, and so on.
    """
    from jsonschema_tools.authoring.dependencies import uses
    from jsonschema_tools.authoring.dependency_formats import FORMATS
    from jsonschema_tools.catalog import catalog, unreadable

    entries = catalog(config)
    errors = unreadable(entries)
    for error in errors:
        Console(config).error(error)
    found = uses(entries, config)
    if streams:
        report = _streams_of(of, entries, found, config, format_)
    elif of is None:
        report = FORMATS[format_](entries, found)
    else:
        report = _report_of(of, entries, found, format_)
    click.echo(printable(report), nl=False)
    return EXIT_FAILED if errors else EXIT_OK


def _report_of(
    of: str, entries: Sequence[SchemaFolder], found: Sequence[Dependency], format_: str
) -> str:
    from jsonschema_tools.authoring.dependencies import dependents
    from jsonschema_tools.authoring.dependency_formats import FORMATS, as_json_of, text_of

    title, version = _meant(of, entries, found)
    result = dependents(found, title, version)
    if format_ == "json":
        return as_json_of(result)
    if format_ == "text":
        return text_of(result) or f"nothing uses {of}\n"
    return FORMATS[format_](entries, [one.use for one in result])


def _streams_of(
    of: str | None,
    entries: Sequence[SchemaFolder],
    found: Sequence[Dependency],
    config: Config,
    format_: str,
) -> str:
    """Return the streams whose schema is the one that `--of` names, or uses it."""
    from jsonschema_tools.authoring.dependencies import dependents
    from jsonschema_tools.events.usage import streams_by_title

    if of is None:
        raise click.UsageError("--streams needs --of, the schema or fragment that may change.")
    if format_ not in {"text", "json"}:
        raise click.UsageError("--streams is printed as text or json.")
    title, version = _meant(of, entries, found)
    titles = [title, *(one.use.user.title for one in dependents(found, title, version))]
    by_title = streams_by_title(config)
    rows = [(name, reached) for reached in titles for name in by_title.get(reached, ())]
    if format_ == "json":
        items = [{"stream": name, "title": reached} for name, reached in rows]
        return json.dumps({"version": 1, "streams": items}, indent=2) + "\n"
    return aligned(rows) or f"no stream is affected by {of}\n"


def _meant(
    of: str, entries: Sequence[SchemaFolder], found: Sequence[Dependency]
) -> tuple[str, Version | None]:
    """Return the title and version that `--of` names."""
    from jsonschema_tools import versions

    titles = {entry.name: entry.title for entry in entries}
    titles |= {use.used: use.used for use in found} | {
        entry.title: entry.title for entry in entries
    }
    name = of.strip("/")
    if name in titles:
        return titles[name], None
    name, _, last = name.rpartition("/")
    version = versions.parse(last)
    if name in titles and version is not None:
        return titles[name], version
    raise _unknown(of, list(titles))


def _unknown(of: str, titles: list[str]) -> click.BadParameter:
    close = closest(of, titles)
    hint = f" Did you mean {close!r}?" if close else ""
    return click.BadParameter(printable(f"schema {of!r} not found.{hint}"), param_hint="'--of'")
