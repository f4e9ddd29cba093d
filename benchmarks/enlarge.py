"""Make a larger repository of a real one: `python benchmarks/enlarge.py REPOSITORY FOLDER`.

Event schemas are copied into further namespaces until there are enough titles; then copies gain
versions, each with one more field, until there are enough of these. Fragments stay as they are.
"""

from __future__ import annotations

import argparse
import shutil
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jsonschema_tools.config import load_config
from jsonschema_tools.documents.document import read_document
from jsonschema_tools.materialization import Materializer, Source
from jsonschema_tools.serialization.serializer import serialize

if TYPE_CHECKING:
    from collections.abc import Iterator


def enlarge(repository: Path, folder: Path, titles: int, versions: int) -> None:
    """Copy a repository to a new folder and enlarge it there.

    Args:
        repository: its root; schemas lie in `jsonschema` in it.
        folder: where the larger one goes.
        titles: how many titles it will have.
        versions: how many versions these will have together.
    """
    shutil.copytree(repository, folder, symlinks=True)
    base = folder / "jsonschema"
    known = sorted(path.parent for path in base.rglob("current.yaml"))
    events = [path for path in known if path.relative_to(base).parts[0] != "fragment"]
    materializer = Materializer(load_config(folder))
    missing = titles - len(known)
    copies = list(islice(_copies(base, events), missing))
    count = sum(1 for path in base.rglob("*.yaml") if path.name[0].isdigit())
    for number, copy in zip(range(count, versions), cycle(copies), strict=False):
        _add_version(copy, number, materializer)


def _copies(base: Path, events: list[Path]) -> Iterator[Path]:
    """Yield copies of folders without end, each with titles and `$id`s of its own."""
    for number, event in enumerate(cycle(events)):
        name = event.relative_to(base).as_posix()
        copied = f"copy{number // len(events)}/{name}"
        shutil.copytree(event, base / copied, symlinks=True)
        for path in (base / copied).iterdir():
            if not path.is_symlink():
                text = path.read_text(encoding="utf-8")
                text = text.replace(f"/{name}/", f"/{copied}/")
                path.write_text(text.replace(f"title: {name}\n", f"title: {copied}\n"), "utf-8")
        yield base / copied


def _add_version(folder: Path, number: int, materializer: Materializer) -> None:
    current = folder / "current.yaml"
    schema: Any = read_document(current, str(current)).data
    name, _, version = schema["$id"].rpartition("/")
    major, minor, _ = version.split(".")
    field = {"type": "string", "description": f"Added by version {number} of the benchmark."}
    schema["$id"] = f"{name}/{major}.{int(minor) + 1}.0"
    schema["properties"] = {**schema.get("properties", {}), f"added_{number}": field}
    for example in schema.get("examples", ()):
        if isinstance(example.get("$schema"), str):
            example["$schema"] = schema["$id"]
    current.write_text(serialize(schema), encoding="utf-8")
    source = Source(read_document(current, str(current)), folder)
    for output in materializer.outputs(source):
        output.write()


def main() -> None:
    """Read the command line and write the repository."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repository", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--titles", type=int, default=202)
    parser.add_argument("--versions", type=int, default=510)
    options = parser.parse_args()
    enlarge(options.repository, options.folder, options.titles, options.versions)


if __name__ == "__main__":
    main()
