"""A cache from run to run, in small files, by the hash of their origin.

Nothing depends on it: an entry that is missing, damaged or not readable counts as missing, and what
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

from jsonschema_tools.outputs import TEMPORARY, write_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

FOLDER = ".jsonschema-tools-cache"
"""Its name, at the root of a repository."""

_SUFFIX = ".entry"
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
        data = self.get_bytes(key)
        try:
            return None if data is None else json.loads(data)
        except (ValueError, RecursionError):  # `json`, where others wrote the file
            return None

    def put(self, key: str, value: object) -> None:
        """Put in an entry, in place of one with the same key."""
        self.put_bytes(key, json.dumps(value, separators=(",", ":")).encode())

    def get_bytes(self, key: str) -> bytes | None:
        """Return the content of an entry as it was put in, None if there is none."""
        return self._whole(self._entry(key))

    def put_bytes(self, key: str, data: bytes) -> None:
        """Put in an entry that is not JSON."""
        if not self._is_usable:
            return
        try:
            self._make_ready()
            write_whole(self._entry(key), b"%s\n%s" % (_checksum(data), data))
        except OSError:
            self._is_usable = False  # a disk that is full, or read only: it stays so

    def values(self) -> Iterator[bytes]:
        """Yield the contents of all entries, in no particular order."""
        for file in self._files():
            if (data := self._whole(file.path)) is not None:
                yield data

    def _whole(self, path: str) -> bytes | None:
        try:
            content = self._read(path) if self._is_usable else b""
        except OSError:
            return None
        checksum, _, data = content.partition(b"\n")
        return data if checksum == _checksum(data) else None

    @staticmethod
    def _read(path: str) -> bytes:
        with open(os.open(path, _OURS), "rb") as file:  # noqa: PTH123 - 1,000 of them a second
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
                return b""
            content = file.read()
        if time.time() - status.st_mtime > _HOUR:
            with contextlib.suppress(OSError):
                os.utime(path)  # it is in use: see `prune`
        return content

    def _entry(self, key: str) -> str:
        return f"{self._path}/{key}{_SUFFIX}"

    def _make_ready(self) -> None:
        if self._is_ready:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, text in _ABOUT.items():
            # exclusively, as a link of that name may lead out of the repository
            with contextlib.suppress(FileExistsError), (self.folder / name).open("x") as file:
                file.write(text)
        self._is_ready = True

    def prune(self, most: int, max_bytes: int | None = None) -> None:
        """Remove entries; those not used for longest go first.

        Args:
            most: how many may stay.
            max_bytes: how large they may be together; None: no matter.
        """
        files = list(self._files())
        if len(files) <= most and max_bytes is None:
            return
        files.sort(key=_last_used, reverse=True)
        total, keep = 0, 0
        for file in files[:most]:
            total += _size(file)
            if max_bytes is not None and total > max_bytes:
                break
            keep += 1
        self._remove(files[keep:])

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
        sizes = [_size(file) for file in self._files()]
        return Usage(len(sizes), sum(sizes))

    def _files(self) -> Iterator[os.DirEntry[str]]:
        """Yield the entries, and the temporary files of writers that were killed."""
        try:
            found = list(os.scandir(self._path)) if self._is_usable else []
        except OSError:
            return
        yield from (file for file in found if file.name.endswith((_SUFFIX, TEMPORARY)))

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


def _size(file: os.DirEntry[str]) -> int:
    try:
        return file.stat(follow_symlinks=False).st_size
    except OSError:
        return 0


def _checksum(data: bytes) -> bytes:
    return blake2b(data, digest_size=16).hexdigest().encode()
