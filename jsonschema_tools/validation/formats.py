"""The `format`s that schemas and examples are held to, with the verdicts of ajv's fast mode.

They look at the shape of a string, not at what it means: 2020-19-39 is a date. Each takes time in
proportion to the length of the text.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from jsonschema_tools.ecmascript.regexp import RegexError, translate
from jsonschema_tools.ecmascript.strings import WHITESPACE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_DATE = r"\d{4}-[01]\d-[0-3]\d"
_TIME = r"(?:[0-2]\d:[0-5]\d:[0-5]\d|23:59:60)(?:\.\d+)?"
_ZONE = r"(?:z|[+-]\d\d(?::?\d\d)?)"
_SCHEME = r"[a-z][a-z0-9+.-]*:"
_BYTE = r"(?:25[0-5]|2[0-4]\d|[01]?\d?\d)"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_VARIABLE = r"(?:[a-z0-9_]|%[0-9a-f]{2})+(?::[1-9]\d{0,3}|\*)?"
_LETTER = r"[0-9a-z\xA1-\U0010FFFF]"
_WORD = rf"(?:{_LETTER}+-)*{_LETTER}+"
_PRIVATE_IPV4 = (
    r"(?:10|127)(?:\.\d{1,3}){3}|(?:169\.254|192\.168)(?:\.\d{1,3}){2}"
    r"|172\.(?:1[6-9]|2\d|3[01])(?:\.\d{1,3}){2}"
)
_PUBLIC_IPV4 = (
    r"(?:[1-9]\d?|1\d\d|2[01]\d|22[0-3])(?:\.(?:1?\d{1,2}|2[0-4]\d|25[0-5])){2}"
    r"\.(?:[1-9]\d?|1\d\d|2[0-4]\d|25[0-4])"
)

SHAPES = {
    "date": _DATE,
    "time": f"{_TIME}{_ZONE}?",
    "date-time": rf"{_DATE}[t{WHITESPACE}]{_TIME}{_ZONE}",
    "uri": rf"{_SCHEME}[^{WHITESPACE}]*",
    "uri-reference": (
        rf"(?:(?:{_SCHEME})?//?)?(?:[^\\#{WHITESPACE}][^#{WHITESPACE}]*)?(?:#[^\\{WHITESPACE}]*)?"
    ),
    "uri-template": (
        r"(?:[^\x00-\x20\"'<>%\\^`{|}]|%[0-9a-f]{2}"
        rf"|\{{[+#./;?&=,!@|]?{_VARIABLE}(?:,{_VARIABLE})*\}})*"
    ),
    "url": (
        rf"(?:https?|ftp)://(?:[^{WHITESPACE}:]+(?::[^{WHITESPACE}]*)?@)?"
        rf"(?:(?!{_PRIVATE_IPV4}){_PUBLIC_IPV4}"
        rf"|{_WORD}(?:\.{_WORD})*\.[a-z\xA1-\U0010FFFF]{{2,}})"
        rf"(?::\d{{2,5}})?(?:/[^{WHITESPACE}]*)?"
    ),
    "email": rf"[a-z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{_LABEL}(?:\.{_LABEL})*",
    "hostname": rf"(?=.{{1,253}}\.?\Z){_LABEL}(?:\.{_LABEL})*\.?",
    "ipv4": rf"{_BYTE}(?:\.{_BYTE}){{3}}",
    "uuid": r"(?:urn:uuid:)?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}",
    "json-pointer": r"(?:/(?:[^~/]|~[01])*)*",
    "json-pointer-uri-fragment": r"#(?:/(?:[a-z0-9_.!$&'()*+,;:=@-]|%[0-9a-f]{2}|~[01])*)*",
    "relative-json-pointer": r"(?:0|[1-9]\d*)(?:#|(?:/(?:[^~/]|~[01])*)*)",
}
"""Regular expressions of the formats that are one; a string has to match as a whole."""


@cache  # compiled when it is first used
def _compiled(regex: str) -> re.Pattern[str]:
    return re.compile(regex, re.ASCII | re.IGNORECASE)


def _shape(regex: str) -> Callable[[str], bool]:
    return lambda text: _compiled(regex).fullmatch(text) is not None


def _is_ipv6(text: str) -> bool:
    from ipaddress import AddressValueError, IPv6Address  # rare, and slow to import

    spaced = re.fullmatch(rf"[{WHITESPACE}]*(.*?)[{WHITESPACE}]*", text)
    address, percent, zone = (spaced[1] if spaced else "").partition("%")
    try:
        IPv6Address(address)
    except AddressValueError:
        return False
    return not percent or bool(zone)


def _is_regex(text: str) -> bool:
    if re.search(r"[^\\]\\Z", text):  # the end of text in other dialects, `Z` in this one
        return False
    try:
        translate(text)
    except RegexError:
        return False
    return True


FORMATS: Mapping[str, Callable[[str], bool]] = {
    **{name: _shape(regex) for name, regex in SHAPES.items()},
    "ipv6": _is_ipv6,
    "regex": _is_regex,
}
"""What each known format accepts."""
