"""Numbers beyond those of JavaScript, wherever in a body they are."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from jsonschema_tools.intake.numbers import decode_body

DIGITS = st.text("0123456789", max_size=15)


@given(
    noise=st.lists(st.tuples(DIGITS, st.sampled_from("-a.")).map("".join), max_size=200),
    number=st.integers(min_value=2**53 + 1, max_value=10**17),
    padding=st.integers(2000, 2007).map(" ".__mul__),
)
def test_large_integers_are_found(noise: list[str], number: int, padding: str) -> None:
    """Also between many digits that are none, and at each distance from the start."""
    text = f'["{"".join(noise)}",{padding}{number}, "{"".join(noise)}"]'
    expected = int(Decimal(repr(float(number))))  # as JavaScript writes it
    found: Any = decode_body(text.encode())
    assert found[1] == expected
