"""Reads a body of JSON with numbers as JavaScript has them, which the rest of the platform expects.

An integer beyond 2^53 is rounded as `JSON.stringify(JSON.parse(text))` does, and a number beyond
all doubles becomes null; both were accepted by EventGate, and consumers read them so.
"""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NoReturn

from jsonschema_tools.errors import ParseError
from jsonschema_tools.events.json_text import decode
from jsonschema_tools.values import MAX_SAFE_INTEGER, entries

if TYPE_CHECKING:
    from jsonschema_tools.values import Json

_DIGITS = bytes(48 if 48 <= byte <= 57 else byte for byte in range(256))
_TOO_LARGE = re.compile("too large|too many digits|out of range")
_LONG = b"0" * 16  # 2^53 has 16 digits
_SAMPLE = b"0" * 4


def decode_body(text: bytes) -> Json:
    """Return the value of JSON text.

    Raises:
        ParseError: it is not JSON, or nested too deeply.
    """
    try:
        value = decode(text)
    except ParseError as error:
        if _TOO_LARGE.search(error.message) is None:
            raise
        value = _decode_any(text, error)
    else:
        if not _has_long_number(text):
            return value
    return _rounded(value)


def _has_long_number(text: bytes) -> bool:
    """Tell whether JSON has 16 digits in a row; for most that have not, a quarter of it shows that.

    Of 16 digits in a row four are found in every fourth place. A search for these costs a thirtieth
    of a walk through the value, that for all of them a tenth.
    """
    sample = text[::4].translate(_DIGITS)
    place = -1
    for _ in range(len(text) // 512 + 1):  # looks, each for the price of some hundred bytes
        place = sample.find(_SAMPLE, place + 1)
        if place < 0:
            return False
        if text[4 * place : 4 * place + 13].isdigit():
            break
    return _LONG in text.translate(_DIGITS)


def _decode_any(text: bytes, error: ParseError) -> Json:
    def refuse(name: str) -> NoReturn:
        raise error

    try:
        value: Json = json.loads(text, parse_constant=refuse, parse_int=_integer)
        json.dumps(value, ensure_ascii=False).encode()  # lone surrogates
    except (ValueError, RecursionError):  # `json` calls itself for each level
        raise error from None
    return value


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) < 310 else float(digits)


def _rounded(value: Json) -> Json:
    """Return a value with all numbers rounded; objects and lists are changed in place."""
    if not isinstance(value, (dict, list)):
        return _as_double(value)
    waiting: list[Any] = [value]  # objects and lists, which take the keys and indexes they give
    while waiting:
        node = waiting.pop()
        for key, item in entries(node):
            if isinstance(item, (int, float)):
                node[key] = _as_double(item)
            elif isinstance(item, (dict, list)):
                waiting.append(item)
    return value


def _as_double(value: Json) -> Json:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, int) and abs(value) > MAX_SAFE_INTEGER:
        try:
            return int(Decimal(repr(float(value))))  # the shortest digits, as JavaScript writes
        except OverflowError:
            return None
    return value
