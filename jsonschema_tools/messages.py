"""Small pieces of messages, each written once."""

from __future__ import annotations

from bisect import bisect_left
from datetime import datetime
from functools import cached_property
from itertools import islice
from math import isfinite
from typing import TYPE_CHECKING

from jsonschema_tools.errors import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jsonschema_tools.values import Json

_LONGEST_VALUE = 48  # characters
MANY = 1000
"""Most names that each of many is compared with, to find the one that was meant."""
_KINDS = {dict: "mapping", list: "list", str: "string", bool: "boolean", datetime: "date"}


class Names:
    """Known names, of which a few are like one that may be mistyped."""

    def __init__(self, known: Iterable[str]) -> None:
        self._names = sorted(known)

    @cached_property
    def _backwards(self) -> list[str]:
        return sorted(name[::-1] for name in self._names)

    def like(self, name: str) -> list[str]:
        """Return all names; where there are many, those that begin or end most like one."""
        if len(self._names) <= MANY:
            return self._names
        ends = (found[::-1] for found in _around(self._backwards, name[::-1]))
        return list(dict.fromkeys((*_around(self._names, name), *ends)))


def _around(names: list[str], name: str) -> list[str]:
    """Return the names next to one in the alphabet."""
    place = bisect_left(names, name)
    return names[max(place - MANY // 4, 0) : place + MANY // 4]


def closest(name: str, known: Iterable[str], *, similarity: float = 0.6) -> str | None:
    """Return the known name that was probably meant by one that is not known.

    Args:
        name: the name that is not known.
        known: those that are.
        similarity: how alike the two have to be, from 0 to 1 (difflib's ratio).
    """
    from difflib import get_close_matches  # only mistakes need it

    # difflib would find out about the lengths of others last, after a look at all of `name`
    total = len(name)
    near = [k for k in known if 2 * min(total, len(k)) >= similarity * (total + len(k))]
    found = get_close_matches(name, near, n=1, cutoff=similarity) if near else []
    return found[0] if found else None


def suggest(name: str, known: Iterable[str], *, most: int | None = None) -> str | None:
    """Return advice for a name that is not known: the one that was probably meant, if any.

    Args:
        name: the name that is not known.
        known: those that are.
        most: how many of them to look at, where many names may be unknown; default: all.
    """
    close = closest(name, islice(known, most))
    return f"did you mean {close!r}?" if close is not None else None


def cut(text: str, length: int = 60) -> str:
    """Return text cut to a length, an ellipsis included."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


def quote(value: object) -> str:
    """Return a value as a message quotes it: short, on one line."""
    return cut(repr(value))


def format_value(value: object) -> str:
    """Return a value as compact JSON, cut where it gets too long to read."""
    import json

    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return cut(text, _LONGEST_VALUE)


def holds(value: Json) -> str:
    """Return what a document holds, such as `holds a list`; `is empty` for None."""
    if value is None:
        return "is empty"
    return f"holds a {_KINDS.get(type(value), 'number')}"


def one_line(text: object) -> str:
    """Return text on one line, without control characters."""
    return printable(str(text)).replace("\n", "\\n").replace("\t", "\\t")


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Return a number with its noun, such as `1 event` or `1,000 events`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def json_text(value: object) -> str:
    """Return a value as JSON that every reader and terminal takes.

    It is ASCII, and what JSON lacks becomes null (NaN, infinities) or text (dates).
    """
    import json

    try:
        text = json.dumps(value, indent=2, default=str, allow_nan=False)
    except ValueError:
        text = json.dumps(_finite(value), indent=2, default=str)
    return f"{text}\n"


def _finite(value: object) -> object:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def workflow_data(text: str) -> str:
    """Return text as the message of a workflow command of GitHub Actions takes it."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def workflow_property(text: str) -> str:
    """Return text as a property of a workflow command takes it, such as `file`."""
    return workflow_data(text).replace(":", "%3A").replace(",", "%2C")
