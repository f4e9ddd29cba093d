"""What is wrong with a YAML text, said so that the author of a schema can fix it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from jsonschema_tools.documents.positions import positions
from jsonschema_tools.documents.yaml_builder import BuildError
from jsonschema_tools.documents.yaml_text import UnreadableError, find_unprintable
from jsonschema_tools.errors import Location, ParseError
from jsonschema_tools.pointers import join
from jsonschema_tools.values import TOO_DEEP

if TYPE_CHECKING:
    from yaml.error import Mark

_TAB_MESSAGE: Final = "a tab is used as indentation"
_TAB_ADVICE: Final = "indent with spaces"
_ADVICE: Final = {
    "mapping values are not allowed": "quote a string that contains ': ', or check the indentation",
    "could not find expected ':'": "a key needs a ':'; a string of several lines needs indentation",
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
    "alphabetic or numeric character": "quote a string that begins with & or *",
    "undefined tag handle": "quote a string that begins with !",
    "did not find expected <document start>": "check the indentation of this line",
    "directive": "remove the line that begins with %",
}


def explain(error: Exception, text: str, path: str) -> ParseError:
    """Return what went wrong when a text was read as an error with place and advice."""
    if isinstance(error, BuildError):
        return _refused(error, text, path)
    if isinstance(error, UnreadableError):
        return _unreadable(error, path)
    return _control_character(text, path)


def _refused(error: BuildError, text: str, path: str) -> ParseError:
    message = str(error)
    if error.twice is not None:
        line, column = positions(text).get(join(error.twice)) or (None, None)
        if line is not None:
            message = f"{message}, first in line {line}, column {column}"
    return ParseError(message, at=_at(error.mark, path), hint=error.hint)


def _unreadable(failure: UnreadableError, path: str) -> ParseError:
    problem, mark = str(failure.error.problem), failure.error.problem_mark
    if mark is None:
        return ParseError(problem, at=Location(path))
    character = failure.text[mark.index : mark.index + 1]
    if "tab character" in problem or ("cannot start any token" in problem and character == "\t"):
        return ParseError(_TAB_MESSAGE, at=_at(mark, path), hint=_TAB_ADVICE)
    if "cannot start any token" in problem:
        message = f"a value cannot begin with {character}"
        return ParseError(message, at=_at(mark, path), hint="quote the value")
    if "maximum nesting depth" in problem:
        return ParseError(TOO_DEEP, at=_at(mark, path), hint="move parts into a $ref")
    hint = next((advice for part, advice in _ADVICE.items() if part in problem), None)
    begin = failure.error.context_mark
    if begin is not None and "unexpected end of stream" in problem:
        return ParseError("a quoted string has no end", at=_at(begin, path), hint=hint)
    if begin is not None:
        problem += f" {failure.error.context} that begins in line {begin.line + 1}"
    return ParseError(problem, at=_at(mark, path), hint=hint)


def _control_character(text: str, path: str) -> ParseError:
    index = find_unprintable(text) or 0
    line = text.count("\n", 0, index) + 1
    at = Location(path, None, line, index - text.rfind("\n", 0, index))
    message = f"the unprintable character U+{ord(text[index]):04X} is not allowed"
    return ParseError(message, at=at, hint="remove it, or write it as an escape in double quotes")


def _at(mark: Mark, path: str) -> Location:
    return Location(path, None, mark.line + 1, mark.column + 1)
