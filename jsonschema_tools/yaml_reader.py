"""YAML text to plain data, and every error with its place and advice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from yaml import MarkedYAMLError
from yaml.reader import ReaderError

from jsonschema_tools import yaml_text
from jsonschema_tools.errors import Location, ParseError
from jsonschema_tools.pointers import join
from jsonschema_tools.positions import positions
from jsonschema_tools.yaml_builder import Builder, BuildError

if TYPE_CHECKING:
    from yaml.error import Mark

    from jsonschema_tools.values import Json

_MOST_REPAIRS: Final = 50
"""How often a text is read anew, each time with one more scalar made readable to libyaml."""

_TAB_MESSAGE: Final = "a tab is used as indentation"
_TAB_ADVICE: Final = "indent with spaces"
_ADVICE: Final = {
    "found a tab character": _TAB_ADVICE,
    "mapping values are not allowed": "quote a text that has ': ' in it, or check the indentation",
    "could not find expected ':'": "a key needs a ':'; a text of several lines needs indentation",
    "did not find expected key": "check the indentation of this line and the quotes before it",
    "did not find expected '-' indicator": "check the indentation: entries of a list are aligned",
    "did not find expected ',' or": "check the commas and brackets before this place",
    "did not find expected node content": "a value is missing, or there is a comma too many",
    "block sequence entries are not allowed": "begin the list on a line of its own",
    "found unexpected end of stream": "a closing quote is missing",
    "found unexpected document indicator": "a closing quote is missing before it",
    "found unknown escape character": "in double quotes \\ begins an escape: use single quotes",
    "hexdecimal number": "in double quotes \\ begins an escape: use single quotes",
    "comment or line break": "the text after | or > begins on the next line",
    "alphabetic or numeric character": "quote a text that begins with & or *",
    "undefined tag handle": "quote a text that begins with !",
    "did not find expected <document start>": "check the indentation of this line",
    "directive": "remove the line that begins with %",
}


@dataclass(frozen=True, slots=True)
class LossyNumber:
    """A number that changed when it became a double, as all numbers of JavaScript are.

    Attributes:
        at: where it is written.
        text: what is written.
        value: what was read.
    """

    at: Location
    text: str
    value: int | float


def read_yaml(text: str, path: str) -> tuple[Json, tuple[LossyNumber, ...]]:
    """Return the data of a YAML text, and the numbers in it that changed when they were read.

    Args:
        text: without byte order mark.
        path: what to call it in messages.

    Raises:
        ParseError: it is not YAML, or not in the subset that we read.
    """
    readable = text if text.endswith(("\n", "\r")) else f"{text}\n"
    stand_ins = yaml_text.has_unreadable(text)
    if stand_ins:
        if not yaml_text.can_stand_in(text):
            message = "unprintable and plane 16 private-use characters in one document"
            raise ParseError(message, at=Location(path), hint="write them as escapes")
        readable = yaml_text.with_stand_ins(readable)
    for _ in range(_MOST_REPAIRS):
        builder = Builder(readable, stand_ins=stand_ins)
        try:
            data = builder.build()
        except BuildError as error:
            raise _refusal(error, text, path) from None
        except MarkedYAMLError as error:
            repaired = _repair(readable, error)
            if repaired is None:
                raise _explain(error, readable, path) from None
            readable, stand_ins = repaired, True
        except (ReaderError, UnicodeEncodeError):
            raise _control(text, path) from None
        else:
            lossy = (
                LossyNumber(_at(found.mark, path), found.text, found.value)
                for found in builder.inexact
            )
            return data, tuple(lossy)
    raise ParseError("too many escapes of surrogates", at=Location(path), hint="write the text out")


def _repair(text: str, error: MarkedYAMLError) -> str | None:
    """Return the text without what libyaml stumbled over, where js-yaml takes it."""
    mark, problem = error.problem_mark, str(error.problem)
    if mark is None or not yaml_text.can_stand_in(text):
        return None
    if "cannot start any token" in problem:
        return yaml_text.with_space_for_tab(text, mark.index)
    if "invalid Unicode character escape" in problem:
        repaired = yaml_text.with_surrogates(text, mark.index - len("\\u"))
        return repaired if repaired != text else None
    return None


def _explain(error: MarkedYAMLError, text: str, path: str) -> ParseError:
    """Return libyaml's error as ours."""
    mark, problem = error.problem_mark, str(error.problem)
    if mark is None:
        return ParseError(problem, at=Location(path))
    if "cannot start any token" in problem:
        character = text[mark.index]
        if character == "\t":
            return ParseError(_TAB_MESSAGE, at=_at(mark, path), hint=_TAB_ADVICE)
        message = f"a value cannot begin with {character}"
        return ParseError(message, at=_at(mark, path), hint="quote the value")
    hint = next((advice for part, advice in _ADVICE.items() if part in problem), None)
    if error.context and error.context_mark:
        problem += f" {error.context} that begins in line {error.context_mark.line + 1}"
    return ParseError(problem, at=_at(mark, path), hint=hint)


def _refusal(error: BuildError, text: str, path: str) -> ParseError:
    """Return an error of the builder with its place; a repeated key with its first place too."""
    message = str(error)
    if error.twice is not None:
        line, column = positions(text).get(join(error.twice), (None, None))
        if line is not None:
            message = f"{message}, first in line {line}, column {column}"
    return ParseError(message, at=_at(error.mark, path), hint=error.hint)


def _control(text: str, path: str) -> ParseError:
    index = yaml_text.find_control(text) or 0
    line = text.count("\n", 0, index) + 1
    at = Location(path, None, line, index - text.rfind("\n", 0, index))
    message = f"the control character U+{ord(text[index]):04X} is not allowed"
    return ParseError(message, at=at, hint="remove it, or write it as an escape in double quotes")


def _at(mark: Mark, path: str) -> Location:
    return Location(path, None, mark.line + 1, mark.column + 1)
