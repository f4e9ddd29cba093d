"""The streams: all of them in a table, and a page for each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jsonschema_tools.lake.names import table_name
from jsonschema_tools.serialization import serialize
from jsonschema_tools.site import paths
from jsonschema_tools.site.rendering import render

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.site.model import Site


def stream_pages(site: Site) -> Iterator[tuple[str, bytes]]:
    """Yield the pages of the streams, none without stream configuration."""
    if not site.has_streams:
        return
    known = {schema.title: schema for schema in site.schemas}
    yield paths.STREAMS, render("streams.html", paths.STREAMS, site, known=known)
    for stream in site.streams:
        page = paths.stream_page(stream.name)
        settings = serialize(dict(stream.settings)) if stream.settings else ""
        schema = known.get(stream.schema_title)
        is_pattern = stream.name.startswith("/")
        has_table = schema is not None and not schema.is_fragment and schema.latest is not None
        yield (
            page,
            render(
                "stream.html",
                page,
                site,
                stream=stream,
                schema=schema,
                settings=settings,
                table=table_name(stream.name) if has_table and not is_pattern else "",
            ),
        )
