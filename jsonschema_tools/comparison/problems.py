"""What two versions of a schema do wrong, with what to do about it and an event that shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jsonschema_tools.errors import Problem
from jsonschema_tools.latest_answer import keep_latest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jsonschema_tools.comparison.compare import Bounds, Change, Verdict
    from jsonschema_tools.values import Schema

_LONGEST = 400
_MOST_EVENTS = 20
"""How many events are looked for in one pair of versions; each may take a tenth of a second."""


def problems(
    old: Schema, new: Schema, verdict: Verdict, bounds: Bounds | None
) -> Iterator[Problem]:
    """Yield the changes with a verdict."""
    found = (change for change in _changes(old, new, bounds) if change.verdict == verdict)
    for index, change in enumerate(found):
        hint = _remedy(change)
        if index < _MOST_EVENTS and (event := _event(change, old, new)):
            hint += f". Was valid, is refused now: {event}"
        yield Problem(change.message, change.pointer, hint)


@keep_latest  # two checks look at each pair
def _changes(old: Schema, new: Schema, bounds: Bounds | None) -> Sequence[Change]:
    from jsonschema_tools.comparison.compare import changes  # where nothing changed, nobody asks

    return changes(old, new, bounds=bounds)


def _event(change: Change, old: Schema, new: Schema) -> str | None:
    """Return an event that shows a change, unless it is too long to be read."""
    from jsonschema_tools.comparison import counterexample  # only findings need it

    event = counterexample.find(old, new, change)
    if event is None:
        return None
    text = counterexample.shown(event)
    return text if len(text) <= _LONGEST else None


def _remedy(change: Change) -> str:
    if change.group == "tightened" and change.keyword == "required":
        return "make it optional, or bump the major version"
    if change.verdict == "constraint":
        return "take it back, or bump the major version"
    if change.group == "tightened":
        return "allow again what was allowed, or bump the major version"
    restore = "restore it, or bump the major version"
    if change.keyword == "type":
        restore = "restore it and add a new property instead, or bump the major version"
    if change.group == "loosened":
        return f"{restore}: consumers of events may rely on it"
    return restore
