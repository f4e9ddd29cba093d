"""The base URIs: at which paths and addresses a document may be, and what is outside of them."""

from __future__ import annotations

import os.path
import re
from functools import cached_property
from typing import TYPE_CHECKING

from jsonschema_tools.dereferencing import uris
from jsonschema_tools.errors import ConfigError, ForbiddenRefError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MAX_BASE_URIS = 250
"""Most base URIs that a reference is looked for below: each takes time for each reference."""

# a string, which `re` compiles when it is first used: not at start-up
_HAS_SCHEME = r"[A-Za-z0-9+.-]+://"


class BaseUris:
    """What a repository may refer to.

    Args:
        root: working directory, normalized.
        base_uris: paths relative to it, `file://` or `http(s)://` URLs.
        allow_external: whether URLs with a scheme may lead out of them.

    Raises:
        ConfigError: one is neither a path nor a file, http or https URL.
    """

    def __init__(self, root: str, base_uris: Sequence[str], *, allow_external: bool) -> None:
        self._root = root
        self._uris = tuple(base_uris)
        self._allow_external = allow_external
        self.remote = tuple(uri for uri in self._uris if is_remote(uri))
        try:
            folders = [self._path(uri) for uri in self._uris if not is_remote(uri)]
        except ForbiddenRefError as error:
            raise ConfigError(f"schemaBaseUris: {error.message}", hint=error.hint) from None
        self._is_below = _Below(folders)
        self._is_really_below = _Below(map(os.path.realpath, folders))

    def places(self, url: str) -> list[str]:
        """Return the absolute paths and http(s) URLs at which a document may be."""
        if not re.match(_HAS_SCHEME, url):
            if len(self._uris) > MAX_BASE_URIS:
                raise ConfigError(
                    f"$ref {url!r} is not looked for: there are {len(self._uris):,} base "
                    f"URIs, more than {MAX_BASE_URIS}",
                    hint="list the folders that hold what schemas refer to, and no others, under "
                    "`schemaBaseUris` in the configuration",
                )
            return [
                f"{base.rstrip('/')}{url}" if is_remote(base) else self._path(base + url)
                for base in self._uris
            ]
        place = url if is_remote(url) else self._path(url)
        if not self._allow_external and not self._is_below_base(place):
            raise ForbiddenRefError(
                f"$ref {url!r} is not below a base URI",
                hint="write it as a path that begins with /, or set `allowExternalRefs: true` in "
                "the configuration",
            )
        return [place]

    def require_below(self, path: str, url: str) -> None:
        """Refuse a file that is not below a base URI, if a URL may not lead out of them.

        Raises:
            ForbiddenRefError: it is elsewhere.
        """
        # the file that another one stands in for is named by its real path
        if not (self._is_below(path) or self._is_really_below(path)):
            self._require_external(path, url)

    def require_really_below(self, path: str, url: str) -> None:
        """Refuse a file as `require_below` does, by its path after all links.

        Raises:
            ForbiddenRefError: it is elsewhere.
        """
        if not self._is_really_below(path):
            self._require_external(path, url)

    def _require_external(self, path: str, url: str) -> None:
        if not self._allow_external or re.match(_HAS_SCHEME, url) is None:
            raise ForbiddenRefError(
                f"$ref {url!r} leads out of the base URIs, to {path}",
                hint="add the folder that holds it to `schemaBaseUris` in the configuration",
            )

    def _path(self, uri: str) -> str:
        """Return the absolute path that a `file://` URL or a path relative to the root means."""
        if match := re.match(_HAS_SCHEME, uri):
            if match[0].lower() != "file://":
                raise ForbiddenRefError(
                    f"cannot read {uri!r}", hint="file, http and https URLs can be read"
                )
            uri = f"/{uri[7:]}"
        path = uris.decode(uri)
        path = os.path.normpath(path if path[:1] == "/" else f"{self._root}/{path}")
        return f"/{path.lstrip('/')}"

    def _is_below_base(self, place: str) -> bool:
        if not is_remote(place):
            return self._is_below(place)
        return _normal(place).startswith(self._remote_bases)

    @cached_property
    def _remote_bases(self) -> tuple[str, ...]:
        bases = (_normal(base).rstrip("/") for base in self.remote)
        return tuple(f"{base}/" for base in bases)


class _Below:
    """Tells whether paths are those of some folders, or below them; by a few look-ups."""

    def __init__(self, folders: Iterable[str]) -> None:
        self._folders = {folder.rstrip("/") for folder in folders}
        self._lengths = sorted({len(folder) for folder in self._folders})

    def __call__(self, path: str) -> bool:
        return any(
            path[:length] in self._folders and path[length : length + 1] in {"", "/"}
            for length in self._lengths
        )


def is_remote(uri: str) -> bool:
    """Tell whether a URI is one of a server."""
    return uri[:8].lower().startswith(("http://", "https://"))


def _normal(url: str) -> str:
    """Return an http(s) URL without dot segments, with its scheme and host in lower case."""
    start, _, rest = uris.resolve("/", url)[0].partition("://")
    host, slash, path = rest.partition("/")
    return f"{start}://{host.lower()}{slash}{path}"
