"""Compare: what changed between two versions of a schema, and what that means."""
