"""Examples: one deterministic example for a schema without."""
