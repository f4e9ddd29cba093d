r"""A string for a regular expression, as randexp 0.5.3 makes it when chance is constant.

Its dialect (that of the `ret` parser 0.2) is older than ECMA-262: `(?=` and `(?!` are read and
skipped, anchors and word boundaries match nothing, lookbehind and named groups are errors, `+?` is
an optional `+`. Characters are UTF-16 code units; sets give printable ASCII only. Sets keep the
order in which they are written: `[zab]` is z, a, b.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TypeAlias

from jsonschema_tools.ecmascript.strings import to_utf16, with_surrogates_paired
from jsonschema_tools.examples.fixed_random import CHANCE, pick

_MAX_NESTING = 100
_OPEN_END = 10  # json-schema-faker's defaultRandExpMax: `+` is {1,11}, `*` is {0,10}

Range: TypeAlias = tuple[int, int]

_PRINTABLE: Range = (32, 126)
_DIGITS: list[Range] = [(48, 57)]
_WORD: list[Range] = [(95, 95), (97, 122), (65, 90), (48, 57)]
_SPACE: list[Range] = [
    *((code, code) for code in (9, 10, 11, 12, 13, 32, 160, 5760)),
    (8192, 8202),
    *((code, code) for code in (8232, 8233, 8239, 8287, 12288, 65279)),
]
_NEWLINES: list[Range] = [(10, 10), (13, 13), (8232, 8232), (8233, 8233)]
_CLASSES = {"d": _DIGITS, "w": _WORD, "s": _SPACE}

_ESCAPE = re.compile(
    r"(\[\\b\])|(\\)?\\(?:u([A-F0-9]{4})|x([A-F0-9]{2})|(0?[0-7]{2})|c([@A-Z\[\\\]^?])|([0tnvfr]))"
)
_CONTROL = "@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^ ?"
_ESCAPED = {"0": 0, "t": 9, "n": 10, "v": 11, "f": 12, "r": 13}
_IN_SET = re.compile(
    r"\\(?P<class>[wdsWDS])"
    r"|(?:\\(?P<low_escaped>[^\n\r\u2028\u2029])|(?P<low>[^\]\\]))-\\?(?P<high>[^\]])"
    r"|(?P<end>\])"
    r"|\\?(?P<char>[\s\S])"
)
_TIMES = re.compile(r"([0-9]+)(,([0-9]+)?)?\}")


class PatternError(ValueError):
    """A regular expression is broken, uses what randexp does not know, or asks for too much."""


@dataclass(frozen=True, slots=True)
class _Set:
    ranges: list[Range]
    negated: bool


@dataclass(slots=True, eq=False)
class _Group:
    options: list[list[_Node]] = field(default_factory=lambda: [[]])
    remember: bool = True
    skip: bool = False
    number: int | None = None  # given when the group is first reached, as in randexp


@dataclass(frozen=True, slots=True)
class _Repeat:
    node: _Node
    low: int
    high: int


_Node: TypeAlias = str | int | _Set | _Group | _Repeat
"""A part of an expression: a string, the number of a group to repeat, or one of the classes."""


def text_for(pattern: str, *, limit: int, chance: float = CHANCE) -> str:
    """Return the string for a regular expression.

    Args:
        pattern: the expression, without slashes.
        limit: most characters that may be written on the way.
        chance: how many times what may be repeated is: 0 for the least, 1 for the most.

    Raises:
        PatternError: it cannot be read, or the string would be too long.
    """
    return with_surrogates_paired(_Writer(limit, chance).write(_parse(to_utf16(pattern)), 0))


def _parse(pattern: str) -> _Group:
    text = _ESCAPE.sub(_decode_escape, pattern)
    groups = [_Group(remember=False)]
    at = 0
    while at < len(text):
        char, at = text[at], at + 1
        nodes = groups[-1].options[-1]
        times = _TIMES.match(text, at) if char == "{" else None
        if char == "(":
            group, at = _open_group(text, at)
            nodes.append(group)
            groups.append(group)
        elif char == ")":
            groups.pop()
            if not groups:
                raise PatternError(f"unmatched ) at column {at}")
        elif char == "|":
            groups[-1].options.append([])
        elif char in "?+*" or times:
            if not nodes:
                raise PatternError(f"nothing to repeat at column {at}")
            nodes.append(_repeat(nodes.pop(), char, times))
            at = times.end() if times else at
        else:
            node, at = _atom(text, at - 1)
            nodes.append(node)
    if len(groups) > 1:
        raise PatternError("a group is not closed")
    return groups[0]


def _decode_escape(match: re.Match[str]) -> str:
    in_set, backslash, unicode, hexadecimal, octal, control, letter = match.groups()
    if backslash:
        return match[0]
    if in_set:
        code = 8
    elif unicode or hexadecimal:
        code = int(unicode or hexadecimal, 16)
    elif octal:
        code = int(octal, 8)
    else:
        code = _CONTROL.index(control) if control else _ESCAPED[letter]
    char = chr(code)
    return f"\\{char}" if char in "[]{}^$.|?*+()" else char


def _open_group(text: str, at: int) -> tuple[_Group, int]:
    if text[at : at + 1] != "?":
        return _Group(), at
    kind = text[at + 1 : at + 2]
    if kind not in ("=", "!", ":"):
        raise PatternError(f"(?{kind} at column {at} is not supported in examples")
    return _Group(remember=False, skip=kind != ":"), at + 2


def _repeat(node: _Node, char: str, times: re.Match[str] | None) -> _Repeat:
    if times is None:
        low = 1 if char == "+" else 0
        return _Repeat(node, low, 1 if char == "?" else low + _OPEN_END)
    low_text, comma, high_text = times.groups()
    if len(low_text) > 15 or len(high_text or "") > 15:
        raise PatternError(f"{{{times[0]} repeats too often")
    low = int(low_text)
    if not comma:
        return _Repeat(node, low, low)
    return _Repeat(node, low, int(high_text) if high_text else low + _OPEN_END)


def _atom(text: str, at: int) -> tuple[_Node, int]:
    char = text[at]
    if char in "^$":
        return "", at + 1
    if char == ".":
        return _Set(_NEWLINES, negated=True), at + 1
    if char == "[":
        return _read_set(text, at + 1)
    if char != "\\":
        return char, at + 1
    if at + 1 == len(text):
        raise PatternError("it ends with a backslash")
    char = text[at + 1]
    if char.lower() in _CLASSES:
        return _Set(_CLASSES[char.lower()], negated=char.isupper()), at + 2
    if char in "bB":
        return "", at + 2
    if char in "0123456789":
        return int(char), at + 2
    return char, at + 2


def _read_set(text: str, at: int) -> tuple[_Set, int]:
    negated = text[at : at + 1] == "^"
    at += negated
    ranges: list[Range] = []
    for match in _IN_SET.finditer(text, at):
        if match["end"]:
            return _Set(ranges, negated), match.end()
        for low, high in _in_set(match):
            _add(ranges, low, high)
    raise PatternError("a character class is not closed")


def _in_set(match: re.Match[str]) -> list[Range]:
    if name := match["class"]:
        ranges: list[Range] = []
        for low, high in _CLASSES[name.lower()]:
            _add(ranges, low, high)
        return _within_printable(ranges, negated=name.isupper())
    if char := match["char"]:
        return [(ord(char), ord(char))]
    return [(ord(match["low_escaped"] or match["low"]), ord(match["high"]))]


def _add(ranges: list[Range], low: int, high: int) -> None:
    """Add a range in place: joined with the first run that it touches, else at the end."""
    start = next((i for i, r in enumerate(ranges) if _touch(r, (low, high))), len(ranges))
    end = start
    while end < len(ranges) and _touch(ranges[end], (low, high)):
        low, high = min(low, ranges[end][0]), max(high, ranges[end][1])
        end += 1
    ranges[start:end] = [(low, high)]


def _touch(a: Range, b: Range) -> bool:
    return not (b[1] + 1 < a[0] or b[0] - 1 > a[1])


def _within_printable(ranges: list[Range], *, negated: bool) -> list[Range]:
    first, last = _PRINTABLE
    if not negated:
        inside = (r for r in ranges if not (last < r[0] or first > r[1]))
        return [(max(first, low), min(last, high)) for low, high in inside]
    rest = [_PRINTABLE]
    for low, high in ranges:
        rest = [
            part
            for left, right in rest
            for part in (
                [(left, right)]
                if right < low or left > high
                else [(left, low - 1), (high + 1, right)]
            )
            if part[0] <= part[1]
        ]
    return rest


def _choose(node: _Set) -> str:
    ranges: list[Range] = []
    for low, high in node.ranges:
        _add(ranges, low, high)
    ranges = _within_printable(ranges, negated=node.negated)
    total = sum(1 + high - low for low, high in ranges)
    if total == 0:
        return ""
    index = int(CHANCE * total // 1)
    for low, high in ranges:
        if index < 1 + high - low:
            return chr(low + index)
        index -= 1 + high - low
    raise PatternError("a range in a character class is out of order")


class _Writer:
    """Writes the text of one parsed expression; knows what its groups matched."""

    def __init__(self, limit: int, chance: float) -> None:
        self._chance = min(chance, 1 - 1e-9)
        self._groups: list[str] = []
        self._limit = self._left = limit

    def write(self, node: _Node, depth: int) -> str:
        self._spend(1)
        if depth > _MAX_NESTING:
            raise PatternError(f"it is nested deeper than {_MAX_NESTING} levels")
        if isinstance(node, str):
            return node
        if isinstance(node, int):
            return self._groups[node - 1] if 0 < node <= len(self._groups) else ""
        if isinstance(node, _Set):
            return _choose(node)
        if isinstance(node, _Group):
            return self._group(node, depth)
        return self._repetition(node, depth)

    def _spend(self, steps: int) -> None:
        self._left -= steps
        if self._left < 0:
            raise PatternError(f"its string would be longer than {self._limit} characters")

    def _group(self, group: _Group, depth: int) -> str:
        if group.skip:
            return ""
        if group.remember and group.number is None:
            group.number = len(self._groups)
            self._groups.append("")
        text = "".join([self.write(node, depth + 1) for node in pick(group.options)])
        if group.number is not None:
            self._groups[group.number] = text
        return text

    def _repetition(self, repeat: _Repeat, depth: int) -> str:
        times = repeat.low + int(self._chance * (1 + repeat.high - repeat.low) // 1)
        if times <= 0:
            return ""
        self._spend(times)
        if isinstance(repeat.node, (str, _Set)):
            return self.write(repeat.node, depth) * times
        return "".join([self.write(repeat.node, depth + 1) for _ in range(times)])
