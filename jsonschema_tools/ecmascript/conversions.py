"""ECMAScript's conversions of plain data, each once: ToBoolean, ToString, ToNumber, ToPrimitive.

Real files need them where the reference converts without being asked: keys of YAML mappings become
strings, lists of names are sorted, a keyword counts as absent if its value is falsy. A date is a
JavaScript Date in UTC, bytes are Node's Buffer.
"""

from __future__ import annotations

import math
import re
from datetime import datetime
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from jsonschema_tools.ecmascript.numbers import number_text
from jsonschema_tools.ecmascript.strings import trim
from jsonschema_tools.values import as_double

if TYPE_CHECKING:
    from jsonschema_tools.values import Json

Primitive: TypeAlias = str | float

_FLOAT = re.compile(r"[+-]?(?:Infinity|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)")
_INTEGER = re.compile(r"[+-]?[0-9]+")
_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_RADIX = re.compile(r"0([xX][\da-fA-F]+|[oO][0-7]+|[bB][01]+)")
_INFINITY = {"Infinity": math.inf, "+Infinity": math.inf, "-Infinity": -math.inf}
_OBJECTS = (dict, list, datetime, bytes)


class _Missing:
    """The type of MISSING, which is false as JavaScript's undefined is."""

    def __bool__(self) -> bool:
        return False


MISSING: Final = cast("Json", _Missing())
"""JavaScript's undefined: a missing value, other than null."""


def truthy(value: Json) -> bool:
    """Return ToBoolean of a value: every object and array is true, also an empty one; NaN is not.

    Source: ECMA-262, section 7.1.2.
    """
    if isinstance(value, _OBJECTS):
        return True
    return bool(value) and not (isinstance(value, float) and math.isnan(value))


def to_text(value: Json) -> str:
    """Return ToString of a value: what JavaScript's `String()` makes of it.

    Source: ECMA-262, section 7.1.17, with Array, Date and Object.prototype.toString.
    """
    match value:
        case str():
            return value
        case None | True | False:
            return {None: "null", True: "true", False: "false"}[value]
        case int() | float():
            return number_text(value)
        case list():
            return ",".join(
                "" if item is None or item is MISSING else to_text(item) for item in value
            )
        case datetime():
            return (
                f"{value.ctime()[:8]}{value:%d} {value.year:04} {value:%H:%M:%S} "
                "GMT+0000 (Coordinated Universal Time)"
            )
        case bytes():
            return value.decode(errors="replace")
    return "undefined" if value is MISSING else "[object Object]"


def to_primitive(value: Json) -> Primitive:
    """Return a value as `<` and arithmetic see it (ECMA-262, section 7.1.1, hint number)."""
    if value is None:
        return 0
    if value is MISSING:
        return math.nan
    if isinstance(value, datetime):
        return round(value.timestamp() * 1000)
    if isinstance(value, _OBJECTS):
        return to_text(value)
    return value if isinstance(value, str) else value + 0


def to_number(value: Json) -> float:
    """Return ToNumber of a value: what JavaScript's `Number()` makes of it, NaN for most strings.

    Source: ECMA-262, section 7.1.4.
    """
    primitive = to_primitive(value)
    return _parsed(trim(primitive)) if isinstance(primitive, str) else primitive


def parsed_number(value: Json, *, integer: bool) -> int | float:
    """Return the number that a string begins with (ECMA-262, parseInt and parseFloat), or NaN."""
    match = (_INTEGER if integer else _FLOAT).match(trim(to_text(value)))
    return as_double(float(match[0])) if match else math.nan


def identity(value: Json) -> object:
    """Return a key that two values share if they are the same (ECMA-262, SameValueZero).

    Objects, arrays and dates are the same only if they are one object.
    """
    if isinstance(value, _OBJECTS):
        return "object", id(value)
    if isinstance(value, bool):
        return "boolean", value
    return "NaN" if isinstance(value, float) and math.isnan(value) else ("plain", value)


def _parsed(text: str) -> float:
    if _DECIMAL.fullmatch(text):
        return float(text)
    if _RADIX.fullmatch(text):
        return int(text, 0)
    return _INFINITY.get(text, math.nan) if text else 0
