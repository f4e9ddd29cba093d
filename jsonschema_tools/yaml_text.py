"""Stand-ins for characters that libyaml takes for something else than js-yaml does.

libyaml follows YAML 1.1, where NEL, LS and PS break lines, and refuses DEL, C1 controls, byte order
marks and noncharacters even in quotes. Each of them goes in as the private-use character of plane
16 with the same last 16 bits, and comes back out of the scalars as what it was.
"""

from __future__ import annotations

import re
from typing import Final

_TO_PLANE_16: Final = 0x100000
_STAND_IN = re.compile("[\U00100000-\U0010ffff]")
_UNREADABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_QUESTION_IN_FLOW = re.compile(r"\?(?:(?<=[\[{,\s]\?)(?=[^\s,\[\]{}])|(?<=:\?))")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_ONLY_IN_QUOTES = re.compile("[\x7f-\x84\x86-\x9f\ufffe\uffff]")
_BLANKS_BEFORE_BREAK = re.compile(r"(\\.)|(?<![ \t\r\n])[ \t]+(?=[\r\n])", re.DOTALL)


def stand_in(characters: str) -> str:
    """Return the stand-ins of some characters of the Basic Multilingual Plane."""
    return "".join(chr(ord(character) + _TO_PLANE_16) for character in characters)


def can_stand_in(text: str) -> bool:
    """Tell whether a text has no characters of its own that would be taken for stand-ins."""
    return "\\U0010" not in text and (text.isascii() or _STAND_IN.search(text) is None)


def with_stand_ins(text: str) -> str:
    """Return a text with stand-ins for all that libyaml takes amiss, mostly the text itself.

    Besides characters that it cannot read this is a `?` that begins a text in a flow collection.
    """
    if not text.isascii() or "\x7f" in text:
        text = _UNREADABLE.sub(_replace, text)
    return _QUESTION_IN_FLOW.sub(_replace, text) if "?" in text else text


def with_blanks_kept(quoted: str) -> str:
    """Return a quoted scalar with stand-ins for blanks at ends of lines, which js-yaml keeps."""
    return _BLANKS_BEFORE_BREAK.sub(lambda match: match[1] or _replace(match), quoted)


def restore(text: str) -> str:
    """Return a scalar with the characters that its stand-ins stand for."""
    restored = _STAND_IN.sub(lambda match: chr(ord(match[0]) - _TO_PLANE_16), text)
    if _CONTROL.search(restored):  # two halves of a surrogate pair become one character again
        return restored.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    return restored


def find_control(text: str) -> int | None:
    """Return where the first character stands that no document may hold (YAML 1.2.2, 5.1)."""
    return match.start() if (match := _CONTROL.search(text)) else None


def find_only_in_quotes(text: str) -> str | None:
    """Return the first character that is allowed in quoted scalars only."""
    return match[0] if (match := _ONLY_IN_QUOTES.search(text)) else None


def _replace(match: re.Match[str]) -> str:
    return stand_in(match[0])
