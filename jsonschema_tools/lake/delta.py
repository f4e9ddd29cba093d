"""Delta tables: progress is an application transaction, committed with the rows."""

from __future__ import annotations

import glob
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake

from jsonschema_tools.errors import Location
from jsonschema_tools.lake.arrow import columns_of
from jsonschema_tools.lake.folder import TableError, require_files, require_within
from jsonschema_tools.lake.names import PARTITIONS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from jsonschema_tools.lake.rows import Rows
    from jsonschema_tools.lake.types import Field

#: what deltalake cannot have in a path: it unescapes `%41`, and panics at some characters
_STRANGE = re.compile(r"[\x00-\x1f\x7f\[\]\\^|]|%[0-9A-Fa-f]{2}")


class DeltaSink:
    """A Delta table.

    Args:
        lake: the folder of the tables.
        table: the table's name, which its folder has too.
        partitioned: whether it is partitioned.

    Raises:
        TableError: a link leads out of the folder of the tables, or deltalake cannot write to a
            folder of this name.
    """

    def __init__(self, lake: Path, table: str, *, partitioned: bool) -> None:
        self._lake = lake
        self._folder = folder = lake / table
        if _STRANGE.search(folder.resolve().as_posix()):
            raise TableError(
                "a folder of this name cannot hold Delta tables",
                at=Location(str(lake)),
                hint="load into one without `[`, `]`, `^`, `|` and the like of `%20` in its path",
            )
        require_within(folder / "_delta_log", lake)
        self._partitioned = partitioned
        self._table = DeltaTable(folder) if DeltaTable.is_deltatable(str(folder)) else None
        self._staged: Any = None
        self.columns: tuple[Field, ...] = ()
        if self._table is not None:
            found = columns_of(pa.schema(self._table.schema().to_arrow()))
            hidden = PARTITIONS if partitioned else ()
            self.columns = tuple(field for field in found if field.name not in hidden)

    def progress(self, source: str) -> int:
        """Return the offset from which on the records of a source are not in the table yet."""
        return (self._table and self._table.transaction_version(source)) or 0

    def files(self) -> list[str]:
        """Return the files of the table as it is now."""
        if self._table is None:
            return []
        # the URI of the table is escaped; what follows it is a path as it is
        start = self._table.table_uri.removeprefix("file://")
        found = self._table.file_uris()
        inside = (f"{self._folder}/{uri.removeprefix(start)}" for uri in found)
        return require_files(inside, self._lake)

    def stage(self, rows: Rows) -> None:
        """Make the rows; see `Sink`."""
        self._staged = rows.table()
        if self._partitioned:
            self._require_within(rows)

    def _require_within(self, rows: Rows) -> None:
        """Make sure that no folder of a partition that is written to leads out."""
        center, *parts = PARTITIONS
        # not by pyarrow, which would import what it computes with, for 50 ms
        found = replace(
            rows,
            source=self._staged.select(parts).to_reader(),
            query="SELECT DISTINCT * FROM batch",
        )
        hours = found.table().to_pylist()
        for place in self._folder.glob(f"{glob.escape(center)}=*"):
            for hour in hours:
                folders = (f"{part}={value}" for part, value in hour.items())
                require_within(place.joinpath(*folders), self._lake)

    def write(self, columns: tuple[Field, ...], progress: Mapping[str, int]) -> None:
        """Append what is staged; see `Sink`."""
        self._folder.mkdir(parents=True, exist_ok=True)
        done = [Transaction(source, offset) for source, offset in progress.items()]
        write_deltalake(
            self._table or self._folder,
            self._staged,
            partition_by=list(PARTITIONS) if self._partitioned else None,
            mode="append",
            schema_mode="merge",
            commit_properties=CommitProperties(app_transactions=done),
        )
        if self._table is None:
            self._table = DeltaTable(self._folder)
        self._table.update_incremental()
        self._staged = None
        self.columns = columns
