"""How values of one keyword from several `allOf` branches become one value.

These keywords hold no schemas; those that do are the business of `merge`. The results are those of
json-schema-merge-allof 0.6.0.
"""

from __future__ import annotations

from math import gcd, inf, isfinite, isnan, lcm
from typing import TYPE_CHECKING, Final

from jsonschema_tools.ecmascript.conversions import to_number
from jsonschema_tools.ecmascript.numbers import number_text
from jsonschema_tools.ecmascript.sorting import sort_values, unique
from jsonschema_tools.values import EqualityKeys, as_double, equal

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from jsonschema_tools.values import Json


class DisagreementError(ValueError):
    """No value of the keyword satisfies all branches."""


class InexactError(ValueError):
    """One value of the keyword cannot say what all branches say."""


def merge_values(keyword: str, values: Sequence[Json]) -> Json:
    """Return the value of a keyword that satisfies several different ones.

    Raises:
        DisagreementError: there is none, or no rule for this keyword.
        InexactError: only several values say it.
    """
    rule = _RULES.get(keyword)
    if rule is None:
        raise DisagreementError
    return rule(values)


def sorted_names(values: Sequence[Json]) -> list[Json]:
    """Return what lists of names hold together, sorted, each name once."""
    return sort_values(unique(_flatten(values)))


def _flatten(values: Sequence[Json]) -> list[Json]:
    flat: list[Json] = []
    for value in values:
        flat.extend(_flatten(value) if isinstance(value, list) else [value])
    return flat


def _first(values: Sequence[Json]) -> Json:
    return values[0]


def _common_types(values: Sequence[Json]) -> Json:
    """Return the types that all name; what is an `integer` is a `number` too."""
    first, *others = ([v] if not isinstance(v, list) else v for v in values)
    common = unique(first)
    for other in others:
        common = unique([both for t in common if (both := _common_type(t, other)) is not None])
    if not common:
        raise DisagreementError
    return common[0] if len(common) == 1 else common


def _common_type(wanted: Json, types: Sequence[Json]) -> Json:
    """Return what a type has in common with a list of types, None if nothing."""
    if _contains(types, wanted):
        return wanted
    if {"integer", "number"} & {wanted} and {"integer", "number"} & {*map(str, types)}:
        return "integer"
    return None


def _common_values(values: Sequence[Json]) -> list[Json]:
    first, *rest = (value if isinstance(value, list) else [] for value in values)
    keys = EqualityKeys()
    others = [set(map(keys.of, value)) for value in rest]
    found: dict[Hashable, Json] = {}
    for item in first:
        key = keys.of(item)
        if all(key in other for other in others):
            found.setdefault(key, item)
    if not found:
        raise DisagreementError
    return sort_values([*found.values()])


def _contains(values: Sequence[Json], wanted: Json) -> bool:
    return any(equal(value, wanted) for value in values)


def _greatest(values: Sequence[Json]) -> float:
    return as_double(max(_numbers(values)))


def _least(values: Sequence[Json]) -> float:
    return as_double(min(_numbers(values)))


def _numbers(values: Sequence[Json]) -> list[float]:
    numbers = [to_number(value) for value in values]
    if any(map(isnan, numbers)):
        raise DisagreementError
    return numbers


def _any_true(values: Sequence[Json]) -> bool:
    return any(value is True for value in values)


def _least_common_multiple(values: Sequence[Json]) -> float:
    """Return the least common multiple, of the decimal numbers as they are written.

    Raises:
        InexactError: no double is this number.
    """
    from fractions import Fraction  # 1.4 ms, and rarely needed

    try:
        fractions = [Fraction(number_text(number)) for number in _numbers(values)]
    except ValueError:
        raise DisagreementError from None  # not finite
    if not all(fractions):
        raise DisagreementError
    # of reduced fractions
    multiple = Fraction(
        lcm(*(fraction.numerator for fraction in fractions)),
        gcd(*(fraction.denominator for fraction in fractions)),
    )
    double = float(multiple) if multiple < 2**53 else inf
    if not isfinite(double) or Fraction(number_text(double)) != multiple:
        raise InexactError
    return as_double(double)


_RULES: Final[dict[str, Callable[[Sequence[Json]], Json]]] = {
    "$ref": _first,
    "type": _common_types,
    "enum": _common_values,
    "required": sorted_names,
    "uniqueItems": _any_true,
    "multipleOf": _least_common_multiple,
    "minimum": _greatest,
    "exclusiveMinimum": _greatest,
    "minLength": _greatest,
    "minItems": _greatest,
    "minProperties": _greatest,
    "maximum": _least,
    "exclusiveMaximum": _least,
    "maxLength": _least,
    "maxItems": _least,
    "maxProperties": _least,
}
