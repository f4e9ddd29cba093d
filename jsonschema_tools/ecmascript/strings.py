"""Strings as JavaScript sees them: UTF-16 code units, and its own white space."""

from __future__ import annotations

from typing import Final

WHITESPACE: Final = r"\t-\r \u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000\uFEFF"
r"""What `\s` means and `trim` removes, for a character class of Python, JavaScript or Rust.

Source: ECMA-262, WhiteSpace and LineTerminator. Python's own has U+001C to U+001F and U+0085 as
well, and not U+FEFF.
"""

_SPACES: Final = (
    "\t\n\v\f\r \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000\ufeff"
)


def trim(text: str) -> str:
    """Return a string without white space at its ends (ECMA-262, TrimString)."""
    return text.strip(_SPACES)


def to_utf16(text: str) -> str:
    """Return a string with one character per UTF-16 code unit, as JavaScript counts them."""
    if not text or max(text) <= "\uffff":
        return text
    data = text.encode("utf-16-le", "surrogatepass")
    return "".join(chr(data[i] | data[i + 1] << 8) for i in range(0, len(data), 2))


def with_surrogates_paired(text: str) -> str:
    r"""Return a string where a high surrogate before a low one has become the character they mean.

    Lone surrogates, which `\ud800` in JSON gives, stay.
    """
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
