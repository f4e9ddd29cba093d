"""The fast way for JSON text: the standard library's parser, held to the meaning YAML gives it.

Whatever could make a difference (repeated keys, numbers that change, NaN, anything that is not JSON
after all) is left to the YAML reader, which also knows the place of each error.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final, NoReturn

from jsonschema_tools.documents.yaml_scalars import PLAIN, is_exact
from jsonschema_tools.values import is_too_deep

if TYPE_CHECKING:
    from jsonschema_tools.values import Json


class NotPlainJsonError(ValueError):
    """The text has to be read as YAML."""


def read_json(text: str) -> Json:
    """Return the data of a JSON text.

    Raises:
        NotPlainJsonError: the text has to be read as YAML.
    """
    if not text.lstrip(" \t\r\n").startswith(("{", "[", '"')):
        raise NotPlainJsonError
    try:
        data: Json = _DECODER.decode(text)
    except (ValueError, RecursionError):  # `json` calls itself for each level
        raise NotPlainJsonError from None
    if is_too_deep(data):
        raise NotPlainJsonError
    return data


def _number(text: str) -> Json:
    value: Json = PLAIN[text]
    if text not in PLAIN and not is_exact(text, value):
        raise NotPlainJsonError
    return value


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    result = dict(pairs)
    if len(result) < len(pairs):
        raise NotPlainJsonError
    return result


def _constant(_: str) -> NoReturn:
    raise NotPlainJsonError


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_number, parse_float=_number, parse_constant=_constant
)
