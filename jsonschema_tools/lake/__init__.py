"""The lake: the table that a schema becomes, and events in it."""
