"""Which schemas say the same, so that merging keeps one of them.

The rules are those of json-schema-compare 0.2.2, without its accidents: `[a, b]` and `[b, a]` are
the same `required`, an absent `minLength` is 0. It also takes `{}` for `false`, any two dependency
arrays for equal, and `not: {}` for nothing, all of which changes what a schema accepts.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar, cast

from jsonschema_tools.ecmascript.sorting import sort_values, unique
from jsonschema_tools.merging.signatures import UnknownSignatureError, of_schema
from jsonschema_tools.values import equal

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable

    from jsonschema_tools.values import Json

_ABSENT: Final = cast("Json", object())  # in the place of a value, and not one
T = TypeVar("T", bound="Json")

_FEW = 8  # values that are compared with each other at once


class NotASchemaError(ValueError):
    """What should be a schema is neither an object nor a boolean.

    Attributes:
        value: what it is.
    """

    def __init__(self, value: Json) -> None:
        super().__init__(f"{value!r} is not a schema")
        self.value = value


def is_schema(value: Json) -> bool:
    """Tell whether a value can be a schema: an object, true or false."""
    return isinstance(value, (dict, bool))


def members(value: Json) -> dict[str, Json]:
    """Return what an object or array holds, by key; anything else holds nothing."""
    if isinstance(value, dict):
        return value
    return {str(i): item for i, item in enumerate(value)} if isinstance(value, list) else {}


def distinct(values: Iterable[T], same: Callable[[T, T], bool]) -> list[T]:
    """Return the values without those that are the same as an earlier one."""
    kept: list[T] = []
    for value in values:
        for other in kept:  # `any` would take a frame more for each level
            if same(value, other):
                break
        else:
            kept.append(value)
    return kept


def distinct_schemas(schemas: list[T]) -> list[T]:
    """Return the schemas without those that say the same as an earlier one.

    Raises:
        NotASchemaError: two values have to be compared, and one is not a schema.
    """
    if len(schemas) == 1:
        return schemas
    if len(schemas) > _FEW:
        with suppress(UnknownSignatureError):
            return _distinct_by(list(map(of_schema, schemas)), schemas, same_schema)
    return distinct(schemas, same_schema)


def distinct_values(keyword: str, values: Iterable[T]) -> list[T]:
    """Return the values of a keyword without those that say the same as an earlier one.

    Raises:
        NotASchemaError: two values have to be compared as schemas, and one is not a schema.
    """
    listed = list(values)
    same = partial(_same_value, keyword)
    if len(listed) > _FEW:
        with suppress(UnknownSignatureError):
            signatures = [of_schema({keyword: value}) for value in listed]
            return _distinct_by(signatures, listed, same)
    return distinct(listed, same)


def _distinct_by(
    signatures: list[Hashable], values: list[T], same: Callable[[T, T], bool]
) -> list[T]:
    """Return distinct values, of which only those with one signature are compared."""
    kept: dict[Hashable, list[T]] = {}
    found = []
    for signature, value in zip(signatures, values, strict=True):
        alike = kept.setdefault(signature, [])
        if not any(same(value, other) for other in alike):
            alike.append(value)
            found.append(value)
    return found


def same_schema(a: Json, b: Json) -> bool:
    """Tell whether two schemas say the same.

    Raises:
        NotASchemaError: one of them is not a schema.
    """
    if _accepts_all(a) and _accepts_all(b):
        return True
    for value in (a, b):
        if value is not _ABSENT and not is_schema(value):
            raise NotASchemaError(value)
    if a is b:
        return True
    if a is _ABSENT or b is _ABSENT or isinstance(a, bool) or isinstance(b, bool):
        return False
    left, right = members(a), members(b)
    for keyword in {**left, **right}:
        if not _same_value(keyword, left.get(keyword, _ABSENT), right.get(keyword, _ABSENT)):
            return False
    return True


def _same_value(keyword: str, a: Json, b: Json) -> bool:
    if keyword in _SCHEMAS:
        return same_schema(a, b)
    if keyword in _SCHEMAS_WITH_EFFECT:
        return a is not _ABSENT and b is not _ABSENT and same_schema(a, b)
    if a is not _ABSENT and b is not _ABSENT:
        if equal(a, b):
            return True
    elif keyword not in _OPTIONAL:
        return False
    same = _COMPARERS.get(keyword)
    return same is not None and same(a, b)


def _absent_means(default: Json) -> Callable[[Json, Json], bool]:
    def same(a: Json, b: Json) -> bool:
        return (a is _ABSENT and equal(b, default)) or (b is _ABSENT and equal(a, default))

    return same


def _same_set(a: Json, b: Json) -> bool:
    if _nothing(a) and _nothing(b):
        return True
    return equal(_sorted_set(a), _sorted_set(b))


def _same_types(a: Json, b: Json) -> bool:
    return equal(*(_sorted_set(t if isinstance(t, list) else [t]) for t in (a, b)))


def _same_choices(a: Json, b: Json) -> bool:
    left = distinct_schemas(a if isinstance(a, list) else [])
    right = distinct_schemas(b if isinstance(b, list) else [])
    if len(left) != len(right):
        return False
    if len(left) > _FEW:
        with suppress(UnknownSignatureError):
            alike: dict[Hashable, list[Json]] = {}
            for other in right:
                alike.setdefault(of_schema(other), []).append(other)
            return all(_is_among(choice, alike.get(of_schema(choice), [])) for choice in left)
    for choice in left:  # noqa: SIM110 - as in `same_schema`
        if not _is_among(choice, right):
            return False
    return True


def _is_among(schema: Json, others: Iterable[Json]) -> bool:
    for other in others:  # noqa: SIM110 - as in `same_schema`
        if same_schema(schema, other):
            return True
    return False


def _same_items(a: Json, b: Json) -> bool:
    if isinstance(a, dict) and isinstance(b, dict):
        return same_schema(a, b)
    return isinstance(a, list) and isinstance(b, list) and _same_group(a, b)


def _same_group(a: Json, b: Json) -> bool:
    """Compare two maps or lists of schemas, member by member."""
    if _empty_or_absent(a) or _empty_or_absent(b):
        return not (members(a) or members(b))
    left, right = members(a), members(b)
    for key in {**left, **right}:
        if not _same_member(left.get(key, _ABSENT), right.get(key, _ABSENT)):
            return False
    return True


def _same_member(a: Json, b: Json) -> bool:
    if isinstance(a, list) and isinstance(b, list):
        return equal(_sorted_set(a), _sorted_set(b))
    if isinstance(a, list) or isinstance(b, list) or a is _ABSENT or b is _ABSENT:
        return False
    return same_schema(a, b)


def _sorted_set(value: Json) -> list[Json]:
    return sort_values(unique(value)) if isinstance(value, (list, str)) else []


def _accepts_all(schema: Json) -> bool:
    return schema is True or _empty_or_absent(schema)


def _empty_or_absent(value: Json) -> bool:
    return value is _ABSENT or (isinstance(value, dict) and not value)


def _nothing(value: Json) -> bool:
    return value is _ABSENT or value == []


_SCHEMAS = frozenset({"additionalProperties", "additionalItems", "propertyNames"})
_SCHEMAS_WITH_EFFECT = frozenset({"contains", "not"})
"""Keywords that refuse something even with a schema that accepts everything."""

_OPTIONAL = frozenset(
    {
        "properties",
        "patternProperties",
        "dependencies",
        "uniqueItems",
        "minLength",
        "minItems",
        "minProperties",
        "required",
    }
)
"""Keywords of which an absent one may say the same as a present one."""

_COMPARERS: dict[str, Callable[[Json, Json], bool]] = {
    "uniqueItems": _absent_means(False),
    "minLength": _absent_means(0),
    "minItems": _absent_means(0),
    "minProperties": _absent_means(0),
    "required": _same_set,
    "enum": _same_set,
    "type": _same_types,
    "items": _same_items,
    "anyOf": _same_choices,
    "allOf": _same_choices,
    "properties": _same_group,
    "patternProperties": _same_group,
    "dependencies": _same_group,
}
"""How values of a keyword are compared that are not equal as they are."""
