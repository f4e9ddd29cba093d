"""JSON Pointers (RFC 6901): write them, read them, follow them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jsonschema_tools.values import Json


def escape(token: str) -> str:
    """Return one reference token with `~` and `/` escaped."""
    return token.replace("~", "~0").replace("/", "~1")


def unescape(token: str) -> str:
    """Return what an escaped reference token stands for."""
    return token.replace("~1", "/").replace("~0", "~")


def join(tokens: Iterable[str | int]) -> str:
    """Return the pointer made of raw tokens: `join(["a/b", 0])` is `/a~1b/0`."""
    return "".join(f"/{escape(str(token))}" for token in tokens)


def split(pointer: str) -> list[str]:
    """Return the raw tokens of a pointer: `split("/a~1b/0")` is `["a/b", "0"]`."""
    return [unescape(token) for token in pointer.split("/")[1:]]


def follow(document: Json, pointer: str) -> Json:
    """Return the value that a pointer names.

    Raises:
        KeyError: nothing is there.
    """
    value = document
    for token in split(pointer):
        if isinstance(value, dict) and token in value:
            value = value[token]
        elif isinstance(value, list) and token.isdecimal() and int(token) < len(value):
            value = value[int(token)]
        else:
            raise KeyError(pointer)
    return value


def nearest(document: Json, pointer: str) -> str:
    """Return the longest part of a pointer that names something in a document."""
    while pointer:
        try:
            follow(document, pointer)
        except KeyError:
            pointer = pointer.rpartition("/")[0]
        else:
            break
    return pointer


def text_at(document: Json, pointer: str) -> str:
    """Return the string that a pointer names.

    Raises:
        KeyError: no string is there.
    """
    value = follow(document, pointer)
    if not isinstance(value, str):
        raise KeyError(pointer)
    return value


def written_at(schema: Json, pointer: str) -> str:
    """Return where a schema's author wrote what is at a pointer once `allOf` is merged.

    That is the way through the branches of `allOf`; the nearest part of the schema where the
    value itself came from elsewhere, such as a fragment.
    """
    tokens = split(pointer)
    while tokens and (found := through_all_of(schema, tokens)) is None:
        tokens.pop()
    return join(found) if tokens and found is not None else ""


def through_all_of(schema: Json, tokens: list[str]) -> list[str] | None:
    """Return the way to a place, which may lead through parts of an `allOf`; None: it is not found.

    Args:
        schema: a schema as its author wrote it, before merging.
        tokens: raw tokens of the place in the merged schema.
    """
    if not tokens:
        return []
    first, rest = tokens[0], tokens[1:]
    if isinstance(schema, list):
        below = schema[int(first)] if first.isdecimal() and int(first) < len(schema) else None
        found = through_all_of(below, rest)
        return None if below is None or found is None else [first, *found]
    if not isinstance(schema, dict):
        return None
    if first in schema and (found := through_all_of(schema[first], rest)) is not None:
        return [first, *found]
    parts = schema.get("allOf")
    for index, part in enumerate(parts if isinstance(parts, list) else ()):
        if (found := through_all_of(part, tokens)) is not None:
            return ["allOf", str(index), *found]
    return None
