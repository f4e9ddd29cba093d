"""Regular expressions of the configuration, which mean what they mean in the Node tool.

`regress` is a backtracking engine with the syntax and semantics of ECMA-262. It is imported when
the first name is looked at: most commands have no need to.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import regress


@dataclass(frozen=True, slots=True)
class Regex:
    """A regular expression as its author wrote it.

    Attributes:
        pattern: the pattern.
        flags: JavaScript's flags, of which `i` and `u` are of use here.
    """

    pattern: str
    flags: str = ""

    def search(self, text: str) -> bool:
        """Tell whether it matches somewhere in a string (RegExp.prototype.test)."""
        return _compiled(self.pattern, self.flags).find(_well_formed(text)) is not None


def compile_regex(pattern: str, flags: str = "") -> Regex:
    """Return a regular expression, if JavaScript would take it.

    Raises:
        RegexError: it would not.
    """
    import regress

    from jsonschema_tools.ecmascript.regexp import RegexError, translate

    if "u" not in flags:
        translate(pattern)  # stricter than regress, which takes `\\b*`
    try:
        _compiled(pattern, flags)
    except regress.RegressError as error:
        raise RegexError(str(error)) from None
    return Regex(pattern, flags)


@lru_cache
def _compiled(pattern: str, flags: str) -> regress.Regex:
    import regress

    return regress.Regex(_well_formed(pattern), flags)


def _well_formed(text: str) -> str:
    """Return a string without halves of surrogate pairs, which UTF-8 has no bytes for."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
