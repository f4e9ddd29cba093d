"""`diff` and the comparison behind it, from Python."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jsonschema_tools.authoring.diff import added_since, between
from jsonschema_tools.comparison import DEFAULT_POLICY, changes, least_bump
from jsonschema_tools.errors import SchemaError
from jsonschema_tools.values import TOO_DEEP, is_too_deep

if TYPE_CHECKING:
    from jsonschema_tools.authoring.diff import Added, VersionDiff
    from jsonschema_tools.comparison import Bounds, Bump, Change, Policy
    from jsonschema_tools.config import Config


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed from one version of a schema to another.

    Attributes:
        changes: the differences, in the order of the schemas.
        bump: the least version bump that they need; None where nothing changed.
        policy: what decided that.
    """

    changes: tuple[Change, ...]
    bump: Bump | None
    policy: Policy = DEFAULT_POLICY

    @property
    def is_compatible(self) -> bool:
        """Whether the new version may follow within the same major version."""
        return self.bump != "major"


def compare(
    # Any: what callers wrote may have a narrower type, which Json would refuse
    old: dict[str, Any],
    new: dict[str, Any],
    *,
    policy: Policy = DEFAULT_POLICY,
    bounds: Bounds | None = None,
) -> Comparison:
    """Compare two versions of a schema, as they are materialized.

    Args:
        old: the earlier version.
        new: the later version.
        policy: what decides which changes are compatible, such as `Config.compatibility_policy`.
        bounds: the minimum and maximum that materializing adds, such as `Config.numeric_bounds`.

    Raises:
        SchemaError: one is nested more deeply than a materialized version may be; or it would take
            too long: there are too many patterns, alternatives or maps for so many properties.
    """
    for name, schema in (("old", old), ("new", new)):
        if is_too_deep(schema):
            raise SchemaError(f"the {name} schema is {TOO_DEEP}", hint="make it flatter")
    try:
        found = tuple(changes(old, new, policy=policy, bounds=bounds))
    except ValueError as error:  # a number that Python does not write out
        raise SchemaError(f"the schemas cannot be compared: {error}") from None
    return Comparison(found, least_bump(found), policy)


def diff(config: Config, old: str, new: str) -> VersionDiff:
    """Compare two versions, each named by its file or `$id`; a current file is materialized.

    Raises:
        SchemaToolsError: one is not found, cannot be read, or is not a schema.
    """
    return between(old, new, config)


def diff_since(config: Config, revision: str = "HEAD") -> Added:
    """Compare each version that was added since a commit with the version before it.

    Raises:
        GitError: the revision is not found, or git cannot be run.
    """
    return added_since(revision, config)
