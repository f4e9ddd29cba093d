"""How often tests kill the program at random moments."""

from __future__ import annotations

import os


def kills(few: int) -> int:
    """Return how many kills a test is to make: few, or all that `dev.py kills` asks for."""
    return int(os.environ.get("KILL_ROUNDS", few))
