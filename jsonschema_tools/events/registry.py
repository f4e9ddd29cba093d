"""From the `$schema` of an event to its compiled schema."""

from __future__ import annotations

import os
import re
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, TypeAlias

from jsonschema_tools.dereferencing.base_uris import is_remote
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
_MOST = 500  # schemas that are kept, and as many names of which there is none
_LONGEST = 1000  # characters of a name
_FRESH = 0.5  # seconds for which a file is not looked at again
_REMOTE = 60.0  # seconds for which an answer that came from a server is kept
_FAILED = 5.0  # seconds for which a file that cannot be read, or used, is not tried again
_VAIN = 20.0  # seconds of a minute for which servers may be asked in vain
_QUICKEST = 0.2  # seconds that count for an answer that came sooner


@dataclass(slots=True)
class _Entry:
    """What is known of a URI: the schema, or why there is none; and the files that decided it."""

    found: EventSchema | UnusableSchemaError
    sources: dict[str, _Signature]
    looked_at: float
    is_remote: bool
    read_at: float = field(init=False)

    def __post_init__(self) -> None:
        self.read_at = self.looked_at


class _Vain:
    """How long servers were asked for what they do not have; what events name is made up easily."""

    def __init__(self) -> None:
        self._left = _VAIN
        self._since = time.monotonic()

    def is_spent(self) -> bool:
        """Tell whether they are to be left alone for a while."""
        now = time.monotonic()
        self._left = min(_VAIN, self._left + (now - self._since) * _VAIN / 60)
        self._since = now
        return self._left <= 0

    def count(self, seconds: float) -> None:
        """Count an answer that took so long."""
        self._left -= max(seconds, _QUICKEST)


class Registry:
    """The schemas that events may name; safe to use from several threads.

    A file that changes is read again, without a restart. That a schema cannot be used is an answer
    that is kept, too, but for a short time, and not in the place of schemas: everyone can make up
    names.

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
        self._failed: OrderedDict[str, _Entry] = OrderedDict()
        self._vain = _Vain()
        self._folders = tuple(uri for uri in base_uris if not is_remote(uri))
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
            location = _location(uri)
            entry = self._read(uri, location, time.monotonic())  # others are not kept waiting
            found = entry.found
            with self._lock:
                self._keep(location, entry)
        if isinstance(found, UnusableSchemaError):
            raise UnusableSchemaError(found.message, at=found.at, hint=found.hint)
        return found

    def peek(self, uri: str) -> EventSchema | UnusableSchemaError | None:
        """Return what `get` would return or raise, if it need not read anything; else None."""
        key = _path(uri)
        with self._lock:
            entry = self._entries.get(key)
            entries = self._entries
            if entry is None:
                entry = self._failed.get(key)
                entries = self._failed
            if entry is None:
                return self._refused(uri)
            if not _is_current(entry, time.monotonic()):
                return None
            entries.move_to_end(key)
        return entry.found

    @staticmethod
    def _refused(uri: str) -> UnusableSchemaError | None:
        """Return what is wrong with a name that is not worth a look."""
        try:
            _location(uri)
        except UnusableSchemaError as error:
            return error.with_traceback(None)  # whose frames hold the event, in a cycle
        return None

    def _keep(self, location: str, entry: _Entry) -> None:
        failed = isinstance(entry.found, UnusableSchemaError)
        (self._entries if failed else self._failed).pop(location, None)
        entries = self._failed if failed else self._entries
        entries[location] = entry
        entries.move_to_end(location)
        if len(entries) > _MOST:
            entries.popitem(last=False)

    def _read(self, uri: str, location: str, now: float) -> _Entry:
        bases = self._folders if self._vain.is_spent() else self._base_uris
        loader = Loader(self._root, bases, refresh=self._refresh)
        asked: list[str] = []

        def load(url: str) -> Document:
            asked.append(url)
            return loader(url).document

        found: EventSchema | UnusableSchemaError
        try:
            found = EventSchema(uri, load(location), load, self.formats)
        except UnusableSchemaError as error:
            found = error.with_traceback(None)
        except SchemaToolsError as error:
            found = UnusableSchemaError(
                f"failed loading schema {uri!r}: {error.message}", at=error.at, hint=error.hint
            )
            if bases is not self._base_uris:
                found.hint = "too many schemas were not found: no server was asked; try again later"
        places = [place for url in asked for place in loader.tried(url)]
        files = [place for place in places if place.startswith("/")]
        sources = {path: _signature(path) for path in files}
        is_remote = len(files) < len(places)
        if is_remote and isinstance(found, UnusableSchemaError):
            self._vain.count(time.monotonic() - now)
        return _Entry(found, sources, now, is_remote)


def _path(uri: str) -> str:
    """Return a URI without its query and fragment."""
    return uri.partition("#")[0].partition("?")[0]


def _location(uri: str) -> str:
    """Return the path at which a schema is looked for.

    Raises:
        UnusableSchemaError: it is not a path, or leads upwards.
    """
    if len(uri) > _LONGEST:
        raise UnusableSchemaError(
            f"the schema URI {uri[:60]!r}… has more than {_LONGEST:,} characters"
        )
    path = _path(uri)
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
    if isinstance(entry.found, UnusableSchemaError) and now - entry.read_at > _FAILED:
        return False  # perhaps it could not be opened at that moment only
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
