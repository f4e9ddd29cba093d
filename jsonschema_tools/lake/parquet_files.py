"""Rows as files of Parquet, one for each partition: written by duckdb, synced to disk."""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from jsonschema_tools.lake.duck import quote
from jsonschema_tools.lake.names import PARTITIONS

_CENTER, *_HOUR = map(quote, PARTITIONS)
_WRITES = 8  # files that are synced at once

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
    if rows.count == 0:
        return []
    folder.mkdir(parents=True, exist_ok=True)
    if partitioned:
        files = _partitions(rows, folder, name, extension, keeps_partitions=keeps_partitions)
    else:
        files = [folder / f"{name}.{extension}"]
        rows.copy(_options(files[0]))
    with ThreadPoolExecutor(_WRITES) as pool:  # a disk syncs several in the time of one
        list(pool.map(_sync, files))
    return files


def _partitions(
    rows: Rows, folder: Path, name: str, extension: str, *, keeps_partitions: bool
) -> list[Path]:
    """Write a file for each partition.

    duckdb looks up the folder of each row, which takes long with five columns, so it is told two:
    the data center, and the hour as one number, YYYYMMDDHH.
    """
    scratch = folder / "_scratch"
    hour = f"(({_HOUR[0]} * 100 + {_HOUR[1]}) * 100 + {_HOUR[2]}) * 100 + {_HOUR[3]}"
    left_out = "" if keeps_partitions else f"EXCLUDE ({', '.join(map(quote, PARTITIONS))})"
    chosen = f'* {left_out}, {_CENTER} AS "-center", {hour} AS "-hour"'
    options = _options(
        scratch,
        partition_by='("-center", "-hour")',
        filename_pattern=f"'{name}-{{i}}'",
        file_extension=f"'{extension}'",
    )
    rows.copy(options, chosen)
    files = [_moved(file, folder) for file in scratch.rglob(f"*.{extension}")]
    shutil.rmtree(scratch)
    return sorted(files)


def _moved(file: Path, folder: Path) -> Path:
    """Move a file into the folder of its partition."""
    center, number = (part.partition("=")[2] for part in file.parts[-3:-1])
    rest, hour = divmod(int(number), 100)
    rest, day = divmod(rest, 100)
    year, month = divmod(rest, 100)
    values = zip(PARTITIONS, (center, year, month, day, hour), strict=True)
    target = folder.joinpath(*(f"{part}={value}" for part, value in values), file.name)
    target.parent.mkdir(parents=True, exist_ok=True)
    return file.replace(target)


def _options(target: Path, **more: str) -> str:
    options = {"format": "parquet", "compression": "zstd", **more}
    literal = str(target).replace("'", "''")
    return f"TO '{literal}' ({', '.join(f'{key} {value}' for key, value in options.items())})"


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
