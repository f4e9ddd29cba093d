"""The fields of a version as HTML: without a template, as there are tens of thousands of them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from markupsafe import Markup

from jsonschema_tools.messages import counted
from jsonschema_tools.site import paths
from jsonschema_tools.site.texts import attribute, content, prose, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jsonschema_tools.site.model import Field, Origin, Site, Version

_UNNAMED: Final = {"items": "each item", "values": "each value", "option": ""}
"""How fields are named that have no name of their own, by kind; empty: by their place."""
_OPEN: Final = 4  # levels whose fields are not folded


def field_list(version: Version, here: str, site: Site) -> Markup:
    """Return the fields of a version as a list, for the pages in one folder.

    Args:
        version: the version.
        here: one of those pages; links are relative to it.
        site: the site that they belong to.
    """
    return Markup("".join(_Writer(version, here, site).list(version.fields)))  # noqa: S704


class _Writer:
    def __init__(self, version: Version, here: str, site: Site) -> None:
        self._version = version
        self._pages = site.pages_of
        self._here = here
        self._from = cache(self._origin)

    def list(self, fields: Iterable[Field]) -> Iterator[str]:
        yield '<ul class="fields">\n'
        for field in fields:
            yield from self._field(field)
        yield "</ul>\n"

    def _field(self, field: Field) -> Iterator[str]:
        dotted = field.dotted
        anchor = visible(paths.field_anchor(dotted))
        unnamed = ' class="unnamed"' if field.kind in _UNNAMED else ""
        name = content(_UNNAMED.get(field.kind) or field.name)
        required = " <strong>required</strong>" if field.is_required else ""
        yield (
            f'<li{unnamed} id="{attribute(anchor)}">\n'
            f'<p class="line"><a href="#{quote(anchor)}">{name}</a> '
            f"<span>{content(field.type)}</span>{required}</p>\n"
        )
        if field.description:
            yield prose(field.description)
        if field.constraints:
            yield f'<p class="limits">{"".join(_limits(field))}</p>\n'
        since = self._version.since.get(field.path, self._version.name)
        origin = self._version.origins.get(field.path)
        taken = self._from(origin) if origin else ""
        yield f'<p class="from">since {content(since)}{taken}</p>\n'
        if field.children:
            is_option = field.kind == "option"
            label = "what it says" if is_option else counted(len(field.children), "field")
            yield (
                f"<details{' open' if len(field.path) < _OPEN else ''}><summary>{label}"
                f'<span class="of"> of {content(dotted)}</span></summary>\n'
            )
            yield from self.list(field.children)
            yield "</details>\n"
        yield "</li>\n"

    def _origin(self, origin: Origin) -> str:
        where = content(f"{origin.title} {origin.label}")
        newest = origin.versions[-1]
        if newest in self._pages.get(origin.name, ()):
            page = paths.relative(self._here, paths.schema_page(origin.name, newest))
            where = Markup('<a href="{}">{}</a>').format(page, where)
        return f" · {'from' if origin.is_certain else 'as in'} {where}"


def _limits(field: Field) -> Iterator[str]:
    for limit in field.constraints:
        values = "".join(f" <code>{content(value)}</code>" for value in limit.values)
        yield f"<span>{limit.label}{values}</span> "
