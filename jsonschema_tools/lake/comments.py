"""The statements that bring the comments of a table's columns up to date."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from jsonschema_tools.lake.ddl import column, dotted, literal, quoted, table_name
from jsonschema_tools.lake.evolution import innermost, merged
from jsonschema_tools.lake.types import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jsonschema_tools.lake.ddl import Table
    from jsonschema_tools.lake.dialects import Dialect
    from jsonschema_tools.lake.evolution import Path
    from jsonschema_tools.lake.types import Field


def recomment(old: Table, new: Sequence[Field], dialect: Dialect) -> Iterator[str]:
    """Yield the statements for comments that have changed, without semicolons.

    What a dialect has no statement for, such as the fields of structs in most, is left out.

    Args:
        old: the table with its older columns.
        new: the newer columns.
        dialect: whose words.
    """
    changed = list(_changed(old.columns, new, ()))
    if dialect.name == "hive":
        names = dict.fromkeys(path[0] for path, comment in changed if comment)
        yield from _anew(names, old, new, dialect)
        return
    start = f"ALTER TABLE {table_name(old, dialect)}"
    for path, comment in changed:
        if len(path) > 1 and dialect.name != "iceberg":
            continue
        name, text = dotted(path, dialect), literal(comment, dialect)
        if dialect.parser == "spark":
            yield f"{start} ALTER COLUMN {name} COMMENT {text}"
        elif dialect.name == "bigquery":
            yield f"{start} ALTER COLUMN {name} SET OPTIONS (description={text})"
        elif dialect.name == "clickhouse":
            yield f"{start} COMMENT COLUMN {name} {text}"
        elif dialect.name == "snowflake":
            yield f"COMMENT ON COLUMN {table_name(old, dialect)}.{name} IS {text}"
        else:
            value = text if comment else "NULL"
            yield f"COMMENT ON COLUMN {table_name(old, dialect)}.{name} IS {value}"


def _anew(
    names: dict[str, None], old: Table, new: Sequence[Field], dialect: Dialect
) -> Iterator[str]:
    """Yield the whole definitions of columns, which is how Hive takes a comment."""
    whole = {field.name: field for field in merged(old.columns, tuple(new))}
    start = f"ALTER TABLE {table_name(old, dialect)}"
    for name in names:
        definition = column(replace(whole[name], nullable=True), dialect)
        yield f"{start} CHANGE COLUMN {quoted(name, dialect)} {definition}"


def _changed(old: Sequence[Field], new: Sequence[Field], path: Path) -> Iterator[tuple[Path, str]]:
    """Yield the way to each field whose comment has changed, and its new comment."""
    later = {field.name.lower(): field for field in new}
    for field in old:
        other = later.get(field.name.lower())
        if other is not None:
            here = (*path, field.name)
            if other.comment != field.comment:
                yield here, other.comment
            older, newer, inside = innermost(field.type, other.type, here)
            if isinstance(older, Struct) and isinstance(newer, Struct):
                yield from _changed(older.fields, newer.fields, inside)
