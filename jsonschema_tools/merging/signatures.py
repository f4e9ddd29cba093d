"""Hashes that tell schemas apart before they are compared: many are compared with few then.

Schemas that say the same (`equivalence.same_schema`) have the same signature; those that have the
same signature need not say the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from jsonschema_tools.values import Json

_SCHEMAS = frozenset({"additionalItems", "additionalProperties", "propertyNames"})
_EFFECTIVE = frozenset({"contains", "not"})
_ZERO = frozenset({"minItems", "minLength", "minProperties"})
_SETS = frozenset({"enum", "required", "type"})
_CHOICES = frozenset({"allOf", "anyOf"})
_MAPS = frozenset({"dependencies", "patternProperties", "properties"})


class UnknownSignatureError(ValueError):
    """Only a comparison can tell: for example, what is in the place of a schema is not one."""


def of_schema(schema: Json) -> Hashable:
    """Return the signature of a schema.

    Raises:
        UnknownSignatureError: it is not a schema or holds what is not one, or has no signature.
    """
    if schema is True or schema == {}:
        return True
    if schema is False:
        return False
    if not isinstance(schema, dict):
        raise UnknownSignatureError
    said: set[Hashable] = set()
    for keyword, value in schema.items():  # here and below no generator: it takes a frame more
        signature = _of_keyword(keyword, value)
        if signature is not _SAYS_NOTHING:
            said.add((keyword, signature))
    return frozenset(said) or True


def of_value(value: Json) -> Hashable:
    """Return the signature of a JSON value: values that are equal have the same."""
    if isinstance(value, dict):
        entries: set[Hashable] = set()
        for key, item in value.items():
            entries.add((key, of_value(item)))
        return frozenset(entries)
    if isinstance(value, list):
        items: list[Hashable] = []
        for item in value:
            items.append(of_value(item))  # noqa: PERF401 - as above
        return tuple(items)
    if value != value:  # noqa: PLR0124 - NaN
        return "NaN"
    return (value,) if isinstance(value, bool) else value


_SAYS_NOTHING = object()


def _of_keyword(keyword: str, value: Json) -> Hashable:
    if keyword in _SCHEMAS:
        signature = of_schema(value)
        return _SAYS_NOTHING if signature is True else signature
    if keyword in _EFFECTIVE:
        return of_schema(value)
    if keyword in _ZERO or keyword == "uniqueItems":
        return of_value(value) if value else _SAYS_NOTHING
    if keyword in _SETS:
        return _of_set(keyword, value)
    if keyword in _CHOICES:
        return _of_choices(value)
    if keyword in _MAPS:
        return _of_map(value) if value else _SAYS_NOTHING
    if keyword == "items" and isinstance(value, (dict, list)):
        return of_schema(value) if isinstance(value, dict) else tuple(map(of_schema, value))
    return of_value(value)


def _of_set(keyword: str, value: Json) -> Hashable:
    items: Iterable[Json] = value if isinstance(value, (list, str)) else ()
    if keyword == "type" and not isinstance(value, list):
        items = (value,)
    signature = frozenset(map(of_value, items))
    return _SAYS_NOTHING if keyword == "required" and not signature else signature


def _of_choices(value: Json) -> Hashable:
    choices: set[Hashable] = set()
    for choice in value if isinstance(value, list) else ():
        choices.add(of_schema(choice))
    if True in choices:  # `{}` says the same as `true` and `minLength: 0`, and these do not
        raise UnknownSignatureError
    return frozenset(choices)


def _of_map(value: Json) -> Hashable:
    if not isinstance(value, dict):
        raise UnknownSignatureError
    members: set[Hashable] = set()
    for name, item in value.items():
        members.add((name, _of_member(item)))
    return frozenset(members)


def _of_member(value: Json) -> Hashable:
    """Return the signature of a schema, or of the names that a dependency holds."""
    return frozenset(map(of_value, value)) if isinstance(value, list) else of_schema(value)
