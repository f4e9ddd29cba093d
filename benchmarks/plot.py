"""Draws curves on logarithmic axes, as SVG."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

WIDTH, HEIGHT = 4.4, 4.4  # inches, of one panel with its legend
# text stays text; the same measurements give the same bytes
mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "jsonschema-tools", "font.size": 9})


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


def plot(panels: Sequence[tuple[str, str, Sequence[Curve]]], path: Path) -> None:
    """Write panels side by side as an SVG image: title, name of the x axis, and curves of each."""
    figure = Figure(figsize=(WIDTH * len(panels), HEIGHT), layout="constrained")
    every = figure.subplots(1, len(panels), squeeze=False)[0]
    for axes, (title, below, curves) in zip(every, panels, strict=True):
        for curve in curves:
            xs, ys = zip(*curve.points, strict=True)
            style = "--" if curve.dashed else "-"
            axes.loglog(xs, ys, style, color=curve.color, label=curve.name, marker=".")
        axes.set_title(title, loc="left", fontweight="bold")
        axes.set_xlabel(below)
        axes.grid(color="#ddd")
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}"))
    handles, labels = every[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower left", frameon=False)
    figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
