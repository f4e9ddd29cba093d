"""`site`."""

from __future__ import annotations

import gc
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jsonschema_tools.commands.config_options import pass_config
from jsonschema_tools.commands.console import Console
from jsonschema_tools.commands.extras import require
from jsonschema_tools.commands.options import (
    config_option,
    refresh_option,
    verbose_option,
)
from jsonschema_tools.errors import EXIT_OK
from jsonschema_tools.messages import counted

if TYPE_CHECKING:
    from jsonschema_tools.config import Config
    from jsonschema_tools.site import Written


@click.command("site")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--title", default="Schemas", show_default=True, help="Name of the site.")
@click.option("--url", default="", metavar="URL", help="URL of the published site.")
@click.option(
    "--intake",
    default="http://localhost:8192/v1/events",
    show_default=True,
    metavar="URL",
    help="Intake that the examples send events to.",
)
@click.option("--events-page", default="", hidden=True)  # `serve --site` has one
@refresh_option
@config_option
@verbose_option
@pass_config
def site_command(
    config: Config, folder: Path, *, title: str, url: str, intake: str, events_page: str
) -> int:
    """Write a static site of the repository into FOLDER.

    It has a page for each version, search, comparisons, streams, a changelog and a feed, and the
    schema files at the paths that their `$id` names. Any file host can serve it, and it works from
    disk. Only what changed is written.
    """
    require("site", "`site`")
    gc.disable()  # schemas hold no cycles, and a short run makes little garbage: 10 % faster
    from jsonschema_tools.site import Options, build_site

    said = Options(title, url, intake, events_page)
    target = config.working_directory / folder
    # pages name files as the repository does, wherever the command is run
    written = build_site(replace(config, working_directory=config.root), target, said)
    Console(config).summary(_summary(folder, written))
    return EXIT_OK


def _summary(folder: Path, written: Written | None) -> str:
    if written is None:
        return f"{folder} is up to date"
    removed = f", {written.removed} removed" if written.removed else ""
    return (
        f"{folder}: {counted(written.files, 'file')}, {written.size / 1e6:.1f} MB; "
        f"{written.written} written{removed}"
    )
