"""Events that are in a table already, recognized by their `meta.id`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterable

_PARTS = ("year", "month", "day", "hour")
_QUERY = """\
SELECT * EXCLUDE ("-copy") FROM
  (SELECT *, row_number() OVER (PARTITION BY meta.id) AS "-copy" FROM rows)
WHERE meta.id IS NULL OR ("-copy" = 1 AND meta.id NOT IN (SELECT id FROM known))
"""


def without_copies(rows: pa.Table, files: Iterable[str]) -> pa.Table:
    """Return rows without those whose `meta.id` is there already; rows without one stay.

    As ingestion does, it looks at the hours of the rows only: a copy has the same `meta.dt`.

    Args:
        rows: new rows, with partition columns and `meta.id`.
        files: the files of the table, in folders of partitions.
    """
    hours = set(zip(*(rows[part].to_pylist() for part in _PARTS), strict=True))
    folders = {
        "/" + "/".join(f"{part}={value}" for part, value in zip(_PARTS, hour, strict=True)) + "/"
        for hour in hours
    }
    read = [file for file in files if any(folder in file for folder in folders)]
    with duckdb.connect() as connection:
        known: Any = pa.table({"id": pa.array([], pa.string())})
        if read:
            ids = "SELECT DISTINCT meta.id AS id FROM read_parquet($1) WHERE meta.id IS NOT NULL"
            known = connection.sql(ids, params=[read]).to_arrow_table()
        connection.register("known", known)
        connection.register("rows", rows)
        found: pa.Table = connection.sql(_QUERY).to_arrow_table()
        return found.cast(rows.schema)


def has_ids(schema: pa.Schema) -> bool:
    """Tell whether rows have a `meta.id`."""
    index = schema.get_field_index("meta")
    if index < 0 or not pa.types.is_struct(schema.field(index).type):
        return False
    return bool(schema.field(index).type.get_field_index("id") >= 0)
