"""Parsed data is `Json`, which mypy holds to what it is, not `Any`."""

from __future__ import annotations

import re
from pathlib import Path

import jsonschema_tools
from jsonschema_tools import values

PACKAGE = Path(jsonschema_tools.__file__).parent
_OTHER_NAMES = re.compile(
    r"\bas (?:Json|Schema)\b|^ *(?:Json|Schema)\b[^=\n]*=.*\bAny\b|\bAny(?:Json|Schema)\b",
    re.MULTILINE,
)


def test_json_is_not_any() -> None:
    assert "Any" not in str(values.Json)
    assert "Any" not in str(values.Schema)


def test_no_module_calls_any_parsed_data() -> None:
    found = [
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if _OTHER_NAMES.search(path.read_text("utf-8"))
    ]
    assert found == []
