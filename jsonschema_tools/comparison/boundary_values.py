"""Short strings and small numbers around the limits that a schema speaks of."""

from __future__ import annotations

from math import floor, isfinite
from typing import TYPE_CHECKING

from jsonschema_tools.examples import PatternError, text_for
from jsonschema_tools.values import as_double

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.values import Json, Schema

SIMPLE: tuple[Json, ...] = ("", "a", 0, 1, -1, 0.5, False, True, None, [], {}, "0", "A", " ")
"""One or two values of every type, for where a schema does not say what it wants."""

_FORMATS = {
    "date": "2021-01-01",
    "date-time": "2021-01-01T00:00:00Z",
    "email": "a@a.aa",
    "hostname": "a",
    "idn-email": "a@a.aa",
    "idn-hostname": "a",
    "ipv4": "1.1.1.1",
    "ipv6": "::",
    "iri": "a:",
    "json-pointer": "/",
    "relative-json-pointer": "0",
    "time": "00:00:00Z",
    "uri": "a:",
    "uuid": "00000000-0000-0000-0000-000000000000",
}
_STRETCHY = {  # start, what may be repeated, end
    "date-time": ("2021-01-01T00:00:00.", "0", "Z"),
    "iri": ("a:", "a", ""),
    "iri-reference": ("", "a", ""),
    "time": ("00:00:00.", "0", "Z"),
    "uri": ("a:", "a", ""),
    "uri-reference": ("", "a", ""),
}
_LONGEST_TEXT = 100_000
_LONGEST_PATTERN_TEXT = 1000


def texts(schema: Schema) -> Iterator[str]:
    """Yield short strings around the lengths that a schema speaks of."""
    kind, pattern = schema.get("format"), schema.get("pattern")
    if isinstance(kind, str) and kind in _FORMATS:
        yield _FORMATS[kind]
    if isinstance(pattern, str):
        yield from matching(pattern)
    start, middle, end = _STRETCHY.get(str(kind), ("", "a", ""))
    for key in ("minLength", "maxLength"):
        length = schema.get(key)
        if isinstance(length, int) and length < _LONGEST_TEXT:
            fill = length - len(start) - len(end)
            yield from (f"{start}{middle * (fill + n)}{end}" for n in (0, 1, -1) if fill + n > 0)
    yield from ("", "a", "0")


def matching(pattern: str) -> Iterator[str]:
    """Yield strings that a regular expression may match."""
    try:
        text = text_for(pattern, limit=_LONGEST_PATTERN_TEXT)
    except PatternError:
        return
    yield from dict.fromkeys([text[:1], text[:2], text])


def numbers(schema: Schema, *, whole: bool = False) -> Iterator[int | float]:
    """Yield numbers around those that a schema speaks of."""
    step = schema.get("multipleOf")
    near: list[int | float] = [0, 1, -1]
    near += [] if whole else [0.5]
    for key in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"):
        limit = schema.get(key)
        if not isinstance(limit, (int, float)) or isinstance(limit, bool):
            continue
        limit = as_double(limit)
        if isfinite(limit):
            limit = floor(limit) if whole else limit
            near += [limit, limit + 1, limit - 1]
            near += [] if whole else [limit + 0.5, limit - 0.5, limit / 2]
    yield from (as_double(number) for number in near)
    if isinstance(step, (int, float)) and step:
        multiples = (number / step for number in near)
        yield from (as_double(floor(one) * step) for one in multiples if isfinite(one))
