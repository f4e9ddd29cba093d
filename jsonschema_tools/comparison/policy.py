"""The compatibility policies: what each of them lets a version change within a major version."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

if TYPE_CHECKING:
    from jsonschema_tools.comparison.change import Change, Verdict

Policy: TypeAlias = Literal["additive", "reference", "backward", "forward", "full"]

POLICIES: Final[tuple[Policy, ...]] = get_args(Policy)
DEFAULT_POLICY: Final[Policy] = "additive"

PROTECTS_OLD_EVENTS: Final[frozenset[Policy]] = frozenset(POLICIES) - {"forward"}
"""Policies under which an event of the older version stays valid for the newer one."""

PROTECTS_OLD_READERS: Final[frozenset[Policy]] = frozenset({"forward", "full"})
"""Policies under which an event of the newer version is valid for the older one."""

BY_EVENTS: Final[frozenset[Policy]] = frozenset({"backward", "forward", "full"})
"""Policies that ask only which events are valid; the others also keep what a version says."""


def judged(change: Change, policy: Policy) -> Change:
    """Return a change with the verdict of a policy.

    - `reference`: the verdict of `@wikimedia/jsonschema-tools`.
    - `additive`: the same, but words that no event can notice are free.
    - `backward`: a break is what may refuse an event that was valid.
    - `forward`: a break is what may accept an event that the older version refuses.
    - `full`: either.

    What breaks is a *constraint* where something was added, and *incompatible* where something
    that the older version says has gone or changed.
    """
    if policy == "reference":
        return change
    if change.is_annotation:
        return replace(change, group="documentation", verdict="allowed")
    if policy == "additive":
        return change
    return replace(change, verdict=_by_effect(change, policy))


def breaks(change: Change, policy: Policy) -> bool:
    """Tell whether the effect of a change on events is what a policy by events forbids."""
    old_events = policy in PROTECTS_OLD_EVENTS and change.effect.refuses
    return old_events or (policy in PROTECTS_OLD_READERS and change.effect.admits)


def _by_effect(change: Change, policy: Policy) -> Verdict:
    if not breaks(change, policy):
        return "allowed"
    return "incompatible" if change.verdict == "allowed" else change.verdict
