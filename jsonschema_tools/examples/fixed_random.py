"""Random choices as the reference makes them: its random generator always says 0.15.

So an example is the same on every run: of seven choices the second is taken, of six the first.
The formulas are json-schema-faker's; numbers are doubles, since theirs are.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")

CHANCE = 0.15
"""What the reference configures as `random` (jsonSchemaFakerOptions in jsonschema-tools 1.3.0)."""


def floor(value: float) -> float:
    """Return the greatest integral double that is not above a number; NaN and infinity stay."""
    return float(math.floor(value)) if math.isfinite(value) else value


def ceil(value: float) -> float:
    """Return the least integral double that is not below a number; NaN and infinity stay."""
    return float(math.ceil(value)) if math.isfinite(value) else value


def between(low: float, high: float) -> float:
    """Return an integer step above low; a high below low is taken as an offset from it."""
    if high < low:
        high += low
    return floor(CHANCE * (high - low + 1)) + low


def pick(choices: Sequence[T]) -> T:
    """Return one of several choices.

    Raises:
        IndexError: there are none.
    """
    return choices[int(CHANCE * len(choices))]


def shuffled(items: Sequence[T]) -> list[T]:
    """Return items in another order (Fisher-Yates from the end)."""
    result = list(items)
    for left in range(len(result), 0, -1):
        chosen = int(CHANCE * left)
        result[left - 1], result[chosen] = result[chosen], result[left - 1]
    return result
