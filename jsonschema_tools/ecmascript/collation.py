"""Alphabetical order as in en-US: the Unicode Collation Algorithm (UTS #10), CLDR's root order.

Names are nearly always ASCII, so only those that are not load the tables.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

CollationKey: TypeAlias = tuple[str, str, str]
"""Weights of a string, a character each: of its letters, of accents, of case and variants."""

ASCII_ORDER = "\t\n\v\f\r _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$0123456789abcdefghijklmnopqrstuvwxyz"
"""The characters that count, without the capitals, which differ in case only."""

PLAIN = "\x02"
CAPITAL = "\x08"
UNACCENTED = "\x20"

LETTER_OF_ASCII = {ord(c): chr(0x20 + place) for place, c in enumerate(ASCII_ORDER)}
_LETTERS = {c: LETTER_OF_ASCII.get(ord(chr(c).lower())) for c in range(128)}
_CASES = {c: CAPITAL if chr(c).isupper() else weight and PLAIN for c, weight in _LETTERS.items()}


@lru_cache(1 << 16)
def collation_key(text: str) -> CollationKey:
    """Return what orders a string among others; strings with equal keys are equal in the order."""
    if text.isascii():
        letters = text.translate(_LETTERS)
        return letters, UNACCENTED * len(letters), text.translate(_CASES)
    from jsonschema_tools.ecmascript.collation_elements import elements_key

    return elements_key(text)
