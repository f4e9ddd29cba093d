"""From the options of a command to the settings: which file counts, and what overrides it."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import wraps
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, TypeVar

import click

from jsonschema_tools.commands.console import Console
from jsonschema_tools.config import load_config
from jsonschema_tools.config_file import CONFIG_NAME, configs_below
from jsonschema_tools.errors import ConfigError
from jsonschema_tools.files import work_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from jsonschema_tools.config import Config

_R = TypeVar("_R")

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


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigOptions:
    """The options of a command that make up its settings; those it does not have are not given.

    Attributes:
        repository: folder of the schema repository.
        config_paths: configuration files, the last one winning.
        verbose: whether debug messages are printed.
        refresh: whether remote documents are downloaded again.

    The others override the key of the configuration file that `_KEYS` names.
    """

    repository: str | None = None
    config_paths: Sequence[str] = ()
    verbose: bool = False
    refresh: bool = False
    schema_version_field: str | None = None
    schema_base_uris: Sequence[str] = ()
    content_types: Sequence[str] = ()
    current_name: str | None = None
    no_dereference: bool = False
    no_symlink_extensionless: bool = False
    no_symlink_latest: bool = False
    dry_run: bool = False
    staged: bool = False
    no_git_add: bool = False
    schema_base_path: str | None = None
    policy: str | None = None

    def load(self, *, may_lack: bool = False) -> Config:
        """Return the settings: configuration files, overridden by what the command line gave.

        Args:
            may_lack: whether the command has a use without a schema repository; if not, a message
                says that no configuration was found.

        Raises:
            ConfigError: a configuration file or value is wrong.
        """
        overrides = {
            key: not given if name.startswith("no_") else given
            for name, key in _KEYS.items()
            if (given := getattr(self, name))
        }
        if self.verbose:
            overrides["logLevel"] = "debug"
        config = load_config(
            repository_folder(self.repository),
            working_directory=Path.cwd(),
            config_paths=self.config_paths or None,
            overrides=overrides,
        )
        if self.refresh:
            config = replace(config, refresh=True)
        if not (config.files or may_lack):
            _tell_no_config(config)
        return config


_NAMES = frozenset(field.name for field in fields(ConfigOptions))


def pass_config_options(
    function: Callable[Concatenate[ConfigOptions, ...], _R],
) -> Callable[..., _R]:
    """Call a command with the options that make up its settings, then with its own parameters.

    For a command that does something before it loads the configuration, or has a use without one;
    the others take `pass_config`. One of these options is also a parameter of the command, where
    it has one of that name.
    """
    own = signature(function).parameters

    @wraps(function)
    def command(**given: Any) -> _R:
        options = ConfigOptions(**{name: given[name] for name in given.keys() & _NAMES})
        rest = {name: given[name] for name in given if name in own or name not in _NAMES}
        return function(options, **rest)

    return command


def pass_config(function: Callable[Concatenate[Config, ...], _R]) -> Callable[..., _R]:
    """Call a command with the settings that its options make up, then with its own parameters."""

    @wraps(function)
    def command(options: ConfigOptions, **own: Any) -> _R:
        return function(options.load(), **own)

    return pass_config_options(command)


def repository_folder(name: str | None) -> Path | None:
    """Return the folder that `--repository` names, after the command or, if not there, before it.

    Raises:
        ConfigError: the folder is not found.
    """
    if not name and (context := click.get_current_context(silent=True)) is not None:
        name = context.find_root().params.get("repository")
    if not name:
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
        folder = config.display_path(below[0])
        console.warn(f"{nothing}; `--repository {folder}` uses the one in {folder}")
    elif work_tree(config.root) != config.root:
        console.warn(f"{nothing}; an empty file of this name marks the folder of the repository")
    else:
        console.debug(nothing)
