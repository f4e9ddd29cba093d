"""Git: what changed, what is staged, what stood at a revision."""
