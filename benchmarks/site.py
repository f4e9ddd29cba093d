"""Measures `site`: time and size of a build, of one without a change, the largest page, search.

    python benchmarks/site.py [REPOSITORY]

REPOSITORY is the root of a schema repository, which is enlarged to 202 titles and 510 versions
first (`--as-it-is`: not so); without one, schemas are made up. The goals: built in 5 s on two
cores, 0.5 s where nothing changed, 40 MB, 150 KB a page, the first result of a search in 50 ms.
Processor time is that of all processes: two cores need at least half of it.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from enlarge import enlarge
from generate import Shape, write_repository
from measure import Run, measure

_QUERIES = ("p", "page", "rev", "user", "request id", "domin", "meta.stream")


def build(repository: Path, folder: Path) -> Run:
    """Build the site as a user does; return what it took."""
    command = [sys.executable, "-m", "jsonschema_tools", "site", str(folder)]
    return measure(command, repository)


def search(folder: Path) -> list[float]:
    """Return the ms from a keystroke until the results are on the screen, for some queries."""
    from playwright.sync_api import sync_playwright

    script = """(query) => new Promise((resolve) => {
      const input = document.getElementById("q");
      input.value = query;
      const start = performance.now();
      input.dispatchEvent(new Event("input"));
      if (!document.querySelector("#results .name")) throw new Error(`nothing found: ${query}`);
      requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - start)));
    })"""
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto((folder / "index.html").as_uri())
        took = [page.evaluate(script, query) for query in _QUERIES * 3]
        browser.close()
    return took


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repository", type=Path, nargs="?")
    parser.add_argument("--as-it-is", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        if options.repository is None:
            repository = scratch / "made"
            write_repository(repository, Shape(titles=202))
            commit(repository)
        elif options.as_it_is:
            repository = options.repository.resolve()
        else:
            repository = scratch / "large"
            enlarge(options.repository.resolve(), repository, 202, 510)
            commit(repository)
        show(repository, scratch / "site")


def commit(repository: Path) -> None:
    """Make it a git repository, from which the site takes its dates."""
    author = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    for command in (("init", "-q"), ("add", "-A"), ("commit", "-q", "-m", "All")):
        subprocess.run(["git", *author, *command], cwd=repository, check=True)


def show(repository: Path, folder: Path) -> None:
    """Print the figures of one repository."""
    for what in ("first build", "without a change"):
        run = build(repository, folder)
        print(f"{what}: {run.seconds:.2f} s, processor time {run.processor:.2f} s")
    sizes = {path: path.stat().st_size for path in folder.rglob("*") if path.is_file()}
    pages = [path for path in sizes if path.suffix == ".html"]
    largest = max(pages, key=lambda path: sizes[path])
    print(f"{len(sizes)} files, {sum(sizes.values()) / 1e6:.1f} MB, {len(pages)} pages")
    print(f"largest page {sizes[largest] / 1e3:.0f} kB: {largest.relative_to(folder)}")
    took = search(folder)
    print(f"first result after {statistics.median(took):.0f} ms, at most {max(took):.0f} ms")


if __name__ == "__main__":
    main()
