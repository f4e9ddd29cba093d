"""Where the configuration of a schema repository is: in a folder, or in one above it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from jsonschema_tools.errors import ConfigError, Location

if TYPE_CHECKING:
    from pathlib import Path

CONFIG_NAME = ".jsonschema-tools.yaml"


def find_config(folder: Path) -> Path | None:
    """Return the closest folder, from this one upwards, that has a configuration file.

    The search ends with the folder that has a `.git`, as another repository's settings are not
    meant for this one, or else at the top of the file system.

    Args:
        folder: absolute folder to start from.

    Raises:
        ConfigError: a file found above belongs to another user: in /tmp, for example, anybody may
            leave one.
    """
    for place in (folder, *folder.parents):
        path = place / CONFIG_NAME
        if os.path.lexists(path):
            if place != folder and not _is_trusted(path, folder):
                raise ConfigError(
                    "the configuration found above is owned by another user, so it is not used",
                    at=Location(str(path)),
                    hint=f"name it with --config-paths, or put a {CONFIG_NAME} into {folder}",
                )
            return place
        if os.path.lexists(place / ".git"):
            return None
    return None


def _is_trusted(path: Path, folder: Path) -> bool:
    """Tell whether a file is ours, the administrator's, or of the owner of the folder we are in."""
    getuid = getattr(os, "getuid", None)  # not on Windows
    own = {folder.stat().st_uid} if folder.exists() else set()
    return getuid is None or path.lstat().st_uid in {getuid(), 0} | own


def configs_below(folder: Path) -> list[Path]:
    """Return the folders right below one that have a configuration file, sorted."""
    return sorted(path.parent for path in folder.glob(f"*/{CONFIG_NAME}"))
