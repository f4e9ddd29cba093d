"""Remote documents that never change, kept on disk."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_BYTES = 64 * 2**20

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


class DocumentCache:
    """A folder with one file for each versioned document that was downloaded.

    Only URLs that end in a full version are kept: what stands behind them does not change. An
    entry that is not what was written is as good as none, and a folder that cannot be written
    is an empty one.

    Args:
        folder: where; None keeps nothing.
        max_bytes: when the entries are larger together, the oldest go.
    """

    def __init__(self, folder: Path | None, *, max_bytes: int = MAX_BYTES) -> None:
        self._folder = folder
        self._max_bytes = max_bytes

    def get(self, url: str) -> bytes | None:
        """Return the document that was kept for a URL."""
        path = self._path(url)
        if path is None:
            return None
        try:
            head, _, content = path.read_bytes().partition(b"\n")
        except OSError:
            return None
        return content if head == _head(url, content) else None

    def put(self, url: str, content: bytes) -> None:
        """Keep a document, if its URL says that it never changes."""
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
        if self._folder is None or not _VERSIONED.search(url):
            return None
        return self._folder / sha256(url.encode()).hexdigest()[:40]

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
