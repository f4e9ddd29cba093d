"""The first page: schemas by namespace, and the tree of the namespaces."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jsonschema_tools.site import paths
from jsonschema_tools.site.rendering import plain_anchor, render

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jsonschema_tools.site.model import SchemaInfo, Site


@dataclass(frozen=True, slots=True)
class Group:
    """The schemas of one namespace.

    Attributes:
        name: the namespace.
        anchor: id of its section.
        schemas: by title.
    """

    name: str
    anchor: str
    schemas: tuple[SchemaInfo, ...]


@dataclass(frozen=True, slots=True)
class Namespace:
    """A namespace with those in it.

    Attributes:
        name: its last part.
        anchor: id of the first section that belongs to it.
        count: number of schemas in it and below it.
        children: the namespaces in it.
    """

    name: str
    anchor: str
    count: int
    children: tuple[Namespace, ...]


def catalogue(site: Site) -> bytes:
    """Return the catalogue."""
    groups = grouped(site.schemas)
    return render(
        "catalogue.html",
        paths.CATALOGUE,
        site,
        groups=groups,
        namespaces=namespaces(groups),
        schema_count=len(site.schemas),
        version_count=sum(len(schema.versions) for schema in site.schemas),
        is_broken=is_broken,
    )


def is_broken(schema: SchemaInfo) -> bool:
    """Tell whether a schema or its latest version cannot be read."""
    return bool(schema.faults) or (schema.latest is not None and schema.latest.fault is not None)


def grouped(schemas: Iterable[SchemaInfo]) -> tuple[Group, ...]:
    """Return schemas by namespace: the title without its last part. Fragments come last."""
    by_name: dict[str, list[SchemaInfo]] = defaultdict(list)
    for schema in schemas:
        by_name[schema.title.rpartition("/")[0] or schema.title].append(schema)
    order = sorted(by_name, key=lambda n: (all(s.is_fragment for s in by_name[n]), n.split("/")))
    return tuple(Group(name, f"ns-{plain_anchor(name)}", tuple(by_name[name])) for name in order)


def namespaces(groups: Iterable[Group]) -> tuple[Namespace, ...]:
    """Return the tree of namespaces."""
    return _tree([(group.name.split("/"), group) for group in groups])


def _tree(members: list[tuple[list[str], Group]]) -> tuple[Namespace, ...]:
    by_first: dict[str, list[tuple[list[str], Group]]] = {}
    for names, group in members:
        by_first.setdefault(names[0], []).append((names[1:], group))
    return tuple(
        Namespace(
            name,
            inside[0][1].anchor,
            sum(len(group.schemas) for _, group in inside),
            _tree([(rest, group) for rest, group in inside if rest]),
        )
        for name, inside in by_first.items()
    )
