"""Options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from jsonschema_tools.config_file import CONFIG_NAME
from jsonschema_tools.config_schema import properties

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from jsonschema_tools.config import Config

_F = TypeVar("_F", bound="Callable[..., Any]")


def split(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> list[str]:
    """Split a repeatable option at commas, keeping the order, dropping repetitions."""
    return list(dict.fromkeys(part for value in values for part in value.split(",") if part))


def _split_types(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> list[str]:
    types = split(ctx, param, values)
    if wrong := [name for name in types if name not in {"yaml", "json"}]:
        raise click.BadParameter(f"{wrong[0]!r} is not one of 'yaml', 'json'.")
    return types


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


def format_option(*formats: str, help_text: str = "Format of the output.") -> Callable[[_F], _F]:
    """Add `--format`, for a command that prints what it found in one of some ways.

    Args:
        formats: the ways, the default one first.
        help_text: what `--help` says.
    """
    return click.option(
        "--format",
        "format_",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help=help_text,
    )


def common_options(function: _F) -> _F:
    """Add the options that every materializing command takes."""
    for option in reversed(_COMMON):
        function = option(function)
    return function
