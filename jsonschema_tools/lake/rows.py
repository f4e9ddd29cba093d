"""Rows on their way into a table: not made before they are written, where that can be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import duckdb
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
        source: the table, which the query calls `batch`; or one that is still being made, of which
            rows can be made once.
        query: the query; as many rows as the table has.
        connection: what runs it; None: one of its own.
    """

    source: pa.Table | pa.RecordBatchReader
    query: str = "SELECT * FROM batch"
    connection: duckdb.DuckDBPyConnection | None = None

    @property
    def count(self) -> int | None:
        """How many there are; None where that is not known yet."""
        return None if isinstance(self.source, pa.RecordBatchReader) else self.source.num_rows

    def table(self) -> pa.Table:
        """Return the rows.

        Raises:
            duckdb.Error: of something no row can be made.
        """
        return self._registered().sql(self.query).to_arrow_table()

    def schema(self) -> pa.Schema:
        """Return the schema that the rows have."""
        return replace(self, source=self.source.schema.empty_table()).table().schema

    def copy(self, options: str, chosen: str = "*") -> list[Any]:
        """Write the rows to files.

        Args:
            options: what follows the query in a COPY statement.
            chosen: what is written of the rows, as in SELECT.

        Returns:
            What duckdb returns of it.

        Raises:
            duckdb.Error: of something no row can be made, or a file cannot be written.
        """
        statement = f"COPY (SELECT {chosen} FROM ({self.query})) {options}"  # noqa: S608 - our own
        return self._registered().execute(statement).fetchall()

    def _registered(self) -> duckdb.DuckDBPyConnection:
        return (self.connection or in_utc()).register("batch", self.source)
