"""How one string, key, number or date is written in YAML: plain, quoted, escaped or as a block."""

from __future__ import annotations

import re
from base64 import b64encode
from datetime import UTC, datetime
from functools import lru_cache
from math import copysign, isinf, isnan

from jsonschema_tools.ecmascript.numbers import number_text
from jsonschema_tools.ecmascript.strings import with_surrogates_paired
from jsonschema_tools.values import Json, as_double

INDENT = 2
"""Spaces per level."""

_LINE_WIDTH = 80
_LEAST_WIDTH = 40

_MEMO_SIZE = 1 << 16

_UNPRINTABLE = re.compile(
    "[\0-\x09\x0b-\x1f\x7f-\xa0\u2028\u2029\ud800-\udfff\ufeff\ufffe-\U0010ffff]"
)
"""What only a double-quoted scalar can hold. Characters beyond U+FFFF count, as a UTF-16 view
sees two surrogates; so wherever a width is measured, one character is one UTF-16 unit."""

_PLAIN = re.compile(r"[^-?:,\[\]{}#&*!|=>'\"%@` ]([^:,\[\]{}#\n]|(?<! )#)*(?<! )")
"""Printable text that a plain scalar can hold: no indicator first, nothing that would end it."""

_OTHER_WORDS = {"~", "<<", ".nan", ".NaN", ".NAN"} | {
    in_case(word)
    for word in ("null", "true", "false", "y", "yes", "on", "n", "no", "off")
    for in_case in (str.lower, str.capitalize, str.upper)
}
"""Plain words that a reader, perhaps of YAML 1.1, would not take as strings."""

# a string, which `re` compiles when it is first used
_OTHER_NUMBER = (
    r"\+?0(b[01_]*[01]|x[0-9A-Fa-f_]*[0-9A-Fa-f]|[0-7_]*[0-7])"
    r"|\+?(0|[1-9][0-9_]*)(\.[0-9_]*)?([eE][-+]?[0-9]+)?(?<!_)"
    r"|\.[0-9_]+([eE][-+]?[0-9]+)?(?<!_)"
    r"|\+?\.(inf|Inf|INF)"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}"
)
"""Plain text that a reader would take as a number or date. What holds a colon (base 60, times of
day) or begins with `-` is missing: it is never plain."""

_NAMED_ESCAPES = {
    "\0": r"\0",
    "\a": r"\a",
    "\b": r"\b",
    "\t": r"\t",
    "\n": r"\n",
    "\v": r"\v",
    "\f": r"\f",
    "\r": r"\r",
    "\x1b": r"\e",
    '"': r"\"",
    "\\": r"\\",
    "\x85": r"\N",
    "\xa0": r"\_",
    "\u2028": r"\L",
    "\u2029": r"\P",
}

_ESCAPED = f'[\n"\\\\{_UNPRINTABLE.pattern[1:]}'


@lru_cache(_MEMO_SIZE)
def key_text(key: str) -> str:
    """Return a mapping key, which is always on one line."""
    return _double_quoted(key) if "\n" in key else _on_one_line(key)


@lru_cache(_MEMO_SIZE)
def scalar_text(text: str, level: int) -> str:
    """Return a string value whose further lines, if any, belong to a nesting level."""
    indent = INDENT * max(level, 1)
    width = max(_LEAST_WIDTH, _LINE_WIDTH - indent)
    if len(text) <= width and "\n" not in text:
        return _on_one_line(text)
    if _UNPRINTABLE.search(text):
        return _double_quoted(text)
    lines = text.split("\n")
    if any(len(line) > width and line[0] != " " for line in lines):
        return f">{_block_header(text)}{_indented(_folded(text, width), indent)}"
    if len(lines) > 1:
        return f"|{_block_header(text)}{_indented(lines, indent)}"
    return _on_one_line(text)


def atom_text(value: Json, level: int) -> str:
    """Return a value that is neither a string nor a container, as `scalar_text` does.

    Raises:
        TypeError: it is nothing that a document can hold.
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, bytes):
        return f"!<tag:yaml.org,2002:binary> {scalar_text(b64encode(value).decode(), level)}"
    return date_text(value)


def date_text(value: Json) -> str:
    """Return a timestamp as JavaScript's `toISOString` has it: UTC, milliseconds, `Z`.

    Raises:
        TypeError: the value is not a timestamp.
    """
    if not isinstance(value, datetime):
        raise TypeError(f"cannot serialize a value of type {type(value).__name__}")
    moment: datetime = value if value.tzinfo is None else value.astimezone(UTC)
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def _number(value: float) -> str:
    number = as_double(value)
    if isnan(number):
        return ".nan"
    if isinf(number):
        return ".inf" if number > 0 else "-.inf"
    if number == 0 and copysign(1, number) < 0:
        return "-0.0"
    text = number_text(number)
    # YAML 1.1 wants a dot in a float. An integer such as 1e+21 gets none.
    return text if "." in text else text.replace("e-", ".e-")


def _on_one_line(text: str) -> str:
    if _UNPRINTABLE.search(text):
        return _double_quoted(text)
    if _PLAIN.fullmatch(text) and not _is_other_type(text):
        return text
    return "'" + text.replace("'", "''") + "'"


def _is_other_type(text: str) -> bool:
    return text in _OTHER_WORDS or (
        text[0] in "+.0123456789" and re.fullmatch(_OTHER_NUMBER, text) is not None
    )


def _double_quoted(text: str) -> str:
    return f'"{re.sub(_ESCAPED, _escape, with_surrogates_paired(text))}"'


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    if character in _NAMED_ESCAPES:
        return _NAMED_ESCAPES[character]
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02X}"
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"


def _block_header(text: str) -> str:
    indentation = str(INDENT) if text.lstrip("\n").startswith(" ") else ""
    if not text.endswith("\n"):
        chomping = "-"
    else:
        chomping = "+" if text.endswith("\n\n") or text == "\n" else ""
    return f"{indentation}{chomping}\n"


def _indented(lines: list[str], indent: int) -> str:
    """Join lines, without the newline of the last one, which the writer adds."""
    if lines[-1] == "":
        lines = lines[:-1]
    margin = " " * indent
    return "\n".join(margin + line if line else "" for line in lines)


def _folded(text: str, width: int) -> list[str]:
    """Return the lines of a folded block.

    A newline between two lines of ordinary text takes an empty line more: a lone one would be
    read as a space. Lines that begin with a space are never folded (YAML 1.1, 9.2.3).
    """
    lines = text.split("\n")
    folded = _fold_line(lines[0], width)
    ordinary_before = lines[0] != "" and lines[0][0] != " "
    for line in lines[1:]:
        if line == "":
            folded.append("")
            continue
        ordinary = line[0] != " "
        if ordinary and ordinary_before:
            folded.append("")
        folded += _fold_line(line, width)
        ordinary_before = ordinary
    return folded


def _fold_line(line: str, width: int) -> list[str]:
    if len(line) <= width or line[0] == " ":
        return [line]
    head = _line_head(width)
    start, folded = 0, []
    while match := head.match(line, start):
        folded.append(match[1])
        start = match.end()
    folded.append(line[start:])
    return folded


@lru_cache
def _line_head(width: int) -> re.Pattern[str]:
    """Match what goes on one line of more than `width` characters, and the space that ends it.

    That is the longest head within the width, else the shortest beyond it. No line may begin with
    a space, so only a space before another character is a place to break.
    """
    return re.compile(rf"(?=.{{{width + 1}}})(.{{1,{width}}}|.+?) (?=[^ ])")
