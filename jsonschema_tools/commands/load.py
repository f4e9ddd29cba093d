"""`load`: events into tables."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jsonschema_tools.commands.config_options import pass_config_options
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
    from jsonschema_tools.commands.config_options import ConfigOptions
    from jsonschema_tools.lake.sinks import TableFormat
    from jsonschema_tools.lake.writer import Loaded

_FORMATS = ("parquet", "delta", "iceberg")


@click.command("load")
@click.argument("streams", nargs=-1, required=True, metavar="STREAM...")
@click.option(
    "--from",
    "files",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="PATH",
    help="Event log of `serve`, or file of events: JSON Lines, JSON or YAML, also gzip.",
)
@click.option("--kafka", metavar="BROKERS", help="Read from Kafka, HOST:PORT,...")
@click.option(
    "--to",
    "folder",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Folder of the tables.",
)
@click.option(
    "--table-format",
    type=click.Choice(_FORMATS),
    default="parquet",
    show_default=True,
    help="Format of the tables.",
)
@click.option(
    "--batch",
    type=click.IntRange(min=1),
    default=200_000,
    show_default=True,
    help="Maximum number of events per transaction.",
)
@click.option(
    "--unique", is_flag=True, help="Leave out events whose meta.id is in the same hour already."
)
@refresh_option
@config_option
@verbose_option
@pass_config_options
def load_command(
    options: ConfigOptions,
    streams: tuple[str, ...],
    *,
    files: tuple[Path, ...],
    kafka: str | None,
    folder: Path,
    table_format: TableFormat,
    batch: int,
    unique: bool,
) -> int:
    """Load the events of streams into tables, each once.

    STREAM is a stream, or the title of a schema without a stream. Its table is partitioned by the
    hour of meta.dt; events that do not fit go into the table TABLE_refused. Each run continues
    where the last one ended.
    """
    if not files and kafka is None:
        raise click.UsageError("name the events to load: --from PATH, or --kafka BROKERS.")
    require("lake", "`load`")
    from jsonschema_tools.commands.load_sources import LoadSources
    from jsonschema_tools.lake.folder import locked
    from jsonschema_tools.lake.load import TableLoader, load
    from jsonschema_tools.lake.plan import plan
    from jsonschema_tools.lake.subjects import Subjects
    from jsonschema_tools.outputs import require_inside

    gc.disable()  # events hold no cycles
    config = options.load()
    subjects = Subjects(config)
    streams = tuple(dict.fromkeys(streams))
    plans = [plan(name, subjects.entry(name), config) for name in streams]
    paths = [config.source(file) for file in files]
    sources = LoadSources(config, streams, paths, kafka)
    require_inside((config.working_directory / folder).absolute(), config.folders)
    with locked(config.working_directory / folder) as target:
        loaders = {
            one.stream: TableLoader(one, target, table_format, batch, unique=unique)
            for one in plans
        }
        others = load(sources.records(loaders), loaders)
    for loader in loaders.values():
        click.echo(_line(loader.result))
    if others:
        Console(config).warn(f"{counted(others, 'event')} of other streams left alone")
    return EXIT_OK


def _line(done: Loaded) -> str:
    counts = done.counts
    parts = [f"{counted(counts['loaded'], 'event')} loaded"]
    if counts["refused"]:
        parts.append(f"{counted(counts['refused'], 'event')} kept aside in {done.table}_refused")
    if counts["canary"]:
        parts.append(f"{counted(counts['canary'], 'canary event')} left out")
    if counts["copies"]:
        parts.append(f"{counted(counts['copies'], 'copy', 'copies')} left out")
    if counts["known"]:
        parts.append(f"{counted(counts['known'], 'event')} loaded before")
    return f"{done.table}: {', '.join(parts)}"
