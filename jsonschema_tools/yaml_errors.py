"""What is wrong with a YAML text, said so that the author of a schema can put it right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from jsonschema_tools import yaml_text
from jsonschema_tools.errors import Location, ParseError
from jsonschema_tools.pointers import join
from jsonschema_tools.positions import positions

if TYPE_CHECKING:
    from yaml.error import Mark

    from jsonschema_tools.yaml_builder import BuildError
    from jsonschema_tools.yaml_repairs import UnreadableError

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


def explain(failure: UnreadableError, path: str) -> ParseError:
    """Return libyaml's error as ours, with advice."""
    error, text = failure.error, failure.text
    mark, problem = error.problem_mark, str(error.problem)
    if mark is None:
        return ParseError(problem, at=Location(path))
    if "cannot start any token" in problem:
        character = text[mark.index]
        if character == "\t":
            return ParseError(_TAB_MESSAGE, at=at(mark, path), hint=_TAB_ADVICE)
        message = f"a value cannot begin with {character}"
        return ParseError(message, at=at(mark, path), hint="quote the value")
    hint = next((advice for part, advice in _ADVICE.items() if part in problem), None)
    if error.context and error.context_mark:
        problem += f" {error.context} that begins in line {error.context_mark.line + 1}"
    return ParseError(problem, at=at(mark, path), hint=hint)


def locate(refusal: BuildError, text: str, path: str) -> ParseError:
    """Return an error of the builder with its place; a repeated key with its first place too."""
    message = str(refusal)
    if refusal.twice is not None:
        line, column = positions(text).get(join(refusal.twice), (None, None))
        if line is not None:
            message = f"{message}, first in line {line}, column {column}"
    return ParseError(message, at=at(refusal.mark, path), hint=refusal.hint)


def control_character(text: str, path: str) -> ParseError:
    """Return the error about a character that no document may hold."""
    index = yaml_text.find_control(text) or 0
    line = text.count("\n", 0, index) + 1
    at = Location(path, None, line, index - text.rfind("\n", 0, index))
    message = f"the control character U+{ord(text[index]):04X} is not allowed"
    return ParseError(message, at=at, hint="remove it, or write it as an escape in double quotes")


def at(mark: Mark, path: str) -> Location:
    """Return libyaml's mark as a location."""
    return Location(path, None, mark.line + 1, mark.column + 1)
