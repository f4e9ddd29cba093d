"""Draws curves on logarithmic axes, as SVG."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WIDTH, HEIGHT = 420, 300  # of one panel
LEFT, TOP, RIGHT, BOTTOM = 60, 34, 26, 44  # what is around its plot
STYLE = """\
<style>
  text { font: 12px sans-serif; fill: #333 }
  .title { font-weight: bold }
  .grid { stroke: #ddd }
  .curve { fill: none; stroke-width: 2 }
</style>
"""


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve.

    Attributes:
        name: for the legend.
        points: x and y, above 0.
        color: of the line.
        dashed: whether it is.
    """

    name: str
    points: Sequence[tuple[float, float]]
    color: str
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Axis:
    """A logarithmic axis that ends at powers of ten."""

    first: int
    last: int
    start: float
    end: float

    @classmethod
    def of(cls, values: Sequence[float], start: float, end: float) -> Axis:
        """Return the axis that holds some values."""
        first, last = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
        return cls(first, max(last, first + 1), start, end)

    def place(self, value: float) -> float:
        """Return where a value is."""
        share = (math.log10(value) - self.first) / (self.last - self.first)
        return round(self.start + share * (self.end - self.start), 1)

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """Where the powers of ten are, and how they are written."""
        return [
            (self.place(10.0**power), f"{10.0**power:,.10g}")
            for power in range(self.first, self.last + 1)
        ]


def plot(panels: Sequence[tuple[str, str, Sequence[Curve]]]) -> str:
    """Return panels side by side as an SVG image: title, name of the x axis, and curves of each."""
    legend = [curve for _, _, curves in panels[:1] for curve in curves]
    height = HEIGHT + 20 * len(legend) + 10
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH * len(panels)} {height}">',
        STYLE + f'<rect width="{WIDTH * len(panels)}" height="{height}" fill="white"/>',
    ]
    for number, panel in enumerate(panels):
        lines += [f'<g transform="translate({WIDTH * number} 0)">', *_panel(*panel), "</g>"]
    for number, curve in enumerate(legend):
        y = HEIGHT + 10 + 20 * number
        lines.append(_line([(LEFT, y), (LEFT + 30, y)], curve))
        lines.append(f'<text x="{LEFT + 38}" y="{y + 4}">{escape(curve.name)}</text>')
    return "\n".join([*lines, "</svg>\n"])


def _panel(title: str, below: str, curves: Sequence[Curve]) -> Iterator[str]:
    points = [point for curve in curves for point in curve.points]
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    across = Axis.of([x for x, _ in points], LEFT, right)
    up = Axis.of([y for _, y in points], bottom, TOP)
    yield f'<text class="title" x="{LEFT}" y="20">{escape(title)}</text>'
    for x, label in across.ticks:
        yield f'<line class="grid" x1="{x}" y1="{TOP}" x2="{x}" y2="{bottom}"/>'
        yield f'<text x="{x}" y="{bottom + 18}" text-anchor="middle">{label}</text>'
    for y, label in up.ticks:
        yield f'<line class="grid" x1="{LEFT}" y1="{y}" x2="{right}" y2="{y}"/>'
        yield f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{label}</text>'
    middle = (LEFT + right) / 2
    yield f'<text x="{middle}" y="{bottom + 36}" text-anchor="middle">{escape(below)}</text>'
    for curve in curves:
        if curve.points:
            yield _line([(across.place(x), up.place(y)) for x, y in curve.points], curve)


def _line(points: Sequence[tuple[float, float]], curve: Curve) -> str:
    places = " ".join(f"{x},{y}" for x, y in points)
    dashes = ' stroke-dasharray="6 4"' if curve.dashed else ""
    return f'<polyline class="curve" stroke="{curve.color}"{dashes} points="{places}"/>'
