"""Example numbers and strings, as json-schema-faker 0.5.0-rcv.34 makes them with constant chance.

The numeric and length keywords are read through `number_at`: a bound that is not a number is an
error, where JavaScript would calculate with whatever it is.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from jsonschema_tools.ecmascript.conversions import parsed_number, to_number, to_text, truthy
from jsonschema_tools.ecmascript.numbers import number_text
from jsonschema_tools.ecmascript.strings import to_utf16, with_surrogates_paired
from jsonschema_tools.errors import ExampleError
from jsonschema_tools.examples.fixed_random import CHANCE, between, ceil, floor
from jsonschema_tools.messages import quote
from jsonschema_tools.values import MAX_SAFE_INTEGER, as_double

if TYPE_CHECKING:
    from jsonschema_tools.values import Json, Schema

MAX_TEXT = 100_000
"""Longest string that we make; the reference would go on until memory ends."""

WORD = "dolor"
"""The first word that json-schema-faker's lorem ipsum gives."""

FORMATS = {
    "date-time": "2021-01-01T00:00:00.000Z",  # these two are constants in jsonschema-tools 1.3.0
    "uri-reference": "http://example.org",
    # The reference takes these from the clock; here they are the date-time above.
    "datetime": "2021-01-01T00:00:00.000Z",
    "date": "2021-01-01",
    "time": "00:00:00.000Z",
    # The rest is what json-schema-faker's patterns for them give.
    "email": "jjjj@hhhhh.dd",
    "hostname": "hhhhh.dd",
    "idn-email": "jjjj@hhhhh.dd",
    "idn-hostname": "hhhhh.dd",
    "ipv4": "38.38.38.38",
    "ipv6": "cccc:cccc:cccc:cccc:cccc:cccc:cccc:cccc",
    "iri": "http://hhhhh.ddhjhj",
    "iri-reference": "http://hhhhh.ddhjhj",
    "json-pointer": "/hk/hk",
    "regex": ".+?",
    "slug": "jj",
    "uri": "http://hhhhh.ddhjhj",
    "uri-template": "http://hhhhh.dd/{d9}/{d9}",
    "uuid": "22222222-2222-2222-2222-222222222222",
}
"""The example of each known format."""

OTHER_FORMATS = {
    "duration": "P1D",
    "json-pointer-uri-fragment": "#/hk/hk",
    "relative-json-pointer": "0",
    "url": "http://example.org/",
}
"""Formats that json-schema-faker does not know, and that validators do."""

_TEXT_KEYWORDS = ("format", "minLength", "maxLength")  # besides `pattern`
_FILLER = "/"  # what json-schema-faker puts between repeats of a string that is too short
_DEFAULT_BOUND = 1e8  # its MIN_INTEGER and MAX_INTEGER, for numbers without bounds
_TIME_STAMP = (  # compiled when the first date is read
    r"(?P<year>[0-9]{3,4})(?:-(?P<month>[0-9]{1,2})(?:-(?P<day>[0-9]{1,2}))?)?-?"
    r"(?:[Tt ](?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:\.(?P<part>[0-9]+))?)?"
    r"(?P<zone>[Zz]|(?P<sign>[+-])(?P<zone_hour>[0-9]{2}):?(?P<zone_minute>[0-9]{2}))?)?"
)


def number_at(schema: Schema, keyword: str) -> float | None:
    """Return the number that a keyword has, as a double; None if the keyword is absent.

    Raises:
        ExampleError: its value is not a number.
    """
    if keyword not in schema:
        return None
    value = schema[keyword]
    if isinstance(value, bool) or not isinstance(value, (int, float)) or math.isnan(value):
        raise ExampleError(f"{keyword} is not a number", hint=f"write {keyword} as a number")
    return float(value)


def number_example(schema: Schema, *, integer: bool) -> int | float:
    """Return a number a little above the lower end of its range.

    Exclusive bounds are read as in draft-04, as flags. A range without any such number gives NaN.

    Raises:
        ExampleError: a bound is not a number, or minimum is above maximum.
    """
    minimum, maximum = number_at(schema, "minimum"), number_at(schema, "maximum")
    if minimum is not None and maximum is not None and minimum > maximum:
        raise ExampleError(
            f"minimum {number_text(minimum)} is above maximum {number_text(maximum)}",
            hint="exchange them, or correct one of them",
        )
    step = number_at(schema, "multipleOf")
    if step is None:
        step = 1.0 if integer else 0.0
    low = -_DEFAULT_BOUND if minimum is None else minimum
    high = _DEFAULT_BOUND if maximum is None else maximum
    if step:
        low, high = ceil(low / step) * step, floor(high / step) * step
    if truthy(schema.get("exclusiveMinimum")) and low == minimum:
        low += step or 1
    if truthy(schema.get("exclusiveMaximum")) and high == maximum:
        high -= step or 1
    return as_double(_number_between(low, high, step))


def _number_between(low: float, high: float, step: float) -> float:
    if low > high:
        return math.nan
    if not step:
        return CHANCE * (high - low) + low
    if step < 0:
        raise ExampleError("multipleOf is negative", hint="write it as a number above 0")
    if "." in number_text(step):
        return low + between(0, (high - low) / step) * step
    number = between(floor(low / step), floor(high / step)) * step
    while number < low < number + step:  # rounding can leave it just below
        number += step
    return number


def keep_positive_choices(schema: Schema) -> None:
    """Drop numbers out of bounds from the `enum` of a number; the lowest bound is taken as 0."""
    choices = schema.get("enum")
    if schema.get("type") not in ("integer", "number") or not isinstance(choices, list):
        return
    minimum, maximum = number_at(schema, "minimum"), number_at(schema, "maximum")
    step = number_at(schema, "multipleOf") or 1
    low, high = max(minimum or 0, 0), maximum or math.inf
    if truthy(schema.get("exclusiveMinimum")) and low == minimum:
        low += step
    if truthy(schema.get("exclusiveMaximum")) and high == maximum:
        high -= step
    if low or high != math.inf:
        schema["enum"] = [x for x in choices if low <= to_number(x) <= high]


def text_example(schema: Schema) -> str | None:
    """Return a string of the schema's format, or of its length.

    Raises:
        ExampleError: a length is not a number, or the string is not a date.
    """
    if "pattern" in schema:
        return _text_example(schema)
    facets = tuple((keyword, schema[keyword]) for keyword in _TEXT_KEYWORDS if keyword in schema)
    for _, value in facets:
        if type(value) not in (str, int):  # such as `true`, which is not the number that it equals
            return _text_example(schema)
    return _text_example_with(facets)


@lru_cache(1000)
def _text_example_with(facets: tuple[tuple[str, str | int], ...]) -> str | None:
    return _text_example(dict(facets))


def _text_example(schema: Schema) -> str | None:
    name = schema.get("format")
    if isinstance(name, str) and (name in FORMATS or name in OTHER_FORMATS):
        return fitting(FORMATS.get(name) or OTHER_FORMATS[name], schema)
    if truthy(schema.get("pattern")):
        return fitting(pattern_example(schema["pattern"]), schema)
    low, high = _lengths(schema)
    text = WORD * max(1, math.ceil(low / len(WORD)))
    return fitting(text[: int(min(max(0, between(low, high)), len(text)))], schema)


def pattern_example(pattern: Json) -> str:
    """Return a string for a regular expression.

    Raises:
        ExampleError: the expression is broken, not supported or not a string.
    """
    if not isinstance(pattern, str):
        raise ExampleError("pattern is not a string", hint="write the pattern in quotes")
    from jsonschema_tools.examples.patterns import PatternError, text_for  # many need none

    try:
        return text_for(pattern, limit=MAX_TEXT)
    except PatternError as error:
        raise ExampleError(
            f"no string can be made from pattern {quote(pattern)}: {error}",
            hint="correct the pattern, or give the schema an example",
        ) from None


def fitting(text: str, schema: Schema) -> str:
    """Return a string made as long as minLength, cut to maxLength, then normalized if it is a date.

    Raises:
        ExampleError: a length is not a number or too large, or the string is not a date.
    """
    low, high = _lengths(schema)
    units = to_utf16(text)
    if len(units) < low and truthy(schema.get("pattern")):
        more = to_utf16(pattern_example(schema["pattern"]))
        units += more * math.ceil((low - len(units)) / len(more)) if more else ""
    while len(units) < low and not truthy(schema.get("pattern")):
        units += f"{_FILLER}{units}"
    if high and len(units) > high:
        units = units[: int(max(0, high))]
    return _normalized(with_surrogates_paired(units), schema.get("format"))


def _lengths(schema: Schema) -> tuple[float, float]:
    minimum, maximum = number_at(schema, "minLength"), number_at(schema, "maxLength")
    if minimum is not None and minimum > MAX_TEXT:
        raise ExampleError(
            f"minLength {number_text(minimum)} is too large for an example",
            hint=f"lower it to {MAX_TEXT} or less, or give the schema an example",
        )
    return (
        max(0, minimum or 0),
        MAX_SAFE_INTEGER if maximum is None else min(MAX_SAFE_INTEGER, maximum),
    )


def _normalized(text: str, name: Json) -> str:
    if name in ("date-time", "datetime"):
        return re.sub(r"([0-9])0+Z$", r"\1Z", _iso(text), count=1)
    if name == "date":
        return _iso(text)[:10]
    if name == "time":
        return _iso(f"1969-01-01 {text}")[11:]
    return text


def _iso(text: str) -> str:
    """Return a date as `Date.toISOString` writes it (ECMA-262, Date Time String Format)."""
    try:
        return _moment(text).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    except (ValueError, OverflowError):
        raise ExampleError(
            f"{quote(text)} is not a date or time, as its format requires",
            hint="a maxLength, minLength, pattern or enum of the schema does not suit its format",
        ) from None


def _moment(text: str) -> datetime:
    if text.isdecimal() and 1 <= int(text) <= 12:
        return datetime(2001, int(text), 1, tzinfo=UTC)  # V8: a month of 2001
    match = re.fullmatch(_TIME_STAMP, text)
    if match is None:
        raise ValueError(text)
    hour, minute, second, zone_hour, zone_minute = (
        int(match[name] or 0) for name in ("hour", "minute", "second", "zone_hour", "zone_minute")
    )
    day, time = int(match["day"] or 1), (hour, minute, second)
    if not 1 <= day <= 31 or time > (24, 0, 0) or max(minute, second) > 59:
        raise ValueError(text)
    first = datetime(int(match["year"]), int(match["month"] or 1), 1, tzinfo=UTC)
    zone = timedelta(hours=zone_hour, minutes=zone_minute)
    return (
        first
        + timedelta(days=day - 1, hours=hour, minutes=minute, seconds=second)
        + timedelta(milliseconds=int(f"{match['part'] or '':0<3.3}"))
        - (-zone if match["sign"] == "-" else zone)
    )


def as_type(value: Json, kind: Json, schema: Schema) -> Json:
    """Return a value cast to a type, as JavaScript casts; null stays, other types too.

    Raises:
        ExampleError: a string cannot be made to fit its schema.
    """
    if value is None:
        return None
    if kind in ("integer", "number"):
        return parsed_number(value, integer=kind == "integer")
    if kind == "boolean":
        return truthy(value)
    return fitting(to_text(value), schema) if kind == "string" else value
