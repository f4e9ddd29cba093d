"""From the `$schema` of an event to its compiled schema."""

from __future__ import annotations

import os
import re
import time
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, TypeAlias

from jsonschema_tools.dereferencing.loader import Loader
from jsonschema_tools.errors import SchemaToolsError
from jsonschema_tools.events.schema import EventSchema, UnusableSchemaError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from jsonschema_tools.config import Config
    from jsonschema_tools.documents import Document
    from jsonschema_tools.events.schema import FormatRules

    _Signature: TypeAlias = "tuple[int, int, int] | None"

_HAS_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")  # RFC 3986, section 3.1
_MOST = 500  # schemas that are kept
_FRESH = 0.5  # seconds for which a file is not looked at again
_REMOTE = 60.0  # seconds for which an answer that came from a server is kept


@dataclass(slots=True)
class _Entry:
    """What is known of a URI: the schema, or why there is none; and the files that decided it."""

    found: EventSchema | UnusableSchemaError
    sources: dict[str, _Signature]
    looked_at: float
    is_remote: bool


class Registry:
    """The schemas that events may name; safe to use from several threads.

    A file that changes is read again, without a restart. A schema that cannot be used is an answer
    that is kept like any other.

    Args:
        root: folder against which relative base URIs are read.
        base_uris: prefixes put before a `$schema`, in order; the first that has it wins. Nothing
            outside of them is ever read.
        formats: see `EventSchema`.
        refresh: see `Loader`.
    """

    def __init__(
        self,
        root: Path,
        base_uris: Sequence[str],
        *,
        formats: FormatRules = "eventgate",
        refresh: bool = False,
    ) -> None:
        self._root = root
        self._base_uris = tuple(base_uris)
        self._refresh = refresh
        self.formats: FormatRules = formats
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._lock = Lock()

    @classmethod
    def of(cls, config: Config, *, formats: FormatRules | None = None) -> Registry:
        """Return the registry of a schema repository."""
        chosen = formats or ("strict" if config.intake.get("formats") == "strict" else "eventgate")
        return cls(config.root, config.schema_base_uris, formats=chosen, refresh=config.refresh)

    def get(self, uri: str) -> EventSchema:
        """Return the schema that an event calls `uri`.

        Args:
            uri: such as `/test/event/1.0.0`, `/test/event/latest`, with or without an extension
                or a trailing `#`.

        Raises:
            UnusableSchemaError: it cannot be found, leads out of the base URIs, or is not usable.
        """
        found = self.peek(uri)
        if found is None:
            entry = self._read(uri, time.monotonic())  # others are not kept waiting meanwhile
            found = entry.found
            with self._lock:
                self._entries[uri] = entry
                self._entries.move_to_end(uri)
                if len(self._entries) > _MOST:
                    self._entries.popitem(last=False)
        if isinstance(found, UnusableSchemaError):
            raise UnusableSchemaError(found.message, at=found.at, hint=found.hint)
        return found

    def peek(self, uri: str) -> EventSchema | UnusableSchemaError | None:
        """Return what `get` would return or raise, if it need not read anything; else None."""
        with self._lock:
            entry = self._entries.get(uri)
            if entry is None or not _is_current(entry, time.monotonic()):
                return None
            self._entries.move_to_end(uri)
        return entry.found

    def _read(self, uri: str, now: float) -> _Entry:
        loader = Loader(self._root, self._base_uris, refresh=self._refresh)
        asked: list[str] = []

        def load(url: str) -> Document:
            asked.append(url)
            return loader(url).document

        found: EventSchema | UnusableSchemaError
        try:
            found = EventSchema(uri, load(_location(uri)), load, self.formats)
        except UnusableSchemaError as error:
            found = error
        except SchemaToolsError as error:
            found = UnusableSchemaError(
                f"failed loading schema {uri!r}: {error.message}", at=error.at, hint=error.hint
            )
        places = [place for url in asked for place in loader.tried(url)]
        files = [place for place in places if place.startswith("/")]
        sources = {path: _signature(path) for path in files}
        return _Entry(found, sources, now, is_remote=len(files) < len(places))


def _location(uri: str) -> str:
    """Return the path at which a schema is looked for.

    Raises:
        UnusableSchemaError: it is not a path, or leads upwards.
    """
    path = uri.partition("#")[0].partition("?")[0]
    if path.startswith("//") or _HAS_SCHEME.match(path):
        raise UnusableSchemaError(
            f"absolute schema URIs are not allowed, but the event's is {uri!r}",
            hint="write the path below the base URIs, such as /test/event/1.0.0",
        )
    if ".." in path.replace("\\", "/").lower().replace("%2e", ".").replace("%2f", "/").split("/"):
        raise UnusableSchemaError(f"the schema URI {uri!r} leads out of the base URIs")
    if not path or path.endswith("/"):
        raise UnusableSchemaError(f"the schema URI {uri!r} names no schema")
    return path


def _is_current(entry: _Entry, now: float) -> bool:
    if entry.is_remote and now - entry.looked_at > _REMOTE:
        return False
    if now - entry.looked_at < _FRESH or entry.is_remote:
        return True
    if any(_signature(path) != known for path, known in entry.sources.items()):
        return False
    entry.looked_at = now
    return True


def _signature(path: str) -> _Signature:
    try:
        status = os.stat(path)  # noqa: PTH116 - many times faster than a Path
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
