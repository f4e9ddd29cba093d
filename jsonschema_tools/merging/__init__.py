"""Merging: the branches of `allOf` become one schema."""
