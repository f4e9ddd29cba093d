"""What two versions of a schema do wrong, with what to do about it and an event that shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jsonschema_tools.comparison.policy import PROTECTS_OLD_EVENTS, PROTECTS_OLD_READERS
from jsonschema_tools.comparison.value_diff import named
from jsonschema_tools.errors import Problem
from jsonschema_tools.latest_answer import keep_latest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from jsonschema_tools.comparison.change import Change, Verdict
    from jsonschema_tools.comparison.compare import Bounds
    from jsonschema_tools.comparison.policy import Policy
    from jsonschema_tools.values import Json, Schema

_LONGEST = 400
_MOST_EVENTS = 20
"""How many events are looked for in one pair of versions."""


def version_problems(
    old: Schema, new: Schema, verdict: Verdict, *, policy: Policy, bounds: Bounds | None
) -> Iterator[Problem]:
    """Yield the changes to which a policy gives a verdict."""
    found = [change for change in _changes(old, new, policy, bounds) if change.verdict == verdict]
    if not found:
        return
    examples = Counterexamples(old, new, policy)
    for change in found:
        hint = f"{_remedy(change)} (policy {policy})"
        yield Problem(change.message, change.pointer, hint, counterexample=examples.of(change))


@keep_latest  # two checks look at each pair
def _changes(old: Schema, new: Schema, policy: Policy, bounds: Bounds | None) -> Sequence[Change]:
    from jsonschema_tools.comparison.compare import changes  # where nothing changed, nobody asks

    return changes(old, new, policy=policy, bounds=bounds)


class Counterexamples:
    """Shows the changes between two versions that a policy forbids, each by an event.

    Args:
        old: the earlier version.
        new: the later version.
        policy: what decided that they are forbidden.
    """

    def __init__(self, old: Schema, new: Schema, policy: Policy) -> None:
        from jsonschema_tools.comparison.allowance import Allowance
        from jsonschema_tools.comparison.counterexample import Search

        allowance = Allowance()
        self._old_events = Search(old, new, allowance)
        self._new_events = Search(new, old, allowance)
        self._old, self._new, self._policy = old, new, policy
        self._left = _MOST_EVENTS

    def of_breaks(self, found: Iterable[Change], most: int | None = None) -> dict[Change, str]:
        """Return events that show changes which are not allowed; of the first ones, if `most`."""
        breaks = [change for change in found if change.verdict != "allowed"][:most]
        events = {change: self.of(change) for change in breaks}
        return {change: event for change, event in events.items() if event is not None}

    def of(self, change: Change) -> str | None:
        """Return an event that shows a change, in words; None where no short one was found.

        No event is looked for where the change can concern none.
        """
        if not self._left:
            return None
        self._left -= 1
        if self._policy in PROTECTS_OLD_EVENTS and change.effect.refuses:
            event = self._old_events.find(change)
            return _in_words("was valid, is refused now", event, self._old, change)
        if self._policy in PROTECTS_OLD_READERS and change.effect.admits:
            event = self._new_events.find(change)
            return _in_words("is valid now, the older version refuses it", event, self._new, change)
        self._left += 1
        return None


def _in_words(what: str, event: Json, schema: Schema, change: Change) -> str | None:
    if event is None:
        return None
    from jsonschema_tools.comparison.event_text import FOLDED, event_text

    text = event_text(event, schema, change.path)
    if FOLDED in text and change.keyword == "required" and change.name is not None:
        text += f" without {named(change.name)}"
    return f"{what}: {text}" if len(text) <= _LONGEST else None


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
