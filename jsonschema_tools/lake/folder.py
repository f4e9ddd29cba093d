"""The folder of the tables: one loader at a time, and nothing that leads out of it."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from jsonschema_tools.errors import ConfigError, Location, SchemaToolsError
from jsonschema_tools.files import is_inside

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LOCK = "_load.lock"
# a link would be followed, a FIFO without a reader would block; Windows has neither flag
_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


class TableError(SchemaToolsError):
    """A table cannot be read or written to."""

    code = "table-error"


def require_within(path: Path, folder: Path) -> None:
    """Make sure that a file or folder of a table really is in the folder of the tables.

    Raises:
        TableError: a link leads out.
    """
    if not is_inside(path, [folder]):
        raise TableError(
            "a link leads out of the folder of the tables",
            at=Location(str(path)),
            hint="remove the link, or load into the folder that it leads to",
        )


def require_files(files: Iterable[str], folder: Path) -> list[str]:
    """Return the files that a table names, as paths.

    Args:
        files: paths, or URIs of files.
        folder: the folder of the tables.

    Raises:
        TableError: one is on another host, not a regular file, or not in that folder.
    """
    return [str(_file(name, folder)) for name in files]


def _file(name: str, folder: Path) -> Path:
    scheme, colon, rest = name.partition("://")
    path = Path(unquote(rest) if colon else name)
    if (colon and scheme != "file") or not path.is_absolute() or not path.is_file():
        raise TableError(
            f"the table names {name!r:.200}, which is not a file of it",
            at=Location(str(folder)),
            hint="load into another folder",
        )
    require_within(path, folder)
    return path


@contextmanager
def locked(folder: Path) -> Iterator[Path]:
    """Keep other loaders out of a folder, which is made if need be; a killed one holds no lock.

    Raises:
        ConfigError: another loader is at work there, or the folder cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / _LOCK, _FLAGS, 0o666)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise OSError(errno.EINVAL, f"{_LOCK} is not a regular file")
            _lock(descriptor)
            yield folder
        finally:
            os.close(descriptor)
    except BlockingIOError:
        hint = "wait until it is done, or load into another folder"
        raise ConfigError("another load is at work", at=Location(str(folder)), hint=hint) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigError(f"cannot be written to: {reason}", at=Location(str(folder))) from None


def _lock(descriptor: int) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        return
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
