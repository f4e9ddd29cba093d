"""A static site of a schema repository (extra `site`): the one door is `build_site`."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from jsonschema_tools.site.collect import Options, collect
from jsonschema_tools.site.history import history
from jsonschema_tools.site.inputs import hash_of_inputs
from jsonschema_tools.site.writing import (
    Written,
    is_intact,
    read_manifest,
    require_apart,
    require_own,
    write_site,
)

if TYPE_CHECKING:
    from pathlib import Path

    from jsonschema_tools.config import Config

__all__ = ["Options", "Written", "build_site"]


def build_site(
    config: Config, folder: Path, options: Options | None = None, *, today: date | None = None
) -> Written | None:
    """Write the static site of a repository into a folder.

    Args:
        config: the settings of the repository.
        folder: where the site goes: a new or empty folder, or one that holds a site.
        options: what the site calls itself and where it will be.
        today: the day, which waivers may run out on; default the clock's.

    Returns:
        What was written; None where the folder holds this very site already.

    Raises:
        ConfigError: the folder holds something else or is one of the schemas, or the configuration
            is wrong.
        WriteError: it cannot be written, or is a link out of the repository; the old site is still
            there.
    """
    options = options or Options()
    today = today or date.today()
    require_apart(folder, config)
    require_own(folder)
    past = history(config)
    inputs = hash_of_inputs(config, options, today, past.head)
    known = read_manifest(folder)
    if known is not None and known.inputs == inputs and is_intact(folder, known):
        return None
    from jsonschema_tools.runner import run_beside
    from jsonschema_tools.site.health import findings  # imports all checks

    found = run_beside(lambda: findings(config, today))
    from jsonschema_tools.site.pages import pages  # imports Jinja2, Pygments and markdown-it

    site = collect(config, options, past.dates())
    return write_site(folder, pages(site, found), inputs or "")
