r"""Regular expressions of JavaScript: whether one is well-formed, and the same one for our engine.

`pattern` is written in JavaScript's syntax (JSON Schema draft-07, section 4.3), and without the
`u` flag that syntax is lenient: `a{1`, `]` and `\_` are literals (ECMA-262, annex B.1.4). The
engine of jsonschema-rs wants the strict syntax, so what it would refuse is spelled out for it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_SYNTAX = frozenset("^$\\.*+?()[]{}|/-")
_QUANTIFIER = re.compile(r"(?:[*+?]|\{(\d+)(?:,(\d*))?\})\??", re.ASCII)
# the bracket that ends a class may be missing: then all that follows is one, and looked at once
_ESCAPES_AND_CLASSES = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]?", re.DOTALL)
_CAPTURE = re.compile(r"\((?!\?)|\(\?<(?![=!])([^>]*)(>?)")
_NAME = re.compile(r"(?:[^\W\d]|\$)[\w$]*")
_REFERENCE = re.compile(r"<([^>]*)>")
_DIGITS = re.compile(r"\d+", re.ASCII)
_OCTAL = re.compile(r"[0-3]?[0-7]{1,2}")
_CODES = {"t": 9, "n": 10, "v": 11, "f": 12, "r": 13}
_LOOKAHEADS = ("(?=", "(?!")
_HEX_DIGITS = {"x": 2, "u": 4}
_MAX_DEPTH = 200


class RegexError(ValueError):
    """A string is not a regular expression of JavaScript."""


@lru_cache(maxsize=1024)
def translate(pattern: str, *, folds: bool = False) -> str:
    """Return a regular expression in the strict syntax that means the same.

    Args:
        pattern: the regular expression.
        folds: whether ASCII letters match in both cases, as with the flag `i`.

    Raises:
        RegexError: JavaScript would refuse it.
    """
    return _Translator(pattern, folds=folds).run()


class _Member(NamedTuple):
    r"""One member of a character class: a character, or a set such as `\d`."""

    spelling: str
    code: int | None = None
    is_dash: bool = False


class _Translator:
    """Reads a pattern from left to right, writing the strict spelling."""

    def __init__(self, pattern: str, *, folds: bool = False) -> None:
        self._text = pattern
        self._folds = folds
        self._at = 0
        self._depth = 0
        captures = list(_CAPTURE.finditer(_ESCAPES_AND_CLASSES.sub("", pattern)))
        self._groups = len(captures)
        self._names: dict[str, int] = {}
        for number, capture in enumerate(captures, 1):
            name, end = capture[1], capture[2]
            if name is None:
                continue
            if not end or not _NAME.fullmatch(name) or name in self._names:
                raise RegexError("invalid or repeated group name")
            self._names[name] = number

    def run(self) -> str:
        result = self._alternatives()
        if self._at < len(self._text):
            raise RegexError("unmatched )")
        return result

    def _peek(self, count: int = 1) -> str:
        return self._text[self._at : self._at + count]

    def _take(self, count: int = 1) -> str:
        taken = self._peek(count)
        self._at += count
        return taken

    def _match(self, regex: re.Pattern[str], back: int = 0) -> re.Match[str] | None:
        return regex.match(self._text, self._at - back)

    def _alternatives(self) -> str:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise RegexError("groups are nested too deeply")
        parts = []
        while (char := self._peek()) and char != ")":
            parts.append(self._take() if char == "|" else self._term())
        self._depth -= 1
        return "".join(parts)

    def _term(self) -> str:
        if self._match(_QUANTIFIER):
            raise RegexError("nothing to repeat")
        char = self._take()
        if char in "^$":
            return self._quantified(char, repeats=False)
        if char == "(":
            return self._group()
        if char == "[":
            return self._quantified(self._class())
        if char == "\\":
            return self._escape()
        return self._quantified(self._folded(_Member(char, ord(char))))

    def _folded(self, member: _Member) -> str:
        """Return a character, or a class of both its cases."""
        other = _other_case(member.code) if self._folds else None
        if other is not None:
            return f"[{member.spelling}{other}]"
        return f"\\{member.spelling}" if member.spelling in tuple("{}]") else member.spelling

    def _quantified(self, atom: str, *, repeats: bool = True) -> str:
        quantifier = self._match(_QUANTIFIER)
        if quantifier is None:
            return atom
        low, high = quantifier.groups()
        if not repeats:
            raise RegexError("nothing to repeat")
        if high and int(low) > int(high):
            raise RegexError("numbers out of order in {} quantifier")
        self._at = quantifier.end()
        if atom.startswith(_LOOKAHEADS):  # the engine does not repeat them, and need not
            return "(?:)" if quantifier[0][0] in "*?" or low == "0" else atom
        return (f"(?:{atom})" if atom.startswith("(?") else atom) + quantifier[0]

    def _group(self) -> str:
        opening, repeats = "(", True
        if self._peek(2) in {"?:", "?=", "?!"}:
            opening += self._take(2)
        elif self._peek(3) in {"?<=", "?<!"}:
            opening, repeats = opening + self._take(3), False
        elif self._peek(2) == "?<":
            self._at = self._text.index(">", self._at) + 1  # a reference becomes a number
        elif self._peek() == "?":
            raise RegexError("invalid group")
        inner = self._alternatives()
        if self._take() != ")":
            raise RegexError("unterminated group")
        return self._quantified(f"{opening}{inner})", repeats=repeats)

    def _escape(self) -> str:
        char = self._peek()
        if char and char in "bB":
            return self._quantified(f"\\{self._take()}", repeats=False)
        if char == "k" and self._names:
            return self._quantified(self._named_reference())
        number = self._match(_DIGITS)
        if number and char != "0" and int(number[0]) <= self._groups:
            self._at = number.end()
            return self._quantified(f"(?:\\{int(number[0])})")
        return self._quantified(self._folded(self._escaped(in_class=False)))

    def _named_reference(self) -> str:
        self._at += 1
        name = self._match(_REFERENCE)
        if name is None or name[1] not in self._names:
            raise RegexError("invalid named reference")
        self._at = name.end()
        return f"(?:\\{self._names[name[1]]})"

    def _escaped(self, *, in_class: bool) -> _Member:
        """Read what follows a backslash, where it is one character or a set."""
        char = self._take()
        if not char:
            raise RegexError("\\ at the end of the pattern")
        if char in "dDwWsS":
            return _Member(f"\\{char}")
        if char == "b":
            return _character(8)
        if (octal := self._match(_OCTAL, back=1)) is not None:
            self._at = octal.end()
            return _character(int(octal[0], 8))
        if char == "c":
            return self._control(in_class=in_class)
        length = _HEX_DIGITS.get(char, 0)
        if length and re.fullmatch(f"[0-9A-Fa-f]{{{length}}}", self._peek(length)):
            return _character(int(self._take(length), 16))
        return _character(_CODES.get(char, ord(char)))

    def _control(self, *, in_class: bool) -> _Member:
        if re.fullmatch("[A-Za-z0-9_]" if in_class else "[A-Za-z]", self._peek()):
            return _character(ord(self._take()) % 32)
        self._at -= 1  # the backslash stands for itself
        return _character(ord("\\"))

    def _class(self) -> str:
        negated = self._peek() == "^"
        self._at += negated
        members = []
        while (char := self._take()) != "]":
            if not char:
                raise RegexError("unterminated character class")
            if char == "\\":
                members.append(self._escaped(in_class=True))
            else:
                members.append(_character(ord(char))._replace(is_dash=char == "-"))
        if not members:  # `[]` is nothing, `[^]` anything
            return r"[\s\S]" if negated else r"[^\s\S]"
        return f"[{'^' if negated else ''}{''.join(_ranges(members, folds=self._folds))}]"


def _character(code: int) -> _Member:
    """Return a character, spelled so that it stands for itself in a class and outside."""
    char = chr(code)
    if char in _SYNTAX:
        return _Member(f"\\{char}", code)
    return _Member(char if code > 32 else f"\\x{code:02X}", code)


def _other_case(code: int | None) -> str | None:
    """Return an ASCII letter in its other case; None for anything else."""
    char = chr(code) if code is not None and code < 128 else ""
    return char.swapcase() if char.isalpha() else None


def _other_cases(first: int, last: int) -> Iterator[str]:
    """Yield the ranges of the other cases of the ASCII letters in a range of characters."""
    for low, high in ((65, 90), (97, 122)):
        start, end = max(first, low), min(last, high)
        if start <= end:
            yield f"{chr(start).swapcase()}-{chr(end).swapcase()}"


def _ranges(members: list[_Member], *, folds: bool = False) -> list[str]:
    """Return the spellings of a class, with a range for each `-` between two characters."""
    written = []
    index = 0
    while index < len(members):
        first = members[index]
        written.append(first.spelling)
        index += 1
        is_range = index + 1 < len(members) and members[index].is_dash
        if folds and not is_range:
            written.append(_other_case(first.code) or "")
        if is_range:
            last = members[index + 1]
            if first.code is not None and last.code is not None:
                if first.code > last.code:
                    raise RegexError("range out of order in character class")
                written.append(f"-{last.spelling}")
                if folds:
                    written.extend(_other_cases(first.code, last.code))
            else:
                written.append(f"\\-{last.spelling}")
                written.append((folds and _other_case(last.code)) or "")
            index += 2
    return written


def backtracks(pattern: str) -> bool:
    """Tell whether no engine matches a pattern without trying again what it tried before.

    Such are patterns that look ahead or behind, or refer to what a group matched.
    """
    return re.search(_BACKTRACKING, pattern) is not None


_BACKTRACKING = r"\(\?<?[=!]|\\[1-9k]"
