"""How much tests try: little in the ordinary run, much at night (`dev.py`)."""

from __future__ import annotations

import os


def kills(few: int) -> int:
    """Return how many kills at random moments a test is to make: few, or all at `dev.py kills`."""
    return int(os.environ.get("KILL_ROUNDS", few))


def examples(few: int) -> int:
    """Return how many random examples a test is to try: few, or many times as many at night."""
    return few * int(os.environ.get("TIMES_EXAMPLES", "1"))
