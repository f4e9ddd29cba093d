"""Plain Parquet files in folders of partitions, as Hive has them.

Files have no transactions, so there is a journal: `_load.json` in the table's folder, replaced
atomically. Files are written under names that no reader takes for data; then the journal names
them, which is the commit; then they are renamed. A run that finds a journal with files that are not
renamed yet renames them; files that no journal names are removed.
"""

from __future__ import annotations

import json
import shutil
from pathlib import PurePath
from typing import TYPE_CHECKING, Annotated, Any

import pyarrow as pa
from msgspec import Meta, MsgspecError, Struct, to_builtins
from msgspec.json import decode

from jsonschema_tools.errors import Location, ReadError
from jsonschema_tools.files import read_file
from jsonschema_tools.lake.arrow import columns_of, schema_of
from jsonschema_tools.lake.folder import require_files, require_within
from jsonschema_tools.lake.parquet_files import sync_files, write_files
from jsonschema_tools.outputs import Output

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from jsonschema_tools.lake.rows import Rows
    from jsonschema_tools.lake.types import Field

_JOURNAL, _STAGING = "_load.json", "_staging"
_MOST = 256 * 2**20  # bytes of a journal, which has a line for each source


class _Journal(Struct):
    """What a journal holds."""

    version: int
    batch: Annotated[int, Meta(ge=0, le=2**53)]
    progress: dict[str, int]
    schema: str
    files: list[str]


class ParquetTable:
    """A folder of Parquet files, one folder for each hour.

    Args:
        lake: the folder of the tables.
        table: the table's name, which its folder has too.
        partitioned: whether there are folders of partitions in it.

    Raises:
        ReadError: its journal cannot be read.
        TableError: a link leads out of the folder of the tables.
    """

    def __init__(self, lake: Path, table: str, *, partitioned: bool) -> None:
        self._lake = lake
        self._folder = lake / table
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
        found = sorted(self._folder.rglob("*.parquet"))
        return require_files(map(str, found), self._lake)

    def stage(self, rows: Rows) -> None:
        """Write files that no reader sees; see `Sink`."""
        staging = self._folder / _STAGING
        require_within(staging, self._lake)
        shutil.rmtree(staging, ignore_errors=True)
        name = f"batch-{self._journal['batch'] + 1:06}"
        files = write_files(rows, staging, name, partitioned=self._partitioned, extension="part")
        self._staged = [file.as_posix() for file in files]

    def write(self, columns: tuple[Field, ...], progress: Mapping[str, int]) -> None:
        """Append what is staged; see `Sink`."""
        sync_files(map(self._source, self._staged))
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

    def _source(self, name: str) -> Path:
        """Return where a file is before it has its name."""
        return self._folder / _STAGING / PurePath(name).name

    def _finish(self) -> None:
        """Give the files of the last commit their names, and remove what was never committed."""
        for name in self._journal["files"]:
            source, target = self._source(name), (self._folder / name).with_suffix(".parquet")
            if source.exists():
                require_within(source, self._lake)
                require_within(target, self._lake)
                target.parent.mkdir(parents=True, exist_ok=True)
                source.replace(target)
        shutil.rmtree(self._folder / _STAGING, ignore_errors=True)

    def _read(self) -> dict[str, Any]:
        path = self._folder / _JOURNAL
        try:
            require_within(path, self._lake)
            found: dict[str, Any] = to_builtins(decode(read_file(path, _MOST), type=_Journal))
            names = map(PurePath, found["files"])
            if any(name.is_absolute() or ".." in name.parts for name in names):
                raise ValueError("a file that it names is not in the table")
        except FileNotFoundError:
            return {"version": 1, "batch": 0, "progress": {}, "schema": "", "files": []}
        # RecursionError: msgspec calls itself for each level
        except (OSError, ValueError, MsgspecError, RecursionError) as error:
            raise ReadError(
                f"the journal of the table cannot be read: {error}",
                at=Location(str(path)),
                hint="restore it, or load the events into another folder",
            ) from None
        return found
