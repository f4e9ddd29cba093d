"""`table`: the table that a schema becomes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from jsonschema_tools.commands.config_options import pass_config
from jsonschema_tools.commands.console import Console
from jsonschema_tools.commands.options import (
    config_option,
    refresh_option,
    verbose_option,
)
from jsonschema_tools.errors import EXIT_FAILED, EXIT_OK, SchemaToolsError, printable

if TYPE_CHECKING:
    from jsonschema_tools.config import Config
    from jsonschema_tools.lake.subjects import Subject, VersionedSchema

_DIALECTS = (  # those of lake.dialects, which takes a while to import
    "hive", "spark", "trino", "iceberg", "duckdb",
    "bigquery", "snowflake", "clickhouse", "postgres",
)  # fmt: skip


@click.command("table")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option(
    "--dialect",
    type=click.Choice(_DIALECTS),
    default="hive",
    show_default=True,
    help="SQL dialect.",
)
@click.option(
    "--since", metavar="VERSION", help="Print the statements that change the table of that version."
)
@click.option("--nullable", is_flag=True, help="Make every column nullable, as ingestion does.")
@click.option("--lenient", is_flag=True, help="Store fields without a column type as JSON strings.")
@click.option(
    "--times",
    type=click.Choice(("text", "timestamp")),
    help="Column type of date-times.  [default: text for hive, else timestamp]",
)
@click.option("--database", default="", metavar="NAME", help="Database of the table.")
@click.option("--no-partitions", is_flag=True, help="Leave out datacenter, year, month, day, hour.")
@refresh_option
@config_option
@verbose_option
@pass_config
def table_command(
    config: Config,
    names: tuple[str, ...],
    *,
    dialect: str,
    since: str | None,
    nullable: bool,
    lenient: bool,
    times: str | None,
    database: str,
    no_partitions: bool,
) -> int:
    """Print the table definition of a schema.

    NAME is a title for its latest version, a $id such as /thing/seen/1.0.0, TITLE/current, or a
    stream, whose table has the stream's name.
    """
    from jsonschema_tools.lake.subjects import Subjects

    wanted = _Wanted(
        dialect=dialect,
        nullable=nullable,
        lenient=lenient,
        times=times,
        database=database,
        is_partitioned=not no_partitions,
    )
    console = Console(config)
    subjects = Subjects(config)
    found = [subjects.find(name) for name in names]
    former = [subject.at(since) if since else None for subject in found]
    failed = False
    for subject, before in zip(found, former, strict=True):
        try:
            statements = _statements(subject, before, wanted)
        except* SchemaToolsError as errors:
            failed = True
            for error in _flat(errors):
                console.error(error)
        else:
            if since and not statements:
                console.warn(f"{subject.table}: nothing changes since {since}")
            for statement in statements:
                end = "\n" if statement.startswith("--") else ";\n"
                click.echo(printable(statement + end), nl=False)
    return EXIT_FAILED if failed else EXIT_OK


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """How the tables are to be; see the options of the command."""

    dialect: str
    nullable: bool
    lenient: bool
    times: str | None
    database: str
    is_partitioned: bool


def _statements(subject: Subject, before: VersionedSchema | None, wanted: _Wanted) -> list[str]:
    from jsonschema_tools.lake.comments import recomment
    from jsonschema_tools.lake.ddl import Table, alter, create
    from jsonschema_tools.lake.dialects import DIALECTS
    from jsonschema_tools.lake.evolution import Places, Refused, changes
    from jsonschema_tools.lake.subjects import NoColumnError

    dialect = DIALECTS[wanted.dialect]
    text = wanted.times == "text" or (wanted.times is None and dialect.times_as_text)
    how = {
        "lenient": wanted.lenient,
        "nullable": wanted.nullable,
        "times_as_text": text,
    }
    new = subject.latest.columns(**how)
    table = Table(
        subject.table,
        new.columns,
        database=wanted.database,
        comment=new.comment,
        is_partitioned=wanted.is_partitioned,
    )
    if before is None:
        return create(table, dialect)
    old = before.columns(**how)
    found = list(changes(old.columns, new.columns))
    refused = [change for change in found if isinstance(change, Refused)]
    if refused:
        document, places = subject.latest.document, Places(new.columns)
        raise ExceptionGroup(
            "refused",
            [
                NoColumnError(
                    f"{subject.table}: since {before.version} it {change}, which no table survives",
                    at=document.locate(places.pointer_to(change.path)),
                    hint="restore it in the next version, and add a new field beside it",
                )
                for change in refused
            ],
        )
    former = Table(subject.table, old.columns, wanted.database)
    altered = alter(found, former, new.columns, dialect)
    said = (one for one in recomment(former, new.columns, dialect) if one not in altered)
    return [*altered, *said]


def _flat(errors: ExceptionGroup[SchemaToolsError]) -> list[SchemaToolsError]:
    found: list[SchemaToolsError] = []
    for error in errors.exceptions:
        found += _flat(error) if isinstance(error, ExceptionGroup) else [error]
    return found
