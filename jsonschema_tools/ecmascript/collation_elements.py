"""Collation of text that is not ASCII: characters become weights of letters, accents and cases."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import NamedTuple

from jsonschema_tools.ecmascript.collation import (
    CAPITAL,
    LETTER_OF_ASCII,
    PLAIN,
    UNACCENTED,
    CollationKey,
)
from jsonschema_tools.ecmascript.collation_order import DIGRAPHS, LIGATURES, MARKS, ORDER, OVERLAID
from jsonschema_tools.ecmascript.strings import with_surrogates_paired
from jsonschema_tools.ecmascript.unassigned import UNASSIGNED


class Element(NamedTuple):
    """What one character, or part of one, adds to each level of a collation key."""

    letter: str
    accent: str = UNACCENTED
    case: str = PLAIN


# First characters of weights, in ascending order, for letters that the tables don't hold; their
# code points follow. Beyond _BETWEEN are weights between two ASCII characters.
_LOWEST = "\x01"
_OTHER_LETTER = "\u1000"
_KANA = "\u1001"
_HAN = "\u1002"
_RARE_HAN = "\u1003"
_NO_CHARACTER = "\u1004"
_REPLACEMENT = "\u1005"
_HIGHEST = "\u1006"
_BETWEEN = 0x10000
_OTHER_SYMBOL = 0x20000

_SILENT = re.compile("[\u034f\u0640\u180b-\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef]")

_FIRST_ACCENT_CLASS = 200
"""Canonical combining classes from here on are accents (UAX #44), below are parts of scripts."""

_FIRST_VARIANT = 0x21
_FIRST_MARK = 0x40

_CONTRACTED = {unicodedata.normalize("NFD", letter): letter for letter in "йЙآأؤإئ"}
"""Letters of their own although Unicode takes them as letter and accent."""
_CONTRACTION = re.compile("|".join(_CONTRACTED))

_CASE_OF_VARIANT = {
    "wide": "\x03\x09",
    "compat": "\x04\x0a",
    "font": "\x05\x0b",
    "circle": "\x06\x0c",
    "small": "\x0f\x0f",
    "narrow": "\x12\x12",
    "super": "\x14\x1d",
    "sub": "\x15\x15",
    "vertical": "\x16\x16",
    "initial": "\x17\x17",
    "medial": "\x18\x18",
    "final": "\x19\x19",
    "isolated": "\x1a\x1a",
    "noBreak": "\x1b\x1b",
    "square": "\x1c\x1d",
    "fraction": "\x1e\x1e",
}
"""Third-level weights of small and of capital variants (UTS #10, table 17)."""

_SMALL_HIRAGANA, _HIRAGANA, _SMALL_KATAKANA, _KATAKANA = "\x0d\x0e\x0f\x11"
_KANA_VARIANTS = {
    ("narrow", _SMALL_KATAKANA): "\x10",
    ("narrow", _KATAKANA): "\x12",
    ("circle", _KATAKANA): "\x13",
}
_HIRAGANA_OF_SMALL = dict(zip("ぁぃぅぇぉっゃゅょゎゕゖ", "あいうえおつやゆよわかけ", strict=True))
_KATAKANA_OFFSET = 0x60


_UNKNOWN = re.compile(
    "([{}]+)".format(
        "".join(
            "-".join(chr(int(code, 16)) for code in codes.split("-"))
            for codes in UNASSIGNED.split()
        )
    )
)


def elements_key(text: str) -> CollationKey:
    """Return the collation key of any text; the same whatever Unicode the running Python has."""
    parts = _UNKNOWN.split(with_surrogates_paired(text))  # known and unknown ones in turn
    elements = [
        element
        for place, part in enumerate(parts)
        for character in (part if place % 2 else _decomposed(part))
        for element in (_unknown(character) if place % 2 else _elements(character))
    ]
    letters, accents, cases = zip(*elements, strict=True) if elements else ((), (), ())
    return "".join(letters), "".join(accents), "".join(cases)


def _decomposed(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text)
    return _CONTRACTION.sub(lambda match: _CONTRACTED[match[0]], decomposed)


def _unknown(character: str) -> tuple[Element]:
    return (_TABLE.get(character) or Element(_NO_CHARACTER + character),)


@cache
def _elements(character: str) -> tuple[Element, ...]:
    if element := _TABLE.get(character):
        return (element,)
    if spelled := OVERLAID.get(character):
        return _spelled(spelled)
    if spelled := DIGRAPHS.get(character):
        return _variant(_spelled(spelled), "compat")
    if spelled := LIGATURES.get(character):
        first, second = _spelled(spelled)
        return (first._replace(accent=chr(_FIRST_VARIANT)), *_variant((second,), "compat"))
    if (small := character.lower()) != character:
        return tuple(e._replace(case=_CAPITALS.get(e.case, e.case)) for e in _elements(small))
    variant, _, parts = unicodedata.decomposition(character).rpartition("> ")
    if variant:
        text = "".join(chr(int(part, 16)) for part in parts.split())
        return _variant(_spelled(text), variant.strip("<"))
    return _undecomposed(character)


def _spelled(text: str) -> tuple[Element, ...]:
    return tuple(e for c in unicodedata.normalize("NFD", text) for e in _elements(c))


def _variant(elements: tuple[Element, ...], variant: str) -> tuple[Element, ...]:
    """Return the weights of a variant, such as fullwidth, of some characters."""
    cases = dict(zip((PLAIN, CAPITAL), _CASE_OF_VARIANT[variant], strict=True))
    return tuple(
        e._replace(case=_KANA_VARIANTS.get((variant, e.case)) or cases.get(e.case, e.case))
        for e in elements
    )


def _undecomposed(character: str) -> tuple[Element, ...]:
    """Return the weights of a character by its category, by code point within that."""
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return (Element(LETTER_OF_ASCII[ord(str(digit))]),)
    if "ぁ" <= character <= "ゖ" or "ァ" <= character <= "ヶ":
        return (_kana(character),)
    category = unicodedata.category(character)
    return (
        ()
        if _is_silent(character, category)
        else (Element(_lead(character, category) + character),)
    )


def _is_silent(character: str, category: str) -> bool:
    """Tell whether a character counts on no level, as a control or a mark that is not in MARKS.

    Vowel signs of Indic scripts are marks, too, but letters in the order.
    """
    return (
        category in {"Cc", "Cf", "Me"}
        or unicodedata.combining(character) >= _FIRST_ACCENT_CLASS
        or _SILENT.match(character) is not None
    )


def _kana(character: str) -> Element:
    is_katakana = character >= "ァ"
    hiragana = chr(ord(character) - _KATAKANA_OFFSET) if is_katakana else character
    letter = _HIRAGANA_OF_SMALL.get(hiragana, hiragana)
    if letter != hiragana:
        return Element(_KANA + letter, case=_SMALL_KATAKANA if is_katakana else _SMALL_HIRAGANA)
    return Element(_KANA + letter, case=_KATAKANA if is_katakana else _HIRAGANA)


def _lead(character: str, category: str) -> str:
    """Return what keeps letters of one kind together."""
    if category in {"Cn", "Co", "Cs"}:
        return _NO_CHARACTER
    if category[0] in "NPSZ":
        return _LAST_SYMBOL + chr(_OTHER_SYMBOL)
    if unicodedata.name(character, "").startswith("CJK UNIFIED"):
        return _HAN if character < "\ua000" or "\uf900" <= character <= "\ufaff" else _RARE_HAN
    return _OTHER_LETTER


def _read_order(order: str) -> dict[str, Element]:
    """Return the weights of each character in a table of `collation_order`."""
    table: dict[str, Element] = {}
    before = Element("")
    for operator, first, last in _ENTRY.findall(order):
        for code in range(int(first, 16), int(last or first, 16) + 1):
            before = table[chr(code)] = _after(before, operator, code)
    return table


_ENTRY = re.compile(r"(<<<|<<|=|)([0-9a-f]{4})(?:-([0-9a-f]{4}))?")


def _after(before: Element, operator: str, code: int) -> Element:
    """Return the weights of a character that follows another in the order."""
    if code in LETTER_OF_ASCII:
        return Element(LETTER_OF_ASCII[code])
    if operator == "=":
        return before
    if operator == "<<":
        return Element(before.letter, chr(max(ord(before.accent) + 1, _FIRST_VARIANT)))
    if operator == "<<<":
        return before._replace(case=chr(max(ord(before.case) + 1, 0x04)))
    anchor, place = before.letter[:1], before.letter[1:]
    return Element(anchor + chr(ord(place) + 1 if place else _BETWEEN))


def _read_marks(marks: str) -> dict[str, Element]:
    table: dict[str, Element] = {}
    weight = _FIRST_MARK
    for operator, code, _ in _ENTRY.findall(marks):
        weight += operator != "="
        table[chr(int(code, 16))] = Element("", chr(weight))
    return table


_CAPITALS = {PLAIN: CAPITAL, **{cases[0]: cases[1] for cases in _CASE_OF_VARIANT.values()}}
_TABLE = {
    **_read_order(ORDER),
    **_read_marks(MARKS),
    "\ufffe": Element(_LOWEST),
    "\ufffd": Element(_REPLACEMENT),
    "\uffff": Element(_HIGHEST),
}
_LAST_SYMBOL = _TABLE["\ufffc"].letter
