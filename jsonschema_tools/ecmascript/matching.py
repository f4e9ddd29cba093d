"""Regular expressions of the configuration, which mean what they mean in the Node tool.

`regress` is a backtracking engine with the syntax and semantics of ECMA-262. It is imported when
the first name is looked at: most commands have no need to. What everyone may send is matched by
another one, in time that is linear, or bounded where the expression has to backtrack.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import regress


_MOST_STEPS = 50_000  # of one match that has to backtrack
_OF_UNICODE = re.compile(r"\\(?:[pP]|u)\{")


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


@dataclass(frozen=True, slots=True)
class BoundedRegex(Regex):
    """A regular expression that no string keeps busy; for names that anyone can make up.

    With the flag `i` only ASCII letters match in both cases, and not in back references. One that
    has to backtrack very much matches nothing.
    """

    def search(self, text: str) -> bool:
        """Tell whether it matches somewhere in a string."""
        return _bounded(self.pattern, self.flags)(_well_formed(text))


def compile_bounded_regex(pattern: str, flags: str = "") -> BoundedRegex:
    """Return a regular expression that no string keeps busy.

    Raises:
        RegexError: JavaScript would not take it, or its time cannot be bounded.
    """
    compile_regex(pattern, flags)
    _bounded(pattern, flags)
    return BoundedRegex(pattern, flags)


@lru_cache(maxsize=10_000)
def _bounded(pattern: str, flags: str) -> Callable[[str], bool]:
    from jsonschema_rs import Draft7Validator, FancyRegexOptions, RegexOptions, ValidationError

    from jsonschema_tools.ecmascript.regexp import RegexError, translate

    if "u" in flags and "i" not in flags:
        strict = pattern
    else:
        strict = translate(pattern, folds="i" in flags)
    if "u" in flags and "i" in flags and _OF_UNICODE.search(pattern):
        raise RegexError("with the flags i and u it cannot be matched in bounded time")
    strict = _well_formed(strict)
    for options in (RegexOptions(), FancyRegexOptions(backtrack_limit=_MOST_STEPS)):
        try:
            return Draft7Validator({"pattern": strict}, pattern_options=options).is_valid
        except ValidationError:  # it has to backtrack, or is too large
            continue
    raise RegexError("it cannot be matched in bounded time")


@lru_cache
def _compiled(pattern: str, flags: str) -> regress.Regex:
    import regress

    return regress.Regex(_well_formed(pattern), flags)


def _well_formed(text: str) -> str:
    """Return a string without halves of surrogate pairs, which UTF-8 has no bytes for."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
