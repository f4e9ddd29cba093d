"""`install-git-hook`."""

from __future__ import annotations

import os.path
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jsonschema_tools.commands.config_options import pass_config_options
from jsonschema_tools.commands.options import (
    base_path_argument,
    config_option,
    verbose_option,
)
from jsonschema_tools.errors import EXIT_OK, printable
from jsonschema_tools.git.hook import Hook, line, script
from jsonschema_tools.git.work_tree import open_work_tree

if TYPE_CHECKING:
    from jsonschema_tools.commands.config_options import ConfigOptions
    from jsonschema_tools.config import Config


@click.command("install-git-hook")
@base_path_argument
@click.option("--chain", is_flag=True, help="Keep an existing hook, and run it first.")
@click.option("--uninstall", is_flag=True, help="Remove the hook; restore an earlier one.")
@click.option("-n", "--dry-run", is_flag=True, help="Only report what would be done.")
@verbose_option
@config_option
@pass_config_options
def install_git_hook_command(options: ConfigOptions, *, chain: bool, uninstall: bool) -> int:
    """Materialize staged schemas before every commit, by a git hook.

    The hook runs `materialize-modified --staged`. Where git looks for hooks in a folder of your
    own (core.hooksPath), it goes there. A hook that is there already is not touched without
    --chain.
    """
    config = options.load()
    tree = open_work_tree(config.schema_base_paths[0])
    hook = Hook.of(tree)
    if uninstall:
        return _uninstall(hook, config, _folder(config, tree.root))
    if chain:
        hook.refuse_second()
    else:
        hook.refuse_foreign()
    folder, arguments = _call(config, tree.root, options)
    if not config.dry_run:
        hook.install(script((hook.lines() | {folder: line(folder, arguments)}).values()))
    _say("would install" if config.dry_run else "installed", hook)
    return EXIT_OK


def _uninstall(hook: Hook, config: Config, folder: str) -> int:
    if not hook.is_ours:
        click.echo(printable(f"no hook of jsonschema-tools at {hook.path}"), err=True)
        return EXIT_OK
    others = {name: line for name, line in hook.lines().items() if name != folder}
    if not config.dry_run and others:
        hook.install(script(others.values()))
    elif not config.dry_run:
        hook.uninstall()
    verb = "would remove" if config.dry_run else "removed"
    _say(f"{verb} {folder} from" if others else verb, hook)
    return EXIT_OK


def _say(verb: str, hook: Hook) -> None:
    click.echo(printable(f"{verb} {hook.path}"))


def _folder(config: Config, top: Path) -> str:
    """Return the folder that the hook goes to: the root, or from elsewhere the top."""
    inside = config.root.is_relative_to(top)
    return f"./{config.root.relative_to(top) if inside else Path()}"


def _call(config: Config, top: Path, options: ConfigOptions) -> tuple[str, list[str]]:
    """Return the folder that the hook goes to, relative to the top, and the program's arguments."""
    folder = _folder(config, top)
    here = config.working_directory
    files = [here / file for file in options.config_paths]
    base = options.schema_base_path or not config.root.is_relative_to(top)
    if here.is_relative_to(top):  # where the repository is moved as a whole, paths stay right
        files = [Path(os.path.relpath(file, top / folder)) for file in files]
    arguments = ["materialize-modified", "--staged", *(f"--config-paths={f}" for f in files)]
    if base:
        path = os.path.relpath(config.schema_base_paths[0].resolve(), top.resolve() / folder)
        arguments += ["--", path]
    return folder, arguments
