"""What holds for any input: test_fuzz.py tries some hundreds, .ci/fuzz as many as there is time."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Any

from jsonschema_tools import (
    Config,
    Materializer,
    SchemaToolsError,
    load_config,
    parse,
    parse_document,
    serialize,
)
from jsonschema_tools import __main__ as program
from jsonschema_tools.bounds import add_numeric_bounds
from jsonschema_tools.serialization.key_order import OBJECT_MEMBERS
from jsonschema_tools.values import deep_copy, equal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

BOUNDS = (-(2**53) + 1, 2**53 - 1)
READ_ONLY = (
    ("check", "--jobs", "1", "--no-cache"),
    ("check", "--jobs", "1", "--no-cache", "--format", "sarif"),
    ("materialize-all", "--dry-run"),
    ("list",),
    ("graph",),
    ("outdated",),
    ("bump", "--check"),
)


def read(text: bytes | str) -> None:
    """Read a text, unless it is refused; what is written of it reads back the same."""
    try:
        document = parse_document(text, "a.yaml")
    except SchemaToolsError:
        return
    document.locate("/a/0")
    return_same(document.data)


def return_same(value: Any) -> None:
    """Write a value, read it, and write it again."""
    written = serialize(value)
    again = parse(written)
    assert equal(again, value)
    settled = serialize(again)
    as_json = serialize(value, "json")
    if any(name in written for name in OBJECT_MEMBERS):
        # as keys they have no order among the first keys: where they go depends on where they were
        assert equal(parse(settled), value)
        return
    # anchors are numbered in the order of keys in memory, which the first reading makes the written
    assert settled == written or "&ref_" in written
    assert serialize(parse(settled)) == settled
    assert serialize(parse(as_json), "json") == as_json


def build(text: bytes | str) -> None:
    """Build a schema, whose references find nothing but itself."""
    for config in configs():
        try:
            built = Materializer(config).build(parse_document(text, "a.yaml"))
        except SchemaToolsError:
            continue
        return_same(built)
        add_numeric_bounds(built, BOUNDS)
        bounded = deep_copy(built)
        add_numeric_bounds(bounded, BOUNDS)
        assert bounded == built


@cache
def configs() -> tuple[Config, ...]:
    """Return the settings to build with: of an empty repository, without and with examples."""
    root = Path(mkdtemp())
    plain = load_config(root)
    (root / ".jsonschema-tools.yaml").write_text("shouldGenerateExample: true\n")
    return plain, load_config(root)


def run(root: Path, arguments: Iterable[str]) -> int:
    """Run the program in this process, and return its exit status; a bug fails."""
    argv, here, stdout, stderr = sys.argv, Path.cwd(), io.StringIO(), io.StringIO()
    sys.argv = ["jsonschema-tools", *arguments]
    os.chdir(root)
    try:
        with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
            status = program.run()
    finally:
        sys.argv = argv
        os.chdir(here)
    assert status in {0, 1, 2}, stderr.getvalue()
    assert "\x1b" not in stdout.getvalue() + stderr.getvalue()  # it drives no terminal
    return status


def lay(root: Path, files: Mapping[str, bytes | str | None]) -> None:
    """Write files below a folder, but for those that cannot be there, such as one below another.

    Bytes are the content of a file, a text is the target of a link, None makes a folder.
    """
    for name, content in files.items():
        path = root / name
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            if content is None:
                path.mkdir()
            elif isinstance(content, bytes):
                path.write_bytes(content)
            else:
                path.symlink_to(content)
