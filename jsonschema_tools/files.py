"""Files that may come from somebody else: how they are opened, and where links may lead."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

# a FIFO without a writer would block, a terminal become ours; Windows has neither flag
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


def read_file(path: str | Path, limit: int | None = None) -> bytes:
    """Return the content of a regular file.

    Args:
        path: the file; links are followed.
        limit: the most bytes that are read; a file that is larger is cut there.

    Raises:
        OSError: it cannot be read, or is not a regular file but a folder, FIFO, device or socket.
    """
    descriptor = os.open(path, _FLAGS)
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "it is not a regular file", str(path))
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read() if limit is None else file.read(limit)
    finally:
        os.close(descriptor)


def work_tree(folder: Path) -> Path:
    """Return the closest folder, from this one upwards, that has a `.git`; else the folder."""
    for place in (folder, *folder.parents):
        if os.path.lexists(place / ".git"):
            return place
    return folder


def is_inside(path: str | Path, folders: Iterable[Path]) -> bool:
    """Tell whether a path is below one of some folders once all links are followed."""
    real = os.path.realpath(path)
    tops = (os.path.realpath(folder) for folder in folders)
    return any(real == top or real.startswith(top.rstrip(os.sep) + os.sep) for top in tops)
