"""What a YAML scalar means: the rules of js-yaml 3, not those of YAML 1.1.

`yes`, `no`, `on` and `off` are strings, `017` is 15, `1:30` is 90, `1e3` is a number, an unquoted
date is a date. Every number becomes the double nearest to it.
"""

from __future__ import annotations

import re
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from math import isinf, isnan
from typing import TYPE_CHECKING, Any, Final, cast

from jsonschema_tools.ecmascript.conversions import to_text
from jsonschema_tools.values import MAX_SAFE_INTEGER, Json, as_double

if TYPE_CHECKING:
    from collections.abc import Callable

    from jsonschema_tools.values import Container

CORE_TAG: Final = "tag:yaml.org,2002:"
"""What `!!` stands for in a tag (YAML 1.2.2, section 6.8.2)."""

# each takes the place of a value and equals none: they are compared with `is` only
MERGE: Final = cast("Json", object())
"""The meaning of an unquoted `<<`: as a key, other mappings are merged in here."""

HYPHEN: Final = cast("Json", object())
"""The meaning of an unquoted `-`: a string, unless something of a flow collection follows."""

_NO_MATCH: Final = cast("Json", object())

_NULLS: Final = dict.fromkeys(("~", "null", "Null", "NULL"))
_BOOLS: Final = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NOT_FINITE: Final = {
    f"{sign}.{word}": float(sign + word)
    for sign, words in (("", "inf Inf INF nan NaN NAN"), ("+", "inf Inf INF"), ("-", "inf Inf INF"))
    for word in words.split()
}
_CONSTANTS: Final[dict[str, Json]] = {
    "": None,
    **_NOT_FINITE,
    **_NULLS,
    **_BOOLS,
    "<<": MERGE,
    "-": HYPHEN,
}
_STARTS_OF_NUMBERS: Final = frozenset("+-.0123456789")

# Patterns are strings, which `re` compiles and keeps when they are first used: not at start-up.
_DECIMAL_INTEGER = r"[-+]?(?:0|[1-9](?:[0-9_]*[0-9])?)"
_BASED_INTEGER = r"([-+]?)0(?:b([01_]*[01])|x([0-9a-fA-F_]*[0-9a-fA-F])|([0-7_]*[0-7]))"
_BASE_60_INTEGER = r"[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+"
_FLOAT = r"(?:[-+]?(?:0|[1-9][0-9_]*)(?:\.[0-9_]*)?|\.[0-9_]+)(?:[eE][-+]?[0-9]+)?(?<!_)"
_BASE_60_FLOAT = r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*(?<!_)"
_DATE = r"([0-9]{4})-([0-9]{2})-([0-9]{2})"
_TIMESTAMP = (
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[Tt]|[ \t]+)"
    r"([0-9]{1,2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]*))?"
    r"(?:[ \t]*(?:Z|([-+])([0-9]{1,2})(?::([0-9]{2}))?))?"
)
_BASE_64 = r"[A-Za-z0-9+/=\r\n]*"

_MOST_DIGITS: Final = 400
"""A longer decimal integer is beyond the doubles, so that its digits need not be looked at."""


class ScalarError(ValueError):
    """A scalar cannot have a value: its tag does not fit, or the value is out of range.

    Attributes:
        hint: what to do.
    """

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def resolve_plain(text: str) -> Json:
    """Return what an unquoted scalar means; `MERGE` for `<<`.

    Raises:
        ScalarError: it is a date beyond the year 9999.
    """
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text[0] in _STARTS_OF_NUMBERS:
        for resolve in (_integer, _float, _timestamp):
            if (value := resolve(text)) is not _NO_MATCH:
                return value
    return text


class PlainScalars(dict[str, Any]):
    """What unquoted scalars mean, kept for the next time.

    Numbers that change on their way to a double are never kept, which is how they are noticed.
    """

    LONGEST = 40
    MOST = 20_000

    def __missing__(self, text: str) -> Json:
        """Resolve a scalar that was not seen before."""
        value = resolve_plain(text)
        if len(text) <= self.LONGEST and is_exact(text, value):
            if len(self) >= self.MOST:
                self.clear()
            self[text] = value
        return value


PLAIN: Final = PlainScalars()


def resolve_tagged(tag: str, text: str | None) -> Json:
    """Return what a scalar with an explicit tag means; the text is None if there is none.

    Raises:
        ScalarError: the tag is unknown, or the text is not of its kind.
    """
    name = _core_name(tag)
    if text is None and name in _EMPTY_NODES:
        return _EMPTY_NODES[name]()
    if name not in _SCALAR_TAGS:
        raise _unknown_tag(tag)
    value = _NO_MATCH if text is None else _SCALAR_TAGS[name](text)
    if value is _NO_MATCH:
        raise ScalarError(f"{text or ''!r} is not of type !!{name}", "remove the tag")
    return value


def resolve_collection(tag: str, value: Container) -> Container:
    """Return what a list or mapping with an explicit tag means.

    Raises:
        ScalarError: the tag is unknown, or the value is not of its kind.
    """
    name = _core_name(tag)
    if name not in (_MAPPING_TAGS if isinstance(value, dict) else _SEQUENCE_TAGS):
        raise _unknown_tag(tag)
    if isinstance(value, dict):
        if name == "set" and any(item is not None for item in value.values()):
            raise ScalarError("a !!set has keys only, no values", "remove the tag")
    elif name != "seq":
        pairs = [item for item in value if isinstance(item, dict) and len(item) == 1]
        if len(pairs) < len(value):
            raise ScalarError(f"!!{name} is a list of mappings of one key each", "remove the tag")
        if name == "pairs":
            return [[key, item] for pair in pairs for key, item in pair.items()]
        if len({key for pair in pairs for key in pair}) < len(pairs):
            raise ScalarError("a key is given twice in an !!omap", "remove one of them")
    return value


def is_exact(text: str, value: Json) -> bool:
    """Tell whether a number that was written is the one that was read.

    Decimals count as exact if they are the shortest text of their double, as `0.1` is.
    """
    if not isinstance(value, (int, float)) or isinstance(value, bool) or isnan(value):
        return True
    if isinf(value):
        return text.lower().endswith("inf")
    if based := re.fullmatch(_BASED_INTEGER, text):
        return abs(value) <= MAX_SAFE_INTEGER or _based_integer(based) == value
    if value == 0:
        return not text.lower().partition("e")[0].strip("-+.0_:")
    if len(text) <= 15 or ":" in text:  # a double keeps 15 digits of any decimal
        return True
    from decimal import Decimal  # here, since hardly any document needs it

    return Decimal(text.replace("_", "")) in (Decimal(value), Decimal(repr(float(value))))


def key_text(value: Json) -> str:
    """Return a mapping key as JavaScript's String() has it, since all keys are strings there.

    Raises:
        ScalarError: the key is a list in a list.
    """
    if isinstance(value, list) and any(isinstance(item, list) for item in value):
        raise ScalarError("a list in a list cannot be a key", "quote the key")
    return to_text(value)


def _core_name(tag: str) -> str:
    return tag.removeprefix(CORE_TAG) if tag.startswith(CORE_TAG) else ""


def _unknown_tag(tag: str) -> ScalarError:
    name = _core_name(tag)
    return ScalarError(
        f"unknown tag {f'!!{name}' if name else tag}",
        "remove the tag; quote a string that begins with !",
    )


def _integer(text: str) -> Json:
    if re.fullmatch(_DECIMAL_INTEGER, text):
        digits = text.replace("_", "")
        return as_double(int(digits) if len(digits) < _MOST_DIGITS else float(digits))
    if based := re.fullmatch(_BASED_INTEGER, text):
        value = as_double(_based_integer(based))
        return -0.0 if value == 0 and based[1] == "-" else value
    return _base_60(text) if re.fullmatch(_BASE_60_INTEGER, text) else _NO_MATCH


def _based_integer(match: re.Match[str]) -> int:
    sign, binary, hexadecimal, octal = match.groups()
    digits, base = (binary, 2) if binary else (hexadecimal, 16) if hexadecimal else (octal, 8)
    return int(sign + digits.replace("_", ""), base)


def _float(text: str) -> Json:
    if re.fullmatch(_FLOAT, text):
        try:
            return as_double(float(text.replace("_", "")))
        except ValueError:  # `._e1`
            return float("nan")
    if re.fullmatch(_BASE_60_FLOAT, text):
        return _base_60(text)
    return _NOT_FINITE.get(text, _NO_MATCH)


def _base_60(text: str) -> float:
    value, factor = 0.0, 1.0  # as doubles, from the last part on: every step rounds
    for part in reversed(text.lstrip("-+").replace("_", "").split(":")):
        value += float(part) * factor
        factor *= 60
    return as_double(-value if text[0] == "-" else value)


def _timestamp(text: str) -> Json:
    """Return a date in UTC; months, days and hours out of range roll over as in JavaScript."""
    if match := re.fullmatch(_DATE, text) or re.fullmatch(_TIMESTAMP, text):
        year, month, day, *time = match.groups()
        hour, minute, second, fraction, sign, zone_hours, zone_minutes = time or [None] * 7
        zone = timedelta(hours=int(zone_hours or 0), minutes=int(zone_minutes or 0))
        since_month = timedelta(
            days=int(day) - 1,
            hours=int(hour or 0),
            minutes=int(minute or 0),
            seconds=int(second or 0),
            milliseconds=int((fraction or "")[:3].ljust(3, "0")),
        )
        try:
            start = _start_of_month(int(year), int(month))
            return start + since_month - (-zone if sign == "-" else zone)
        except (OverflowError, ValueError):
            raise ScalarError(f"{text} is beyond the year 9999", "quote it") from None
    return _NO_MATCH


def _start_of_month(year: int, month: int) -> datetime:
    if year < 100:
        year += 1900  # ECMA-262, MakeFullYear
    return datetime(year + (month - 1) // 12, (month - 1) % 12 + 1, 1, tzinfo=UTC)


def _binary(text: str) -> Json:
    digits = text.replace("\r", "").replace("\n", "")
    if not re.fullmatch(_BASE_64, digits) or len(digits) % 4:
        return _NO_MATCH
    digits = digits.replace("=", "")
    return b64decode(digits + "=" * (-len(digits) % 4))


_SCALAR_TAGS: Final[dict[str, Callable[[str], Json]]] = {
    "str": str,
    "null": lambda text: _NULLS.get(text, _NO_MATCH),
    "bool": lambda text: _BOOLS.get(text, _NO_MATCH),
    "int": _integer,
    "float": _float,
    "timestamp": _timestamp,
    "binary": _binary,
    "merge": lambda text: MERGE if text == "<<" else _NO_MATCH,
}
_MAPPING_TAGS: Final = frozenset(("map", "set"))
_SEQUENCE_TAGS: Final = frozenset(("seq", "omap", "pairs"))
_EMPTY_NODES: Final[dict[str, Callable[[], Json]]] = {
    "null": lambda: None,
    "str": str,
    "map": dict,
    "set": dict,
    "seq": list,
    "omap": list,
    "pairs": list,
}
