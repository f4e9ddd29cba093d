"""`explain`: the manual page of a check."""

from __future__ import annotations

import click

from jsonschema_tools.checks import BY_ID, similar
from jsonschema_tools.checks.manual import page, table
from jsonschema_tools.errors import EXIT_OK, ConfigError


@click.command("explain")
@click.argument("check", required=False)
def explain_command(check: str | None) -> int:
    """Explain a check and how to fix its findings.

    Without CHECK, lists all checks.
    """
    if check is None:
        click.echo(table(), nl=False)
        return EXIT_OK
    if check not in BY_ID:
        raise ConfigError(f"check {check!r} not found", hint=similar(check))
    click.echo(page(BY_ID[check]), nl=False)
    return EXIT_OK
