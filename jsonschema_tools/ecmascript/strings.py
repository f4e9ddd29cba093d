"""Strings as JavaScript sees them, in UTF-16."""

from __future__ import annotations


def with_surrogates_paired(text: str) -> str:
    r"""Return a text where a high surrogate before a low one has become the character they mean.

    Lone surrogates, which `\ud800` in JSON gives, stay.
    """
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
