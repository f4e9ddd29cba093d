"""Measure this tool against the reference, side by side: `python benchmarks/compare.py`.

Installs this tool and, with npm, the reference in a scratch folder (or uses those named by --python
and --reference), makes a repository from a seed (or copies the one named by --repository), runs
both tools in turn, each on a copy of its own, and prints the medians as a Markdown table. Where
other work keeps the machine busy, the ratio of the processor time of all processes says more than
that of the time that passed: it is the median of the ratios of the pairs of runs.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import tempfile
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from measure import ENVIRONMENT, FailedError, Run, Tools, install, measure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

HEADER = (
    "| work | this tool | reference | ratio | of processor time | at most |\n"
    "| --- | ---: | ---: | ---: | ---: | ---: |"
)


@dataclass(frozen=True, slots=True)
class Work:
    """One row of the table: the same work done by both tools.

    Attributes:
        name: what is done.
        product: our command.
        reference: the reference's; None: it has none.
        limit: what must not be passed: a ratio, or without a reference our own figure.
        before: called with the copy of the repository before each run of a tool.
        figure: what is compared.
    """

    name: str
    product: Sequence[str]
    reference: Sequence[str] | None
    limit: float
    before: Callable[[Path], None] = lambda _: None
    figure: Literal["seconds", "mebibytes"] = "seconds"


def works(tools: Tools, repository: Path, scratch: Path) -> list[Work]:
    """Return the rows of the table; the commands run in a copy of the repository."""
    product, node, mocha = tools.product, tools.node, tools.mocha(scratch)
    largest = max(repository.rglob("current.yaml"), key=lambda path: path.stat().st_size)
    (scratch / "out").mkdir()
    one = ("materialize", "-o", str(scratch / "out"), str(largest.relative_to(repository)))
    pytest = (str(tools.python), "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests")
    uncached = (*product, "check", "--no-cache")
    return [
        Work("`--help`", (*product, "--help"), (*node, "--help"), 0.17),
        Work("`--version`", (*product, "--version"), (*node, "--version"), 0.17),
        Work("`materialize` of one schema", (*product, *one), (*node, *one), 0.25),
        Work("`materialize-all`", (*product, "materialize-all"), (*node, "materialize-all"), 0.33),
        Work(
            "`materialize-all`, each schema with a new version",
            (*product, "materialize-all"),
            (*node, "materialize-all"),
            0.38,
            remove_latest,
        ),
        Work("`check`, no cache", uncached, mocha, 0.20),
        Work("`check`, nothing changed since the last run", (*product, "check"), mocha, 0.05),
        Work("`check` after one schema changed", (*product, "check"), mocha, 0.08, change(tools)),
        Work("the pytest suite, all items run", pytest, mocha, 0.58),
        Work("peak memory of `check`, no cache", uncached, mocha, 1.0, figure="mebibytes"),
        Work(
            "the git hook, for a commit that touches no schema",
            (".git/hooks/pre-commit",),
            None,
            0.3,
        ),
    ]


def commit(repository: Path, tools: Tools) -> None:
    """Put a repository under git, with our hook and our pytest suite, and stage no schema."""
    git = ("git", "-c", "user.name=A", "-c", "user.email=a@example.org")
    for command in (
        (*tools.product, "generate-tests"),
        (*git, "init", "--quiet"),
        (*git, "add", "."),
        (*git, "commit", "--quiet", "--message", "Add schemas"),
        (*tools.product, "install-git-hook"),
    ):
        subprocess.run(command, cwd=repository, env=ENVIRONMENT, check=True, capture_output=True)
    (repository / "notes.txt").write_text("no schema\n")
    subprocess.run(["git", "add", "notes.txt"], cwd=repository, env=ENVIRONMENT, check=True)


def remove_latest(repository: Path) -> None:
    """Remove the latest version of every event schema, as if it were still to be made.

    Fragments stay: the reference fails where one has to be made in the same run.
    """
    for link in repository.rglob("latest.yaml"):
        if "fragment" not in link.parts:
            link.resolve().unlink(missing_ok=True)


def change(tools: Tools) -> Callable[[Path], None]:
    """Return what changes and materializes one schema, another one each time."""
    numbers = count()

    def change_one(repository: Path) -> None:
        # no fragment: others would have to be materialized with it
        files = sorted(p for p in repository.rglob("current.yaml") if "fragment" not in p.parts)
        number = next(numbers)
        path = files[number * 7 % len(files)]
        kept = [
            line
            for line in path.read_text(encoding="utf-8").splitlines()
            if not line.startswith("$comment: change ")
        ]
        path.write_text("\n".join([*kept, f"$comment: change {number}\n"]), encoding="utf-8")
        command = (*tools.product, "materialize", str(path))
        subprocess.run(command, cwd=repository, env=ENVIRONMENT, check=True, capture_output=True)

    return change_one


def row(work: Work, copies: tuple[Path, Path], runs: int, sound: Callable[[int], bool]) -> str:
    """Run both tools in turn and return a row of the table."""
    ours: list[Run] = []
    theirs: list[Run] = []
    watch = 0.005 if work.figure == "mebibytes" else 0
    for number in range(runs + 1):
        pair = []
        for command, copy in zip((work.product, work.reference), copies, strict=True):
            if command is not None:
                work.before(copy)
                pair.append(measure(command, copy, sound=sound, watch=watch))
        if number:  # the first pair warms up what the system and the tools cache
            ours += pair[:1]
            theirs += pair[1:]
    product, reference = _median(ours, work), _median(theirs, work) if theirs else None
    cells = [work.name, _shown(product, work), _shown(reference, work)]
    if reference is None:
        cells += ["", "", f"{work.limit:.1f} s"]
    else:
        cells += [f"{product / reference:.2f}", _processor_ratio(ours, theirs, work)]
        cells += [f"{work.limit:.2f}"]
    return f"| {' | '.join(cells)} |"


def _processor_ratio(ours: Sequence[Run], theirs: Sequence[Run], work: Work) -> str:
    if work.figure == "mebibytes":
        return ""
    pairs = zip(ours, theirs, strict=True)
    return f"{statistics.median(our.processor / their.processor for our, their in pairs):.2f}"


def _median(runs: Sequence[Run], work: Work) -> float:
    memory = work.figure == "mebibytes"
    return statistics.median(run.mebibytes if memory else run.seconds for run in runs)


def _shown(figure: float | None, work: Work) -> str:
    if figure is None:
        return ""
    return f"{figure:.3f} s" if work.figure == "seconds" else f"{figure:.0f} MiB"


def table(
    works: Sequence[Work], copies: tuple[Path, Path], options: argparse.Namespace
) -> Iterator[str]:
    """Yield the lines of the table, each as soon as it is measured."""
    files = sum(not path.is_symlink() for path in copies[0].rglob("*.yaml"))
    titles = sum(1 for _ in copies[0].rglob("current.yaml"))
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
    yield (
        f"{titles} titles, {files} files; median of {options.runs} runs each, in turn; "
        f"{os.cpu_count()} cores, {_processor()}, {platform.system()}, "
        f"Python {platform.python_version()}, Node {node.stdout.strip().removeprefix('v')}\n"
    )
    yield HEADER
    # a repository that is not ours may have findings: the reference ends with their number
    sound = (lambda status: status >= 0) if options.repository else (lambda status: status == 0)
    for work in works:
        if not options.only or options.only in work.name:
            try:
                yield row(work, copies, options.runs, sound)
            except FailedError as error:
                yield f"| {work.name} | {error} | | | | |"


def _processor() -> str:
    """Return the name of the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def main() -> None:
    """Read the command line, measure, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repository", type=Path, help="measure on copies of this repository")
    parser.add_argument("--seed", type=int, default=1, help="of the repository that is made")
    parser.add_argument("--python", type=Path, help="interpreter that has this tool installed")
    parser.add_argument("--reference", type=Path, help="folder that has it in node_modules")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--only", help="rows whose name contains this")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        tools = install(scratch, options.python, options.reference)
        copies = scratch / "ours", scratch / "theirs"
        if options.repository:
            without = shutil.ignore_patterns(".git")
            shutil.copytree(options.repository, copies[0], symlinks=True, ignore=without)
        else:
            tools.generate(copies[0], "--seed", str(options.seed))
        commit(copies[0], tools)
        shutil.copytree(copies[0], copies[1], symlinks=True)
        for line in table(works(tools, copies[0], scratch), copies, options):
            print(line, flush=True)


if __name__ == "__main__":
    main()
