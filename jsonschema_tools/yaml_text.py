"""Texts that libyaml cannot take as they stand, although js-yaml can, made digestible.

libyaml follows YAML 1.1, where NEL, LS and PS break lines, and refuses DEL, C1 controls, byte order
marks and noncharacters even in quotes, and surrogates even as escapes. Each of them goes in as its
stand-in, the private-use character of plane 16 with the same last 16 bits, and comes back out of
the scalars as what it was.
"""

from __future__ import annotations

import re
from typing import Final

_TO_PLANE_16: Final = 0x100000
_STAND_IN = re.compile("[\U00100000-\U0010ffff]")
_TAKEN = re.compile(r"[\U00100000-\U0010ffff]|\\U0010")
_UNREADABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_ONLY_IN_QUOTES = re.compile("[\x7f-\x84\x86-\x9f\ufffe\uffff]")
_BLANKS_BEFORE_BREAK = re.compile(r"(\\.)|(?<![ \t\r\n])[ \t]+(?=[\r\n])", re.DOTALL)
_UP_TO_QUOTE = re.compile(r'(?:[^"\\]|\\.)*', re.DOTALL)
_ESCAPED_SURROGATE = re.compile(r"(\\[^u])|\\u([dD][89a-fA-F][0-9a-fA-F]{2})")
_TAB_AFTER_DASH = re.compile(r" *(?:[-?:][ ]+)+")


def has_unreadable(text: str) -> bool:
    """Tell whether a text needs stand-ins."""
    return (not text.isascii() or "\x7f" in text) and _UNREADABLE.search(text) is not None


def find_control(text: str) -> int | None:
    """Return where the first character stands that no document may hold (YAML 1.2.2, 5.1)."""
    return match.start() if (match := _CONTROL.search(text)) else None


def can_stand_in(text: str) -> bool:
    """Tell whether a text has no characters of its own that would be taken for stand-ins."""
    return _TAKEN.search(text) is None


def with_stand_ins(text: str) -> str:
    """Return a text with stand-ins for what libyaml cannot read."""
    return _UNREADABLE.sub(lambda match: _stand_in(match[0]), text)


def with_blanks_kept(quoted: str) -> str:
    """Return a quoted scalar with stand-ins for blanks at ends of lines, which js-yaml keeps."""
    return _BLANKS_BEFORE_BREAK.sub(lambda match: match[1] or _stand_in(match[0]), quoted)


def with_surrogates(text: str, start: int) -> str:
    r"""Return a text with stand-ins for `\ud83d` and the like in the rest of a quoted scalar."""
    rest = _UP_TO_QUOTE.match(text, start)
    end = rest.end() if rest else start
    escapes = _ESCAPED_SURROGATE.sub(
        lambda match: match[1] or chr(int(match[2], 16) + _TO_PLANE_16), text[start:end]
    )
    return text[:start] + escapes + text[end:]


def with_space_for_tab(text: str, index: int) -> str | None:
    """Return a text without the tab at an index, if it only separates: `- <tab>key: value`."""
    line_start = max(text.rfind("\n", 0, index), text.rfind("\r", 0, index)) + 1
    if text[index] == "\t" and _TAB_AFTER_DASH.fullmatch(text, line_start, index):
        return f"{text[:index]} {text[index + 1 :]}"
    return None


def restore(text: str) -> str:
    """Return a scalar with the characters that its stand-ins stand for."""
    restored = _STAND_IN.sub(lambda match: chr(ord(match[0]) - _TO_PLANE_16), text)
    if _CONTROL.search(restored):  # two halves become one character again
        return restored.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    return restored


def find_only_in_quotes(text: str) -> str | None:
    """Return the first character that is allowed in quoted scalars only."""
    return match[0] if (match := _ONLY_IN_QUOTES.search(text)) else None


def _stand_in(characters: str) -> str:
    return "".join(chr(ord(character) + _TO_PLANE_16) for character in characters)
