"""Builds the site for `serve --site`: by `site` in a process of its own, so that events go on."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from jsonschema_tools.config import Config

#: where the intake shows events as they come, relative to the site's root
EVENTS_PAGE = "-/events.html"


def site_builder(config: Config, config_paths: Sequence[str]) -> Callable[[Path, str], str | None]:
    """Return what builds the site of a repository.

    Args:
        config: the settings of the repository.
        config_paths: the configuration files that the command line named.

    Returns:
        A function that takes the folder and the address that events are sent to; it returns what
        went wrong, or None.
    """
    named = ["--repository", str(config.root)]
    named += ["--config-paths", ",".join(config_paths)] if config_paths else []

    def build(folder: Path, address: str) -> str | None:
        command = [sys.executable, "-P", "-m", "jsonschema_tools", "site", str(folder)]
        options = ["--intake", address, "--events-page", EVENTS_PAGE, *named]
        done = subprocess.run(
            [*command, *options],
            cwd=config.working_directory, check=False, stdin=subprocess.DEVNULL,
            capture_output=True, encoding="utf-8", errors="replace",
        )  # fmt: skip
        if done.returncode == 0:
            return None
        return done.stderr.strip() or f"it ended with status {done.returncode}"

    return build


def watched(config: Config) -> list[Path]:
    """Return the folders and files that the site is built from, as far as they are on this disk."""
    streams = [
        config.root / source.removeprefix("file://")
        for source in config.stream_configs
        if not source.startswith(("http://", "https://"))
    ]
    return [*config.schema_base_paths, *streams]
