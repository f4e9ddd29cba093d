"""Regular expressions of the configuration, which mean what they mean in the Node tool.

`regress` is a backtracking engine with the syntax and semantics of ECMA-262. It is imported when
the first name is looked at: most commands have no need to. What everyone may send is matched by
another one, in time that is linear, or bounded where the expression has to backtrack.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain, takewhile
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

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


class Patterns(tuple[Regex, ...]):
    """Regular expressions, of which only those are tried on a string that may match it.

    A pattern like `^/some/title/` can only match what begins like that: it is looked up, so that
    there may be thousands of them.
    """

    @cached_property
    def _index(self) -> _Index:
        return _index(self)

    @property
    def most_tried(self) -> int:
        """The largest number of patterns that are tried on one string."""
        return self._index.most_tried

    def match(self, text: str) -> bool:
        """Tell whether one of them matches somewhere in a string."""
        return next(self.matching(text), None) is not None

    def matching(self, text: str) -> Iterator[int]:
        """Yield the indexes of those that match somewhere in a string, in their order."""
        return (index for index in self._tried(text) if self[index].search(text))

    def matched(self, texts: Iterable[str]) -> set[int]:
        """Return the indexes of those that match one of the strings."""
        found: set[int] = set()
        for text in texts:
            if len(found) == len(self):
                break
            left = (index for index in self._tried(text) if index not in found)
            found.update([index for index in left if self[index].search(text)])
        return found

    def _tried(self, text: str) -> Iterable[int]:
        return range(len(self)) if len(self) <= _FEW else self._index.candidates(text)


class _Index(NamedTuple):
    """Which patterns may match a string.

    Attributes:
        anything: indexes of the patterns that may match any string.
        beginning: indexes of those that match only what begins with a string, by that string.
        lengths: the lengths of these strings.
        most_tried: the largest number of patterns that may match one string.
    """

    anything: Sequence[int]
    beginning: Mapping[str, Sequence[int]]
    lengths: Sequence[int]
    most_tried: int

    def candidates(self, text: str) -> list[int]:
        """Return the indexes of the patterns that may match a string, in their order."""
        return sorted(chain(self.anything, *self.beginnings(text)))

    def beginnings(self, text: str) -> Iterator[Sequence[int]]:
        """Yield, for each text that a string begins with, the indexes of its patterns."""
        for length in takewhile(lambda length: length <= len(text), self.lengths):
            if (found := self.beginning.get(text[:length])) is not None:
                yield found


def _index(patterns: Iterable[Regex]) -> _Index:
    anything = []
    beginning: dict[str, list[int]] = {}
    for number, pattern in enumerate(patterns):
        if start := _start(pattern):
            beginning.setdefault(start, []).append(number)
        else:
            anything.append(number)
    lengths = sorted(set(map(len, beginning)))
    index = _Index(anything, beginning, lengths, len(anything))
    most = max((sum(map(len, index.beginnings(start))) for start in beginning), default=0)
    return index._replace(most_tried=len(anything) + most)


def _start(regex: Regex) -> str:
    """Return text that whatever the pattern matches begins with; empty where that is not clear."""
    pattern = regex.pattern
    if regex.flags or not pattern.startswith("^") or "|" in pattern:
        return ""
    start, end = _LITERALS.match(pattern, 1), len(pattern)
    if start is None:
        return ""
    text = start[0].replace("\\", "")
    return text[:-1] if start.end() < end and pattern[start.end()] in "*?{" else text


_FEW = 8
_LITERALS = re.compile(r"(?:[\w/ :@%,~#&=!<>'\";`-]|\\[/.$^+*?()\[\]{}|-]){1,200}", re.ASCII)
"""Characters that stand for themselves, and no escape that has another meaning."""


@lru_cache(maxsize=16_384)  # those of a configuration are tried on each name
def _compiled(pattern: str, flags: str) -> regress.Regex:
    import regress

    return regress.Regex(_well_formed(pattern), flags)


def _well_formed(text: str) -> str:
    """Return a string without halves of surrogate pairs, which UTF-8 has no bytes for."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
