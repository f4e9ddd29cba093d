"""Whether a change that looks like a break is not one, by the set arithmetic of jsonschema-rs.

Rules look at one keyword at a time. That `enum: [a]` says what `const: a` said, or that another
alternative covers the one that has gone, is seen only by the set of values that a part of the
schema accepts as a whole.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from jsonschema_tools import keywords
from jsonschema_tools.comparison.declared_properties import Declarations
from jsonschema_tools.comparison.effect import Effect
from jsonschema_tools.comparison.instances import first_step
from jsonschema_tools.comparison.policy import judged
from jsonschema_tools.comparison.set_arithmetic import covers, is_small

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jsonschema_tools.comparison.change import Change
    from jsonschema_tools.comparison.policy import Policy
    from jsonschema_tools.values import Json, Schema

_MOST = 500
"""Questions about parts of one pair of versions; most are about parts that are too large."""
_TURNING = frozenset({"$defs", "definitions", "if", "not", "oneOf"})


def proved_harmless(
    old: Schema, new: Schema, found: Sequence[Change], policy: Policy
) -> list[Change]:
    """Return changes, with those allowed that surely refuse, or admit, no event.

    A schema as a whole accepts no less if a part of it accepts no less, unless the part is below
    something that turns meanings around.
    """
    if Declarations(old).has_references or Declarations(new).has_references:
        return list(found)  # a part does not say by itself what it accepts
    oracle = _Oracle()
    return [
        change
        if _is_settled(change) or oracle.is_spent
        else _proved(old, new, change, policy, oracle)
        for change in found
    ]


def _is_settled(change: Change) -> bool:
    # another dialect is beyond the engine, which reads both versions as draft-07
    return change.verdict == "allowed" or change.keyword in keywords.IDENTITIES


def _proved(old: Schema, new: Schema, change: Change, policy: Policy, oracle: _Oracle) -> Change:
    refuses, admits = change.effect
    for before, after in reversed(list(_parts(old, new, change.path))):
        refuses = refuses and not oracle.covers(after, before)
        admits = admits and not oracle.covers(before, after)
        proved = judged(replace(change, effect=Effect(refuses, admits)), policy)
        if proved.verdict == "allowed":
            return proved
    return change


def _parts(old: Json, new: Json, path: Sequence[str]) -> Iterator[tuple[Json, Json]]:
    """Yield the parts on a path that look at values as the whole schema does, the whole first."""
    while True:
        yield old, new
        if not path or path[0] in _TURNING or not isinstance(old, dict):
            return
        if not isinstance(new, dict):
            return
        step = first_step(old, path)
        old, new, path = step.below, first_step(new, path).below, step.rest


class _Oracle:
    """Answers whether one schema accepts all that another one does, each question once."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], bool] = {}

    @property
    def is_spent(self) -> bool:
        """Whether it has answered enough."""
        return len(self._known) >= _MOST

    def covers(self, larger: Json, smaller: Json) -> bool:
        """Tell whether a schema surely accepts all that another one accepts."""
        key = id(larger), id(smaller)
        if key not in self._known:
            small = is_small(larger) and is_small(smaller)
            self._known[key] = small and not self.is_spent and covers(larger, smaller)
        return self._known[key]
