"""`materialize-modified` and `build-modified`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import click

from jsonschema_tools.commands.config_options import pass_config, pass_config_options
from jsonschema_tools.commands.console import Console
from jsonschema_tools.commands.options import base_path_argument, common_options
from jsonschema_tools.errors import EXIT_FAILED, EXIT_OK, ConfigError, SchemaToolsError
from jsonschema_tools.git.modified import StagedFiles, checkout_of, checkouts, find_modified, read
from jsonschema_tools.repository import matches_ignored
from jsonschema_tools.values import get_field

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from jsonschema_tools.authoring.dependencies import Dependency
    from jsonschema_tools.commands.config_options import ConfigOptions
    from jsonschema_tools.config import Config
    from jsonschema_tools.git.modified import Checkout, Modified
    from jsonschema_tools.materialization import Source

_F = TypeVar("_F", bound="Callable[..., Any]")

_MOST_LISTED = 5  # schemas that a warning names


def _git_options(function: _F) -> _F:
    staged = click.option(
        "-s", "--staged", is_flag=True, help="Use staged files instead of the working tree."
    )
    no_add = click.option(
        "-G", "--no-git-add", is_flag=True, help="Do not stage the written files."
    )
    fail = click.option(
        "--fail-if-written",
        is_flag=True,
        help="Exit with 1 if something was written.",
    )
    return staged(no_add(fail(function)))


@click.command("materialize-modified")
@base_path_argument
@common_options
@_git_options
@pass_config
def materialize_modified_command(config: Config, *, fail_if_written: bool) -> int:
    """Write the versioned files of the current schemas that changed, and add them to git.

    New files that git does not know yet count as changed. With --staged the schemas are
    materialized as they are staged, whatever the working tree holds.
    """
    return _materialize_modified(config, fail_if_written=fail_if_written)


@click.command("build-modified")
@base_path_argument
@common_options
@_git_options
@pass_config_options
def build_modified_command(options: ConfigOptions, *, fail_if_written: bool) -> int:
    """Write the versioned files of the current schemas that changed; leave git's index alone."""
    config = replace(options, no_git_add=True).load()
    return _materialize_modified(config, fail_if_written=fail_if_written)


def _materialize_modified(config: Config, *, fail_if_written: bool) -> int:
    where = checkouts(config)
    if not (modified := find_modified(where, config)):
        _tell_nothing_changed(where, config)
        return EXIT_OK
    # what follows is not loaded for the many commits that touch no schema
    from jsonschema_tools.commands.writing_sources import write_sources
    from jsonschema_tools.materialization import Materializer

    staged = StagedFiles(where, config) if config.git_staged else None
    sources, errors = _read(modified, config, staged)
    for error in errors:
        Console(config).error(error)
    materializer = Materializer(config, staged.document if staged else None)
    written = write_sources(materializer, sources, config)
    if config.should_git_add and not config.dry_run:
        _add(written.paths, where, config)
    _tell_more(sources, staged, config)
    if fail_if_written and written.changed:
        click.echo("review what was written; the next commit will include it", err=True)
        return EXIT_FAILED
    return EXIT_FAILED if errors or written.failures else EXIT_OK


def _read(
    modified: Iterable[Modified], config: Config, staged: StagedFiles | None
) -> tuple[list[Source], list[SchemaToolsError]]:
    from jsonschema_tools.materialization import Source

    sources, errors = [], []
    for file in modified:
        try:
            document = read(file, config, staged)
            identifier = get_field(document.data, "$id")
            if not matches_ignored(identifier if isinstance(identifier, str) else "", config):
                sources.append(Source(document, file.path.parent))
        except SchemaToolsError as error:
            errors.append(error)
    return sources, errors


def _add(paths: Iterable[Path], where: Iterable[Checkout], config: Config) -> None:
    for checkout in where:
        mine = [path for path in paths if checkout_of(path, where) is checkout]
        for path in checkout.tree.add(mine):
            Console(config).warn(
                f"{config.display_path(path)} is ignored by git, so it was not added"
            )


def _tell_nothing_changed(where: Iterable[Checkout], config: Config) -> None:
    console = Console(config)
    if config.git_staged:
        console.info(f"no {config.current_name} is staged")
        return
    if not any(base.is_dir() for base in config.schema_base_paths):
        raise ConfigError(f"folder {config.display_path(config.schema_base_paths[0])} not found")
    console.info(f"no {config.current_name} has changed since it was last added to git")
    name = config.current_name
    count = sum(
        path.name == name for checkout in where for path in checkout.tree.staged(checkout.folders)
    )
    if count:
        console.warn(f"{count} {name} staged and not changed since: --staged looks at these")


def _tell_more(sources: list[Source], staged: StagedFiles | None, config: Config) -> None:
    console = Console(config)
    for path in staged.overlooked() if staged else ():
        console.warn(
            f"{config.display_path(path)} was used and is not staged: `git add` it as well"
        )
    field = config.schema_title_field
    titles = [str(get_field(source.document.data, field)) for source in sources]
    fragments = [t for t in titles if config.fragment_schemas.match(t)]
    if fragments:
        _tell_users(fragments, config)


def _tell_users(fragments: list[str], config: Config) -> None:
    """Say which schemas use the fragments that changed, and which stay with an older version."""
    from jsonschema_tools.authoring.dependencies import uses
    from jsonschema_tools.catalog import catalog

    console = Console(config)
    found = uses(catalog(config), config)
    for title in fragments:
        users = {use.user.title: use for use in found if use.used == title}
        older = {u.user.title: u.label for u in found if u.used == title and _is_older(u)}
        console.info(f"{title} is used by {', '.join(users) or 'no schema'}")
        if older:
            listed = [f"{user} ({label})" for user, label in [*older.items()][:_MOST_LISTED]]
            more = f" and {len(older) - _MOST_LISTED} more" if len(older) > _MOST_LISTED else ""
            console.warn(
                f"of {len(users)} schemas that use {title} {len(older)} pin an older version: "
                f"{', '.join(listed)}{more}"
            )


def _is_older(use: Dependency) -> bool:
    current = use.entry.current if use.entry else None
    now = current.version if current else None
    return now is not None and use.pinned is not None and use.pinned < now
