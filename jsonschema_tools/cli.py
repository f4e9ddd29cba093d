"""The command line: which commands there are; each is loaded only when it is called."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import click

from jsonschema_tools._version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

#: name -> (module below jsonschema_tools.commands, one line of help); the order of `--help`
COMMANDS: Mapping[str, tuple[str, str]] = {
    "dereference": ("materialize", "Print schemas with every $ref resolved and allOf merged."),
    "materialize": ("materialize", "Write the versioned files of schemas."),
    "materialize-all": ("materialize", "Write the versioned files of every current schema."),
    "materialize-modified": ("modified", "Write the versioned files of schemas changed in git."),
    "build-modified": ("modified", "The same, leaving git's index alone."),
    "install-git-hook": ("hook", "Materialize staged schemas before every commit."),
    "check": ("check", "Check that the repository is sound."),
    "explain": ("explain", "Say what a check is for and how to mend what it finds."),
    "generate-tests": ("generate_tests", "Write the pytest suite of the repository."),
    "diff": ("diff", "Say what changed between versions."),
    "bump": ("bump", "Name the version bump that a change needs, and make it."),
    "outdated": ("outdated", "Find schemas that pin an older version of a fragment."),
    "graph": ("graph", "Show which schema uses which fragment."),
    "list": ("listing", "List titles, versions and paths."),
    "new": ("new", "Start a new schema."),
    "init": ("init", "Start a new schema repository."),
    "cache": ("cache", "Show or clear what was remembered of earlier runs."),
}


class LazyGroup(click.Group):
    """A group that imports a command when it is called, not to list it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return one command."""
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"jsonschema_tools.commands.{COMMANDS[cmd_name][0]}")
        command: click.Command = getattr(module, f"{cmd_name.replace('-', '_')}_command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command named by the arguments; suggest one for a misspelt name."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            from difflib import get_close_matches

            close = get_close_matches(name, COMMANDS, n=1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            ctx.fail(f"No such command {name!r}.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of commands."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="jsonschema-tools")
def cli() -> None:
    """Keep a git repository of versioned JSON Schemas.

    An author edits current.yaml and bumps the version in its $id; this tool materializes it into
    immutable versioned files and proves that the repository is sound.
    """
