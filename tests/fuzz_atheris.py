"""Fuzzes with atheris, guided by coverage; .ci/fuzz installs it and runs this.

    python tests/fuzz_atheris.py read|build|schemas [libFuzzer's options] [folders of inputs]

`read` and `build` take the input for the text of a schema; `schemas` takes it for the choices by
which Hypothesis makes one, so that it is always well-formed.

What it finds is written to a file `crash-…`, `timeout-…` or `oom-…`; the same command with that
file as its argument repeats it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import mkdtemp

import atheris  # type: ignore[import-not-found,import-untyped,unused-ignore] # see .ci/fuzz

with atheris.instrument_imports(include=["jsonschema_tools", "yaml"]):
    import test_fuzz

    from support import fuzz_targets

ROOT = Path(__file__).parent.parent
TARGETS = {
    "read": fuzz_targets.read,
    "build": fuzz_targets.build,
    "schemas": vars(test_fuzz.test_any_schema_is_built_or_refused)["hypothesis"].fuzz_one_input,
}


def corpus() -> str:
    """Return a folder of texts to begin with: this repository's schemas, and the tests' YAML."""
    folder = Path(mkdtemp())
    texts = [*ROOT.glob("*/**/current.yaml"), *ROOT.glob("tests/data/**/*.yaml")]
    for number, path in enumerate(texts):
        (folder / str(number)).write_bytes(path.read_bytes())
    return str(folder)


def main() -> None:
    name = sys.argv.pop(1)
    if name != "schemas" and not any(Path(argument).exists() for argument in sys.argv[1:]):
        sys.argv.append(corpus())
    atheris.Setup([*sys.argv, "-timeout=20", "-len_control=0", "-rss_limit_mb=2048"], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
