"""The static site of the working tree, served beside the intake and built again as it changes."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from jsonschema_tools.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from starlette.requests import Request

    #: builds the site into a folder, for an intake at an address; what went wrong, or None
    Build: TypeAlias = Callable[[Path, str], str | None]
    _Signature: TypeAlias = frozenset[tuple[str, int, int, int]]

_FRESH: Final = 1.0  # seconds for which the working tree is not looked at again
_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".xml": "application/xml",
    ".atom": "application/atom+xml",
    ".json": "application/json",
}
_log = logging.getLogger(__name__)


class SitePages:
    """Serves a site from a temporary folder.

    When a page is asked for and a watched file has changed, the site is built again first. If that
    fails, it is logged, and the former site stays.

    Args:
        build: builds the site; called in a thread.
        watched: the folders and files that it is built from.
        address: of the intake, which the site's examples name.

    Raises:
        ConfigError: the site cannot be built.
    """

    def __init__(self, build: Build, watched: Sequence[Path], address: str) -> None:
        self._build = build
        self._watched = watched
        self._intake = f"{address}/v1/events"
        self._building = asyncio.Lock()
        self._temporary = Path(tempfile.mkdtemp(prefix="jsonschema-tools-"))
        self._folder = self._temporary / "site"
        self._signature = _signature(watched)
        self._looked_at = time.monotonic()
        problem = build(self._folder, self._intake)
        if problem is not None:
            self.close()
            raise ConfigError(f"the site cannot be built: {problem}")

    def routes(self) -> list[Route]:
        """Return its route, which takes what no other one does."""
        return [Route("/{path:path}", self.answer)]

    def close(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self._temporary, ignore_errors=True)

    async def answer(self, request: Request) -> Response:
        """Answer with a file of the site; with `index.html` for a folder."""
        path: str = request.path_params["path"]
        parts = path.split("/")
        if "\0" in path or "\\" in path or ".." in parts or "" in parts[:-1]:
            raise HTTPException(404)
        file = self._folder / path
        try:
            is_file = file.is_file()
        except OSError:  # a name that is too long
            raise HTTPException(404) from None
        if not path or path.endswith("/") or not is_file or file.suffix == ".html":
            await self._refresh()
        if file.is_dir():
            if path and not path.endswith("/"):  # links on the page are relative to the folder
                return RedirectResponse(quote(f"/{path}/", safe="/~@!$&'()*,;=+:"), 307)
            file /= "index.html"
        elif path.endswith("/"):
            raise HTTPException(404)
        try:
            body = await asyncio.to_thread(file.read_bytes)
        except OSError:
            raise HTTPException(404) from None
        tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        kind = _TYPES.get(file.suffix, "application/yaml")
        headers = {"etag": tag, "content-type": kind, "cache-control": "no-cache"}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers)

    async def _refresh(self) -> None:
        """Build the site again where a watched file has changed."""
        async with self._building:
            if time.monotonic() - self._looked_at < _FRESH:
                return
            signature = await asyncio.to_thread(_signature, self._watched)
            if signature != self._signature:
                self._signature = signature
                problem = await asyncio.to_thread(self._build, self._folder, self._intake)
                if problem is not None:
                    _log.warning("the former site stays: %s", problem)
            self._looked_at = time.monotonic()


def _signature(watched: Sequence[Path]) -> _Signature:
    """Return what tells whether a file has come, gone or changed."""
    return frozenset(_states(watched))


def _states(watched: Sequence[Path]) -> Iterator[tuple[str, int, int, int]]:
    for root in watched:
        files = [str(root)]
        files += [
            os.path.join(folder, name)  # noqa: PTH118 - thousands of them, often
            for folder, _, names in os.walk(root)
            for name in names
        ]
        for file in files:
            try:
                status = os.lstat(file)
            except OSError:
                continue
            yield file, status.st_mtime_ns, status.st_size, status.st_ino
