"""`schema`: the JSON Schemas of what users write."""

from __future__ import annotations

import click

from jsonschema_tools.errors import EXIT_OK


@click.command("schema")
@click.argument("what", type=click.Choice(["config"]))
def schema_command(what: str) -> int:
    """Print the JSON Schema of a file that you write, for editors and other tools.
    """
    if what == "config":
        from jsonschema_tools.config_schema import config_schema_text

        click.echo(config_schema_text(), nl=False)
    return EXIT_OK
