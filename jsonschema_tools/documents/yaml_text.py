"""Texts as libyaml can take them: with stand-ins for what js-yaml understands otherwise.

libyaml follows YAML 1.1, where NEL, LS and PS break lines, and refuses DEL, C1 controls, byte order
marks and noncharacters even in quotes. Each of them goes in as the private-use character of plane
16 with the same last 16 bits, and comes back out of the scalars as what it was.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, TypeVar

from yaml import MarkedYAMLError
from yaml._yaml import CParser

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")

_MOST_READ_AGAIN: Final = 2**25
"""How many characters may be read again after repairs: two seconds at most."""

_TO_PLANE_16: Final = 0x100000
# Patterns are strings, which `re` compiles and keeps when they are first used: not at start-up.
_STAND_IN = "[\U00100000-\U0010ffff]"
_UNREADABLE = "[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]"
_QUESTION_IN_FLOW = r"\?(?:(?<=[\[{,\s]\?)(?=[^\s,\[\]{}])|(?<=:\?))"
_CONTROL = "[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]"
_ONLY_IN_QUOTES = "[\x7f-\x84\x86-\x9f\ufffe\uffff]"
_BLANKS_BEFORE_BREAK = r"(?s)(\\.)|(?<![ \t\r\n])[ \t]+(?=[\r\n])"


class UnreadableError(Exception):
    """The text is not YAML.

    Attributes:
        text: the text as libyaml got it.
        error: what libyaml says.
    """

    def __init__(self, text: str, error: MarkedYAMLError) -> None:
        super().__init__(error)
        self.text = text
        self.error = error


def read_repaired(text: str, read: Callable[[str, bool], _T]) -> _T:
    """Return what a function reads with libyaml, repairing the text as long as that helps.

    Args:
        text: a YAML text.
        read: gets a readable text, and whether there are stand-ins in it.

    Raises:
        UnreadableError: the text is not YAML.
    """
    repairable = can_stand_in(text)
    whole = text if text.endswith(("\n", "\r")) else f"{text}\n"
    readable = with_stand_ins(whole) if repairable else whole
    has_stand_ins = readable != whole
    try:
        return read(readable, has_stand_ins)
    except MarkedYAMLError as error:
        failure: MarkedYAMLError | None = error
        if not repairable:
            raise UnreadableError(readable, error) from None
    from jsonschema_tools.documents.yaml_quirks import repair  # here, since few texts need it

    for _ in range(1 + _MOST_READ_AGAIN // (len(text) + 10_000)):
        repaired = None if failure is None else repair(readable, failure)
        if repaired is None:
            break
        readable, has_stand_ins, failure = repaired, True, _first_error(repaired)
    try:  # only now, since building can take much longer than finding what libyaml refuses
        return read(readable, has_stand_ins)
    except MarkedYAMLError as error:
        raise UnreadableError(readable, error) from None


def _first_error(text: str) -> MarkedYAMLError | None:
    """Return what libyaml refuses first; None if it can read everything."""
    next_event: Any = CParser(text).get_event
    try:
        while next_event() is not None:
            pass
    except MarkedYAMLError as error:
        return error
    return None


def stand_in(characters: str) -> str:
    """Return the stand-ins of some characters of the Basic Multilingual Plane."""
    return "".join(chr(ord(character) + _TO_PLANE_16) for character in characters)


def can_stand_in(text: str) -> bool:
    """Tell whether a text has no characters of its own that would be taken for stand-ins."""
    return "\\U0010" not in text and (text.isascii() or re.search(_STAND_IN, text) is None)


def with_stand_ins(text: str) -> str:
    """Return a text with stand-ins for all that libyaml takes amiss, mostly the text itself.

    Besides characters that it cannot read this is a `?` that begins a text in a flow collection.
    """
    if not text.isascii() or "\x7f" in text:
        text = re.sub(_UNREADABLE, _replace, text)
    return re.sub(_QUESTION_IN_FLOW, _replace, text) if "?" in text else text


def with_blanks_kept(quoted: str) -> str:
    """Return a quoted scalar with stand-ins for blanks at ends of lines, which js-yaml keeps."""
    return re.sub(_BLANKS_BEFORE_BREAK, lambda match: match[1] or _replace(match), quoted)


def restore(text: str) -> str:
    """Return a scalar with the characters that its stand-ins stand for."""
    restored = re.sub(_STAND_IN, lambda match: chr(ord(match[0]) - _TO_PLANE_16), text)
    if re.search(_CONTROL, restored):  # two halves of a surrogate pair become one character again
        return restored.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    return restored


def find_unprintable(text: str) -> int | None:
    """Return where the first character is that libyaml refuses (YAML 1.2.2, section 5.1)."""
    match = re.search(_CONTROL, text) or re.search(_UNREADABLE, text)
    return match.start() if match else None


def find_only_in_quotes(text: str) -> str | None:
    """Return the first character that is allowed in quoted scalars only."""
    return match[0] if (match := re.search(_ONLY_IN_QUOTES, text)) else None


def _replace(match: re.Match[str]) -> str:
    return stand_in(match[0])
