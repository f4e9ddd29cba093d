"""Fuzzes with atheris, guided by coverage; .ci/fuzz installs it and runs this.

    python tests/fuzz_atheris.py read|build [libFuzzer's options] [folders of texts]

What it finds is written to a file `crash-…`, `timeout-…` or `oom-…`; the same command with that
file as its argument repeats it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import mkdtemp

import atheris  # type: ignore[import-not-found,import-untyped,unused-ignore] # see .ci/fuzz

with atheris.instrument_imports(include=["jsonschema_tools", "yaml"]):
    import fuzz_targets

ROOT = Path(__file__).parent.parent
TARGETS = {"read": fuzz_targets.read, "build": fuzz_targets.build}


def corpus() -> str:
    """Return a folder of texts to begin with: this repository's schemas, and the tests' YAML."""
    folder = Path(mkdtemp())
    texts = [*ROOT.glob("*/**/current.yaml"), *ROOT.glob("tests/data/**/*.yaml")]
    for number, path in enumerate(texts):
        (folder / str(number)).write_bytes(path.read_bytes())
    return str(folder)


def main() -> None:
    target = TARGETS[sys.argv.pop(1)]
    if not any(Path(argument).exists() for argument in sys.argv[1:]):
        sys.argv.append(corpus())
    atheris.Setup([*sys.argv, "-timeout=20", "-rss_limit_mb=2048"], target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
