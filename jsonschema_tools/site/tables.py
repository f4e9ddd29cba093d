"""The table that a schema becomes, in the words of each dialect of SQL.

A schema has one table, with the columns of its latest version: older versions only point there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from jsonschema_tools.lake.columns import columns
from jsonschema_tools.lake.ddl import Table, create
from jsonschema_tools.lake.dialects import DIALECTS
from jsonschema_tools.lake.names import table_name
from jsonschema_tools.site.texts import content

if TYPE_CHECKING:
    from jsonschema_tools.lake.columns import Mapping
    from jsonschema_tools.site.model import SchemaInfo
    from jsonschema_tools.values import Schema

_LABELS: Final = {
    "hive": "Hive",
    "spark": "Spark",
    "duckdb": "duckdb",
    "bigquery": "BigQuery",
    "trino": "Trino",
    "iceberg": "Iceberg",
    "snowflake": "Snowflake",
    "clickhouse": "ClickHouse",
    "postgres": "Postgres",
}
_SHORT: Final = ("hive", "spark", "duckdb", "bigquery")  # shown where a table is long
_LONG: Final = 4_000  # bytes of the first dialect
_MOST: Final = 40_000  # bytes of all dialects together; a page has at most 150 KB


@dataclass(frozen=True, slots=True)
class TableText:
    """What a page says of a schema's table.

    Attributes:
        name: the table's name, that of the title.
        statements: the definition by dialect: the dialect's name to show, and its SQL.
        others: the dialects that are left out because the table is long, as options name them.
        problems: why the version makes no table, each with what to do.
    """

    name: str
    statements: tuple[tuple[str, str], ...] = ()
    others: tuple[str, ...] = ()
    problems: tuple[tuple[str, str], ...] = ()


def table_of(schema: SchemaInfo) -> TableText | None:
    """Return what the page of a schema says of its table: that of the latest version.

    Returns:
        None for fragments and for files that cannot be read.
    """
    version = schema.latest
    if version is None or version.schema is None or schema.is_fragment:
        return None
    return _table(table_name(schema.title), version.schema)


def _table(name: str, schema: Schema) -> TableText:
    timed = columns(schema)
    if timed.problems:
        found = ((problem.message, problem.hint or "") for problem in timed.problems)
        return TableText(name, problems=tuple(found))
    as_text = columns(schema, times_as_text=True)
    listed: list[tuple[str, str]] = []
    left, wanted = _MOST, tuple(_LABELS)
    for dialect in _LABELS:
        if dialect not in wanted:
            continue
        text = _text(name, as_text if DIALECTS[dialect].times_as_text else timed, dialect)
        size = _size(text)
        if not listed and size > _LONG:
            wanted = _SHORT
        left -= size
        if left < 0:
            break
        listed.append((dialect, text))
    names = {dialect for dialect, _ in listed}
    return TableText(
        name,
        tuple((_LABELS[dialect], text) for dialect, text in listed),
        tuple(dialect for dialect in _LABELS if dialect not in names),
    )


def _text(name: str, found: Mapping, dialect: str) -> str:
    """Return what `table` prints."""
    statements = create(Table(name, found.columns, comment=found.comment), DIALECTS[dialect])
    return "".join(f"{one}\n" if one.startswith("--") else f"{one};\n" for one in statements)


def _size(text: str) -> int:
    """Return the bytes that a string takes on a page."""
    return len(content(text).encode())
