"""Merge: the branches of `allOf` become one schema."""
