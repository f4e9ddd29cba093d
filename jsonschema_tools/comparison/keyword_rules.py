"""What changed in a keyword that holds plain values: `type`, `required`, limits, and the rest."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING, TypeGuard

from jsonschema_tools import keywords
from jsonschema_tools.comparison import value_diff
from jsonschema_tools.comparison.change import ABSENT
from jsonschema_tools.comparison.value_diff import named, shown
from jsonschema_tools.values import equal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.comparison.change import Change, Group, Pair, Verdict
    from jsonschema_tools.values import Json

_MAY_CHANGE = frozenset({"$id", "description", "examples"})
_OPEN = frozenset(
    {
        "additionalItems",
        "additionalProperties",
        "else",
        "items",
        "propertyNames",
        "then",
        "unevaluatedItems",
        "unevaluatedProperties",
    }
)
"""Keywords that refuse nothing when their schema does not."""


def plain(pair: Pair, keyword: str) -> Iterator[Change]:
    """Compare a keyword that has no rule of its own, or whose value is not what it should be."""
    old, new = pair.values(keyword)
    if new is ABSENT:
        yield _removed(pair, keyword, old)
    elif old is ABSENT:
        yield _added(pair, keyword, new)
    elif not equal(old, new):  # NaN gets as far as this
        yield _changed(pair, keyword, old, new)


def _removed(pair: Pair, keyword: str, old: Json) -> Change:
    if keyword == "additionalProperties" and old is False:
        return pair.change("loosened", "incompatible", _opened(pair), keyword)
    group: Group = "loosened" if keyword in keywords.CONSTRAINTS else "removed"
    message = f"{named(keyword)} of {pair.place} was removed; it was {shown(old)}"
    return pair.change(group, "incompatible", message, keyword)


def _added(pair: Pair, keyword: str, new: Json) -> Change:
    free = keyword not in keywords.CONSTRAINTS or _refuses_nothing(keyword, new)
    free = free or (isinstance(new, (int, float)) and new in pair.place.free.get(keyword, ()))
    if free:
        message = f"{named(keyword)} {shown(new)} was added to {pair.place}"
        return pair.change("changed", "allowed", message, keyword)
    return pair.change("tightened", "constraint", _new_constraint(pair, keyword, new), keyword)


def _new_constraint(pair: Pair, keyword: str, new: Json) -> str:
    if keyword == "additionalProperties" and new is False:
        return _closed(pair)
    if keyword == "const" or (keyword == "enum" and isinstance(new, list)):
        values = ", ".join(map(shown, new)) if keyword == "enum" else shown(new)
        return f"{pair.place} now allows only {values}"
    if keyword == "type":
        return f"{pair.place} must now be of type {_types(new)}"
    return f"{named(keyword)} {shown(new)} was added to {pair.place}"


def _closed(pair: Pair) -> str:
    return f"{pair.place} was closed to fields that are not declared"


def _opened(pair: Pair) -> str:
    return f"{pair.place} was opened to fields that are not declared"


def _changed(pair: Pair, keyword: str, old: Json, new: Json) -> Change:
    verdict: Verdict = "incompatible"
    group: Group = "changed"
    if extends(old, new):
        verdict = "constraint" if keyword in keywords.CONSTRAINTS else "allowed"
    if keyword == "additionalProperties" and new is False:
        return pair.change("tightened", verdict, _closed(pair), keyword)
    if keyword == "additionalProperties" and old is False:
        return pair.change("loosened", verdict, _opened(pair), keyword)
    message = f"{named(keyword)} of {pair.place} changed {value_diff.from_to(old, new)}"
    return pair.change(group, verdict, message, keyword)


def _refuses_nothing(keyword: str, value: Json) -> bool:
    if keyword in _OPEN:
        return value is True or value == {}
    if keyword in {"minItems", "minLength", "minProperties"}:
        return equal(value, 0)
    if keyword in keywords.MAPS | keywords.IN_PLACE.lists:
        return value in ({}, [])
    return keyword == "uniqueItems" and value is False


def extends(old: Json, new: Json) -> bool:
    """Tell whether all that stands in the old value stands in the new one, at the same place."""
    if isinstance(old, dict):
        return isinstance(new, dict) and all(
            key in new and extends(value, new[key]) for key, value in old.items()
        )
    if isinstance(old, list):
        return (
            isinstance(new, list)
            and len(new) >= len(old)
            and all(map(extends, old, new[: len(old)]))
        )
    return equal(old, new)


def documentation(pair: Pair, keyword: str) -> Iterator[Change]:
    """Compare what is there to be read; what goes with every version is passed over."""
    old, new = pair.values(keyword)
    if not pair.place.path and (keyword == "$id" or _same_examples(old, new)):
        return
    what = "removed" if new is ABSENT else "added" if old is ABSENT else "changed"
    free = keyword in _MAY_CHANGE or old is ABSENT or (old is not ABSENT and extends(old, new))
    message = f"{named(keyword)} of {pair.place} was {what}"
    yield pair.change("documentation", "allowed" if free else "incompatible", message, keyword)


def _same_examples(old: Json, new: Json) -> bool:
    """Tell whether examples differ in nothing but `$schema`, which names the version."""
    return (
        isinstance(old, list)
        and isinstance(new, list)
        and all(
            isinstance(a, dict)
            and isinstance(b, dict)
            and equal({**a, "$schema": 0}, {**b, "$schema": 0})
            for a, b in zip_longest(old, new)
        )
    )


def required(pair: Pair, keyword: str) -> Iterator[Change]:
    """Compare `required`: it may be reordered, nothing else; empty is as good as none."""
    old, new = (_or_empty(value) for value in pair.values(keyword))
    if not _are_names(old) or not _are_names(new):
        yield from plain(pair, keyword)
        return
    before, after = (_properties(schema) for schema in (pair.old, pair.new))
    verdict: Verdict = "incompatible" if keyword in pair.old else "constraint"
    for name in (name for name in dict.fromkeys(new) if name not in old):
        fresh = name in after and name not in before
        message = (
            f"required property {named(name)} was added to {pair.place}"
            if fresh
            else f"property {named(name)} of {pair.place} became required"
        )
        yield pair.change("tightened", verdict, message, keyword, name)
    for name in (name for name in dict.fromkeys(old) if name not in new):
        if name in after or name not in before:  # else it is reported as removed
            message = f"property {named(name)} of {pair.place} is no longer required"
            yield pair.change("loosened", "incompatible", message, keyword, name)


def _or_empty(value: Json) -> Json:
    return [] if value is ABSENT else value


def _are_names(value: Json) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _properties(schema: Json) -> Json:
    properties = schema.get("properties")
    return properties if isinstance(properties, dict) else {}


def enum(pair: Pair, keyword: str) -> Iterator[Change]:
    """Compare `enum`: values may be added and reordered."""
    old, new = pair.values(keyword)
    if not isinstance(old, list) or not isinstance(new, list):
        yield from plain(pair, keyword)
        return
    if gone := [value for value in old if not _contains(new, value)]:
        message = f"{pair.place} no longer allows {', '.join(map(shown, gone))}"
        yield pair.change("tightened", "incompatible", message, keyword)
    if fresh := [value for value in new if not _contains(old, value)]:
        message = f"{pair.place} now also allows {', '.join(map(shown, fresh))}"
        yield pair.change("loosened", "allowed", message, keyword)


def _contains(values: list[Json], value: Json) -> bool:
    return any(equal(value, other) for other in values)


def type_(pair: Pair, keyword: str) -> Iterator[Change]:
    """Compare `type`: a list of types may grow at its end."""
    old, new = pair.values(keyword)
    if old is ABSENT or new is ABSENT:
        yield from plain(pair, keyword)
        return
    before, after = (set(_atomic(value)) for value in (old, new))
    group: Group = "loosened" if before < after else "tightened" if after < before else "changed"
    verdict: Verdict = "allowed" if group == "loosened" and extends(old, new) else "incompatible"
    message = f"type of {pair.place} changed from {_types(old)} to {_types(new)}"
    yield pair.change(group, verdict, message, keyword)


def _atomic(types: Json) -> list[str]:
    names = types if isinstance(types, list) else [types]
    return [
        atom
        for name in names
        for atom in (("integer", "fraction") if name == "number" else (str(name),))
    ]


def _types(types: Json) -> str:
    names = types if isinstance(types, list) else [types]
    return " or ".join(map(str, names))


def limit(pair: Pair, keyword: str) -> Iterator[Change]:
    """Compare a limit: it stays as it is, except that `maxLength` may be raised or go."""
    old, new = pair.values(keyword)
    number = (int, float)
    absent = keyword == "maxLength" and new is ABSENT
    if not isinstance(old, number) or not (absent or isinstance(new, number)):
        yield from plain(pair, keyword)
        return
    if absent:
        message = f"{named(keyword)} of {pair.place} was removed; it was {shown(old)}"
        yield pair.change("loosened", "allowed", message, keyword)
        return
    raised = new > old
    group: Group = "tightened" if raised == (keyword in keywords.LEAST) else "loosened"
    verdict: Verdict = "incompatible"
    if keyword == "maxLength":
        verdict = "allowed" if raised else "constraint"
    message = (
        f"{named(keyword)} of {pair.place} was {'raised' if raised else 'lowered'} "
        f"from {shown(old)} to {shown(new)}"
    )
    yield pair.change(group, verdict, message, keyword)
