"""Iceberg tables, in a catalog that is a file of SQLite: progress is a property of the table.

Files are written by duckdb and added to the table: what pyiceberg itself writes has an empty list
where a list of structs is missing (pyiceberg 0.12, `ArrowProjectionVisitor.list`).
"""

from __future__ import annotations

import json
import logging
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import duckdb
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import NoSuchTableError

from jsonschema_tools.lake.arrow import columns_of
from jsonschema_tools.lake.names import PARTITIONS
from jsonschema_tools.lake.parquet_files import write_files

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from jsonschema_tools.lake.rows import Rows
    from jsonschema_tools.lake.types import Field

CATALOG, NAMESPACE = "catalog.db", "event"
_PROPERTY = "jsonschema-tools.progress"
logging.getLogger("pyiceberg").setLevel(logging.ERROR)  # it warns of statistics it can do without


class IcebergSink:
    """An Iceberg table in the namespace `event`.

    Args:
        folder: the warehouse, which the catalog is in too.
        table: the table's name.
        partitioned: whether it is partitioned.
    """

    def __init__(self, folder: Path, table: str, *, partitioned: bool) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        folder = folder.resolve()
        self._catalog = SqlCatalog(
            "lake", uri=f"sqlite:///{folder / CATALOG}", warehouse=folder.as_uri()
        )
        self._catalog.create_namespace_if_not_exists(NAMESPACE)
        self._name = f"{NAMESPACE}.{table}"
        self._partitioned = partitioned
        self._table: Any = None
        self._schema: pa.Schema | None = None
        self._staged: list[Path] = []
        self._progress: dict[str, int] = {}
        self.columns: tuple[Field, ...] = ()
        try:
            self._table = self._catalog.load_table(self._name)
        except NoSuchTableError:
            return
        self._progress = json.loads(self._table.properties.get(_PROPERTY, "{}"))
        found = columns_of(self._table.schema().as_arrow())
        hidden = PARTITIONS if partitioned else ()
        self.columns = tuple(field for field in found if field.name not in hidden)

    def progress(self, source: str) -> int:
        """Return the offset from which on the records of a source are not in the table yet."""
        return self._progress.get(source, 0)

    def files(self) -> list[str]:
        """Return the files of the table as it is now."""
        if self._table is None:
            return []
        return [task.file.file_path for task in self._table.scan().plan_files()]

    def stage(self, rows: Rows) -> None:
        """Write files that belong to no table yet; see `Sink`."""
        self._schema = rows.schema()
        if self._table is None:
            self._table = self._catalog.create_table(self._name, schema=self._schema)
            if self._partitioned:
                with self._table.update_spec() as spec:
                    for name in PARTITIONS:
                        spec.add_identity(name)
        folder = Path(unquote(urlsplit(self._table.location()).path)) / "data" / uuid4().hex
        try:
            self._staged = write_files(
                rows, folder, "events", partitioned=self._partitioned, keeps_partitions=True
            )
        except duckdb.Error:
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def write(self, columns: tuple[Field, ...], progress: Mapping[str, int]) -> None:
        """Append what is staged; see `Sink`."""
        self._progress = {**self._progress, **progress}
        with self._table.transaction() as transaction:
            if columns != self.columns:
                with transaction.update_schema() as update:
                    update.union_by_name(self._schema)
            if self._staged:
                files = [str(file) for file in self._staged]
                transaction.add_files(files, check_duplicate_files=False)
            transaction.set_properties({_PROPERTY: json.dumps(self._progress)})
        self.columns = columns
