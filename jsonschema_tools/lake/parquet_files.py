"""Rows as files of Parquet, one for each partition: written by duckdb, synced to disk."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from jsonschema_tools.lake.duck import quote
from jsonschema_tools.lake.names import PARTITIONS

if TYPE_CHECKING:
    from pathlib import Path

    from jsonschema_tools.lake.rows import Rows


def write_files(  # noqa: PLR0913 - all but three by name
    rows: Rows,
    folder: Path,
    name: str,
    *,
    partitioned: bool,
    extension: str = "parquet",
    keeps_partitions: bool = False,
) -> list[Path]:
    """Write rows into a folder; return the files, sorted.

    Args:
        rows: the rows; none make no file.
        folder: an empty folder, which need not be there yet.
        name: what the files' names begin with.
        partitioned: whether they go into folders of partitions, as Hive has them.
        extension: what the files' names end with.
        keeps_partitions: whether the files hold the partition columns too.

    Raises:
        duckdb.Error: of something no row can be made; there may be files then.
    """
    if not rows:
        return []
    folder.mkdir(parents=True, exist_ok=True)
    options = {"format": "parquet", "compression": "zstd"}
    target = folder
    if partitioned:
        options["filename_pattern"] = f"'{name}-{{i}}'"
        options["file_extension"] = f"'{extension}'"
        options["partition_by"] = f"({', '.join(map(quote, PARTITIONS))})"
        options["write_partition_columns"] = str(keeps_partitions).lower()
        options["overwrite_or_ignore"] = "true"
    else:
        target = folder / f"{name}.{extension}"
    chosen = ", ".join(f"{key} {value}" for key, value in options.items())
    literal = str(target).replace("'", "''")
    rows.copy(f"TO '{literal}' ({chosen})")
    files = sorted(folder.rglob(f"*.{extension}"))
    for file in files:
        _sync(file)
    return files


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
