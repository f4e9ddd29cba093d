"""`install-git-hook`."""

from __future__ import annotations

import os.path
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jsonschema_tools.commands.options import (
    base_path_argument,
    config_from,
    config_option,
    verbose_option,
)
from jsonschema_tools.errors import EXIT_OK, printable
from jsonschema_tools.git.hook import Hook, script
from jsonschema_tools.git.work_tree import open_work_tree

if TYPE_CHECKING:
    from jsonschema_tools.config import Config


@click.command("install-git-hook")
@base_path_argument
@click.option("--chain", is_flag=True, help="Keep an existing hook, and run it first.")
@click.option("--uninstall", is_flag=True, help="Remove the hook; restore an earlier one.")
@click.option("-n", "--dry-run", is_flag=True, help="Only report what would be done.")
@verbose_option
@config_option
def install_git_hook_command(*, chain: bool, uninstall: bool, **options: Any) -> int:
    """Materialize staged schemas before every commit, by a git hook.

    The hook runs `materialize-modified --staged`. Where git looks for hooks in a folder of your
    own (core.hooksPath), it goes there. A hook that is there already is not touched without
    --chain.
    """
    config = config_from(options)
    tree = open_work_tree(config.schema_base_paths[0])
    hook = Hook.of(tree)
    if uninstall:
        return _uninstall(hook, config)
    if chain:
        hook.refuse_second()
    else:
        hook.refuse_foreign()
    text = script(*_call(config, tree.root, options))
    if not config.dry_run:
        hook.install(text)
    _say("would install" if config.dry_run else "installed", hook)
    return EXIT_OK


def _uninstall(hook: Hook, config: Config) -> int:
    if not hook.is_ours:
        click.echo(printable(f"no hook of jsonschema-tools at {hook.path}"), err=True)
        return EXIT_OK
    if not config.dry_run:
        hook.uninstall()
    _say("would remove" if config.dry_run else "removed", hook)
    return EXIT_OK


def _say(verb: str, hook: Hook) -> None:
    click.echo(printable(f"{verb} {hook.path}"))


def _call(config: Config, top: Path, options: dict[str, Any]) -> tuple[Path, list[str]]:
    """Return the folder that the hook goes to, relative to the top, and the program's arguments.

    The hook works from where we were called; from outside of the repository, at its top.
    """
    inside = config.root.is_relative_to(top)
    files, base = options.get("config_paths") or [], options.get("schema_base_path")
    if not inside:
        files = [str(config.root / file) for file in files]
        base = os.path.relpath(config.schema_base_paths[0].resolve(), top)
    arguments = ["materialize-modified", "--staged", *(f"--config-paths={f}" for f in files)]
    folder = config.root.relative_to(top) if inside else Path()
    return folder, [*arguments, "--", base] if base else arguments
