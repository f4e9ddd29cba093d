"""Whether a change that looks like a break is none, by the set arithmetic of jsonschema-rs.

Rules look at one keyword at a time. That `enum: [a]` says what `const: a` said, or that another
alternative covers the one that has gone, is seen only by the set of values that a part of the
schema accepts as a whole. jsonschema-rs can often tell whether one such set holds another one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from jsonschema_tools import keywords
from jsonschema_tools.comparison.declared_properties import Declarations
from jsonschema_tools.comparison.effect import Effect
from jsonschema_tools.comparison.instances import first_step
from jsonschema_tools.comparison.policy import judged

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jsonschema_tools.comparison.change import Change
    from jsonschema_tools.comparison.policy import Policy
    from jsonschema_tools.values import Json, Schema

_LARGEST = 400
"""Values in a part, subschemas and all, that is asked about: a tenth of a second at most."""
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
            small = _is_small(larger) and _is_small(smaller)
            self._known[key] = small and not self.is_spent and _covers(larger, smaller)
        return self._known[key]


def _covers(larger: Json, smaller: Json) -> bool:
    import jsonschema_rs  # only what looks like a break needs it

    try:
        one, other = (
            jsonschema_rs.canonicalize(
                schema, draft=jsonschema_rs.Draft7, validate_formats=True, offline=True
            )
            for schema in (larger, smaller)
        )
        return str(one.covers(other)) == "yes"
    except (jsonschema_rs.ValidationError, ValueError, TypeError):
        return False  # no schema, or beyond what can be computed


def _is_small(value: Json) -> bool:
    waiting, count = [value], 0
    while waiting and count <= _LARGEST:
        count += 1
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
    return count <= _LARGEST
