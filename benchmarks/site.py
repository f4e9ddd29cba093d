"""Measures `site`: time and size of a build, of one without a change, and the largest page.

python benchmarks/site.py REPOSITORY

REPOSITORY is the root of a schema repository; the site goes to a scratch folder.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path


def build(repository: Path, folder: Path) -> float:
    """Build the site as a user does; return the seconds that it took."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "jsonschema_tools", "site", str(folder)]
    subprocess.run(command, cwd=repository, check=True)
    return time.perf_counter() - start


def main() -> None:
    """Print the figures."""
    repository = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "site"
        first, again = build(repository, folder), build(repository, folder)
        sizes = {path: path.stat().st_size for path in folder.rglob("*") if path.is_file()}
        pages = [path for path in sizes if path.suffix == ".html"]
        largest = max(pages, key=lambda path: sizes[path])
        print(f"built in {first:.2f} s, unchanged {again:.2f} s")
        print(f"{len(sizes)} files, {sum(sizes.values()) / 1e6:.1f} MB, {len(pages)} pages")
        print(f"largest page {sizes[largest] / 1e3:.0f} kB: {largest.relative_to(folder)}")


if __name__ == "__main__":
    main()
