"""The line and column of every value of a YAML or JSON text, by JSON Pointer."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

from yaml import YAMLError
from yaml._yaml import CParser
from yaml.events import (
    CollectionEndEvent,
    CollectionStartEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
)

from jsonschema_tools.documents.yaml_scalars import HYPHEN, MERGE, PLAIN, ScalarError, key_text
from jsonschema_tools.documents.yaml_text import UnreadableError, read_repaired, restore
from jsonschema_tools.pointers import escape

Position: TypeAlias = tuple[int, int]
"""Line and column, both from 1 on."""


_SMALL = 2**20  # characters: the places of several texts that are longer are not kept at once


def positions(text: str) -> Positions:
    """Return where each value is: a property at its key, the first one where it is repeated.

    What follows a syntax error, or was merged in with `<<`, is missing.
    """
    return _of_small(text) if len(text) <= _SMALL else _of_large(text)


class Positions:
    """Where each value of a document is.

    Some bytes for each value, however long the pointers to it are: those can be much longer than
    the text. Which values are in a list or mapping is looked up when one of them is asked for.
    """

    __slots__ = ("_columns", "_ends", "_inside", "_keys", "_lines")

    def __init__(self) -> None:
        # of each value, in the order of the text: where it is, where the first one is that is
        # not inside it, and its key (escaped), None in a list
        self._lines = array("L")
        self._columns = array("L")
        self._ends = array("L")
        self._keys: list[str | None] = []
        self._inside: dict[int, Mapping[str, int] | Sequence[int]] = {}

    def get(self, pointer: str) -> Position | None:
        """Return where a value is; None if that is not known."""
        index, is_there = self._walk(pointer)
        return self._position(index) if is_there else None

    def nearest(self, pointer: str) -> Position | None:
        """Return where a value is, or the nearest one above it; None if nothing is known."""
        return self._position(self._walk(pointer)[0])

    def _position(self, index: int) -> Position | None:
        known = index < len(self._lines)
        return (self._lines[index] + 1, self._columns[index] + 1) if known else None

    def _walk(self, pointer: str) -> tuple[int, bool]:
        """Return the last value on the way that is known, and whether it is the one meant."""
        first, *tokens = pointer.split("/")
        if first:
            return 0, False
        index = 0
        for token in tokens:
            inner = self._find(index, token)
            if inner is None:
                return index, False
            index = inner
        return index, True

    def _find(self, index: int, token: str) -> int | None:
        inside = self._inside.get(index)
        if inside is None:
            inside = self._inside[index] = self._list(index)
        if isinstance(inside, Mapping):
            return inside.get(token)
        is_index = token.isdecimal() and str(int(token[:20])) == token
        return inside[int(token)] if is_index and int(token) < len(inside) else None

    def _list(self, index: int) -> Mapping[str, int] | Sequence[int]:
        """Return the values in a list or mapping."""
        by_key: dict[str, int] = {}
        in_order = array("L")
        inner, end = index + 1, self._ends[index] if index < len(self._ends) else 0
        while inner < end:
            key = self._keys[inner]
            if key is None:
                in_order.append(inner)
            else:
                by_key.setdefault(key, inner)
            inner = self._ends[inner]
        return by_key or in_order

    def read(self, text: str, *, has_stand_ins: bool) -> None:
        """Read a document, anew if one was read before.

        Raises:
            yaml.YAMLError: it is not YAML; the places before that are known.
        """
        self.__init__()  # type: ignore[misc]
        lines, columns, ends, keys = self._lines, self._columns, self._ends, self._keys
        next_event: Any = CParser(text).get_event
        opened: list[_Opened] = []
        try:
            while (event := next_event()) is not None:
                if isinstance(event, NodeEvent):
                    above = opened[-1] if opened else None
                    if above is not None and above.waiting is not None:
                        index, above.waiting = above.waiting, None  # the value of a key
                    else:
                        index = len(lines)
                        mark: Any = event.start_mark
                        lines.append(mark.line)
                        columns.append(mark.column)
                        ends.append(index + 1)
                        if above is not None and above.is_mapping:
                            key = _key(event)
                            keys.append(escape(restore(key) if has_stand_ins else key))
                            above.waiting = index
                        else:
                            keys.append(None)
                    if isinstance(event, CollectionStartEvent):
                        opened.append(_Opened(index, isinstance(event, MappingStartEvent)))
                elif isinstance(event, CollectionEndEvent):
                    ends[opened.pop().index] = len(lines)
        finally:
            for collection in opened:
                ends[collection.index] = len(lines)


@dataclass(slots=True)
class _Opened:
    """A list or mapping that is being read; `waiting` is the key that has no value yet."""

    index: int
    is_mapping: bool
    waiting: int | None = None


def _read(text: str) -> Positions:
    found = Positions()
    with suppress(UnreadableError, YAMLError, ScalarError):
        read_repaired(
            text, lambda readable, stand_ins: found.read(readable, has_stand_ins=stand_ins)
        )
    return found


_of_small = lru_cache(maxsize=8)(_read)
_of_large = lru_cache(maxsize=1)(_read)


def _key(event: Any) -> str:
    if not isinstance(event, ScalarEvent):
        return "[object Object]"
    value = PLAIN[event.value] if event.implicit[0] else event.value
    return event.value if value in (MERGE, HYPHEN) else key_text(value)
