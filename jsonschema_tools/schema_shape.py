"""Whether what a schema holds are schemas, where schemas belong (draft-07, sections 6.4 to 6.7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from jsonschema_tools.keywords import CONSTRAINTS, DEFINITIONS, DOCUMENTATION, DRAFT_7, TYPES
from jsonschema_tools.messages import quote
from jsonschema_tools.pointers import join
from jsonschema_tools.subschemas import parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jsonschema_tools.values import Json, Schema

_KEYWORDS = CONSTRAINTS | DEFINITIONS | DOCUMENTATION | {"$schema", "default"}
_HOLDS: dict[str, type] = {
    **dict.fromkeys(DRAFT_7.lists - DRAFT_7.schemas, list),
    **dict.fromkeys(DRAFT_7.maps, dict),
}
_APPLICATORS = DRAFT_7.names
_WORDS = {"no": "false", "off": "false", "yes": "true", "on": "true"}


class Misplaced(NamedTuple):
    """A value that is not a schema, or does not hold schemas, where it should.

    Attributes:
        pointer: JSON Pointer of the value.
        message: what is wrong.
        hint: what was probably meant.
    """

    pointer: str
    message: str
    hint: str


def first_misplaced(schema: Schema) -> Misplaced | None:
    """Return the first value that should be a schema and is not; None if all are well.

    Args:
        schema: an object; parts at several places are looked at once.
    """
    return next(_walk(schema), None)


def holds_schema(data: Json) -> bool:
    """Tell whether a document is a schema or holds one, and is not a page or a message."""
    if isinstance(data, dict):
        return not data or _has_keyword(data) or _any_holds_schema(data.values())
    return isinstance(data, bool) or (isinstance(data, list) and _any_holds_schema(data))


def _any_holds_schema(values: Iterable[Json]) -> bool:
    return any(holds_schema(value) for value in values if isinstance(value, (dict, list)))


def _has_keyword(data: Schema) -> bool:
    types = data.get("type", [])
    return not _KEYWORDS.isdisjoint(data) and all(
        isinstance(name, str) and name in TYPES
        for name in (types if isinstance(types, list) else [types])
    )


def _walk(schema: Schema) -> Iterator[Misplaced]:
    seen: set[int] = set()
    waiting: list[tuple[Schema, tuple[str | int, ...]]] = [(schema, ())]
    while waiting:
        node, path = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        for steps, value in _held(node):
            if isinstance(value, dict):
                waiting.append((value, (*path, *steps)))
            elif not isinstance(value, bool):
                yield _misplaced(value, (*path, *steps), steps)


def _held(schema: Schema) -> Iterator[tuple[tuple[str | int, ...], Json | _Wrong]]:
    """Yield what is in the place of a subschema, with the way to it."""
    for keyword, value in schema.items():
        if keyword in _HOLDS and not isinstance(value, _HOLDS[keyword]):
            yield (keyword,), _Wrong(value)
        elif keyword in _APPLICATORS:
            for steps, part in parts({keyword: value}):
                if keyword != "dependencies" or not isinstance(part, list):
                    yield steps, part


class _Wrong(NamedTuple):
    """What a keyword holds that should hold a list or a mapping of schemas."""

    value: Json


def _misplaced(
    value: Json | _Wrong, path: tuple[str | int, ...], steps: tuple[str | int, ...]
) -> Misplaced:
    keyword = str(steps[0])
    if isinstance(value, _Wrong):
        wanted = "list of schemas" if keyword in DRAFT_7.lists else "mapping of names to schemas"
        return Misplaced(
            join(path),
            f"`{keyword}` holds {_format_value(value.value)}, not a {wanted}",
            f"write a {wanted}"
            if value.value is not None
            else "nothing is written after it: remove it, or write what it should hold",
        )
    what = f"`{keyword}`"
    if len(steps) == 2:
        is_index = isinstance(steps[1], int)
        what = f"item {steps[1]} of {what}" if is_index else f"{steps[1]!r} in {what}"
    message = f"{what} holds {_format_value(value)}, which is not a schema"
    return Misplaced(join(path), message, _hint(value, steps))


def _format_value(value: Json) -> str:
    return "nothing" if value is None else quote(value)


def _hint(value: Json, steps: tuple[str | int, ...]) -> str:
    name = steps[-1]
    if len(steps) == 2 and steps[0] == "properties" and name in CONSTRAINTS | DOCUMENTATION:
        return (
            f"`{name}` is read as the name of a property here: indent it less, beside `properties`"
        )
    if value is None:
        return "nothing is written after it: write {} if any value is meant"
    if isinstance(value, str) and value.lower() in _WORDS:
        word = _WORDS[value.lower()]
        return f"YAML 1.2 reads {value} as a string: write {word}"
    if isinstance(value, str) and value in TYPES:
        return f"write {{type: {value}}}"
    return "write an object, true or false there"
