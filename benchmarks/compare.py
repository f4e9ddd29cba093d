"""Measure this tool against the reference, side by side: `python benchmarks/compare.py`.

Makes a repository from a seed (or copies the one named by --repository), installs the reference
with npm in a scratch folder (or uses the one named by --reference), runs both tools in turn, and
prints the ratios of the medians as a Markdown table.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from generate import Shape, write_repository

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PACKAGES = ("@wikimedia/jsonschema-tools@1.3.0", "mocha@10")
TOOL = (str(Path(sys.executable).with_name("jsonschema-tools")),)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a command: wall time in seconds, peak memory in MiB (of its largest process)."""

    seconds: float
    mebibytes: float


@dataclass(frozen=True, slots=True)
class Work:
    """One row of the table: the same work done by both tools.

    Attributes:
        name: what is done.
        product: our command.
        reference: the reference's command.
        limit: the ratio that must not be passed.
        before: called with the repository before each run of ours.
        memory: compare peak memory, not time.
    """

    name: str
    product: Sequence[str]
    reference: Sequence[str]
    limit: float
    before: Callable[[Path], None] = lambda _: None
    memory: bool = False


def measure(command: Sequence[str], folder: Path) -> Run:
    """Run a command and return what it took."""
    start = time.perf_counter()
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - start
    if process.returncode not in {0, 1}:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}")
    return Run(seconds, usage.ru_maxrss / (1024 if sys.platform == "linux" else 1024**2))


def install_reference(folder: Path) -> Path:
    """Install the reference and mocha with npm."""
    folder.mkdir(parents=True, exist_ok=True)
    npm = ("npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder))
    subprocess.run([*npm, *PACKAGES], check=True)
    return folder


def works(reference: Path, repository: Path, scratch: Path) -> list[Work]:
    """Return the rows of the table."""
    modules = reference / "node_modules"
    node = ("node", str(modules / "@wikimedia/jsonschema-tools/scripts/jsonschema-tools.js"))
    suite = scratch / "suite.js"
    suite.write_text(
        f"require({str(modules / '@wikimedia/jsonschema-tools')!r}).tests.all({{logLevel: 'warn'}});"
    )
    mocha = ("node", str(modules / "mocha/bin/mocha.js"), str(suite))
    one = max(repository.rglob("current.yaml"), key=lambda path: path.stat().st_size)
    one_schema = ("materialize", "-o", str(scratch / "out"), str(one))
    (scratch / "out").mkdir(exist_ok=True)
    pytest = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests")
    uncached = (*TOOL, "check", "--no-cache")
    return [
        Work("`--help`", (*TOOL, "--help"), (*node, "--help"), 0.35),
        Work("`materialize` of one schema", (*TOOL, *one_schema), (*node, *one_schema), 0.50),
        Work("`materialize-all`", (*TOOL, "materialize-all"), (*node, "materialize-all"), 0.50),
        Work("`check`, no cache", uncached, mocha, 0.35),
        Work("`check`, nothing changed", (*TOOL, "check"), mocha, 0.12),
        Work("`check`, one schema changed", (*TOOL, "check"), mocha, 0.15, touch_one),
        Work("the pytest suite", pytest, mocha, 0.80),
        Work("peak memory of `check`", uncached, mocha, 1.0, memory=True),
    ]


def touch_one(repository: Path) -> None:
    """Change one schema, another one each time."""
    current = sorted(repository.rglob("current.yaml"))
    path = current[time.time_ns() % len(current)]
    path.write_text(path.read_text(encoding="utf-8") + f"# {time.time_ns()}\n", encoding="utf-8")


def compare(work: Work, repository: Path, runs: int) -> str:
    """Run both tools in turn and return a row of the table."""
    ours, theirs = [], []
    for number in range(runs + 1):
        work.before(repository)
        pair = measure(work.product, repository), measure(work.reference, repository)
        if number:  # the first pair warms up caches
            ours.append(pair[0])
            theirs.append(pair[1])
    if work.memory:
        a, b = median([r.mebibytes for r in ours]), median([r.mebibytes for r in theirs])
        figures = f"{a:.0f} MiB | {b:.0f} MiB"
    else:
        a, b = median([r.seconds for r in ours]), median([r.seconds for r in theirs])
        figures = f"{a:.3f} s | {b:.3f} s"
    return f"| {work.name} | {figures} | {a / b:.2f} | {work.limit:.2f} |"


median = statistics.median


def main() -> None:
    """Read the command line, measure, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repository", type=Path, help="measure on a copy of this repository")
    parser.add_argument("--reference", type=Path, help="folder that has it in node_modules")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--only", help="rows whose name contains this")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        reference = options.reference or install_reference(scratch / "reference")
        repository = scratch / "repository"
        if options.repository:
            shutil.copytree(options.repository, repository, symlinks=True)
        else:
            write_repository(repository, Shape())
        subprocess.run([*TOOL, "generate-tests"], cwd=repository, check=True, capture_output=True)
        print_table(works(reference.resolve(), repository, scratch), repository, options)


def print_table(rows: Sequence[Work], repository: Path, options: argparse.Namespace) -> None:
    """Print the table as Markdown."""
    files = [path for path in repository.rglob("*.yaml") if not path.is_symlink()]
    titles = len(list(repository.rglob("current.yaml")))
    print(f"{titles} titles, {len(files)} files; median of {options.runs} runs each, in turn; "
          f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}\n")  # fmt: skip
    print("| work | this tool | reference | ratio | at most |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for work in rows:
        if not options.only or options.only in work.name:
            print(compare(work, repository, options.runs), flush=True)


if __name__ == "__main__":
    main()
