"""`each-repository`: a command for every schema repository of one git repository."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from jsonschema_tools.config_file import CONFIG_NAME
from jsonschema_tools.errors import EXIT_OK, EXIT_USAGE, SchemaToolsError, printable
from jsonschema_tools.git.work_tree import open_work_tree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jsonschema_tools.git.work_tree import WorkTree

_NAMES_SETTINGS = ("-C", "--config-paths", "--repository")


@click.command(
    "each-repository",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def each_repository_command(command: tuple[str, ...]) -> int:
    """Run COMMAND in each schema repository of the git repository that we are in.

    A schema repository is a folder, from the working directory downwards, with a configuration
    file that git does not ignore; one inside another does not count. If files in some of them are
    staged, COMMAND runs only in those. If no schema repository is found, or COMMAND
    has --repository or --config-paths itself, it runs once, in the working directory.
    """
    if any(argument.startswith(_NAMES_SETTINGS) for argument in command):
        return _run(command)
    folders = _repositories(open_work_tree(Path.cwd()), Path.cwd())
    statuses = [_run(["--repository", str(folder), *command]) for folder in folders]
    return max(statuses, default=EXIT_OK) if folders else _run(command)


def _repositories(tree: WorkTree, top: Path) -> list[Path]:
    """Return the folders of schema repositories, those that the next commit touches if any."""
    known = {*tree.indexed([top]), *tree.untracked([top])}
    folders = {path.parent for path in known if path.name == CONFIG_NAME and path.is_file()}
    outermost = sorted(folder for folder in folders if folders.isdisjoint(folder.parents))
    staged = tree.staged([top])
    touched = [f for f in outermost if any(path.is_relative_to(f) for path in staged)]
    return touched or outermost


def _run(arguments: Sequence[str]) -> int:
    """Run the program; return its exit status."""
    from jsonschema_tools.cli import cli

    try:
        status = cli.main([*arguments], prog_name="jsonschema-tools", standalone_mode=False)
    except SchemaToolsError as error:
        click.echo(printable(str(error)), err=True)
        return error.exit_status
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        error.show()
        return EXIT_USAGE
    return status if isinstance(status, int) else EXIT_OK
