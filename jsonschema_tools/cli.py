"""The command line: which commands there are; each is loaded only when it is called."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

import click

from jsonschema_tools._version import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping


class Command(NamedTuple):
    """A command as `--help` lists it.

    Attributes:
        module: its module below `jsonschema_tools.commands`.
        help: one line.
        group: the heading under which `--help` lists it.
    """

    module: str
    help: str
    group: str


_AUTHOR, _CHECK, _GIT, _EVENTS = "Author schemas", "Check", "Git and CI", "Events"
_LAKE, _PUBLISH = "Tables", "Publish"

_REPOSITORY = "Folder of the schema repository.  [default: the working directory]"

#: the order of `--help`
COMMANDS: Mapping[str, Command] = {
    "init": Command("init", "Start a new schema repository.", _AUTHOR),
    "new": Command("new", "Start a new schema.", _AUTHOR),
    "dereference": Command(
        "materialize", "Print schemas with every $ref resolved and allOf merged.", _AUTHOR
    ),
    "materialize": Command("materialize", "Write the versioned files of schemas.", _AUTHOR),
    "materialize-all": Command(
        "materialize", "Write the versioned files of every current schema.", _AUTHOR
    ),
    "bump": Command(
        "bump", "Determine the version bump that a change needs, and apply it.", _AUTHOR
    ),
    "diff": Command("diff", "Show what changed between versions.", _AUTHOR),
    "outdated": Command(
        "outdated", "Find schemas that pin an older version of a fragment.", _AUTHOR
    ),
    "graph": Command("graph", "Show which schema uses which fragment.", _AUTHOR),
    "list": Command("listing", "List titles, versions and paths.", _AUTHOR),
    "schema": Command("schema", "Print the JSON Schema of a file that you write.", _AUTHOR),
    "check": Command("check", "Check that the repository is sound.", _CHECK),
    "explain": Command("explain", "Explain a check and how to fix its findings.", _CHECK),
    "generate-tests": Command("generate_tests", "Write the repository's pytest suite.", _CHECK),
    "cache": Command("cache", "Show or clear the cached results of earlier runs.", _CHECK),
    "materialize-modified": Command(
        "modified", "Write and stage the versioned files of schemas changed in git.", _GIT
    ),
    "build-modified": Command(
        "modified", "Like materialize-modified, but do not stage the files.", _GIT
    ),
    "each-repository": Command(
        "each_repository", "Run a command in each schema repository of a git repository.", _GIT
    ),
    "install-git-hook": Command("hook", "Materialize staged schemas before every commit.", _GIT),
    "validate": Command("validate", "Validate events against the schemas that they name.", _EVENTS),
    "streams": Command("streams", "List or show stream configuration.", _EVENTS),
    "serve": Command("serve", "Receive events over HTTP and store the valid ones.", _EVENTS),
    "produce": Command("produce", "Send events to an intake.", _EVENTS),
    "consume": Command("consume", "Print the events of a log or of streams.", _EVENTS),
    "canary": Command("canary", "Send an example event to each stream.", _EVENTS),
    "table": Command("table", "Print the table that a schema becomes.", _LAKE),
    "load": Command("load", "Load events into tables.", _LAKE),
    "site": Command("site", "Write a static site of the repository.", _PUBLISH),
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
        module = import_module(f"jsonschema_tools.commands.{COMMANDS[cmd_name].module}")
        command: click.Command = getattr(module, f"{cmd_name.replace('-', '_')}_command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command named by the arguments; suggest one for a misspelt name."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            from jsonschema_tools.messages import closest

            close = closest(name, COMMANDS)
            hint = f" Did you mean {close!r}?" if close else ""
            ctx.fail(f"No such command {name!r}.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands, group by group."""
        for group in dict.fromkeys(entry.group for entry in COMMANDS.values()):
            rows = [(name, entry.help) for name, entry in COMMANDS.items() if entry.group == group]
            with formatter.section(group):
                formatter.write_dl(rows)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="jsonschema-tools")
@click.option("--repository", metavar="FOLDER", help=_REPOSITORY)
def cli(**_: object) -> None:
    """Keep a git repository of versioned JSON Schemas.

    An author edits current.yaml and bumps the version in its $id; this tool materializes it into
    immutable versioned files and proves that the repository is sound.
    """
