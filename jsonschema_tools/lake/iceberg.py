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
from uuid import uuid4

import duckdb
import msgspec
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import NoSuchTableError
from pyiceberg.io import PY_IO_IMPL, WAREHOUSE
from pyiceberg.io.pyarrow import PyArrowFile, PyArrowFileIO
from pyiceberg.table import TableProperties
from sqlalchemy import URL

from jsonschema_tools.errors import Location
from jsonschema_tools.lake.arrow import columns_of
from jsonschema_tools.lake.folder import TableError, require_files, require_within
from jsonschema_tools.lake.names import PARTITIONS
from jsonschema_tools.lake.parquet_files import sync_files, write_files

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa
    from pyiceberg.io import InputFile, OutputFile

    from jsonschema_tools.lake.rows import Rows
    from jsonschema_tools.lake.types import Field

CATALOG, NAMESPACE = "catalog.db", "event"
_PROPERTY = "jsonschema-tools.progress"
#: properties of a table by which pyiceberg would import a class
_IMPLEMENTATIONS = frozenset({TableProperties.WRITE_PY_LOCATION_PROVIDER_IMPL, PY_IO_IMPL})
logging.getLogger("pyiceberg").setLevel(logging.ERROR)  # it warns of statistics it can do without


class OwnFiles(PyArrowFileIO):
    """The files of a catalog: pyiceberg reads and writes, and all are in the catalog's folder."""

    def new_input(self, location: str) -> PyArrowFile:
        """Return a file to read."""
        return super().new_input(self._own(location))

    def new_output(self, location: str) -> PyArrowFile:
        """Return a file to write."""
        return super().new_output(self._own(location))

    def delete(self, location: str | InputFile | OutputFile) -> None:
        """Remove a file."""
        name = location if isinstance(location, str) else location.location
        super().delete(self._own(name))

    def _own(self, location: str) -> str:
        folder = _path_of(self.properties[WAREHOUSE])
        scheme, _, path = self.parse_location(location)
        if scheme != "file":
            raise TableError(f"the table names {location!r:.200}, which is not a file of it")
        _require_plain(Path(path), folder)
        return location


class _Catalog(SqlCatalog):
    """A catalog in which no table says how its files are read: that may be code of its own."""

    def _load_file_io(
        self, properties: Mapping[str, Any] | None = None, location: str | None = None
    ) -> OwnFiles:
        return OwnFiles(self.properties)


def _path_of(location: str) -> Path:
    """Return the path that pyiceberg reads from a location, in which it unescapes nothing."""
    return Path(OwnFiles.parse_location(location)[2])


def _require_plain(path: Path, folder: Path) -> None:
    """Make sure that a file is in a folder, and a regular one if it is there."""
    require_within(path, folder)
    if path.exists() and not path.is_file():
        raise TableError("it is not a regular file", at=Location(str(path)))


class IcebergSink:
    """An Iceberg table in the namespace `event`.

    Args:
        folder: the warehouse, which the catalog is in too.
        table: the table's name.
        partitioned: whether it is partitioned.
    """

    def __init__(self, folder: Path, table: str, *, partitioned: bool) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lake = folder = folder.resolve()
        for suffix in ("", "-journal", "-wal", "-shm"):
            _require_plain(folder / f"{CATALOG}{suffix}", folder)
        warehouse = f"file://{folder}"
        if _path_of(warehouse) != folder:
            raise TableError(
                "a folder of this name cannot hold Iceberg tables",
                at=Location(str(folder)),
                hint="load into one without `?`, `#` and `;` in its path",
            )
        self._catalog = _Catalog(
            "lake",
            uri=URL.create("sqlite", database=str(folder / CATALOG)).render_as_string(),
            warehouse=warehouse,
            **{PY_IO_IMPL: f"{__name__}.{OwnFiles.__name__}"},
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
        if strange := _IMPLEMENTATIONS & self._table.properties.keys():
            raise TableError(
                f"the table names code that is to be run: {', '.join(sorted(strange))}",
                at=Location(str(folder)),
                hint="load into another folder",
            )
        text = self._table.properties.get(_PROPERTY, "{}")
        self._progress = msgspec.json.decode(text, type=dict[str, int])
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
        found = (task.file.file_path for task in self._table.scan().plan_files())
        return require_files(found, self._lake)

    def stage(self, rows: Rows) -> None:
        """Write files that belong to no table yet; see `Sink`."""
        self._schema = rows.schema()
        if self._table is None:
            self._table = self._catalog.create_table(self._name, schema=self._schema)
            if self._partitioned:
                with self._table.update_spec() as spec:
                    for name in PARTITIONS:
                        spec.add_identity(name)
        folder = _path_of(self._table.location()) / "data" / uuid4().hex
        require_within(folder, self._lake)
        try:
            files = write_files(
                rows, folder, "events", partitioned=self._partitioned, keeps_partitions=True
            )
        except duckdb.Error:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        self._staged = [folder / file for file in files]
        for file in self._staged:
            file.parent.mkdir(parents=True, exist_ok=True)
            (folder / file.name).replace(file)

    def write(self, columns: tuple[Field, ...], progress: Mapping[str, int]) -> None:
        """Append what is staged; see `Sink`."""
        sync_files(self._staged)
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
