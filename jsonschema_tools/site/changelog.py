"""What was added in which version, newest first: as a page and as an Atom feed (RFC 4287)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape, quoteattr

from jsonschema_tools.site import paths
from jsonschema_tools.site.rendering import render
from jsonschema_tools.site.schema_pages import entries
from jsonschema_tools.site.texts import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jsonschema_tools.site.model import SchemaInfo, Site
    from jsonschema_tools.site.schema_pages import HistoryEntry

_MOST_ON_PAGE: Final = 150
_MOST_IN_FEED: Final = 60
_NO_DATE: Final = "1970-01-01T00:00:00Z"  # RFC 4287 asks for one; without git there is none


@dataclass(frozen=True, slots=True)
class Release:
    """A version that was added.

    Attributes:
        schema: whose version it is.
        entry: what it changed.
    """

    schema: SchemaInfo
    entry: HistoryEntry

    @property
    def day(self) -> str:
        """The day on which it was committed; empty where that is not known."""
        return (self.entry.version.date or "")[:10]


def releases(site: Site) -> tuple[Release, ...]:
    """Return every version, newest first; by title where they are of one time."""
    found = [Release(schema, entry) for schema in site.schemas for entry in entries(schema)]
    found.reverse()  # of one schema the later version comes first
    found.sort(key=lambda release: release.schema.title)
    return tuple(sorted(found, key=lambda r: r.entry.version.date or "", reverse=True))


def changelog_pages(site: Site) -> Iterator[tuple[str, bytes]]:
    """Yield the changelog and the feed."""
    found = releases(site)
    listed = found[:_MOST_ON_PAGE]
    days = [
        (day, [r for r in listed if r.day == day]) for day in dict.fromkeys(r.day for r in listed)
    ]
    yield (
        paths.CHANGELOG,
        render("changelog.html", paths.CHANGELOG, site, days=days, more=len(found) - len(listed)),
    )
    yield paths.FEED, feed(site, found[:_MOST_IN_FEED])


def feed(site: Site, found: Sequence[Release]) -> bytes:
    """Return the Atom feed; its links are relative to it where the site's address is not known."""
    updated = max((r.entry.version.date or _NO_DATE for r in found), default=_NO_DATE)
    own = f"{site.url}{paths.FEED}" if site.url else paths.relative(paths.FEED, paths.FEED)
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom">',
        f"<title>{_text(site.heading)}</title>",
        f"<id>{_text(site.url or 'urn:jsonschema-tools:site')}</id>",
        f'<link rel="self" href={quoteattr(own)}/>',
        f"<updated>{updated}</updated>",
        "<author><name>jsonschema-tools</name></author>",
    ]
    for release in found:
        lines += _entry(site, release)
    return "\n".join([*lines, "</feed>", ""]).encode()


def _entry(site: Site, release: Release) -> Iterator[str]:
    version, schema = release.entry.version, release.schema
    page = paths.schema_page(schema.name, version.name)
    link = f"{site.url}{paths.quoted(page)}" if site.url else paths.relative(paths.FEED, page)
    words = [line for heading, lines in release.entry.groups for line in (f"{heading}:", *lines)]
    content = "\n".join(words) or ("First version." if release.entry.first else "Nothing changed.")
    yield "<entry>"
    yield f"<title>{_text(f'{schema.title} {version.name}')}</title>"
    yield f"<id>urn:jsonschema-tools:{_text(paths.quoted(f'{schema.name}/{version.name}'))}</id>"
    yield f"<link href={quoteattr(link)}/>"
    yield f"<updated>{version.date or _NO_DATE}</updated>"
    yield f"<content>{_text(content)}</content>"
    yield "</entry>"


def _text(text: str) -> str:
    return escape(visible(text))
