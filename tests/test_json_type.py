"""Parsed data is `Json`, which mypy holds to what it is, not `Any`."""

from __future__ import annotations

import re
from pathlib import Path

import jsonschema_tools

PACKAGE = Path(jsonschema_tools.__file__).parent
_PERMISSIVE = re.compile(r"\bAny(?:Json|Schema)\b")

#: modules that do not narrow parsed data yet; none is to be added
NOT_YET = frozenset(
    {
        "examples/example.py",
        "examples/fit.py",
        "examples/fit_scalars.py",
        "examples/generate.py",
        "examples/judge.py",
        "examples/objects.py",
        "examples/plain_forms.py",
        "examples/plain_validity.py",
        "examples/rewriting.py",
        "examples/scalars.py",
        "examples/schemas.py",
    }
)


def test_no_further_module_takes_parsed_data_for_anything() -> None:
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if path.name != "values.py" and _PERMISSIVE.search(path.read_text("utf-8"))
    }
    assert found - NOT_YET == set(), "use Json and Schema there"
    assert NOT_YET - found == set(), "remove these from the list"
