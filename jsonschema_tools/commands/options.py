"""Options that several commands share, and the settings that they make up."""

from __future__ import annotations

from dataclasses import replace
from functools import wraps
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from jsonschema_tools.commands.console import Console
from jsonschema_tools.config import load_config
from jsonschema_tools.config_file import CONFIG_NAME, configs_below
from jsonschema_tools.config_schema import properties
from jsonschema_tools.errors import ConfigError
from jsonschema_tools.files import work_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from jsonschema_tools.config import Config

_R = TypeVar("_R")
_F = TypeVar("_F", bound="Callable[..., Any]")


def split(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> list[str]:
    """Split a repeatable option at commas, keeping the order, dropping repetitions."""
    return list(dict.fromkeys(part for value in values for part in value.split(",") if part))


def _split_types(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> list[str]:
    types = split(ctx, param, values)
    if wrong := [name for name in types if name not in {"yaml", "json"}]:
        raise click.BadParameter(f"{wrong[0]!r} is not one of 'yaml', 'json'.")
    return types


#: option -> the configuration key that it overrides; a negated flag turns the key off
_KEYS = {
    "schema_version_field": "schemaVersionField",
    "schema_base_uris": "schemaBaseUris",
    "content_types": "contentTypes",
    "current_name": "currentName",
    "no_dereference": "shouldDereference",
    "no_symlink_extensionless": "shouldSymlinkExtensionless",
    "no_symlink_latest": "shouldSymlinkLatest",
    "dry_run": "dryRun",
    "staged": "gitStaged",
    "no_git_add": "shouldGitAdd",
    "schema_base_path": "schemaBasePath",
    "policy": "compatibilityPolicy",
}

base_uris_option = click.option(
    "-u",
    "--schema-base-uris",
    multiple=True,
    callback=split,
    metavar="URI,...",
    help="Prefixes tried in order to find what a $ref names.",
)
_config_paths_option = click.option(
    "-C",
    "--config-paths",
    multiple=True,
    callback=split,
    metavar="FILE,...",
    help=f"Configuration files, the last one winning.  [default: {CONFIG_NAME}, here or above]",
)
repository_option = click.option(
    "--repository",
    metavar="FOLDER",
    help="Folder of the schema repository.  [default: the working directory]",
)
refresh_option = click.option(
    "--refresh", is_flag=True, help="Download remote documents again, even if copies are kept."
)


def config_option(function: _F) -> _F:
    """Add the options that say whose settings count."""
    return _config_paths_option(repository_option(function))


policy_option = click.option(
    "--policy",
    type=click.Choice(properties()["compatibilityPolicy"]["enum"]),
    help="What a version may change within a major version.  [default: compatibilityPolicy]",
)
verbose_option = click.option("-v", "--verbose", is_flag=True, help="Print debug messages.")
base_path_argument = click.argument("schema_base_path", required=False)

_COMMON = (
    click.option(
        "-V", "--schema-version-field", metavar="FIELD", help="Field that holds the version."
    ),
    base_uris_option,
    click.option(
        "-c",
        "--content-types",
        multiple=True,
        callback=_split_types,
        metavar="TYPE,...",
        help="Content types to write: yaml, json.",
    ),
    click.option("-N", "--current-name", metavar="NAME", help="Name of the current file."),
    click.option("-D", "--no-dereference", is_flag=True, help="Keep $ref and allOf as they are."),
    click.option(
        "-S",
        "--no-symlink-extensionless",
        is_flag=True,
        help="Do not create links without extension.",
    ),
    click.option("-L", "--no-symlink-latest", is_flag=True, help="Do not link `latest`."),
    click.option("-n", "--dry-run", is_flag=True, help="Only report what would be written."),
    verbose_option,
    refresh_option,
    config_option,
)


events_option = click.option(
    "--events",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Report how many of these events the current files would refuse.",
)


streams_option = click.option(
    "--streams", is_flag=True, help="Also show the streams of each schema."
)


def named_streams(config: Config, *, wanted: bool) -> Mapping[str, Sequence[str]] | None:
    """Return the names of streams by title for `--streams`; None where it was not given.

    Raises:
        ConfigError: the stream configuration cannot be read.
    """
    if not wanted:
        return None
    from jsonschema_tools.events.usage import streams_by_title  # imports the events

    return streams_by_title(config)


def streams_cell(streams: Mapping[str, Sequence[str]] | None, title: str) -> tuple[str, ...]:
    """Return the last cell of a row about a title: its streams, or nothing without `--streams`."""
    return () if streams is None else (", ".join(streams.get(title, ())) or "no stream",)


def format_option(*formats: str) -> Callable[[_F], _F]:
    """Add `--format`, for a command that prints what it found in one of some ways."""
    return click.option(
        "--format",
        "format_",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="Format of the output.",
    )


def pass_config(function: Callable[..., _R]) -> Callable[..., _R]:
    """Call a command with the settings that its options make up, then with its own parameters.

    Options that are nothing but settings, such as `--config-paths`, are no parameters of it.
    """
    own = signature(function).parameters

    @wraps(function)
    def command(**options: Any) -> _R:
        given = {name: value for name, value in options.items() if name in own}
        return function(config_from(options), **given)

    return command


def common_options(function: _F) -> _F:
    """Add the options that every materializing command takes."""
    for option in reversed(_COMMON):
        function = option(function)
    return function


def config_from(options: dict[str, Any], *, may_lack: bool = False) -> Config:
    """Return the settings: configuration files, overridden by what the command line gave.

    Args:
        options: the command's parameters; those that are no settings are passed over.
        may_lack: whether the command has a use without a schema repository; if not, the user is
            told where no configuration was found.

    Raises:
        ConfigError: a configuration file or value is wrong.
    """
    overrides = {
        key: not given if name.startswith("no_") else given
        for name, key in _KEYS.items()
        if (given := options.get(name))
    }
    if options.get("verbose"):
        overrides["logLevel"] = "debug"
    config = load_config(
        repository_folder(options),
        working_directory=Path.cwd(),
        config_paths=options.get("config_paths") or None,
        overrides=overrides,
    )
    if options.get("refresh"):
        config = replace(config, refresh=True)
    if not (config.files or may_lack):
        _tell_no_config(config)
    return config


def repository_folder(options: Mapping[str, Any]) -> Path | None:
    """Return the folder that `--repository` names, before the command or after it.

    Raises:
        ConfigError: there is no such folder.
    """
    context = click.get_current_context(silent=True)
    before = context.find_root().params if context is not None else {}
    name: str | None = options.get("repository") or before.get("repository")
    if name is None:
        return None
    if not Path(name).is_dir():
        raise ConfigError(f"folder not found: {name}", hint="--repository names a folder")
    return Path(name)


def _tell_no_config(config: Config) -> None:
    """Say that the defaults count; a warning where that is hardly what was meant.

    A repository needs no configuration, but then its schemas are looked for at its top.
    """
    console = Console(config)
    nothing = f"no {CONFIG_NAME} in {config.root} or above it, so the defaults are used"
    if below := configs_below(config.root):
        folder = config.shown(below[0])
        console.warn(f"{nothing}; `--repository {folder}` uses the one in {folder}")
    elif work_tree(config.root) != config.root:
        console.warn(f"{nothing}; an empty file of this name marks the folder of the repository")
    else:
        console.debug(nothing)
