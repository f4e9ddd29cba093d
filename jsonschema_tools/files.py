"""Files that may come from somebody else: how they are opened, and where links may lead."""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

# a FIFO without a writer would block, a terminal become ours; Windows has neither flag
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_CHUNK = 1 << 16  # bytes


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
        status = os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file", str(path))
        return _content(descriptor, status.st_size, limit)
    finally:
        os.close(descriptor)


def _content(descriptor: int, size: int, limit: int | None) -> bytes:
    """Return what can be read, at most up to a limit; it may be more or less than the size."""
    # not as much as the limit at once: Python would reserve memory for all of that
    content = b""
    while limit is None or len(content) < limit:
        most = max(size + 1 - len(content), _CHUNK)
        chunk = os.read(descriptor, most if limit is None else min(most, limit - len(content)))
        if not chunk:
            break
        content += chunk
    return content


def work_tree(folder: Path) -> Path:
    """Return the closest folder, from this one upwards, that has a `.git`; else the folder."""
    for place in (folder, *folder.parents):
        if os.path.lexists(place / ".git"):
            return place
    return folder


def leads_out(path: str | Path, folders: Sequence[Path]) -> bool:
    """Tell whether a path that is below one of some folders leads out of all of them by a link.

    A path that is below none of them, as written, does not: whoever wrote it meant to leave them.
    """
    written = os.path.normpath(path)
    below = any(_is_below(written, os.path.normpath(folder)) for folder in folders)
    return below and not is_inside(path, folders)


def is_inside(path: str | Path, folders: Iterable[Path]) -> bool:
    """Tell whether a path is below one of some folders once all links are followed.

    What is in a `.git` there is not: it is git's own, and its configuration names programs.
    """
    real = os.path.realpath(path)
    return any(_is_below(real, os.path.realpath(folder)) for folder in folders)


def _is_below(path: str, top: str) -> bool:
    start = top.rstrip(os.sep) + os.sep
    return path == top or (path.startswith(start) and not _is_git_s(path[len(start) :]))


def _is_git_s(path: str) -> bool:
    # on some file systems case does not matter
    return f"{os.sep}.git{os.sep}" in f"{os.sep}{path.lower()}{os.sep}"
