"""SECURITY.md names tests that exist, at least one for each promise."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
PROMISED = PAGE.partition("## What is promised\n")[2].partition("\n## ")[0]
PROMISES = re.findall(r"^- (.*?)(?=^- |\Z)", PROMISED, re.MULTILINE | re.DOTALL)
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)(?:::(\w+))?`")


def names(path: Path) -> set[tuple[str, str]]:
    """Return the tests in a file: each with its class, or with none."""
    found = set()
    for statement in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.ClassDef):
            inside = (part for part in statement.body if isinstance(part, ast.FunctionDef))
            found |= {(statement.name, part.name) for part in inside}
        elif isinstance(statement, ast.FunctionDef):
            found.add(("", statement.name))
    return {(group, name) for group, name in found if name.startswith("test_")}


def test_there_are_promises() -> None:
    assert len(PROMISES) > 20


@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise[:40])
def test_a_promise_names_tests(promise: str) -> None:
    assert TEST.search(promise)


@pytest.mark.parametrize(("file", "one", "two"), sorted(set(TEST.findall(PAGE))))
def test_a_test_that_is_named_exists(file: str, one: str, two: str) -> None:
    assert (ROOT / file).is_file()
    assert ((one, two) if two else ("", one)) in names(ROOT / file)


def test_every_path_of_a_test_names_what_is_there() -> None:
    for name in re.findall(r"`((?:tests|docs)/[\w/.]+)", PAGE):
        assert (ROOT / name).exists(), name
