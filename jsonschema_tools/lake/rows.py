"""Rows on their way into a table: not made before they are written, where that can be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import duckdb

if TYPE_CHECKING:
    import pyarrow as pa


def in_utc() -> duckdb.DuckDBPyConnection:
    """Return a connection whose times are in UTC, as those of tables are, wherever it runs."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone='UTC'")
    return connection


@dataclass(frozen=True, slots=True)
class Rows:
    """What a query of duckdb makes of a table of Arrow.

    Attributes:
        source: the table, which the query calls `batch`.
        query: the query; as many rows as the table has.
        connection: what runs it; None: one of its own.
    """

    source: pa.Table
    query: str = "SELECT * FROM batch"
    connection: duckdb.DuckDBPyConnection | None = None

    def __len__(self) -> int:
        """Return how many there are."""
        return int(self.source.num_rows)

    def table(self) -> pa.Table:
        """Return the rows.

        Raises:
            duckdb.Error: of something no row can be made.
        """
        return self._run(self.query).to_arrow_table()

    def schema(self) -> pa.Schema:
        """Return the schema that the rows have."""
        return replace(self, source=self.source.slice(0, 0)).table().schema

    def copy(self, options: str, chosen: str = "*") -> None:
        """Write the rows to files.

        Args:
            options: what follows the query in a COPY statement.
            chosen: what is written of the rows, as in SELECT.

        Raises:
            duckdb.Error: of something no row can be made, or a file cannot be written.
        """
        self._run(f"COPY (SELECT {chosen} FROM ({self.query})) {options}")  # noqa: S608 - our own

    def _run(self, statement: str) -> Any:
        connection = self.connection or in_utc()
        return connection.from_arrow(self.source).query("batch", statement)
