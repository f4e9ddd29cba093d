"""Merge: the branches of `allOf` become one schema."""

from jsonschema_tools.merging.conflict import AllOfConflictError, contributions
from jsonschema_tools.merging.merge import merge_all_of

__all__ = ["AllOfConflictError", "contributions", "merge_all_of"]
