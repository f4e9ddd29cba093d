"""Caches what was found in a folder, so that nothing is checked twice.

What is found in a folder depends on the tool, the settings, the folder's files and links, and the
fragments that its schemas were made from. The hash of all but the fragments is the key under which
the results are kept in the cache; fragments are known only after the fact, so the entry lists
them, with the hash of each.

Nothing is kept where more than that decided: what was read from the network, what could not be
found, what changed in between.
"""

from __future__ import annotations

import os
import sys
from dataclasses import fields, is_dataclass
from hashlib import blake2b
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING

from jsonschema_tools._version import __version__
from jsonschema_tools.documents import MAX_SIZE
from jsonschema_tools.files import read_file
from jsonschema_tools.runner.results import Checked, from_json, to_json

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from jsonschema_tools.cache import Cache
    from jsonschema_tools.checks.base import Check
    from jsonschema_tools.config import Config
    from jsonschema_tools.documents import Document
    from jsonschema_tools.found_files import FoundFile

_LIBRARIES = ("yaml", "jsonschema_rs", "regress", "deepdiff", "semver")
_BYTE_ORDER_MARK = "\ufeff".encode()
_FEW = 1000  # entries that are kept of the smallest repository
_STATES = 4  # of a folder that are kept, on average: one for each branch somebody works on


class ResultCache:
    """The results for folders, under the same settings.

    Args:
        cache: where it is kept.
        config: the settings of the repository.
        checks: the checks that are run.
        today: the day, which waivers may run out on.
    """

    def __init__(self, cache: Cache, config: Config, checks: Sequence[Check], today: date) -> None:
        self._cache = cache
        self._checks = checks
        self._waivers = config.waivers
        self._waiver_indexes = {waiver: index for index, waiver in enumerate(config.waivers)}
        self._settings = _hash(
            __version__,
            *_tool(),
            *_settings(config, today),
            *((check.id, check.scope.per) for check in checks),
        )
        self._keys: dict[Path, str | None] = {}
        self._hashes: dict[Path, dict[Path, str]] = {}
        self._sources: dict[str, list[str] | None] = {}

    def get(self, files: Sequence[FoundFile]) -> Checked | None:
        """Return what was found in a folder with these files, if that is known."""
        folder = files[0].path.parent
        key = self._keys[folder] = self._key(files)
        entry = self._cache.get(key) if key else None
        if entry is None:
            return None
        try:
            sources, found = entry
            if all(self._source(path) == state for path, state in sources):
                return from_json(found, self._checks, self._waivers, folder)
        except (TypeError, ValueError, IndexError):  # not an entry of ours
            pass
        return None

    def put(
        self,
        files: Sequence[FoundFile],
        found: Checked,
        sources: Mapping[str, Document | None] | None,
        parsed: Mapping[Path, str],
    ) -> None:
        """Keep what was found in a folder, for which `get` was called before.

        Args:
            files: the files of the folder.
            found: what was found there alone.
            sources: the documents that were read besides, by path, and None by each path at which
                there was none; None: it depends on other things too.
            parsed: the text of each file of the folder, as it was checked. A file may have changed
                and changed back since `get`.
        """
        folder = files[0].path.parent
        key, hashes = self._keys[folder], self._hashes.get(folder, {})
        if key is None or sources is None or key != self._key(files):
            return
        if any(hashes.get(path) != _text_hash(text.encode()) for path, text in parsed.items()):
            return
        states = []
        for path, document in sources.items():
            state = self._source(path)
            if (state and state[-1]) != (_text_hash(document.text.encode()) if document else None):
                return
            states.append((path, state))
        self._cache.put(key, (states, to_json(found, self._checks, self._waiver_indexes)))

    def prune(self, folders: int) -> None:
        """Drop what was not needed for longest, if there is too much for so many folders."""
        self._cache.prune(_FEW + _STATES * folders)

    def _key(self, files: Sequence[FoundFile]) -> str | None:
        """Return the key of a folder as it is now; None if it cannot be read."""
        folder = str(files[0].path.parent)
        try:
            with os.scandir(folder) as scanned:
                entries = sorted(map(_entry, scanned))
            hashes = {file.path: _text_hash(_read(file.path)) for file in files}
        except OSError:
            return None
        self._hashes[files[0].path.parent] = hashes
        contents = [(f.path.name, f.folder, f.display_path, hashes[f.path]) for f in files]
        return _hash(self._settings, folder, entries, contents)

    def _source(self, path: str) -> list[str] | None:
        """Return the real path of a document and the hash of its content; None: no document."""
        if path not in self._sources:
            try:
                self._sources[path] = [
                    os.path.realpath(path),
                    _text_hash(_read(path)),
                ]
            except (OSError, ValueError):
                unreadable = os.path.isfile(path)  # noqa: PTH113 - Path raises on odd names
                self._sources[path] = ["unreadable"] if unreadable else None
        return self._sources[path]


def _entry(entry: os.DirEntry[str]) -> tuple[str, ...]:
    """Return all that checks may ask about something in a folder, besides its content."""
    if not entry.is_symlink():
        return entry.name, "folder" if entry.is_dir() else "file" if entry.is_file() else "other"
    target = os.readlink(entry.path)  # noqa: PTH115 - there are as many as versions
    if "/" not in target and target not in {"", ".", ".."}:
        return entry.name, "link", target  # to something beside it, which says the rest
    folder, real = map(os.path.realpath, (os.path.dirname(entry.path), entry.path))  # noqa: PTH120
    return entry.name, "link", target, folder, real, str(os.path.exists(real))  # noqa: PTH110


def _read(path: str | Path) -> bytes:
    """Return what is parsed of a file, which may be less than there is."""
    return read_file(path, MAX_SIZE + 1)


def _text_hash(content: bytes) -> str:
    """Return the hash of a file's content, with or without byte order mark."""
    return _hash(content.removeprefix(_BYTE_ORDER_MARK))


def _hash(*parts: object) -> str:
    content = parts[0] if isinstance(parts[0], bytes) else repr(parts).encode()
    return blake2b(content, digest_size=20).hexdigest()


def _settings(config: Config, today: date) -> Iterator[object]:
    """Yield what results depend on, of the configuration."""
    for field in fields(config):
        if field.name != "log_level":
            yield field.name, _plain(getattr(config, field.name))
    yield [waiver.until is None or today <= waiver.until for waiver in config.waivers]
    yield [os.path.realpath(config.root / uri) for uri in config.schema_base_uris]


def _plain(value: object) -> object:
    """Return a setting in a form whose `repr` is complete."""
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    if is_dataclass(value):
        return [_plain(getattr(value, field.name)) for field in fields(value)]
    return value


def _tool() -> Iterator[object]:
    """Yield what results depend on, of the program: its files, those of libraries, Python.

    Files are compared by size and time: a change to the program counts before its version does.
    """
    yield sys.version
    for folder, folders, names in os.walk(Path(__file__).parents[1]):
        folders.sort()
        for name in sorted(names):
            if name.endswith(".py"):
                path = f"{folder}/{name}"
                yield path, *_stamp(path)
    for name in _LIBRARIES:
        spec = PathFinder.find_spec(name)
        if spec is not None and spec.origin is not None:
            yield spec.origin, *_stamp(spec.origin)


def _stamp(path: str) -> tuple[int, int]:
    status = os.stat(path)  # noqa: PTH116
    return status.st_size, status.st_mtime_ns
