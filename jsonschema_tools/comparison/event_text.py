"""An event in one line for people: long strings are cut, what does not matter is folded."""

from __future__ import annotations

from json import dumps
from typing import TYPE_CHECKING, Final

from jsonschema_tools.comparison.instances import first_step
from jsonschema_tools.values import strings_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jsonschema_tools.values import Json, Schema

_LONGEST_STRING: Final = 40
_SHORT: Final = 60
"""Characters of an event that is shown in full, where nothing of it would be left otherwise."""
FOLDED: Final = "…"


class _Folded(dict[str, "Json"]):
    """An object of which some fields are left out."""


def event_text(event: Json, schema: Schema, path: Sequence[str]) -> str:
    """Return an event as one line, fields that every event must have folded to `…`.

    Args:
        event: an event that a schema accepts.
        schema: the schema.
        path: tokens that lead to the part of it that the event is to show; fields on the way
            there are never folded.
    """
    folded = _folded(event, schema, path)
    if folded == {} and len(full := _text(event)) <= _SHORT:
        return full
    return _text(folded)


def _folded(event: Json, schema: Json, path: Sequence[str]) -> Json:
    if not isinstance(schema, dict):
        return event
    step = first_step(schema, path) if path else None
    if isinstance(event, list):
        below, rest = (step.below, step.rest) if step else (None, ())
        return [_folded(item, below, rest) for item in event]
    if not isinstance(event, dict):
        return event
    if step is not None and step.keyword in {"allOf", "anyOf", "oneOf", "then", "else"}:
        return _folded(event, step.below, step.rest)
    target = step.token if step is not None and step.keyword == "properties" else None
    names = set(strings_in(schema.get("required")))
    kept = {
        name: _folded(held, step.below, step.rest) if step and _leads_to(name, target) else held
        for name, held in event.items()
        if name == target or name not in names
    }
    return kept if len(kept) == len(event) else _Folded(kept)


def _leads_to(name: str, target: str | None) -> bool:
    return target is None or name == target


def _text(value: Json) -> str:
    if isinstance(value, dict):
        fields = [f"{_text(name)}:{_text(held)}" for name, held in value.items()]
        return f"{{{','.join([*fields, *([FOLDED] if isinstance(value, _Folded) else [])])}}}"
    if isinstance(value, list):
        return f"[{','.join(map(_text, value))}]"
    if isinstance(value, str) and len(value) > _LONGEST_STRING:
        value = f"{value[:8]}{FOLDED} ({len(value)} characters)"
    return dumps(value, ensure_ascii=False, default=str)
