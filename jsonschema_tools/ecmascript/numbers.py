"""Numbers as JavaScript writes them."""

from __future__ import annotations

from math import isfinite

from jsonschema_tools.values import MAX_SAFE_INTEGER, as_double


def number_text(value: float) -> str:
    """Return the text of a number as JavaScript has it (ECMA-262, Number::toString, radix 10).

    The shortest digits that give the same double again, with an exponent only below 1e-6 and from
    1e21 on: `1`, `0.00001`, `1e-7`, `1152921504606847000`, `1e+21`, `NaN`, `Infinity`.
    """
    number = as_double(value)
    if isinstance(number, int) and abs(number) <= MAX_SAFE_INTEGER:
        return str(number)
    number = float(number)
    if not isfinite(number):
        return str(number).replace("nan", "NaN").replace("inf", "Infinity")
    if number == 0:
        return "0"  # also minus zero
    return ("-" if number < 0 else "") + _decimal(*_shortest_digits(abs(number)))


def _shortest_digits(number: float) -> tuple[str, int]:
    """Return digits d and n such that the number is 0.d * 10**n; Python's repr finds the same d."""
    mantissa, _, exponent = repr(number).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    leading_zeros = len(whole + fraction) - len(digits)
    return digits.rstrip("0"), len(whole) - leading_zeros + int(exponent or 0)


def _decimal(digits: str, point: int) -> str:
    if len(digits) <= point <= 21:
        return digits.ljust(point, "0")
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"0.{'0' * -point}{digits}"
    mantissa = f"{digits[0]}.{digits[1:]}" if len(digits) > 1 else digits
    return f"{mantissa}e{point - 1:+d}"
