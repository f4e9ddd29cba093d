"""`init`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from jsonschema_tools.errors import EXIT_OK, printable

if TYPE_CHECKING:
    from jsonschema_tools.authoring.new_repository import Ci

_NEXT = """\
next:
  pip install -r requirements.txt pre-commit && pre-commit install
  jsonschema-tools new my_namespace/other_thing_happened
  jsonschema-tools check"""

_REPLACE = (
    "warning: requirements.txt: write where jsonschema-tools can be installed from; this one came "
    "from a folder, which others do not have"
)


@click.command("init")
@click.argument("folder", required=False, default=".")
@click.option(
    "--ci",
    type=click.Choice(["github", "gitlab", "none"]),
    default="github",
    show_default=True,
    help="CI provider to configure.",
)
@click.option("--keep", is_flag=True, help="Keep existing files; write the rest.")
def init_command(folder: str, ci: Ci, keep: bool) -> int:
    """Start a schema repository in FOLDER, by default here.

    Writes a configuration, a common fragment, an example schema, the pytest suite, pre-commit and
    CI files, and materializes the schemas. Never overwrites: if one of the files exists, nothing
    is written. After an `init` that was interrupted, the next one writes what is missing.
    """
    from jsonschema_tools.authoring.installed import requirement
    from jsonschema_tools.authoring.new_repository import (
        missing,
        new_repository,
        refuse_existing,
        unfinished,
    )
    from jsonschema_tools.commands.generate_tests import SUITE
    from jsonschema_tools.outputs import remove_left_over, require_inside

    root = Path(folder).resolve()
    outputs = new_repository(root, ci, SUITE)
    outputs = missing(outputs, root) if keep else unfinished(outputs, root)
    refuse_existing(outputs, root)
    for output in outputs:
        require_inside(output.path.parent, [root])
    for place in {output.path.parent for output in outputs}:
        remove_left_over(place)
    for output in outputs:
        output.write()
    for output in outputs:  # when all is there: the reader of this output may go away
        click.echo(printable(f"wrote {output.path.relative_to(root)}"))
    if any(output.path.name == "requirements.txt" for output in outputs) and (
        not requirement().is_known
    ):
        click.echo(_REPLACE, err=True)
    click.echo(_NEXT, err=True)
    return EXIT_OK
