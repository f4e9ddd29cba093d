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
