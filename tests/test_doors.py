"""Packages with a door: other modules reach in only through it."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import jsonschema_tools

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(jsonschema_tools.__file__).parent
#: the others have a subject in each module, which is imported by itself
DOORS = (
    *("comparison", "documents", "examples", "merging", "runner", "serialization", "site"),
    "validation",
)


@cache
def imports(path: Path) -> list[tuple[str, str, int]]:
    """Return what a module imports from where, with the line."""
    return [*_imports(path)]


def _imports(path: Path) -> Iterator[tuple[str, str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            for alias in node.names:
                yield node.module, alias.name, node.lineno
        elif isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, "", node.lineno


@pytest.mark.parametrize("door", DOORS)
def test_others_reach_in_only_through_the_door(door: str) -> None:
    offered = set(import_module(f"jsonschema_tools.{door}").__all__)
    around = []
    for path in PACKAGE.rglob("*.py"):
        shown = path.relative_to(PACKAGE).as_posix()
        if shown.split("/")[0] == door:
            continue
        for module, name, line in imports(path):
            _, _, rest = f"{module}.".partition(f"jsonschema_tools.{door}.")
            if rest or (module == f"jsonschema_tools.{door}" and name not in offered):
                around.append(f"{shown}:{line}: {module} {name}")
    assert not around, f"import these from jsonschema_tools.{door}, and name them there: {around}"


@pytest.mark.parametrize("door", DOORS)
def test_what_a_door_offers_is_there_whatever_was_imported_before(door: str) -> None:
    """Also where its modules were loaded first, which become attributes of the package."""
    script = (
        "import importlib, pkgutil, sys\n"
        f"door = importlib.import_module('jsonschema_tools.{door}')\n"
        "names = {name: getattr(door, name) for name in door.__all__}\n"
        "for name in [n for n in sys.modules if n.startswith('jsonschema_tools')]:\n"
        "    del sys.modules[name]\n"
        f"door = importlib.import_module('jsonschema_tools.{door}')\n"
        "for module in pkgutil.iter_modules(door.__path__):\n"
        "    importlib.import_module(f'{door.__name__}.{module.name}')\n"
        "for name, value in names.items():\n"
        "    assert type(getattr(door, name)) is type(value), name\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_a_door_refuses_other_names() -> None:
    with pytest.raises(AttributeError, match="documents' has no attribute 'nothing'"):
        import_module("jsonschema_tools.documents").nothing  # noqa: B018
