"""Formats as patterns that the validator's own engine evaluates: no call back into Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jsonschema_tools.ecmascript.strings import WHITESPACE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jsonschema_tools.values import Schema

# the same shapes as in validation/formats.py, in the syntax that JavaScript and Rust share;
# upper and lower case are written out: Rust folds case by Unicode, where U+017F is an `s`
_DATE = "[0-9]{4}-[01][0-9]-[0-3][0-9]"
_TIME = r"(?:[0-2][0-9]:[0-5][0-9]:[0-5][0-9]|23:59:60)(?:\.[0-9]+)?"
_ZONE = "(?:[zZ]|[+-][0-9]{2}(?::?[0-9]{2})?)"
_SCHEME = "[A-Za-z][A-Za-z0-9+.-]*:"
_BYTE = "(?:25[0-5]|2[0-4][0-9]|[01]?[0-9]?[0-9])"
_HEX = "[0-9A-Fa-f]"

PATTERNS: Mapping[str, str] = {
    "date": _DATE,
    "time": f"{_TIME}{_ZONE}?",
    "date-time": f"{_DATE}[tT{WHITESPACE}]{_TIME}{_ZONE}",
    "uri": f"{_SCHEME}[^{WHITESPACE}]*",
    "uri-reference": (
        rf"(?:(?:{_SCHEME})?//?)?(?:[^\\#{WHITESPACE}][^#{WHITESPACE}]*)?(?:#[^\\{WHITESPACE}]*)?"
    ),
    "uuid": f"(?:[uU][rR][nN]:[uU][uU][iI][dD]:)?{_HEX}{{8}}-(?:{_HEX}{{4}}-){{3}}{_HEX}{{12}}",
    "ipv4": rf"{_BYTE}(?:\.{_BYTE}){{3}}",
}
"""What the formats that events use most accept, without the anchors."""


def with_patterns(subschema: Schema) -> None:
    """Replace a `format` by a pattern, in place; other formats stay."""
    name = subschema.get("format")
    if not isinstance(name, str) or name not in PATTERNS:
        return
    del subschema["format"]
    pattern = f"^(?:{PATTERNS[name]})$"
    if "pattern" not in subschema:
        subschema["pattern"] = pattern
    else:
        branches = subschema.get("allOf")
        subschema["allOf"] = [
            *(branches if isinstance(branches, list) else ()),
            {"pattern": pattern},
        ]
