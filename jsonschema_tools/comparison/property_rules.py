"""What changed in the fields of an object: `properties`, and `required`."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, TypeGuard

from jsonschema_tools.comparison import effect as effects
from jsonschema_tools.comparison import keyword_rules
from jsonschema_tools.comparison.change import ABSENT, Kind
from jsonschema_tools.comparison.effect import Effect
from jsonschema_tools.comparison.value_diff import named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jsonschema_tools.comparison.change import Change, ComparedPlace, Pair, Verdict
    from jsonschema_tools.values import Json, Schema

    Compare: TypeAlias = Callable[[Json, Json, ComparedPlace], Iterator[Change]]
    """Yields what changed from one schema to another one in the same place."""


def gone(pair: Pair, name: str, compare: Compare) -> Change:
    """Return the change that a property has gone."""
    necessity = "required" if name in pair.required_before else "optional"
    message = f"{necessity} property {named(name)} was removed from {pair.place}"
    effect = _effect_of_gone(pair, name, compare)
    return pair.change_of_whole(
        Kind("removed", "incompatible", effect), message, "properties", name
    )


def arrived(pair: Pair, name: str, compare: Compare) -> Iterator[Change]:
    """Yield the change that a property has come; where it became required, `required` says so."""
    if not _adds_only_room(pair, name, compare):
        message = (
            f"property {named(name)} was added to {pair.place}, where events could hold it before"
        )
        effect = _effect_of_arrival(pair, name, compare)
        yield pair.change_of_whole(
            Kind("tightened", "constraint", effect), message, "properties", name
        )
    elif name not in pair.required_after or name in pair.required_before:
        what = "required property" if name in pair.required_after else "optional property"
        message = f"{what} {named(name)} was added to {pair.place}"
        kind = Kind("added", "allowed", _effect_of_arrival(pair, name, compare))
        yield pair.change_of_whole(kind, message, "properties", name)


def required(pair: Pair, keyword: str, compare: Compare) -> Iterator[Change]:
    """Compare `required`: it may be reordered, nothing else; empty is as good as none."""
    old, new = (_or_empty(value) for value in pair.values(keyword))
    if not _are_names(old) or not _are_names(new):
        yield from keyword_rules.plain(pair, keyword)
        return
    before, after = (_properties(schema) for schema in (pair.old, pair.new))
    verdict: Verdict = "incompatible" if keyword in pair.old else "constraint"
    were, are = set(old), set(new)
    for name in (name for name in dict.fromkeys(new) if name not in were):
        effect = pair.place.effect_on_whole(effects.NARROWS)
        if name in after and name not in before:
            message = f"required property {named(name)} was added to {pair.place}"
            arrival = _effect_of_arrival(pair, name, compare)
            effect = Effect(effect.refuses or arrival.refuses, effect.admits or arrival.admits)
        else:
            message = f"property {named(name)} of {pair.place} became required"
        yield pair.change_of_whole(Kind("tightened", verdict, effect), message, keyword, name)
    for name in (name for name in dict.fromkeys(old) if name not in are):
        if name in after or name not in before:  # else it is reported as removed
            message = f"property {named(name)} of {pair.place} is no longer required"
            yield pair.change(
                Kind("loosened", "incompatible", effects.WIDENS), message, keyword, name
            )


def _adds_only_room(pair: Pair, name: str, compare: Compare) -> bool:
    """Tell whether a new property refuses no value that a declared field could have before."""
    place = pair.place
    if not place.old.declares(place.path, name):
        return True
    if place.negated_by:
        return False
    fresh = _properties(pair.new)[name]
    for asked in place.old.subschemas_for(pair.old, name):
        place.old.effort.compare(asked, fresh)
        if asked is False or all(
            change.verdict == "allowed" for change in compare(asked, fresh, place)
        ):
            return True
    return False


def _effect_of_arrival(pair: Pair, name: str, compare: Compare) -> Effect:
    """Return the effect of a new property on whole events.

    Values that the field could have before may be refused, if anything else declared it; and a
    map that had something to say on it no longer has.
    """
    place = pair.place
    was_declared = place.old.declares(place.path, name)
    if place.effect_on_whole(effects.NARROWS) != effects.NARROWS:
        return Effect(refuses=was_declared, admits=True)
    below = place.below("properties", name)
    fresh = _properties(pair.new)[name]
    before = place.old.subschemas_for(pair.old, name)
    refuses = was_declared and not any(
        asked is False or not _effect(asked, fresh, below, compare).refuses
        for asked in before or [True]
    )
    rest = pair.old.get("additionalProperties", True)
    if before != [rest]:  # what `patternProperties` says of it stays
        return Effect(refuses, admits=False)
    if rest is False:
        counted = place.old.has_least_number(place.path)  # a new field may be what makes it up
        return Effect(refuses, admits=was_declared or counted)
    return Effect(refuses, admits=_effect(rest, fresh, below, compare).admits)


def _effect_of_gone(pair: Pair, name: str, compare: Compare) -> Effect:
    """Return the effect of a property that has gone on whole events.

    A map or pattern may have something else to say on the field now, and what else declares it
    may say less.
    """
    place = pair.place
    is_declared = place.new.declares(place.path, name)
    if place.effect_on_whole(effects.NARROWS) != effects.NARROWS:
        return Effect(refuses=True, admits=is_declared)
    below = place.below("properties", name)
    old = _properties(pair.old)[name]
    now = place.new.subschemas_for(pair.new, name)
    refuses = any(_effect(old, asked, below, compare).refuses for asked in now)
    lost = name in pair.required_before and name not in pair.required_after
    admits = lost or (
        is_declared and all(_effect(old, asked, below, compare).admits for asked in now or [True])
    )
    return Effect(refuses, admits)


def _effect(old: Json, new: Json, place: ComparedPlace, compare: Compare) -> Effect:
    place.old.effort.compare(old, new)
    found = [change.effect for change in compare(old, new, place)]
    return Effect(any(one.refuses for one in found), any(one.admits for one in found))


def _properties(schema: Schema) -> Schema:
    properties = schema.get("properties")
    return properties if isinstance(properties, dict) else {}


def _or_empty(value: Json) -> Json:
    return [] if value is ABSENT else value


def _are_names(value: Json) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)
