"""Numbers as JavaScript writes them (ECMA-262, Number::toString)."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jsonschema_tools.ecmascript.numbers import number_text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (1.0, "1"),
        (-1.5, "-1.5"),
        (0.1, "0.1"),
        (100, "100"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (-1.25e21, "-1.25e+21"),
        (123456789012345680000, "123456789012345680000"),
        (2**53 - 1, "9007199254740991"),
        (2**53 + 1, "9007199254740992"),
        (2**60, "1152921504606847000"),
        (12345678901234.566, "12345678901234.566"),
        (1e-5, "0.00001"),
        (0.000001234, "0.000001234"),
        (1e-7, "1e-7"),
        (-1.5e-7, "-1.5e-7"),
        (5e-324, "5e-324"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (10**400, "Infinity"),
        (-math.inf, "-Infinity"),
        (math.nan, "NaN"),
    ],
)
def test_text(number: float, text: str) -> None:
    assert number_text(number) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_text_is_the_same_number(number: float) -> None:
    assert float(number_text(number)) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_text_is_as_short_as_repr(number: float) -> None:
    def digits(text: str) -> str:
        mantissa = text.lstrip("-").partition("e")[0]
        return mantissa.replace(".", "").strip("0")

    assert digits(number_text(number)) == digits(repr(number))
