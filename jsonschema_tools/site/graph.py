"""The graph of uses as a drawing: who refers to what, in columns from left to right."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from jsonschema_tools.site import paths
from jsonschema_tools.site.rendering import render

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jsonschema_tools.site.model import SchemaInfo, Site

_CHARACTER: Final = 7.3  # width of one, in pixels
_PADDING: Final = 24
_HEIGHT: Final = 26
_ROW: Final = 34
_GAP: Final = 130  # between columns, for the lines
_MARGIN: Final = 16
_SWEEPS: Final = 6  # of the ordering by barycentres (Sugiyama, Tagawa and Toda 1981)


@dataclass(frozen=True, slots=True)
class Box:
    """A schema in the drawing; lengths are pixels.

    Attributes:
        schema: which one.
        x: left edge.
        y: upper edge.
        width: width.
    """

    schema: SchemaInfo
    x: float
    y: float
    width: float


@dataclass(frozen=True, slots=True)
class Line:
    """A use in the drawing.

    Attributes:
        user: position of the box of the schema that refers.
        used: position of the box of the schema that is referred to.
        way: the curve, as the `d` of an SVG path.
        is_old: whether it pins a version that is not the latest.
    """

    user: int
    used: int
    way: str
    is_old: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """The graph as it is drawn: its boxes and lines, its width and height in pixels."""

    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    width: float
    height: float


def graph_page(site: Site) -> bytes:
    """Return the page with the graph; the same facts are below it as a list."""
    linked = [schema for schema in site.schemas if schema.uses or schema.used_by]
    return render("graph.html", paths.GRAPH, site, drawing=draw(linked), linked=linked)


def draw(schemas: Sequence[SchemaInfo]) -> Drawing:
    """Lay out schemas that use each other: what is used is to the right of its users."""
    by_name = {schema.name: schema for schema in schemas}
    edges = {
        name: tuple(dict.fromkeys(use.name for use in schema.uses if use.name in by_name))
        for name, schema in by_name.items()
    }
    columns = _columns(by_name, edges)
    boxes: dict[str, Box] = {}
    x: float = _MARGIN
    tallest = max((len(column) for column in columns), default=0)
    for column in columns:
        width = max(len(by_name[name].title) for name in column) * _CHARACTER + _PADDING
        top = _MARGIN + (tallest - len(column)) * _ROW / 2
        for index, name in enumerate(column):
            boxes[name] = Box(
                by_name[name], round(x, 1), round(top + index * _ROW, 1), round(width, 1)
            )
        x += width + _GAP
    position = {name: index for index, name in enumerate(boxes)}
    lines = tuple(
        Line(
            position[schema.name],
            position[use.name],
            _curve(boxes[schema.name], boxes[use.name]),
            use.latest is not None,
        )
        for schema in schemas
        for use in schema.uses
        if use.name in boxes and use.name != schema.name
    )
    height = tallest * _ROW + 2 * _MARGIN
    return Drawing(tuple(boxes.values()), lines, round(x - _GAP + _MARGIN), height)


def _columns(
    names: Mapping[str, SchemaInfo], edges: Mapping[str, tuple[str, ...]]
) -> list[list[str]]:
    """Return the names column by column, ordered so that lines cross little."""
    rank = dict.fromkeys(names, 0)
    for (
        _
    ) in names:  # longest way from a user; as many rounds as there are, should there be a circle
        moved = False
        for name, used in edges.items():
            for other in used:
                if rank[other] <= rank[name] < len(names):
                    rank[other] = rank[name] + 1
                    moved = True
        if not moved:
            break
    ranks = sorted(set(rank.values()))
    columns = [[name for name in names if rank[name] == one] for one in ranks]
    back: dict[str, list[str]] = defaultdict(list)
    for name, used in edges.items():
        for other in used:
            back[other].append(name)
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        neighbours: Mapping[str, Sequence[str]] = back if forward else edges
        for column in columns[1:] if forward else columns[-2::-1]:
            place = {n: i - len(c) / 2 for c in columns for i, n in enumerate(c)}
            column.sort(key=lambda name: (_middle(name, neighbours, place), name))
    return columns


def _middle(
    name: str, neighbours: Mapping[str, Sequence[str]], place: Mapping[str, float]
) -> float:
    places = [place[other] for other in neighbours.get(name, ())]
    return sum(places) / len(places) if places else place[name]


def _curve(user: Box, used: Box) -> str:
    x1, y1 = user.x + user.width, user.y + _HEIGHT / 2
    x2, y2 = used.x, used.y + _HEIGHT / 2
    bend = _GAP / 2
    return f"M{x1:g} {y1:g}C{x1 + bend:g} {y1:g} {x2 - bend:g} {y2:g} {x2:g} {y2:g}"
