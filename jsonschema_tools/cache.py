"""What is remembered from run to run: JSON values in small files, by the hash of their origin.

Nothing depends on it: an entry that is missing, damaged or not readable is not there, and what
cannot be written is not kept. Several processes may read and write it at once.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
import time
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

FOLDER = ".jsonschema-tools-cache"
"""Its name, at the root of a repository."""

_SUFFIX = ".entry"
_TEMPORARY = ".tmp"
_ABOUT = {
    ".gitignore": "*\n",
    # https://bford.info/cachedir/: backup programs leave such folders out
    "CACHEDIR.TAG": "Signature: 8a477f597d28d172789f06886806bc55\n# Cache of jsonschema-tools\n",
}
_LARGEST = 2**26  # bytes; larger files are none of ours
_HOUR = 3600  # seconds
_OURS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


class Usage(NamedTuple):
    """How much there is: number of entries, and their size in bytes."""

    entries: int
    size: int


class Cache:
    """The cache in a folder, which is made when the first entry is put into it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._path = str(folder)
        self._is_ready = False
        # a link may lead to files that are not ours
        self._is_usable = not folder.is_symlink()

    def get(self, key: str) -> Any:
        """Return the value of an entry, None if there is none."""
        try:
            content = self._read(key) if self._is_usable else b""
            checksum, _, data = content.partition(b"\n")
            return json.loads(data) if checksum == _checksum(data) else None
        except (OSError, ValueError, RecursionError):
            return None

    def _read(self, key: str) -> bytes:
        path = self._entry(key)
        with open(os.open(path, _OURS), "rb") as file:  # noqa: PTH123 - 1,000 of them a second
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
                return b""
            content = file.read()
        if time.time() - status.st_mtime > _HOUR:
            with contextlib.suppress(OSError):
                os.utime(path)  # it is in use: see `prune`
        return content

    def put(self, key: str, value: object) -> None:
        """Put in an entry, in place of one with the same key."""
        if not self._is_usable:
            return
        data = json.dumps(value, separators=(",", ":")).encode()
        temporary = f"{self._path}/{os.urandom(8).hex()}{_TEMPORARY}"
        try:
            self._make_ready()
            with open(temporary, "xb") as file:  # noqa: PTH123 - as above
                file.write(b"%s\n%s" % (_checksum(data), data))
            os.replace(temporary, self._entry(key))  # noqa: PTH105
        except OSError:
            self._is_usable = False  # a disk that is full, or read only: it stays so
            with contextlib.suppress(OSError):
                os.unlink(temporary)  # noqa: PTH108

    def _entry(self, key: str) -> str:
        return f"{self._path}/{key}{_SUFFIX}"

    def _make_ready(self) -> None:
        if self._is_ready:
            return
        self.folder.mkdir(exist_ok=True)
        for name, text in _ABOUT.items():
            # exclusively, as a link of that name may lead out of the repository
            with contextlib.suppress(FileExistsError), (self.folder / name).open("x") as file:
                file.write(text)
        self._is_ready = True

    def prune(self, most: int) -> None:
        """Remove entries until there are at most so many; those not used for longest go first."""
        files = list(self._files())
        if len(files) > most:
            files.sort(key=_last_used)
            self._remove(files[: len(files) - most])

    def clear(self) -> Usage:
        """Remove it; other files in its folder stay. Returns how much there was."""
        usage = self.usage()
        self._remove(self._files())
        with contextlib.suppress(OSError):
            for name in _ABOUT if self._is_usable else ():
                (self.folder / name).unlink(missing_ok=True)
            self.folder.rmdir()
        self._is_ready = False
        return usage

    def usage(self) -> Usage:
        """Return how much there is."""
        sizes = [0]
        for file in self._files():
            with contextlib.suppress(OSError):
                sizes.append(file.stat(follow_symlinks=False).st_size)
        return Usage(len(sizes) - 1, sum(sizes))

    def _files(self) -> Iterator[os.DirEntry[str]]:
        """Yield the entries, and the temporary files of writers that were killed."""
        try:
            found = list(os.scandir(self._path)) if self._is_usable else []
        except OSError:
            return
        yield from (file for file in found if file.name.endswith((_SUFFIX, _TEMPORARY)))

    @staticmethod
    def _remove(files: Iterable[os.DirEntry[str]]) -> None:
        for file in files:
            with contextlib.suppress(OSError):  # another process was faster, or we may not
                os.unlink(file.path)  # noqa: PTH108


def _last_used(file: os.DirEntry[str]) -> float:
    try:
        return file.stat(follow_symlinks=False).st_mtime
    except OSError:
        return 0


def _checksum(data: bytes) -> bytes:
    return blake2b(data, digest_size=16).hexdigest().encode()
