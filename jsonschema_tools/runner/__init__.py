"""The runner: which checks run on which files, and what came of them."""
