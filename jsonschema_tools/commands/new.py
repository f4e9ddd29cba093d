"""`new`."""

from __future__ import annotations

import os.path
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from jsonschema_tools.commands.config_options import pass_config
from jsonschema_tools.commands.console import Console
from jsonschema_tools.commands.options import config_option, verbose_option
from jsonschema_tools.errors import EXIT_OK, printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jsonschema_tools.config import Config
    from jsonschema_tools.outputs import Output


@click.command("new")
@click.argument("title")
@click.option("-d", "--description", metavar="TEXT", help="Description of the schema.")
@click.option(
    "--fragment",
    metavar="TITLE[/VERSION]",
    help="Fragment to begin with; empty for none.  [default: the common fragment, latest]",
)
@click.option("--base-path", metavar="FOLDER", help="Which of several schemaBasePaths to use.")
@verbose_option
@config_option
@pass_config
def new_command(
    config: Config,
    title: str,
    description: str | None,
    fragment: str | None,
    base_path: str | None,
) -> int:
    """Start the schema TITLE: its folder and current file, at version 1.0.0.

    An event schema begins with the common fragment at its latest version, a fragment does not.
    """
    from jsonschema_tools.authoring import new_schema as authoring
    from jsonschema_tools.catalog import catalog
    from jsonschema_tools.outputs import require_inside

    authoring.check_title(title)
    there = tuple(base for base in config.schema_base_paths if base.is_dir())
    entries = catalog(replace(config, schema_base_paths=there))  # the first schema makes the folder
    authoring.refuse_existing(title, entries, config)
    base = authoring.base_path_for(title, config, base_path)
    chosen = None
    if fragment:
        chosen = authoring.parse_fragment(fragment, entries)
    elif fragment is None and not config.fragment_schemas.match(title):
        chosen = authoring.common_fragment(entries, config)
        if chosen is None:
            Console(config).warn("no common fragment was found, so the schema has no `allOf`")
    output = authoring.new_schema(
        title, chosen, config, base=base, description=description or "To be described."
    )
    outputs = [output, *_for_editors(output.path, config)]
    for one in outputs:
        require_inside(one.path, config.folders)
    for one in outputs:
        one.write(tidy=True)
        click.echo(printable(f"wrote {config.display_path(one.path)}"))
    return EXIT_OK


def _for_editors(path: Path, config: Config) -> Iterator[Output]:
    """Yield the schema of current files that the new one names, if it does not exist yet."""
    from jsonschema_tools.authoring.editor import editor_file

    schema = editor_file("current", config)
    names_it = path.suffix != ".json" and path.is_relative_to(config.root)
    if names_it and not os.path.lexists(schema.path):
        yield schema
