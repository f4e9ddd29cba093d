"""Git: what changed, what is staged, what was at a revision."""
