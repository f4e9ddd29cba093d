"""YAML text to plain data, and the numbers in it that changed on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from yaml.reader import ReaderError

from jsonschema_tools.documents.yaml_builder import Builder, BuildError
from jsonschema_tools.documents.yaml_text import UnreadableError, read_repaired
from jsonschema_tools.errors import Location

if TYPE_CHECKING:
    from yaml.error import Mark

    from jsonschema_tools.values import Json


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
    try:
        data, inexact = read_repaired(text, _build)
    except (UnreadableError, BuildError, ReaderError, UnicodeEncodeError) as error:
        from jsonschema_tools.documents.yaml_errors import (
            explain,  # here, since most texts are all right
        )

        raise explain(error, text, path) from None
    return data, tuple(
        LossyNumber(Location(path, None, mark.line + 1, mark.column + 1), written, value)
        for mark, written, value in inexact
    )


def _build(text: str, has_stand_ins: bool) -> tuple[Json, list[tuple[Mark, str, float]]]:
    builder = Builder(text, stand_ins=has_stand_ins)
    return builder.build(), builder.inexact
