"""Remote documents, kept on disk: those that never change, and others for a while."""

from __future__ import annotations

import os
import re
import time
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_BYTES = 64 * 2**20

_CHECKSUM = 64  # hexadecimal digits of SHA-256
_VERSIONED = re.compile(r"://[^?#]*/\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?(?:\.ya?ml|\.json)?$")


def cache_folder(environment: Mapping[str, str] = os.environ) -> Path | None:
    """Return the folder for remote documents, or None where there shall be none.

    It is `$JSONSCHEMA_TOOLS_CACHE_DIR/documents`, else `jsonschema-tools/documents` in the
    user's cache folder (XDG Base Directory Specification). An empty variable turns it off.
    """
    own = environment.get("JSONSCHEMA_TOOLS_CACHE_DIR")
    if own is not None:
        return Path(own, "documents") if own else None
    user = environment.get("XDG_CACHE_HOME", "")
    if not Path(user).is_absolute():
        home = environment.get("HOME")
        if not home:
            return None
        user = f"{home}/.cache"
    return Path(user, "jsonschema-tools", "documents")


class Kept(NamedTuple):
    """A document that is kept.

    Attributes:
        url: where it was downloaded from.
        size: bytes on disk.
        time: when it was downloaded, in seconds since 1970.
        path: its file.
    """

    url: str
    size: int
    time: float
    path: Path


class DocumentCache:
    """A folder with one file for each document that was downloaded.

    A document whose URL ends in a full version is kept for good: it does not change. An entry
    that is not what was written is as good as none, and a folder that cannot be written is an
    empty one.

    Args:
        folder: where; None keeps nothing.
        max_bytes: when the entries are larger together, the oldest are removed.
        max_age: for how many seconds other documents are kept; 0: not at all.
        refresh: whether what was kept counts as none, and is replaced.
    """

    def __init__(
        self,
        folder: Path | None,
        *,
        max_bytes: int = MAX_BYTES,
        max_age: float = 0,
        refresh: bool = False,
    ) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._max_age = max_age
        self._refresh = refresh

    def get(self, url: str) -> bytes | None:
        """Return the document that was kept for a URL."""
        path = self._path(url)
        if path is None or self._refresh:
            return None
        try:
            if not _VERSIONED.search(url) and time.time() - path.stat().st_mtime > self._max_age:
                return None
            head, _, content = path.read_bytes().partition(b"\n")
        except OSError:
            return None
        return content if head == _head(url, content) else None

    def kept_since(self, url: str) -> float | None:
        """Return when the document for a URL was kept, in seconds since 1970; None if it is not."""
        path = self._path(url)
        try:
            return None if path is None or self._refresh else path.stat().st_mtime
        except OSError:
            return None

    def put(self, url: str, content: bytes) -> None:
        """Keep a document, if its URL says that it never changes or `max_age` allows it."""
        path = self._path(url)
        if path is None or self.get(url) is not None:
            return
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            (path.parent / ".gitignore").write_text("*\n", encoding="utf-8")
            with NamedTemporaryFile(dir=path.parent, prefix="new-", delete=False) as file:
                file.write(_head(url, content) + b"\n" + content)
            Path(file.name).replace(path)
            self._prune(path.parent)

    def _path(self, url: str) -> Path | None:
        if self._folder is None or not (self._max_age or _VERSIONED.search(url)):
            return None
        return self._folder / sha256(url.encode()).hexdigest()[:40]

    def entries(self) -> list[Kept]:
        """Return what is kept, by URL."""
        found = []
        for path in self._folder.glob("*") if self._folder is not None else ():
            with suppress(OSError), path.open("rb") as file:
                checksum, _, url = file.readline(2**16).strip().partition(b" ")
                if len(checksum) == _CHECKSUM and url:
                    status = path.stat()
                    text = url.decode(errors="replace")
                    found.append(Kept(text, status.st_size, status.st_mtime, path))
        return sorted(found)

    def clear(self) -> list[Kept]:
        """Remove what is kept; return what was."""
        entries = self.entries()
        for entry in entries:
            with suppress(OSError):
                entry.path.unlink()
        return entries

    def _prune(self, folder: Path) -> None:
        entries = sorted(
            (
                (entry.stat().st_mtime, entry.stat().st_size, entry.path)
                for entry in os.scandir(folder)
            ),
            reverse=True,
        )
        total = 0
        for _, size, path in entries:
            total += size
            if total > self._max_bytes:
                Path(path).unlink(missing_ok=True)


def _head(url: str, content: bytes) -> bytes:
    return f"{sha256(content).hexdigest()} {url}".encode()
