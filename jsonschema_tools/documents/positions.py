"""The line and column of every value of a YAML or JSON text, by JSON Pointer."""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

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

if TYPE_CHECKING:
    from collections.abc import Iterator

Position: TypeAlias = tuple[int, int]
"""Line and column, both from 1 on."""


@lru_cache(maxsize=8)
def positions(text: str) -> dict[str, Position]:
    """Return where each value is: a property at its key, the first one where it is repeated.

    What follows a syntax error, or was merged in with `<<`, is missing.
    """
    found: dict[str, Position] = {}

    def read(readable: str, has_stand_ins: bool) -> None:
        found.clear()
        for pointer, mark in _places(readable):
            known_as = restore(pointer) if has_stand_ins else pointer
            found.setdefault(known_as, (mark.line + 1, mark.column + 1))

    with suppress(UnreadableError, YAMLError, ScalarError):
        read_repaired(text, read)
    return found


class _Collection:
    """A list or mapping on the way to a value."""

    __slots__ = ("_count", "_is_mapping", "_pointer", "_waiting")

    def __init__(self, pointer: str, *, is_mapping: bool) -> None:
        self._pointer = pointer
        self._is_mapping = is_mapping
        self._count = 0
        self._waiting: str | None = None

    def place(self, event: Any) -> tuple[str, bool]:
        """Return the pointer of the next node, and whether that pointer is new."""
        if self._waiting is not None:
            pointer, self._waiting = self._waiting, None
            return pointer, False
        if self._is_mapping:
            self._waiting = f"{self._pointer}/{escape(_key(event))}"
            return self._waiting, True
        self._count += 1
        return f"{self._pointer}/{self._count - 1}", True


def _places(text: str) -> Iterator[tuple[str, Any]]:
    """Yield the pointer and libyaml's mark of every value."""
    next_event: Any = CParser(text).get_event
    open_collections: list[_Collection] = []
    while (event := next_event()) is not None:
        if isinstance(event, NodeEvent):
            pointer, is_new = open_collections[-1].place(event) if open_collections else ("", True)
            if is_new:
                yield pointer, event.start_mark
            if isinstance(event, CollectionStartEvent):
                is_mapping = isinstance(event, MappingStartEvent)
                open_collections.append(_Collection(pointer, is_mapping=is_mapping))
        elif isinstance(event, CollectionEndEvent):
            open_collections.pop()


def _key(event: Any) -> str:
    if not isinstance(event, ScalarEvent):
        return "[object Object]"
    value = PLAIN[event.value] if event.implicit[0] else event.value
    return event.value if value in (MERGE, HYPHEN) else key_text(value)
