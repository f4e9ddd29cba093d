"""The documents that references point to: found below the base URIs, read once a run."""

from __future__ import annotations

import os
import re
import stat
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from jsonschema_tools.dereferencing.base_uris import BaseUris, is_remote
from jsonschema_tools.dereferencing.budget import Budget
from jsonschema_tools.dereferencing.references import Resource
from jsonschema_tools.documents import (
    Document,
    parse_document,
    read_document,
    read_text,
)
from jsonschema_tools.errors import (
    Location,
    ParseError,
    ReadError,
    SchemaToolsError,
    UnresolvedRefError,
)
from jsonschema_tools.messages import Names, closest
from jsonschema_tools.schema_shape import holds_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from jsonschema_tools.dereferencing.http import Remote
    from jsonschema_tools.values import Json

_LONGEST_NAME = 255  # bytes of a file name, on common file systems
_SHOWN = 10  # places that a message names
# patterns are strings, which `re` compiles when they are first used: not at start-up
_USER = r"(?<=://)[^/?#]*@"  # with a password, which is not for messages
# what the reference takes as plain text, by the end of the URL
_TEXT = r"(?i)\.(txt|html?|md|xml|js|min|map|css|scss|less|svg)$"


class Loader:
    """Finds and reads documents below base URIs; each of them once.

    A URL without a scheme is put behind each base URI in turn, as text, and the first that can
    be read wins: behind `./jsonschema/`, `/fragment/common/1.0.0` is a file of that folder, and
    behind `https://example.org/schemas` it is a remote document.

    Args:
        root: working directory.
        base_uris: paths relative to it, `file://` or `http(s)://` URLs.
        allow_external: whether URLs with a scheme may lead out of the base URIs.
        overlay: what a file will hold at the end of the run, by its absolute path; None where
            the run does not write it.
        remote: how remote documents are read; by default as `http.Remote` does.
        display_path: how messages name a file; by default relative to the root.
        refresh: whether to download what was kept of an earlier run again.

    Raises:
        ConfigError: a base URI is neither a path nor a file, http or https URL.
    """

    def __init__(  # noqa: PLR0913 - each has a default, and a name where it is given
        self,
        root: Path,
        base_uris: Sequence[str],
        *,
        allow_external: bool = False,
        overlay: Callable[[Path], Document | None] | None = None,
        remote: Remote | None = None,
        display_path: Callable[[Path], str] | None = None,
        refresh: bool = False,
    ) -> None:
        self._root = os.path.normpath(root)
        self._bases = BaseUris(self._root, base_uris, allow_external=allow_external)
        path = self._root.replace("%", "%25").replace("?", "%3F")
        self.base = f"{path.rstrip('/')}/"
        self._overlay = overlay or (lambda _: None)
        self._remote = remote
        self._display_path = display_path
        self._refresh = refresh
        self._budget = Budget()
        self._found: dict[str, Resource | SchemaToolsError] = {}
        self._files: dict[str, Resource] = {}
        self._tried: dict[str, list[str]] = {}

    def __call__(self, url: str) -> Resource:
        """Return the document at a URL without a fragment.

        Raises:
            UnresolvedRefError: it is not found below any base URI.
            ForbiddenRefError: it leads out of the base URIs.
            ReadError, ParseError: it is there, and cannot be read.
        """
        found = self._found.get(url)
        if found is None:
            try:
                found = self._find(url)
            except (UnresolvedRefError, ReadError, ParseError) as error:
                found = error.with_traceback(None)  # whose frames would be kept with it
            self._found[url] = found
        if isinstance(found, SchemaToolsError):
            raise type(found)(found.message, at=found.at, hint=found.hint)
        return found

    def tried(self, url: str) -> tuple[str, ...]:
        """Return the paths and URLs that decided what is at a URL: tried in vain, then found."""
        return tuple(self._tried.get(url, ()))

    def downloads(self, urls: Iterable[str]) -> Mapping[str, float | None]:
        """Return which of some documents are remote ones, by their address.

        Returns:
            Since when the copy was kept that was read, in seconds since 1970; None where it was
            downloaded in this run.
        """
        places = (place for url in urls for place in self._tried.get(url, ())[-1:])
        return {
            self._display(place): self._remote.kept_since(place)
            if self._remote is not None
            else None
            for place in places
            if is_remote(place)
        }

    def sources(self, urls: Iterable[str]) -> Mapping[str, Document | None] | None:
        """Return the files behind documents that were asked for.

        Returns:
            Each document by its path, and None by each path where there was none; or None in all,
            where other things than these files decided what was found.
        """
        sources: dict[str, Document | None] = {}
        for url in urls:
            found = self._found.get(url)
            if not isinstance(found, Resource) or not isinstance(found.document.data, dict):
                return None
            for place in self._tried[url]:
                if is_remote(place):
                    return None
                resource = self._files.get(os.path.realpath(place))
                sources[place] = resource.document if resource is not None else None
        return sources

    def _find(self, url: str) -> Resource:
        tried = self._tried[url] = []
        failures = []
        for place in self._bases.places(url):
            tried.append(place)
            result = self._download(place) if is_remote(place) else self._read(place, url)
            if isinstance(result, Resource):
                return result
            failures.append((place, result))
        shown = [f"{self._display(place)} ({result})" for place, result in failures[:_SHOWN]]
        if len(failures) > _SHOWN:
            shown.append(f"and {len(failures) - _SHOWN} other places")
        paths = (path for path in tried[:_SHOWN] if path[0] == "/")
        similar = next(filter(None, map(_similar, paths)), None)
        advice = (
            f"did you mean {self._display(similar)}?"
            if similar
            else "`schemaBaseUris` in the configuration says where to look"
        )
        raise UnresolvedRefError(
            f"nothing found at {url!r}", hint=f"tried {', '.join(shown)}; {advice}"
        )

    def _read(self, path: str, url: str) -> Resource | str:
        """Return the document in a file, or why there is none."""
        self._bases.require_below(path, url)
        if (document := self._overlay(Path(path))) is not None:
            return Resource.of(document)
        try:
            mode = os.stat(path).st_mode  # noqa: PTH116 -- many times faster than a Path
        except (OSError, ValueError) as error:
            return _reason(error)
        if not stat.S_ISREG(mode):
            return "a folder" if stat.S_ISDIR(mode) else "not a regular file"
        real = os.path.realpath(path)
        self._bases.require_really_below(real, url)
        if real != path and (document := self._overlay(Path(real))) is not None:
            return Resource.of(document)
        resource = self._files.get(real)
        if resource is None:
            document = _open(
                Path(real), self._display(real), as_text=re.search(_TEXT, path) is not None
            )
            resource = self._files[real] = Resource.of(document)
        if (target := _stands_in_for(resource.document.data, real)) is not None:
            self._tried[url].append(target)
            return self._read(target, url)
        return resource

    def _download(self, url: str) -> Resource | str:
        """Return a remote document, or why there is none."""
        from jsonschema_tools.dereferencing.http import Remote  # imports the http client
        from jsonschema_tools.dereferencing.remote_cache import DocumentCache, cache_folder
        from jsonschema_tools.dereferencing.remote_error import RemoteError

        try:
            if self._remote is None:
                cache = DocumentCache(cache_folder(), refresh=self._refresh)
                self._remote = Remote(self._bases.remote, cache=cache, budget=self._budget)
            content = self._remote.read(url)
        except RemoteError as error:
            return str(error)
        document = _not_empty(parse_document(content, url))
        if not holds_schema(document.data):
            return "not a schema: none of its keys is a keyword"
        self._remote.keep(url, content)
        return Resource.of(document)

    def _display(self, place: str) -> str:
        if is_remote(place):
            return re.sub(_USER, "***@", place)
        if self._display_path is not None:
            return self._display_path(Path(place))
        root = f"{self._root.rstrip('/')}/"
        return place.removeprefix(root) if place.startswith(root) else place


def _similar(path: str) -> str | None:
    """Return a path that may have been meant by one that does not exist."""
    folder, name = "", ""
    for name in path.split("/")[1:]:
        if not os.path.isdir(f"{folder}/{name}"):  # noqa: PTH112 -- Path.is_dir raises on long names
            break
        folder = f"{folder}/{name}"
    else:
        return None
    changed = os.stat(folder or "/").st_mtime_ns  # noqa: PTH116 -- it is a plain string
    close = closest(name, _names_in(folder or "/", changed).like(name))
    return f"{folder}/{close}" if close else None


@lru_cache(maxsize=16)
def _names_in(folder: str, _changed: int) -> Names:
    """Return the names in a folder, read again when it has changed."""
    try:
        return Names(os.listdir(folder))  # noqa: PTH208 -- plain strings
    except OSError:
        return Names(())


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return "no such file"
    return getattr(error, "strerror", None) or str(error)


def _stands_in_for(data: Json, path: str) -> str | None:
    """Return what a file stands in for, if it holds just the name of a file beside it.

    As such git checks out links where there are none (core.symlinks=false): `1.0.0` holds the
    text `1.0.0.yaml`.
    """
    if not isinstance(data, str) or len(data) > _LONGEST_NAME or "/" in data or "\0" in data:
        return None
    target = os.path.join(os.path.dirname(path), data)  # noqa: PTH118, PTH120 -- plain strings
    return target if target != path and os.path.isfile(target) else None  # noqa: PTH113


def _open(file: Path, display_path: str, *, as_text: bool) -> Document:
    if not as_text:
        return _not_empty(read_document(file, display_path))
    text = read_text(file, display_path)
    return Document(display_path, text, text)


def _not_empty(document: Document) -> Document:
    if document.data is None:
        raise ParseError("the document is empty", at=Location(document.path))
    return document
