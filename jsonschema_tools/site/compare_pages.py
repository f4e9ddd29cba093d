"""Any two versions of a schema side by side: what changed in words, field by field, as text."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Final

from jsonschema_tools.authoring.diff import VersionDiff
from jsonschema_tools.authoring.diff_formats import grouped_lines
from jsonschema_tools.site import paths
from jsonschema_tools.site.collect import side_of
from jsonschema_tools.site.fields import flat
from jsonschema_tools.site.rendering import render
from jsonschema_tools.site.schema_pages import readable
from jsonschema_tools.site.texts import diff_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.site.model import Field, SchemaInfo, Site, Version

_MOST_LINES: Final = 1_500  # of a unified diff; the files are there for the rest
MOST_PAIRS: Final = 120
"""Comparisons of one schema; where there were more: neighbours, and each with the latest."""


@dataclass(frozen=True, slots=True)
class Row:
    """A field before and after.

    Attributes:
        path: its path.
        state: `added`, `removed`, `changed`, `reworded` (another description) or `same`.
        old: what it was; empty where it was not there.
        new: what it is; empty where it is not there.
    """

    path: str
    state: str
    old: tuple[str, ...]
    new: tuple[str, ...]


def pairs(schema: SchemaInfo) -> tuple[tuple[Version, Version], ...]:
    """Return the versions of a schema that are compared with each other, the older one first."""
    versions = readable(schema)
    every = tuple(combinations(versions, 2))
    if len(every) <= MOST_PAIRS:
        return every
    near = set(zip((v.name for v in versions), (v.name for v in versions[1:]), strict=False))
    last = versions[-1].name
    return tuple((a, b) for a, b in every if b.name == last or (a.name, b.name) in near)


def compare_pages(schema: SchemaInfo, site: Site) -> Iterator[tuple[str, bytes]]:
    """Yield a page for each two versions."""
    for old, new in pairs(schema):
        page = paths.compare_page(schema.name, old.name, new.name)
        before, after = (side_of(schema.title, version) for version in (old, new))
        diff = VersionDiff(before, after, site.bounds, site.policy)
        lines = diff_lines(diff.unified)
        content = render(
            "compare.html",
            page,
            site,
            schema=schema,
            old=old,
            new=new,
            diff=diff,
            groups=grouped_lines(diff),
            rows=rows(old, new),
            lines=lines[:_MOST_LINES],
            cut=len(lines) > _MOST_LINES,
        )
        yield page, content


def rows(old: Version, new: Version) -> list[Row]:
    """Return the fields of two versions side by side, in the order of the newer one."""
    before = {field.path: field for field in flat(old.fields)}
    after = {field.path: field for field in flat(new.fields)}
    found = [_row(before.get(path), field) for path, field in after.items()]
    return found + [_row(field, None) for path, field in before.items() if path not in after]


def _row(old: Field | None, new: Field | None) -> Row:
    known = new or old
    path = known.dotted if known else ""
    before, after = _facts(old), _facts(new)
    if old is None:
        return Row(path, "added", before, after)
    if new is None:
        return Row(path, "removed", before, after)
    is_same = before == after and old.description == new.description
    state = "same" if is_same else "reworded" if before == after else "changed"
    return Row(path, state, before, after)


def _facts(field: Field | None) -> tuple[str, ...]:
    if field is None:
        return ()
    limits = (f"{limit.label} {', '.join(limit.values)}" for limit in field.constraints)
    return (field.type, *(("required",) if field.is_required else ()), *limits)
