"""Tables that events are appended to: what each format promises, and which it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pyarrow as pa

    from jsonschema_tools.lake.types import Field

TableFormat: TypeAlias = Literal["parquet", "delta", "iceberg"]
FORMATS: tuple[TableFormat, ...] = ("parquet", "delta", "iceberg")


class Sink(Protocol):
    """A table. A write is a transaction: rows and progress are there together, or not at all.

    Attributes:
        columns: those that the table has, without partition columns; none before the first write.
    """

    columns: tuple[Field, ...]

    def progress(self, source: str) -> int:
        """Return the offset from which on the records of a source are not in the table yet."""
        ...

    def write(
        self, rows: pa.Table, columns: tuple[Field, ...], progress: Mapping[str, int]
    ) -> None:
        """Append rows.

        Args:
            rows: the rows, with those of partitions.
            columns: its columns, which include those of the table.
            progress: the offset from which on to go on, by source.
        """
        ...


def open_sink(folder: Path, table: str, table_format: TableFormat, *, partitioned: bool) -> Sink:
    """Return a table in a folder, which need not be there yet.

    Raises:
        SchemaToolsError: what is there cannot be read.
    """
    if table_format == "parquet":
        from jsonschema_tools.lake.parquet import ParquetTable

        return ParquetTable(folder / table, partitioned=partitioned)
    if table_format == "delta":
        from jsonschema_tools.lake.delta import DeltaSink

        return DeltaSink(folder / table, partitioned=partitioned)
    from jsonschema_tools.lake.iceberg import IcebergSink

    return IcebergSink(folder, table, partitioned=partitioned)
