"""What JavaScript and Python take differently: truth, undefined, texts, conversions."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, Final

from jsonschema_tools.ecmascript.numbers import number_text
from jsonschema_tools.values import as_double

if TYPE_CHECKING:
    from jsonschema_tools.values import Json

_FLOAT = re.compile(r"[+-]?(?:Infinity|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)")
_INTEGER = re.compile(r"[+-]?[0-9]+")


class _Missing:
    """The type of MISSING, which is false as JavaScript's undefined is."""

    def __bool__(self) -> bool:
        return False


MISSING: Final[Any] = _Missing()
"""JavaScript's undefined: a value that is not there, other than null."""


def truthy(value: Json) -> bool:
    """Tell whether JavaScript takes a value for true: empty objects and arrays are, NaN is not."""
    if isinstance(value, (dict, list)):
        return True
    return bool(value) and not (isinstance(value, float) and math.isnan(value))


def to_text(value: Json) -> str:
    """Return what JavaScript's `String()` makes of a value."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, (int, float)):
        return number_text(value)
    if isinstance(value, list):
        return ",".join("" if item is None else to_text(item) for item in value)
    return "[object Object]"


def parsed_number(value: Json, *, integer: bool) -> int | float:
    """Return the number that a text begins with (ECMA-262, parseInt and parseFloat), or NaN."""
    match = (_INTEGER if integer else _FLOAT).match(to_text(value).strip())
    return as_double(float(match[0])) if match else math.nan


def to_utf16(text: str) -> str:
    """Return a text with one character per UTF-16 code unit, as JavaScript counts them."""
    if not text or max(text) <= "\uffff":
        return text
    data = text.encode("utf-16-le", "surrogatepass")
    return "".join(chr(data[i] | data[i + 1] << 8) for i in range(0, len(data), 2))
