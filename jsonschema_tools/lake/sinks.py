"""Tables that events are appended to: what each format promises, and which it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from jsonschema_tools.errors import Location, SchemaToolsError
from jsonschema_tools.lake.folder import TableError, require_within

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from jsonschema_tools.lake.rows import Rows
    from jsonschema_tools.lake.types import Field

TableFormat: TypeAlias = Literal["parquet", "delta", "iceberg"]


class Sink(Protocol):
    """A table. A write is a transaction: rows and progress are there together, or not at all.

    Attributes:
        columns: those that the table has, without partition columns; none before the first write.
    """

    columns: tuple[Field, ...]

    def progress(self, source: str) -> int:
        """Return the offset from which on the records of a source are not in the table yet."""
        ...

    def files(self) -> list[str]:
        """Return the files of the table as it is now, for readers of Parquet.

        Raises:
            TableError: one is elsewhere.
        """
        ...

    def stage(self, rows: Rows) -> None:
        """Make ready what the next write appends; nobody sees it before.

        Args:
            rows: the rows, with those of partitions.

        Raises:
            duckdb.Error: of something no row can be made; nothing is staged.
        """
        ...

    def write(self, columns: tuple[Field, ...], progress: Mapping[str, int]) -> None:
        """Append the rows that are staged.

        Args:
            columns: their columns, which include those of the table.
            progress: the offset from which on to go on, by source.
        """
        ...


def open_sink(folder: Path, table: str, table_format: TableFormat, *, partitioned: bool) -> Sink:
    """Return a table in a folder, which need not be there yet.

    Raises:
        SchemaToolsError: what is there cannot be read, or is a link out of the folder.
    """
    folder = folder.absolute()
    require_within(folder / table, folder)
    try:
        return _open(folder, table, table_format, partitioned=partitioned)
    except SchemaToolsError:
        raise
    except Exception as error:  # each library has its own
        raise TableError(
            f"the table cannot be read: {type(error).__name__}: {error}",
            at=Location(str(folder / table)),
            hint="was it made by something else? load into another folder",
        ) from error


def _open(folder: Path, table: str, table_format: TableFormat, *, partitioned: bool) -> Sink:
    if table_format == "parquet":
        from jsonschema_tools.lake.parquet import ParquetTable

        return ParquetTable(folder, table, partitioned=partitioned)
    if table_format == "delta":
        from jsonschema_tools.lake.delta import DeltaSink

        return DeltaSink(folder, table, partitioned=partitioned)
    from jsonschema_tools.lake.iceberg import IcebergSink

    return IcebergSink(folder, table, partitioned=partitioned)
