"""Remote documents, kept on disk: those that never change, and others for a while."""

from __future__ import annotations

import json
import os
import re
import time
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from jsonschema_tools.cache import Cache

MAX_BYTES = 64 * 2**20

_MOST = 10_000  # documents
_VERSIONED = re.compile(r"://[^?#]*/\d+\.\d+\.\d+(?:[-+][0-9A-Za-z.+-]+)?(?:\.ya?ml|\.json)?$")


def cache_folder() -> Path | None:
    """Return the folder for remote documents, or None where none is wanted.

    It is `$JSONSCHEMA_TOOLS_CACHE_DIR/documents`, else `jsonschema-tools/documents` in the
    user's cache folder, as the system has it. An empty variable turns it off.
    """
    own = os.environ.get("JSONSCHEMA_TOOLS_CACHE_DIR")
    if own is not None:
        return Path(own, "documents") if own else None
    from platformdirs import user_cache_path  # only what is remote needs it

    folder = user_cache_path("jsonschema-tools", appauthor=False) / "documents"
    return folder if folder.is_absolute() else None  # of a user without a home


class Kept(NamedTuple):
    """A document that is kept.

    Attributes:
        url: where it was downloaded from.
        size: bytes.
        time: when it was downloaded, in seconds since 1970.
    """

    url: str
    size: int
    time: float


class DocumentCache:
    """The documents that were downloaded, in the cache in a folder.

    A document whose URL ends in a full version is kept for good: it does not change. What cannot be
    read or written is not kept.

    Args:
        folder: where; None keeps nothing.
        max_bytes: when the entries are larger together, those not used for longest are removed.
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
        self._cache = Cache(folder) if folder is not None else None
        self._max_bytes = max_bytes
        self._max_age = max_age
        self._refresh = refresh

    def get(self, url: str) -> bytes | None:
        """Return the document that was kept for a URL."""
        if self._cache is None or not self._may_keep(url) or self._refresh:
            return None
        kept, content = _opened(self._cache.get_bytes(_key(url)))
        if kept is None or kept.url != url:
            return None
        is_fresh = _VERSIONED.search(url) or time.time() - kept.time <= self._max_age
        return content if is_fresh else None

    def kept_since(self, url: str) -> float | None:
        """Return when the document for a URL was kept, in seconds since 1970; None if it is not."""
        if self._cache is None or self._refresh:
            return None
        kept, _ = _opened(self._cache.get_bytes(_key(url)))
        return kept.time if kept is not None and kept.url == url else None

    def put(self, url: str, content: bytes) -> None:
        """Keep a document, if its URL says that it never changes or `max_age` allows it."""
        if self._cache is None or not self._may_keep(url) or self.get(url) is not None:
            return
        head = json.dumps([url, time.time()])
        self._cache.put_bytes(_key(url), head.encode() + b"\n" + content)
        self._cache.prune(_MOST, self._max_bytes)

    def _may_keep(self, url: str) -> bool:
        return bool(self._max_age or _VERSIONED.search(url))

    def entries(self) -> list[Kept]:
        """Return what is kept, by URL."""
        found = map(_opened, self._cache.values() if self._cache is not None else ())
        return sorted(kept for kept, _ in found if kept is not None)

    def clear(self) -> list[Kept]:
        """Remove what is kept; return what was."""
        entries = self.entries()
        if self._cache is not None:
            self._cache.clear()
        return entries


def _key(url: str) -> str:
    return sha256(url.encode()).hexdigest()[:40]


def _opened(entry: bytes | None) -> tuple[Kept | None, bytes]:
    """Return what an entry says of a document, and the document."""
    head, _, content = (entry or b"").partition(b"\n")
    try:
        url, downloaded = json.loads(head)
        return Kept(str(url), len(content), float(downloaded)), content
    except (TypeError, ValueError):
        return None, b""
