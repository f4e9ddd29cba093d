"""`diff`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from jsonschema_tools.authoring.diff import added_since, between
from jsonschema_tools.authoring.diff_formats import REPORTS
from jsonschema_tools.commands.config_options import pass_config_options
from jsonschema_tools.commands.console import Console
from jsonschema_tools.commands.options import (
    config_option,
    format_option,
    policy_option,
    refresh_option,
    verbose_option,
)
from jsonschema_tools.errors import EXIT_FAILED, EXIT_OK, printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from jsonschema_tools.authoring.diff import VersionDiff
    from jsonschema_tools.commands.config_options import ConfigOptions
    from jsonschema_tools.config import Config


@click.command("diff")
@click.argument("paths", nargs=-1, metavar="[SCHEMA_BASE_PATH | TITLE | OLD NEW]")
@click.option(
    "-T",
    "--commit",
    metavar="REV",
    help="Compare the versions added since this commit, tag or branch.  [default: HEAD]",
)
@format_option(*REPORTS)
@click.option("--unified", is_flag=True, help="Show a line-by-line diff.")
@policy_option
@refresh_option
@config_option
@verbose_option
@pass_config_options
def diff_command(
    options: ConfigOptions,
    paths: tuple[str, ...],
    *,
    commit: str | None,
    format_: str,
    unified: bool,
) -> int:
    """Show what changed between versions.

    Compares each version that was added since a commit with the version before it; with a title,
    only versions of that schema. With two files, $ids or titles: compares the first with the
    second. A title means its latest version, TITLE/current and a current file what it materializes
    to.
    """
    if len(paths) > 2 or (len(paths) == 2 and commit):
        raise click.UsageError("Name a folder of schemas, or two versions without --commit.")
    base = paths[0] if len(paths) == 1 else None
    config = replace(options, schema_base_path=base).load()
    if len(paths) == 2:
        _print([between(*paths, config)], format_, unified=unified)
        return EXIT_OK
    folders: set[Path] = set()
    if base and not config.schema_base_paths[0].exists():
        without = options.load()
        if folders := _titled(base, without):
            config = without
    return _since(commit or "HEAD", config, folders, format_, unified=unified)


def _titled(name: str, config: Config) -> set[Path]:
    """Return the folders of the titles that a name means."""
    if not all(base.is_dir() for base in config.schema_base_paths):
        return set()
    from jsonschema_tools.catalog import catalog
    from jsonschema_tools.schema_names import titled

    return {entry.path for entry in titled(name, catalog(config))}


def _since(
    revision: str, config: Config, folders: set[Path], format_: str, *, unified: bool
) -> int:
    added, console = added_since(revision, config, folders or None), Console(config)
    for file in added.broken:
        if file.error:
            console.error(file.error)
    if not added.diffs:
        console.warn(f"no version was added since {revision}")
    _print(added.diffs, format_, unified=unified)
    return EXIT_FAILED if added.broken else EXIT_OK


def _print(diffs: Sequence[VersionDiff], format_: str, *, unified: bool) -> None:
    click.echo(printable(REPORTS[format_](diffs, unified=unified)), nl=False)
