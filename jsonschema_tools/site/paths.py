"""Where each page of a site is, and relative links between them."""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache
from hashlib import blake2b
from typing import Final
from urllib.parse import quote

OWN_FOLDER: Final = "-"
"""The folder of the site's own pages; those of schemas are beside it, under their `$id`s."""

CATALOGUE: Final = "index.html"
STREAMS: Final = f"{OWN_FOLDER}/streams/index.html"
GRAPH: Final = f"{OWN_FOLDER}/graph.html"
CHANGELOG: Final = f"{OWN_FOLDER}/changelog.html"
FEED: Final = f"{OWN_FOLDER}/changelog.atom"
HEALTH: Final = f"{OWN_FOLDER}/health.html"
STATIC: Final = f"{OWN_FOLDER}/static"
SEARCH_DATA: Final = f"{OWN_FOLDER}/search-data.js"

TOP_FILES: Final = frozenset({CATALOGUE, "index.json", "llms.txt", "sitemap.xml", ".nojekyll"})
"""The files beside the folders of schemas."""

_PLAIN = re.compile(r"[A-Za-z0-9_.-]{1,120}")
_SAFE_IN_PATHS: Final = "/~@!$&'()*,;=+"  # RFC 3986, section 3.3; `:` would look like a scheme


def schema_page(name: str, version: str | None = None) -> str:
    """Return the page of a version; of the latest one, where none is named."""
    return f"{name}/{version}.html" if version else f"{name}/index.html"


def compare_page(name: str, old: str, new: str) -> str:
    """Return the page that compares two versions of a schema."""
    return f"{OWN_FOLDER}/compare/{name}/{old}...{new}.html"


def compare_any_page(name: str) -> str:
    """Return the page that compares any two versions of a schema, named after a `#`."""
    return f"{OWN_FOLDER}/compare/{name}/index.html"


def compare_data(name: str) -> str:
    """Return the script that holds the versions of a schema for that page."""
    return f"{OWN_FOLDER}/compare/{name}/versions.js"


def try_script(name: str, version: str) -> str:
    """Return the script that holds a version for the validator in the page."""
    return f"{OWN_FOLDER}/try/{name}/{version}.js"


def stream_page(stream: str) -> str:
    """Return the page of a stream; a name that makes no file name gets one made from its hash."""
    if _PLAIN.fullmatch(stream) and stream.lower() not in {".", "..", "index"}:
        return f"{OWN_FOLDER}/streams/{stream}.html"
    slug = re.sub(r"[^A-Za-z0-9_.-]+", "-", stream).strip("-.")[:60]
    digest = blake2b(stream.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
    return f"{OWN_FOLDER}/streams/{slug or 'stream'}~{digest}.html"


def relative(page: str, target: str) -> str:
    """Return the link from a page to another file of the site; both are relative to its root."""
    return _relative(posixpath.dirname(page) or ".", target)


@lru_cache(maxsize=65536)
def _relative(folder: str, target: str) -> str:
    return quote(posixpath.relpath(target, folder), safe=_SAFE_IN_PATHS)


def quoted(path: str) -> str:
    """Return a path of the site as part of a URL."""
    return quote(path, safe=_SAFE_IN_PATHS)


def field_anchor(dotted: str) -> str:
    """Return the id of a field on its page: no space may be in one (HTML, section 3.2.6)."""
    return "field-" + re.sub(r"\s", "_", dotted)
