"""What programs read: index.json, llms.txt, sitemap.xml."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from jsonschema_tools.site import paths
from jsonschema_tools.site.texts import summary, visible

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jsonschema_tools.site.model import SchemaInfo, Site


def index_json(site: Site) -> bytes:
    """Return what is on the site as JSON; paths are URL references relative to its root."""
    content = {
        "version": 1,
        "schemas": [_schema(schema) for schema in site.schemas],
        "streams": [
            {
                "stream": stream.name,
                "schema_title": stream.schema_title or None,
                "topics": stream.topics,
                "page": paths.quoted(paths.stream_page(stream.name)),
            }
            for stream in site.streams
        ],
    }
    text = json.dumps(content, ensure_ascii=True, indent=1)  # lone surrogates are not UTF-8
    return f"{text}\n".encode()


def _schema(schema: SchemaInfo) -> dict[str, Any]:
    latest = schema.latest
    return {
        "title": schema.title,
        "page": paths.quoted(paths.schema_page(schema.name)),
        "fragment": schema.is_fragment,
        "deprecated": schema.is_deprecated,
        "latest": latest.name if latest else None,
        "description": summary(latest.description) if latest else "",
        "streams": schema.streams,
        "versions": [
            {
                "version": version.name,
                "id": version.identifier or None,
                "page": paths.quoted(paths.schema_page(schema.name, version.name)),
                "files": [
                    paths.quoted(f"{schema.name}/{name}")
                    for name in (version.name, f"{version.name}.yaml", f"{version.name}.json")
                    if name in schema.raw
                ],
                "broken": version.fault,
            }
            for version in schema.versions
        ],
    }


def llms_txt(site: Site) -> bytes:
    """Return an overview in Markdown for language models, as llmstxt.org proposes."""
    lines = [
        f"# {_one_line(site.heading)}",
        "",
        "> JSON Schemas of events. `index.json` lists all of them; each schema file is under "
        "its `$id`, with `.yaml` or `.json` and without.",
        "",
    ]
    for heading, fragments in (("Schemas", False), ("Fragments", True)):
        chosen = [schema for schema in site.schemas if schema.is_fragment == fragments]
        if chosen:
            lines += [f"## {heading}", "", *map(_llms_line, chosen), ""]
    return "\n".join(lines).encode()


def _llms_line(schema: SchemaInfo) -> str:
    latest = schema.latest
    if latest is None:
        return f"- {_one_line(schema.title)}: no version yet"
    link = paths.quoted(f"{schema.name}/{latest.name}").replace("(", "%28").replace(")", "%29")
    text = summary(latest.description)
    about = f": {_one_line(text)}" if text else ""
    return f"- [{_one_line(schema.title)} {latest.name}]({link}){about}"


def _one_line(text: str) -> str:
    return " ".join(visible(text).replace("[", "(").replace("]", ")").split())


def sitemap(site: Site, pages: Iterable[str]) -> bytes:
    """Return the sitemap (sitemaps.org).

    Its addresses must be absolute; they are paths from the root where the site's is not known.
    """
    start = site.url or "/"
    lines = [
        f"<url><loc>{escape(start + paths.quoted(page))}</loc></url>" for page in sorted(pages)
    ]
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">',
            *lines,
            "</urlset>",
            "",
        ]
    ).encode()
