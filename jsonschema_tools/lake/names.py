"""Names as the lake has them: of tables, of columns, of the fields of structs."""

from __future__ import annotations

import re

#: columns that each table is partitioned by, with whether they hold a number
PARTITIONS: dict[str, bool] = {
    "datacenter": False,
    "year": True,
    "month": True,
    "day": True,
    "hour": True,
}

# what Hive's own rules leave of a name; the platform's ingestion has the same expression
_ILLEGAL = re.compile(r"(^[^A-Za-z_]|[^A-Za-z0-9_])")


def field_name(name: str) -> str:
    """Return the name of a field of a struct: sanitized, its case kept."""
    return _ILLEGAL.sub("_", name) or "_"


def column_name(name: str) -> str:
    """Return the name of a column: `$Field-1.other` is `_field_1_other`."""
    return field_name(name).lower()


def table_name(name: str) -> str:
    """Return the name of the table of a stream or title, which follows the rule of columns."""
    return column_name(name)
