"""Rows as files of Parquet, one for each partition: written by duckdb, synced to disk."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import PurePath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote as escaped

from jsonschema_tools.lake.duck import quote
from jsonschema_tools.lake.names import PARTITIONS

_CENTER, *_HOUR = map(quote, PARTITIONS)
_WRITES = 8  # files that are synced at once
_NO_CENTER = "__HIVE_DEFAULT_PARTITION__"

if TYPE_CHECKING:
    from collections.abc import Iterable
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
) -> list[PurePath]:
    """Write rows into a folder, in which the files are side by side.

    Args:
        rows: the rows; none make no file.
        folder: an empty folder, which need not be there yet.
        name: what the files' names begin with.
        partitioned: whether each file is of one partition.
        extension: what the files' names end with.
        keeps_partitions: whether the files hold the partition columns too.

    Returns:
        Where each file belongs, sorted: its name, below the folders of its partition as Hive has
        them.

    Raises:
        duckdb.Error: of something no row can be made; there may be files then.
    """
    if rows.count == 0:
        return []
    folder.mkdir(parents=True, exist_ok=True)
    if partitioned:
        return _partitions(rows, folder, name, extension, keeps_partitions=keeps_partitions)
    file = folder / f"{name}.{extension}"
    rows.copy(_options(file))
    return [PurePath(file.name)]


def sync_files(files: Iterable[Path]) -> None:
    """Have files written to the disk."""
    with ThreadPoolExecutor(_WRITES) as pool:  # a disk syncs several in the time of one
        list(pool.map(_sync, files))


def _partitions(
    rows: Rows, folder: Path, name: str, extension: str, *, keeps_partitions: bool
) -> list[PurePath]:
    """Write a file for each partition.

    duckdb looks up the partition of each row, which takes long with five columns, so it is told
    two: the data center, and the hour as one number, YYYYMMDDHH. It makes no folders: making and
    removing them takes longer than writing small files.
    """
    hour = f"(({_HOUR[0]} * 100 + {_HOUR[1]}) * 100 + {_HOUR[2]}) * 100 + {_HOUR[3]}"
    left_out = "" if keeps_partitions else f"EXCLUDE ({', '.join(map(quote, PARTITIONS))})"
    chosen = f'* {left_out}, {_CENTER} AS "-center", {hour} AS "-hour"'
    options = _options(
        folder,
        partition_by='("-center", "-hour")',
        hive_file_pattern="false",
        return_stats="true",
        filename_pattern=f"'{name}-{{i}}'",
        file_extension=f"'{extension}'",
    )
    # of each file: its name, three sizes, statistics, the keys of its partition
    return sorted(_placed(file[0], file[5]) for file in rows.copy(options, chosen))


def _placed(file: str, keys: dict[str, Any]) -> PurePath:
    """Return the name of a file, below the folders of the partition that has some keys."""
    rest, hour = divmod(int(keys["-hour"]), 100)
    rest, day = divmod(rest, 100)
    year, month = divmod(rest, 100)
    center = _NO_CENTER if keys["-center"] is None else escaped(keys["-center"], safe="")
    values = zip(PARTITIONS, (center, year, month, day, hour), strict=True)
    return PurePath(*(f"{part}={value}" for part, value in values), PurePath(file).name)


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
