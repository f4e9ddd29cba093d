"""The statements that make a table, and those that take it from one version to another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from sqlglot import exp

from jsonschema_tools.lake.dialects import Dialect, column_of, identifier, type_of
from jsonschema_tools.lake.evolution import Added, Loosened, merged
from jsonschema_tools.lake.names import PARTITIONS
from jsonschema_tools.lake.types import Field, Scalar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from jsonschema_tools.lake.evolution import Change

PARTITION_FIELDS: tuple[Field, ...] = tuple(
    Field(name, name, Scalar("integer" if number else "string"))
    for name, number in PARTITIONS.items()
)


@dataclass(frozen=True, slots=True)
class Table:
    """A table as statements name it.

    Attributes:
        name: its name.
        columns: its columns, without those that it is partitioned by.
        database: the database, schema or data set that it is in; empty: no matter.
        comment: what it holds, on one line.
        is_partitioned: whether it is partitioned by data center and hour.
    """

    name: str
    columns: tuple[Field, ...]
    database: str = ""
    comment: str = ""
    is_partitioned: bool = True


def create(table: Table, dialect: Dialect) -> list[str]:
    """Return the statements that make a table, without semicolons."""
    named_apart = dialect.name == "hive" and table.is_partitioned
    partitions = PARTITION_FIELDS if table.is_partitioned else ()
    columns = table.columns if named_apart else (*table.columns, *partitions)
    lines = ",\n".join(f"  {column(field, dialect)}" for field in columns)
    tail = [part for part in (_TAILS[dialect.name](table, dialect)) if part]
    statement = "\n".join([f"CREATE TABLE {table_name(table, dialect)} (\n{lines}\n)", *tail])
    return [statement, *_comments(table.columns, table, dialect)]


def alter(
    changes: Sequence[Change], old: Table, new: Sequence[Field], dialect: Dialect
) -> list[str]:
    """Return the statements that take a table from an older version of its columns to a newer.

    Args:
        changes: what `evolution.changes` says of them, with nothing refused among it.
        old: the table with its older columns.
        new: the newer columns.
        dialect: whose words.
    """
    start = f"ALTER TABLE {table_name(old, dialect)}"
    added = [change for change in changes if isinstance(change, Added)]
    top = [change.field for change in added if len(change.path) == 1]
    deep = [change for change in added if len(change.path) > 1]
    statements = list(_add_columns(start, top, dialect))
    statements += _comments(top, old, dialect)
    statements += _add_fields(start, deep, old, new, dialect)
    for change in changes:
        if isinstance(change, Loosened):
            statements += _loosen(start, change, old, dialect)
    return statements


def _add_columns(start: str, fields: Sequence[Field], dialect: Dialect) -> Iterator[str]:
    definitions = [column(field, dialect) for field in fields]
    if definitions and dialect.parser in {"hive", "spark"}:
        lines = ",\n".join(f"  {definition}" for definition in definitions)
        yield f"{start} ADD COLUMNS (\n{lines}\n)"
        return
    for definition in definitions:
        yield f"{start} ADD COLUMN {definition}"


def _add_fields(
    start: str,
    deep: Sequence[Added],
    old: Table,
    new: Sequence[Field],
    dialect: Dialect,
) -> Iterator[str]:
    if not dialect.nested:
        return  # JSON takes any field
    if dialect.adds_fields == "path":
        for change in deep:
            if dialect.parser == "spark":
                way = dotted(change.path[:-1], dialect)
                definition = column(change.field, dialect)
                yield f"{start} ADD COLUMNS (\n  {way}.{definition}\n)"
            else:
                kind = _sql(type_of(change.field.type, dialect), dialect)
                yield f"{start} ADD COLUMN {dotted(change.path, dialect)} {kind}"
        return
    whole = {field.name: field for field in merged(old.columns, tuple(new))}
    for name in dict.fromkeys(change.path[0] for change in deep):
        # a column changes its type only: NOT NULL is none of its business
        definition = column(replace(whole[name], nullable=True), dialect)
        known = quoted(name, dialect)
        kind = _sql(type_of(whole[name].type, dialect), dialect)
        if dialect.name == "hive":
            yield f"{start} CHANGE COLUMN {known} {definition}"
        elif dialect.name == "clickhouse":
            yield f"{start} MODIFY COLUMN {known} {kind}"
        elif dialect.name == "bigquery":
            yield (
                f"-- BigQuery has no statement that adds a field to {known}; "
                f"`bq update` takes the table's schema with the field at its end: {known} {kind}"
            )
        else:
            yield f"{start} ALTER COLUMN {known} SET DATA TYPE {kind}"


def _loosen(start: str, change: Loosened, old: Table, dialect: Dialect) -> Iterator[str]:
    deep = len(change.path) > 1
    if deep and not (dialect.nested and dialect.nested_not_null):
        return  # nothing there says NOT NULL
    way = dotted(change.path, dialect)
    if dialect.name == "hive":
        field = next(field for field in old.columns if field.name == change.path[0])
        kind = _sql(type_of(field.type, dialect), dialect)
        yield f"{start} CHANGE COLUMN {way} {way} {kind}"
    elif dialect.name == "clickhouse":
        field = next(field for field in old.columns if field.name == change.path[0])
        if isinstance(field.type, Scalar):
            yield f"{start} MODIFY COLUMN {way} {_sql(type_of(field.type, dialect), dialect)}"
    elif dialect.name == "bigquery" and deep:
        yield f"-- BigQuery has no statement that makes {way} nullable; `bq update` does it"
    elif dialect.name == "snowflake" and deep:
        yield f"-- Snowflake has no statement that makes {way} nullable; make the table anew"
    else:
        yield f"{start} ALTER COLUMN {way} DROP NOT NULL"


def _comments(fields: Iterable[Field], table: Table, dialect: Dialect) -> Iterator[str]:
    if dialect.comments == "statement":
        for field in fields:
            if field.comment:
                column = f"{table_name(table, dialect)}.{quoted(field.name, dialect)}"
                text = literal(field.comment, dialect)
                yield f"COMMENT ON COLUMN {column} IS {text}"


def table_name(table: Table, dialect: Dialect) -> str:
    """Return the name of a table, with its database where it has one."""
    return dotted([part for part in (table.database, table.name) if part], dialect)


def dotted(path: Iterable[str], dialect: Dialect) -> str:
    """Return the way to a column or a field, each name quoted."""
    return ".".join(quoted(part, dialect) for part in path)


def _sql(part: exp.Expr, dialect: Dialect) -> str:
    return part.sql(dialect=dialect.parser)


@lru_cache(maxsize=8192)  # the schemas of a repository have most of their columns in common
def column(field: Field, dialect: Dialect) -> str:
    """Return the definition of a column."""
    return _sql(column_of(field, dialect), dialect)


@lru_cache(maxsize=8192)
def quoted(name: str, dialect: Dialect) -> str:
    """Return a name as a dialect quotes it."""
    return _sql(identifier(name), dialect)


@lru_cache(maxsize=8192)
def literal(text: str, dialect: Dialect) -> str:
    """Return a string as a dialect writes it."""
    return _sql(exp.Literal.string(text), dialect)


# ------------------------------------------------------ what is behind the columns of a table


def _names(dialect: Dialect, names: Iterable[str] = PARTITIONS) -> str:
    return ", ".join(quoted(name, dialect) for name in names)


def _hive(table: Table, dialect: Dialect) -> Iterator[str]:
    yield _comment(table, dialect)
    if table.is_partitioned:
        columns = (column(field, dialect) for field in PARTITION_FIELDS)
        yield f"PARTITIONED BY ({', '.join(columns)})"
    yield "STORED AS PARQUET"


def _spark(table: Table, dialect: Dialect) -> Iterator[str]:
    yield "USING ICEBERG" if dialect.name == "iceberg" else "USING PARQUET"
    if table.is_partitioned:
        yield f"PARTITIONED BY ({_names(dialect)})"
    yield _comment(table, dialect)


def _trino(table: Table, dialect: Dialect) -> Iterator[str]:
    yield _comment(table, dialect)
    names = ", ".join(literal(name, dialect) for name in PARTITIONS)
    partitioning = f", partitioning = ARRAY[{names}]" if table.is_partitioned else ""
    yield f"WITH (format = 'PARQUET'{partitioning})"


def _bigquery(table: Table, dialect: Dialect) -> Iterator[str]:
    if table.is_partitioned:  # partitions need a time of its own; clusters do the same for queries
        yield f"CLUSTER BY {_names(dialect, list(PARTITIONS)[1:])}"
    if table.comment:
        yield f"OPTIONS (description = {literal(table.comment, dialect)})"


def _clickhouse(table: Table, dialect: Dialect) -> Iterator[str]:
    yield "ENGINE = MergeTree"
    if table.is_partitioned:  # by month: ClickHouse advises against many partitions
        yield f"PARTITION BY ({_names(dialect, ['year', 'month'])})"
        yield f"ORDER BY ({_names(dialect)})"
        yield "SETTINGS allow_nullable_key = 1"
    else:
        yield "ORDER BY tuple()"
    yield _comment(table, dialect)


def _snowflake(table: Table, dialect: Dialect) -> Iterator[str]:
    if table.is_partitioned:
        yield f"CLUSTER BY ({_names(dialect, list(PARTITIONS)[1:])})"
    if table.comment:
        yield f"COMMENT = {literal(table.comment, dialect)}"


def _comment(table: Table, dialect: Dialect) -> str:
    return f"COMMENT {literal(table.comment, dialect)}" if table.comment else ""


def _nothing(_table: Table, _dialect: Dialect) -> Iterator[str]:
    yield from ()


_TAILS: Mapping[str, Callable[[Table, Dialect], Iterator[str]]] = {
    "hive": _hive,
    "spark": _spark,
    "iceberg": _spark,
    "trino": _trino,
    "bigquery": _bigquery,
    "snowflake": _snowflake,
    "clickhouse": _clickhouse,
    "duckdb": _nothing,
    "postgres": _nothing,
}
