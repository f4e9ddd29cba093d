"""Any two versions of a schema side by side: what changed in words, field by field, as text."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, pairwise
from math import isqrt
from typing import TYPE_CHECKING, Any, Final

from jsonschema_tools.authoring.diff import VersionDiff
from jsonschema_tools.authoring.diff_formats import grouped_lines
from jsonschema_tools.site import paths
from jsonschema_tools.site.collect import side_of
from jsonschema_tools.site.fields import flat
from jsonschema_tools.site.rendering import render
from jsonschema_tools.site.scripts import literal
from jsonschema_tools.site.texts import diff_groups, visible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.site.model import Field, SchemaInfo, Site, Version

_MOST_LINES: Final = 1_500  # of a unified diff; the files are there for the rest
_MOST_VERSIONS: Final = 60  # any two of which are compared in the browser
_MOST_TEXT: Final = 50_000_000  # characters that are compared for that
_LONGEST_NAME: Final = 100  # characters; a page of two longer ones would have no file name
_MOST_PAGED: Final = 6
"""Versions of one schema any two of which have a page, or else each with the one before it.

Any others are then put together in the browser, so that a site does not grow with their number.
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A field before and after.

    Attributes:
        path: its path.
        state: `added`, `removed`, `changed`, `reworded` (another description) or `same`.
        old: what it was; empty if it is new.
        new: what it is; empty if it has gone.
    """

    path: str
    state: str
    old: tuple[str, ...]
    new: tuple[str, ...]


def comparable(schema: SchemaInfo) -> tuple[Version, ...]:
    """Return the versions any two of which can be compared on the site, oldest first.

    Of very many, or very large ones, it is the newest: what is compared grows with their square.
    """
    versions = [v for v in schema.readable if len(v.name) <= _LONGEST_NAME]
    if len(versions) <= _MOST_PAGED:
        return tuple(versions)
    longest = max(len(version.text) for version in versions)
    most = isqrt(2 * _MOST_TEXT // max(longest, 1))
    return tuple(versions[-max(2, min(most, _MOST_VERSIONS)) :])


def pairs(schema: SchemaInfo) -> tuple[tuple[Version, Version], ...]:
    """Return the versions of a schema whose comparison is a page, the older one first."""
    if not is_long(schema):
        return tuple(combinations(comparable(schema), 2))
    return tuple(pair for pair in pairwise(schema.readable) if has_page(*pair))


def has_page(old: Version, new: Version) -> bool:
    """Tell whether a version and the next one have a page that compares them."""
    return max(len(old.name), len(new.name)) <= _LONGEST_NAME


def is_long(schema: SchemaInfo) -> bool:
    """Tell whether a schema has so many versions that not every comparison is a page."""
    return len(schema.readable) > _MOST_PAGED


def compare_pages(schema: SchemaInfo, site: Site) -> Iterator[tuple[str, bytes]]:
    """Yield the pages that compare two versions, and what compares any two in the browser."""
    for old, new in pairs(schema):
        page = paths.compare_page(schema.name, old.name, new.name)
        diff = difference(schema, old, new, site)
        lines = visible(diff.unified).splitlines()[2:]
        content = render(
            "compare.html",
            page,
            site,
            schema=schema,
            old=old,
            new=new,
            verdict=verdict(diff),
            groups=words(diff),
            rows=rows(old, new),
            lines=diff_groups(lines[:_MOST_LINES]),
            cut=len(lines) > _MOST_LINES,
        )
        yield page, content
    if is_long(schema):
        page = paths.compare_any_page(schema.name)
        names = [version.name for version in comparable(schema)]
        yield page, render("compare_any.html", page, site, schema=schema, readable=names)
        yield paths.compare_data(schema.name), versions_data(schema, site)


def difference(schema: SchemaInfo, old: Version, new: Version, site: Site) -> VersionDiff:
    """Return what changed from a version to a later one."""
    versions = side_of(schema.title, old), side_of(schema.title, new)
    return VersionDiff(*versions, site.bounds, site.policy, schema.is_fragment)


def words(diff: VersionDiff) -> list[tuple[str, list[str]]]:
    """Return what changed as `diff` tells it, by kind of change; what it does to the table last."""
    table = [("table", diff.table)] if diff.table else []
    return grouped_lines(diff) + table


def verdict(diff: VersionDiff) -> tuple[str, str]:
    """Return how good a change is, as a class of badges, and the same in words."""
    if diff.bump is None:
        return "soft", "nothing changed"
    if diff.bump == "patch":
        return "good", "documentation only"
    if diff.bump == "minor":
        return "good", "compatible: a minor change"
    if diff.is_major:
        return "warn", "incompatible: a major change, as the version says"
    if not diff.is_bound:
        return "warn", "incompatible: a prerelease promises nothing"
    return "bad", "incompatible: needs a new major version"


def rows(old: Version, new: Version) -> list[Row]:
    """Return the fields of two versions side by side, in the order of the newer one."""
    before = {field.path: field for field in flat(old.fields)}
    after = {field.path: field for field in flat(new.fields)}
    found = [_row(before.get(path), field) for path, field in after.items()]
    return found + [_row(field, None) for path, field in before.items() if path not in after]


def _row(old: Field | None, new: Field | None) -> Row:
    known = new or old
    path = known.dotted if known else ""
    before, after = facts(old), facts(new)
    if old is None:
        return Row(path, "added", before, after)
    if new is None:
        return Row(path, "removed", before, after)
    is_same = before == after and old.description == new.description
    state = "same" if is_same else "reworded" if before == after else "changed"
    return Row(path, state, before, after)


def facts(field: Field | None) -> tuple[str, ...]:
    """Return what comparisons tell of a field: its type and its limits; nothing of no field."""
    if field is None:
        return ()
    limits = (f"{limit.label} {', '.join(limit.values)}" for limit in field.constraints)
    return (field.type, *(("required",) if field.is_required else ()), *limits)


def versions_data(schema: SchemaInfo, site: Site) -> bytes:
    """Return what compares any two versions in the browser, as a script.

    Versions have most of their lines and fields in common, and comparisons most of their words:
    each is there once, and is called by its number.
    """
    lines, fields, said = _Numbers(), _Numbers(), _Numbers()
    versions = comparable(schema)
    listed = [
        {
            "name": version.name,
            "lines": [lines[line] for line in visible(version.text).splitlines()],
            "fields": [
                fields[visible(field.dotted), visible("; ".join(facts(field))), field.description]
                for field in flat(version.fields)
            ],
        }
        for version in versions
    ]
    compared = []
    for old, new in combinations(versions, 2):
        diff = difference(schema, old, new, site)
        groups = [(said[kind], [said[visible(x)] for x in found]) for kind, found in words(diff)]
        compared.append([*map(said.__getitem__, verdict(diff)), groups])
    descriptions = _Numbers()
    data = {
        "versions": listed,
        "lines": list(lines),
        "fields": [(path, facts, descriptions[text]) for path, facts, text in fields],
        "words": list(said),
        "pairs": compared,
    }
    return f'"use strict";\nconst VERSIONS = JSON.parse({literal(data)});\n'.encode()


class _Numbers(dict[Any, int]):
    """Numbers values in the order in which they are first asked for."""

    def __missing__(self, value: Any) -> int:
        return self.setdefault(value, len(self))
