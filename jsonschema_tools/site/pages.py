"""Every file of a site, as bytes by path: nothing is written here."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Final

from jsonschema_tools.runner import processors, run_forked
from jsonschema_tools.site import paths
from jsonschema_tools.site.catalogue import catalogue
from jsonschema_tools.site.changelog import changelog_pages
from jsonschema_tools.site.compare_pages import compare_pages
from jsonschema_tools.site.graph import graph_page
from jsonschema_tools.site.health import health_page
from jsonschema_tools.site.machine import index_json, llms_txt, sitemap
from jsonschema_tools.site.schema_pages import schema_pages
from jsonschema_tools.site.scripts import formats, search_data, try_data
from jsonschema_tools.site.stream_pages import stream_pages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from jsonschema_tools.site.health import Findings
    from jsonschema_tools.site.model import SchemaInfo, Site

_WORTH_A_PROCESS: Final = 30  # schemas; rendering them takes longer than starting a process
_STATIC: Final = (
    "minisearch.js",
    "minisearch.LICENSE.txt",
    "search.js",
    "compare.js",
    "try.js",
    "validate.js",
    "site.css",
    "icon.svg",
    "page.js",
    "graph.js",
)


def pages(site: Site, found: Callable[[], Findings]) -> Mapping[str, bytes]:
    """Return every file of a site by its path, relative to the root of the site.

    Args:
        site: what it shows.
        found: returns what `check` says; asked last, as that takes long.
    """
    files: dict[str, bytes] = {}
    for path, content in _files(site, found):
        files.setdefault(path, content)
    files["sitemap.xml"] = sitemap(site, [path for path in files if path.endswith(".html")])
    return dict(sorted(files.items()))


def _files(site: Site, found: Callable[[], Findings]) -> Iterator[tuple[str, bytes]]:
    yield paths.CATALOGUE, catalogue(site)
    most = min(processors(), 1 + len(site.schemas) // _WORTH_A_PROCESS)
    parts = [site.schemas[start::most] for start in range(most)]
    for done in run_forked(lambda part: _of_schemas(part, site), parts):
        yield from done
    yield from stream_pages(site)
    yield from changelog_pages(site)
    yield paths.GRAPH, graph_page(site)
    yield "index.json", index_json(site)
    yield "llms.txt", llms_txt(site)
    yield ".nojekyll", b""  # GitHub Pages leaves files out otherwise
    yield paths.SEARCH_DATA, search_data(site)
    yield f"{paths.STATIC}/formats.js", formats()
    for name in _STATIC:
        yield f"{paths.STATIC}/{name}", static(name)
    yield paths.HEALTH, health_page(site, found())


def _of_schemas(schemas: Sequence[SchemaInfo], site: Site) -> list[tuple[str, bytes]]:
    return [file for schema in schemas for file in _of_schema(schema, site)]


def _of_schema(schema: SchemaInfo, site: Site) -> Iterator[tuple[str, bytes]]:
    yield from schema_pages(schema, site)
    for name, content in schema.raw.items():
        yield f"{schema.name}/{name}", content
    yield from compare_pages(schema, site)
    for version in schema.readable:
        yield paths.try_script(schema.name, version.name), try_data(schema, version, site)


def static(name: str) -> bytes:
    """Return a file that comes with the package."""
    return resources.files(__package__).joinpath("static", name).read_bytes()
