"""Values become YAML or JSON text: the same bytes for the same value, on every machine."""

from __future__ import annotations

import json
import re
from datetime import datetime
from functools import lru_cache
from math import inf, isfinite
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from jsonschema_tools.ecmascript.numbers import number_text
from jsonschema_tools.ecmascript.objects import creation_order
from jsonschema_tools.ecmascript.strings import with_surrogates_paired
from jsonschema_tools.errors import ConfigError, SchemaError
from jsonschema_tools.serialization.key_order import sorted_keys
from jsonschema_tools.serialization.yaml_style import (
    INDENT,
    atom_text,
    date_text,
    key_text,
    scalar_text,
)
from jsonschema_tools.values import MAX_DEPTH, TOO_DEEP, as_double, items

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from jsonschema_tools.values import Container, Json

ContentType: TypeAlias = Literal["yaml", "json"]
CONTENT_TYPES: tuple[ContentType, ...] = get_args(ContentType)

_LONGEST_IMPLICIT_KEY = 1024
"""A longer key is written after `? ` (YAML 1.1, 7.4)."""

_LONG = 256  # characters; shorter texts are counted in the end
_LEAST = 3  # characters of an entry: an indicator, a space, a value


def serialize(value: Json, content_type: ContentType = "yaml", *, limit: float = inf) -> str:
    """Return a value as YAML text, or as JSON text, which ends without a newline.

    Keys are in the order of `sorted_keys`. In YAML an object that is at several places is
    written once, with an anchor.

    Args:
        value: what to write.
        content_type: as what.
        limit: the most characters that it may have.

    Raises:
        ConfigError: the content type is unknown.
        SchemaError: the text would be longer than the limit (no more memory than for about twice
            the limit was taken to find out), or nested in more than `MAX_DEPTH` levels.
        TypeError: the value holds something that is not JSON.
    """
    serializer = _SERIALIZERS.get(content_type)
    if serializer is None:
        known = " and ".join(CONTENT_TYPES)
        raise ConfigError(f"unknown content type {content_type!r}", hint=f"known are {known}")
    return serializer(value, _Room(limit))


class _Room:
    """Counts what is sure to be written, so that nothing much larger than a limit is made."""

    __slots__ = ("_left", "_limit")

    def __init__(self, limit: float) -> None:
        self._limit = self._left = limit

    def take(self, characters: float) -> None:
        self._left -= characters
        if self._left < 0:
            raise SchemaError(
                f"written out, the schema would be longer than {self._limit:,} characters",
                hint="a few $ref to each other can make any length; a file of that size could not "
                "be read again",
            )

    def joined(self, parts: list[str]) -> str:
        self._left = self._limit
        self.take(sum(map(len, parts)))
        return "".join(parts)


def _too_deep() -> SchemaError:
    return SchemaError(
        f"written out, the value would be {TOO_DEEP}",
        hint="a file of that depth could not be read again: make it flatter",
    )


def _yaml(value: Json, room: _Room) -> str:
    writer = _YamlWriter(_anchors(value), room)
    writer.write([("", value, True)], -1)
    # without the space after the (missing) indicator
    return room.joined(writer.parts)[1:] + "\n"


class _YamlWriter:
    """Collects the text of one YAML document in `parts`."""

    __slots__ = ("_anchors", "_room", "_written", "parts")

    def __init__(self, anchors: dict[int, str], room: _Room) -> None:
        self.parts: list[str] = []
        self._room = room
        self._anchors = anchors
        self._written: set[str] = set()

    def write(self, entries: Iterable[tuple[str, Json, bool]], level: int) -> None:
        """Write the entries of one container (indicator, value, may it begin on the same line)."""
        append = self.parts.append
        for indicator, value, compact in entries:
            if isinstance(value, str):
                if len(value) > _LONG:
                    self._room.take(len(value) + value.count("\n") * INDENT * (level + 1))
                append(f"{indicator} {scalar_text(value, level + 1)}")
                continue
            if not isinstance(value, dict | list):
                append(f"{indicator} {atom_text(value, level + 1)}")
                continue
            anchor = self._anchors.get(id(value))
            if anchor in self._written:
                append(f"{indicator} *{anchor}")
                continue
            start = indicator
            if anchor:
                self._written.add(anchor)
                start = f"{indicator} &{anchor}"
            if not value:
                append(f"{start} {'{}' if isinstance(value, dict) else '[]'}")
                continue
            self._room.take(len(value) * (INDENT * (level + 1) + _LEAST))
            if level + 2 > MAX_DEPTH:
                raise _too_deep()
            in_line = compact and not anchor
            append(f"{start} " if in_line else start)
            self.write(_entries(value, level + 1, in_line=in_line), level + 1)


def _entries(value: Container, level: int, *, in_line: bool) -> Iterator[tuple[str, Json, bool]]:
    newline = "\n" + " " * (INDENT * level)
    margin = "" if in_line else newline
    if isinstance(value, list):
        for item in value:
            yield f"{margin}-", item, True
            margin = newline
        return
    for key in sorted_keys(tuple(value)):
        text = key_text(key)
        if len(text) > _LONGEST_IMPLICIT_KEY:
            yield f"{margin}? {text}{newline}:", value[key], True
        else:
            yield f"{margin}{text}:", value[key], False
        margin = newline


def _anchors(value: Json) -> dict[int, str]:
    """Return the anchor of each object that is at several places, by its id.

    They are numbered as they are found again, in the order in which their keys were created.
    """
    return _repeated_in_order(value) if _has_repeated(value) else {}


def _has_repeated(value: Json) -> bool:
    seen: set[int] = set()
    to_visit: list[Container] = [[value]]
    while to_visit:
        container = to_visit.pop()
        for item in items(container):
            if isinstance(item, dict | list):
                if id(item) in seen:
                    return True
                seen.add(id(item))
                to_visit.append(item)
    return False


def _repeated_in_order(value: Json) -> dict[int, str]:
    seen: set[int] = set()
    anchors: dict[int, str] = {}
    to_visit: list[Iterator[Json]] = [iter([value])]
    while to_visit:
        for item in to_visit[-1]:
            # A timestamp or binary never gets its anchor written, yet it takes a number.
            if not isinstance(item, dict | list | datetime | bytes):
                continue
            if id(item) in seen:
                anchors.setdefault(id(item), f"ref_{len(anchors)}")
                continue
            seen.add(id(item))
            if isinstance(item, dict | list):
                to_visit.append(_items(item))
                break
        else:
            to_visit.pop()
    return anchors


def _items(value: Container) -> Iterator[Json]:
    if isinstance(value, list):
        return iter(value)
    return map(value.__getitem__, creation_order(tuple(value)))


def _json(value: Json, room: _Room) -> str:
    parts: list[str] = []
    _write_json(value, "\n", parts.append, room)
    return room.joined(parts)


def _write_json(value: Json, newline: str, append: Callable[[str], None], room: _Room) -> None:
    """Write one value; an empty container takes two lines."""
    if isinstance(value, (dict, list)):
        if len(newline) > 2 * MAX_DEPTH:
            raise _too_deep()
        room.take(len(value) * (len(newline) + _LEAST))
    if isinstance(value, str):
        if len(value) > _LONG:
            room.take(len(value))
        append(_json_string(value))
    elif isinstance(value, dict):
        margin = "{" + newline + "  "
        for key in sorted_keys(tuple(value)):
            append(f"{margin}{_json_string(key)}: ")
            _write_json(value[key], newline + "  ", append, room)
            margin = "," + newline + "  "
        append(newline + "}" if value else "{" + newline + "}")
    elif isinstance(value, list):
        margin = "[" + newline + "  "
        for item in value:
            append(margin)
            _write_json(item, newline + "  ", append, room)
            margin = "," + newline + "  "
        append(newline + "]" if value else "[" + newline + "]")
    elif isinstance(value, bytes):  # as JavaScript shows its kind of bytes
        _write_json({"type": "Buffer", "data": list(value)}, newline, append, room)
    else:
        append(_json_atom(value))


def _json_atom(value: Json) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return number_text(value) if isfinite(as_double(value)) else "null"
    return f'"{date_text(value)}"'


_SURROGATE = re.compile("[\ud800-\udfff]")

_quoted = json.JSONEncoder(ensure_ascii=False).encode


@lru_cache(1 << 16)
def _json_string(text: str) -> str:
    """Return a JSON string, with lone surrogates escaped (ECMA-262, QuoteJSONString)."""
    quoted = _quoted(text)
    try:
        quoted.encode()
    except UnicodeEncodeError:
        paired = with_surrogates_paired(quoted)
        return _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", paired)
    return quoted


_SERIALIZERS: dict[str, Callable[[Json, _Room], str]] = {"yaml": _yaml, "json": _json}
