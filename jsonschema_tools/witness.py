"""The smallest event that an old version accepts and the new one refuses, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jsonschema_tools.change import Change
    from jsonschema_tools.values import Schema


def advice(change: Change, old: Schema, new: Schema) -> str:
    """Return what to do about a change that is not allowed, with an event that shows why."""
    return f"{_remedy(change)}, or bump the major version"


def _remedy(change: Change) -> str:
    if change.verdict == "constraint":
        return "make it optional" if change.keyword == "required" else "drop the new constraint"
    if change.keyword == "required" and change.group == "tightened":
        return "make it optional"
    if change.group == "tightened":
        return "allow what was allowed before"
    if change.group == "changed":
        return "restore it, adding a new property instead"
    return "restore it"
