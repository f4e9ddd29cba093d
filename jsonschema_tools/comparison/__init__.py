"""Compare: what changed between two versions of a schema, and what that means."""

from typing import TYPE_CHECKING

from jsonschema_tools.doors import lazy

if TYPE_CHECKING:
    from jsonschema_tools.comparison.change import Change, Group, Verdict
    from jsonschema_tools.comparison.compare import Bounds, Bump, changes, least_bump
    from jsonschema_tools.comparison.policy import DEFAULT_POLICY, POLICIES, Policy
    from jsonschema_tools.comparison.problems import Counterexamples, version_problems
    from jsonschema_tools.comparison.value_diff import from_to

__all__ = [
    "DEFAULT_POLICY",
    "POLICIES",
    "Bounds",
    "Bump",
    "Change",
    "Counterexamples",
    "Group",
    "Policy",
    "Verdict",
    "changes",
    "from_to",
    "least_bump",
    "version_problems",
]

__getattr__ = lazy(
    __name__,
    {
        "change": "Change Group Verdict",
        "compare": "Bounds Bump changes least_bump",
        "policy": "DEFAULT_POLICY POLICIES Policy",
        "problems": "Counterexamples version_problems",
        "value_diff": "from_to",
    },
)
