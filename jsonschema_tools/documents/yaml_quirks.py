"""Small changes to a text that libyaml refuses although js-yaml reads it.

They are made only where libyaml stumbles, one at a time, and change no value.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from jsonschema_tools.documents.yaml_text import stand_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from yaml import MarkedYAMLError
    from yaml.error import Mark

_UP_TO_QUOTE = re.compile(r'(?:[^"\\]|\\.)*', re.DOTALL)
_ESCAPED_SURROGATE = re.compile(r"(\\[^u])|\\u([dD][89a-fA-F][0-9a-fA-F]{2})")
_COLON_OF_TEXT = re.compile(r":[^ \t\r\n,\[\]{}]")
_INDICATORS = re.compile(r" *(?:[-?:] +)*[-?:] *")
_BLANK = re.compile(r"[ \t]*(?:#[^\r\n]*)?[\r\n]")


def repair(text: str, error: MarkedYAMLError) -> str | None:
    """Return the text without what libyaml stumbled over; None if it is right to refuse it."""
    mark, problem = error.problem_mark, f"{error.problem} {error.context}"
    if mark is None or mark.index >= len(text):
        return None
    for part, function in _REPAIRS.items():
        if part in problem:
            return function(text, mark.index, error.context_mark)
    return None


def _tab_between_tokens(text: str, index: int, _: Mark | None) -> str | None:
    """A tab in a line without content, or one that only separates: `- <tab>key: value`."""
    before = text[_line_start(text, index) : index]
    is_separation = _INDICATORS.fullmatch(before) or _BLANK.match(text, index)
    return _with(text, index, " ") if text[index] == "\t" and is_separation else None


def _tab_after_plain(text: str, index: int, _: Mark | None) -> str | None:
    """A tab in a line without content after an unquoted text."""
    return _with(text, index, " ") if _BLANK.match(text, index) else None


def _tab_in_block(text: str, index: int, start: Mark | None) -> str | None:
    """A tab that ends a block scalar, in a line without content, or with which it begins."""
    header_end = text.find("\n", start.index if start else 0)
    begins = not text[header_end:index].strip() and text[index - 1] == " "
    if begins:
        is_literal = start is not None and text[start.index] == "|"
        return _with(text, index, stand_in("\t")) if is_literal else None
    return _with(text, index, "#") if _BLANK.match(text, index) else None


def _surrogates(text: str, index: int, _: Mark | None) -> str | None:
    r"""Escapes like `\ud83d\ude00`, in all the rest of the quoted scalar."""
    rest = _UP_TO_QUOTE.match(text, index - len("\\u"))
    if rest is None:
        return None
    repaired = _ESCAPED_SURROGATE.sub(
        lambda match: match[1] or stand_in(chr(int(match[2], 16))), rest[0]
    )
    return None if repaired == rest[0] else text[: rest.start()] + repaired + text[rest.end() :]


def _colon_after_key(text: str, index: int, _: Mark | None) -> str:
    """A key without a value in a flow collection: `[key:]`."""
    return _with(text, index, ": ")


def _flow_node(text: str, index: int, _: Mark | None) -> str | None:
    """A scalar with a colon before it, `[:a]`, or the null that js-yaml sees in `[a, , b]`."""
    if _COLON_OF_TEXT.match(text, index):
        return _with(text, index, stand_in(":"))
    return _with(text, index, f"~{text[index]}") if text[index] in ",:" else None


def _with(text: str, index: int, replacement: str) -> str:
    return f"{text[:index]}{replacement}{text[index + 1 :]}"


def _line_start(text: str, index: int) -> int:
    return max(text.rfind("\n", 0, index), text.rfind("\r", 0, index)) + 1


_REPAIRS: Final[dict[str, Callable[[str, int, Mark | None], str | None]]] = {
    "cannot start any token": _tab_between_tokens,
    "tab character that violates indentation": _tab_after_plain,
    "tab character where an indentation space is expected": _tab_in_block,
    "invalid Unicode character escape": _surrogates,
    "found unexpected ':'": _colon_after_key,
    "did not find expected node content while parsing a flow node": _flow_node,
}
