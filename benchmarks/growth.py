"""Measure how time and memory grow with the repository: `python benchmarks/growth.py`.

Makes repositories of 100, 1,000 and 10,000 schemas with five versions each, runs both tools on
them, prints what each work took as a Markdown table, and draws it as docs/operations/growth.svg.
By schema is the time of all processors: unlike the time that passes, it does not depend on what
else runs.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from measure import ROOT, FailedError, Run, Tools, install, measure

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

VERSIONS = 5
REPEATED = 1000  # schemas; what is larger is measured once


@dataclass(frozen=True, slots=True)
class Work:
    """What is measured, of one of the tools.

    Attributes:
        name: what is done, and by which tool.
        command: the command.
        color: of its curve.
        fresh: nothing is remembered from a run before.
        dashed: whether its curve is.
    """

    name: str
    command: Sequence[str]
    color: str
    fresh: bool = False
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Point:
    """What a work took in a repository of some schemas; None if it did not get that far."""

    work: Work
    schemas: int
    run: Run | None


def works(tools: Tools, scratch: Path) -> list[Work]:
    """Return what is measured."""
    product, mocha = tools.product, tools.mocha(scratch)
    everything = "materialize-all"
    return [
        Work("`materialize-all`", (*product, everything), "#1b7837"),
        Work("`materialize-all`, Node tool", (*tools.node, everything), "#1b7837", dashed=True),
        Work("`check`, first run", (*product, "check"), "#2166ac", fresh=True),
        Work("`check`, nothing changed", (*product, "check"), "#e08214"),
        Work("the checks, Node tool", mocha, "#2166ac", dashed=True),
    ]


def run(work: Work, repository: Path, schemas: int, limit: float) -> Run:
    """Return what a work takes: the medians of three runs, or one run in a large repository.

    Raises:
        FailedError: it failed, or took too long.
    """
    runs = []
    for _ in range(3 if schemas <= REPEATED else 1):
        if work.fresh:
            shutil.rmtree(repository / ".jsonschema-tools-cache", ignore_errors=True)
        runs.append(measure(work.command, repository, limit=limit, watch=0.05))
    return Run(
        statistics.median(run.seconds for run in runs),
        statistics.median(run.processor for run in runs),
        statistics.median(run.mebibytes for run in runs),
    )


def row(work: Work, repository: Path, schemas: int, limit: float) -> tuple[str, Point]:
    """Measure a work, and return a row of the table and what it took."""
    try:
        took = run(work, repository, schemas, limit)
    except FailedError as error:
        return f"| {schemas:,} | {work.name} | {error} | | | |", Point(work, schemas, None)
    cells = (
        f"{took.seconds:.2f} s",
        f"{took.processor / schemas * 1000:.2f} ms",
        f"{took.mebibytes:.0f} MiB",
        f"{took.mebibytes / schemas * 1024:.0f} KiB",
    )
    return f"| {schemas:,} | {work.name} | {' | '.join(cells)} |", Point(work, schemas, took)


def draw(points: Iterable[Point], path: Path) -> None:
    """Draw time and memory by schema."""
    # only now: Linux counts what a process held before it became the one that is measured
    from plot import Curve, plot

    times: dict[Work, list[tuple[float, float]]] = {}
    memory: dict[Work, list[tuple[float, float]]] = {}
    for point in points:
        if point.run is not None:
            n = point.schemas
            times.setdefault(point.work, []).append((n, point.run.processor / n * 1000))
            memory.setdefault(point.work, []).append((n, point.run.mebibytes / n * 1024))
    below = f"schemas, {VERSIONS} versions each"
    plot(
        [
            (
                title,
                below,
                [
                    Curve(work.name.replace("`", ""), points, work.color, dashed=work.dashed)
                    for work, points in found.items()
                ],
            )
            for title, found in (
                ("processor time by schema, ms", times),
                ("peak memory by schema, KiB", memory),
            )
        ],
        path,
    )


def read_points(table: str, works: Sequence[Work]) -> list[Point]:
    """Return what stands in a table that was printed here before."""
    by_name = {work.name: work for work in works}
    points = []
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.strip("| ").split("|")]
        if len(cells) > 5 and cells[1] in by_name and cells[5]:
            schemas = int(cells[0].replace(",", ""))
            seconds, by_schema, mebibytes = (float(cell.split()[0]) for cell in cells[2:5])
            run = Run(seconds, by_schema * schemas / 1000, mebibytes)
            points.append(Point(by_name[cells[1]], schemas, run))
    return points


def main() -> None:
    """Read the command line, measure, print the table, draw the plot."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 1000, 10000])
    parser.add_argument("--limit", type=float, default=600, help="seconds for one run")
    parser.add_argument("--folder", type=Path, help="where the repositories are kept, or were")
    parser.add_argument("--output", type=Path, default=ROOT / "docs/operations/growth.svg")
    parser.add_argument("--python", type=Path, help="interpreter that has this tool installed")
    parser.add_argument("--reference", type=Path, help="folder that has it in node_modules")
    parser.add_argument("--draw", type=Path, help="only draw the table in this file")
    options = parser.parse_args()
    points: list[Point] = []
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        if options.draw:
            nothing = works(Tools(Path("python"), Path()), scratch)
            draw(read_points(options.draw.read_text(encoding="utf-8"), nothing), options.output)
            return
        tools = install(scratch, options.python, options.reference)
        print("| schemas | work | time | processor, by schema | peak memory | by schema |")
        print("| ---: | --- | ---: | ---: | ---: | ---: |")
        for schemas in sorted(options.sizes):
            repository = (options.folder or scratch).absolute() / str(schemas)
            if not repository.exists():
                tools.generate(repository, "--titles", str(schemas), "--versions", str(VERSIONS))
            for work in works(tools, scratch):
                line, point = row(work, repository, schemas, options.limit)
                print(line, flush=True)
                points.append(point)
    draw(points, options.output)


if __name__ == "__main__":
    main()
