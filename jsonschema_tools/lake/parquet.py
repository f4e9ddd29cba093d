"""Plain Parquet files in folders of partitions, as Hive has them.

Files have no transactions, so there is a journal: `_load.json` in the table's folder, replaced
atomically. Files are written under names that no reader takes for data; then the journal names
them, which is the commit; then they are renamed. A run that finds a journal with files that are not
renamed yet renames them; files that no journal names are removed.
"""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from jsonschema_tools.errors import Location, ReadError
from jsonschema_tools.lake.arrow import columns_of, schema_of
from jsonschema_tools.lake.parquet_files import write_files
from jsonschema_tools.outputs import Output

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from jsonschema_tools.lake.rows import Rows
    from jsonschema_tools.lake.types import Field

_JOURNAL, _STAGING = "_load.json", "_staging"


class ParquetTable:
    """A folder of Parquet files, one folder for each hour.

    Args:
        folder: the table's folder.
        partitioned: whether there are folders of partitions in it.

    Raises:
        ReadError: its journal cannot be read.
    """

    def __init__(self, folder: Path, *, partitioned: bool) -> None:
        self._folder = folder
        self._partitioned = partitioned
        self._journal = self._read()
        self._staged: list[str] = []
        self.columns: tuple[Field, ...] = ()
        if self._journal["schema"]:
            text = pa.py_buffer(bytes.fromhex(self._journal["schema"]))
            self.columns = columns_of(pa.ipc.read_schema(text))
        self._finish()

    def progress(self, source: str) -> int:
        """Return the offset from which on the records of a source are not in the table yet."""
        offset: int = self._journal["progress"].get(source, 0)
        return offset

    def files(self) -> list[str]:
        """Return the files of the table as it is now."""
        return [str(path) for path in sorted(self._folder.rglob("*.parquet"))]

    def stage(self, rows: Rows) -> None:
        """Write files that no reader sees; see `Sink`."""
        staging = self._folder / _STAGING
        shutil.rmtree(staging, ignore_errors=True)
        name = f"batch-{self._journal['batch'] + 1:06}"
        files = write_files(rows, staging, name, partitioned=self._partitioned, extension="part")
        self._staged = [file.relative_to(staging).as_posix() for file in files]

    def write(self, columns: tuple[Field, ...], progress: Mapping[str, int]) -> None:
        """Append what is staged; see `Sink`."""
        self._journal = {
            "version": 1,
            "batch": self._journal["batch"] + 1,
            "progress": {**self._journal["progress"], **progress},
            "schema": schema_of(columns).serialize().to_pybytes().hex(),
            "files": self._staged,
        }
        self.columns = columns
        text = json.dumps(self._journal, indent=1)
        Output(self._folder / _JOURNAL, text.encode()).write(durable=True)
        self._finish()

    def _finish(self) -> None:
        """Give the files of the last commit their names, and remove what was never committed."""
        staging = self._folder / _STAGING
        for name in self._journal["files"]:
            source, target = staging / name, (self._folder / name).with_suffix(".parquet")
            if source.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                source.replace(target)
        shutil.rmtree(staging, ignore_errors=True)

    def _read(self) -> dict[str, Any]:
        path = self._folder / _JOURNAL
        try:
            found: dict[str, Any] = json.loads(path.read_bytes())
        except FileNotFoundError:
            return {"version": 1, "batch": 0, "progress": {}, "schema": "", "files": []}
        except (OSError, ValueError) as error:
            raise ReadError(
                f"the journal of the table cannot be read: {error}",
                at=Location(str(path)),
                hint="restore it, or load the events into another folder",
            ) from None
        return found
