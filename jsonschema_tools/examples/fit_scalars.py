"""Numbers and strings that a schema may accept, the likely ones first."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from math import ceil, floor, isfinite
from typing import TYPE_CHECKING, Final

from jsonschema_tools.examples.patterns import PatternError, text_for
from jsonschema_tools.examples.scalars import FORMATS, MAX_TEXT, OTHER_FORMATS, WORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.values import Json, Schema

_CHANCES: Final = (0.15, 0.5, 0.9, 0.0, 1.0)
_SHORT: Final = {"date-time": "2021-01-01T00:00:00Z", "time": "00:00:00Z", "email": "j@h.dd"}
_SPAN: Final = Fraction(100)  # how far from a bound a number is looked for


def numbers(schema: Schema, *, whole: bool) -> Iterator[int | float]:
    """Yield numbers at and between the bounds of a schema.

    Args:
        schema: the schema.
        whole: whether only integers are asked for.
    """
    low, high = _bound(schema, "inimum", max), _bound(schema, "aximum", min)
    step = _fraction(schema.get("multipleOf")) or None
    if step is None and whole:
        step = Fraction(1)
    start = low if low is not None else high - _SPAN if high is not None else Fraction(0)
    end = high if high is not None else start + _SPAN
    if step is None:
        exact = [start + 1, (start + end) / 2, start, end]
    else:
        first, last = ceil(start / step) * step, floor(end / step) * step
        exact = [first, first + step, last, last - step]
        if whole and step.denominator > 1:  # multiples of a fraction that are whole
            unit = step * step.denominator
            exact = [ceil(start / unit) * unit, ceil(start / unit) * unit + unit, *exact]
    for number in exact:
        with suppress(OverflowError):  # there is no such number
            double = float(number)  # as which it is read again
            yield int(double) if number.denominator == 1 else double


def _bound(schema: Schema, ending: str, strictest: type | object) -> Fraction | None:
    names = (f"m{ending}", f"exclusiveM{ending}")
    found = [f for name in names if (f := _fraction(schema.get(name))) is not None]
    return strictest(found) if found else None  # type: ignore[operator]


def _fraction(value: Json) -> Fraction | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not isfinite(value):
        return None
    return Fraction(str(value))  # 0.07 as it is written, not as the double that it becomes


def texts(schema: Schema, number: int = 0) -> Iterator[str]:
    """Yield strings of the format, pattern and length of a schema; other ones for other numbers."""
    low, high = _length(schema.get("minLength"), 0), _length(schema.get("maxLength"), MAX_TEXT)
    name, pattern = schema.get("format"), schema.get("pattern")
    if isinstance(name, str):
        yield from (table[name] for table in (FORMATS, OTHER_FORMATS, _SHORT) if name in table)
    if isinstance(pattern, str):
        yield from _matching(pattern)
    word = f"{WORD}{number}" if number else WORD
    if len(word) < low:
        word = word + "x" * (min(low, MAX_TEXT) - len(word))
    yield word[-high:] if number and high else word[:high]


def _matching(pattern: str) -> Iterator[str]:
    for chance in _CHANCES:
        try:
            yield text_for(pattern, limit=MAX_TEXT, chance=chance)
        except PatternError:
            return


def _length(value: Json, default: int) -> int:
    if isinstance(value, (int, float)) and not isinstance(value, bool) and isfinite(value):
        return max(0, int(value))
    return default
