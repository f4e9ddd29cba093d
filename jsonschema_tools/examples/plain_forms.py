"""Schemas without applicators in place: what is left when a branch of each was chosen."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.values import Json, Schema

_IN_PLACE = frozenset(("allOf", "anyOf", "oneOf", "if", "then", "else", "not"))
_MOST = 24  # forms of one schema that are looked at: branches multiply each other
_GREATEST = frozenset(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"))
_LEAST = frozenset(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"))
_MAPS = frozenset(("properties", "patternProperties", "dependencies"))
_SCHEMAS = frozenset(("items", "additionalItems", "additionalProperties", "propertyNames"))


def plain_forms(schema: Json) -> Iterator[Schema]:
    """Yield schemas such that a value of the schema is, with some luck, one of one of them.

    Nothing is proved: `not` is left out, and of two keywords that have no simple conjunction one.
    """
    yield from islice(_forms(schema), _MOST)


def _forms(schema: Json) -> Iterator[Schema]:
    if not isinstance(schema, dict):
        if schema is not False:
            yield {}
        return
    forms: list[Schema] = [{key: schema[key] for key in schema if key not in _IN_PLACE}]
    for part in _list(schema.get("allOf")):
        forms = _product(forms, list(plain_forms(part)))
    for keyword in ("anyOf", "oneOf"):
        if branches := _list(schema.get(keyword)):
            forms = _product(forms, [form for b in branches for form in plain_forms(b)])
    if "if" in schema:
        met = _product(list(plain_forms(schema["if"])), list(plain_forms(schema.get("then", True))))
        not_met = list(plain_forms(schema.get("else", True)))
        forms = _product(forms, [*met, *not_met])
    yield from forms


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _product(forms: list[Schema], others: list[Schema]) -> list[Schema]:
    pairs = ((form, other) for form in forms for other in others)
    return [both(form, other) for form, other in islice(pairs, _MOST)]


def both(one: Schema, other: Schema) -> Schema:
    """Return a schema whose values are, with some luck, values of two schemas."""
    joined = dict(one)
    for key, value in other.items():
        joined[key] = _joined(key, one[key], value) if key in one else value
    return joined


def _joined(key: str, one: Json, other: Json) -> Json:
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        if key in _GREATEST:
            return max(one, other)
        if key in _LEAST:
            return min(one, other)
    if key == "required":
        return list(dict.fromkeys([*_list(one), *_list(other)]))
    if key == "enum":
        return [value for value in _list(one) if value in _list(other)]
    if key == "type":
        return _common_types(one, other)
    if key in _MAPS and isinstance(one, dict) and isinstance(other, dict):
        return one | {
            name: _all_of(one[name], part) if name in one else part for name, part in other.items()
        }
    return _all_of(one, other) if key in _SCHEMAS else one


def _all_of(one: Json, other: Json) -> Json:
    if isinstance(one, list) or isinstance(other, list):  # names, or schemas by position
        return one
    return {"allOf": [one, other]}


def _common_types(one: Json, other: Json) -> list[Json]:
    first, second = ([t] if isinstance(t, str) else _list(t) for t in (one, other))
    common = [name for name in first if name in second]
    numbers = "number" in {*first, *second} and "integer" in {*first, *second}
    return common + ["integer"] * (numbers and "integer" not in common and "number" not in common)
