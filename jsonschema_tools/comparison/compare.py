"""What changed from one version of a schema to the next, in words, and what it means for events.

Three verdicts on a change within one major version, which a policy gives (see `policy`):

- *incompatible*: a part of the old schema has gone or is another.
- *constraint*: something came that can refuse an event which was valid before.
- *allowed*: all the rest, such as a new optional property.

The rules find each change with the verdict of the reference, under which may change what is meant
for readers (`description`, `examples`, `$id`) and `maxLength`, and an `enum` may grow; and with its
effect on events. The policy decides from these two.

Keys are keywords or names depending on where they are, so a property may be called `required`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from jsonschema_tools import keywords
from jsonschema_tools.comparison import effect as effects
from jsonschema_tools.comparison import keyword_rules, property_rules, value_diff
from jsonschema_tools.comparison.change import (
    ABSENT,
    Change,
    ComparedPlace,
    Group,
    Kind,
    Pair,
    Verdict,
)
from jsonschema_tools.comparison.declared_properties import Declarations
from jsonschema_tools.comparison.effort import Effort
from jsonschema_tools.comparison.policy import BY_EVENTS, DEFAULT_POLICY, judged
from jsonschema_tools.comparison.value_diff import named
from jsonschema_tools.pointers import join
from jsonschema_tools.values import MAX_SAFE_INTEGER, equal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from jsonschema_tools.comparison.effect import Effect
    from jsonschema_tools.comparison.policy import Policy
    from jsonschema_tools.values import Json, Schema

Bump: TypeAlias = Literal["patch", "minor", "major"]
Bounds: TypeAlias = tuple[int | float, int | float]


def changes(
    old: Schema, new: Schema, *, policy: Policy = DEFAULT_POLICY, bounds: Bounds | None = None
) -> list[Change]:
    """Return what changed from one version to the next, in the order of the schemas.

    Args:
        old: the earlier version, as materialized.
        new: the later version.
        policy: what decides which changes are allowed.
        bounds: the minimum and maximum that materializing adds. Neither they nor those of exact
            integers, which it adds by default, count as constraints.

    Raises:
        SchemaError: it would take too long: there are too many patterns, alternatives or maps for
            so many properties.
    """
    low, high = bounds or (-MAX_SAFE_INTEGER, MAX_SAFE_INTEGER)
    ignored_bounds = {
        "minimum": frozenset({low, -MAX_SAFE_INTEGER}),
        "maximum": frozenset({high, MAX_SAFE_INTEGER}),
    }
    effort = Effort()
    place = ComparedPlace(Declarations(old, effort), Declarations(new, effort), ignored_bounds)
    found = [judged(change, policy) for change in _schema(old, new, place)]
    if policy in BY_EVENTS and any(change.verdict != "allowed" for change in found):
        from jsonschema_tools.comparison.containment import proved_harmless  # only breaks need it

        return proved_harmless(old, new, found, policy)
    return found


def least_bump(found: Sequence[Change]) -> Bump | None:
    """Return the least version bump that some changes need; None where there are none."""
    if any(change.verdict != "allowed" for change in found):
        return "major"
    if any(change.group != "documentation" for change in found):
        return "minor"
    return "patch" if found else None


def _schema(old: Json, new: Json, place: ComparedPlace) -> Iterator[Change]:
    """Compare two schemas, or what is in the place of schemas."""
    if equal(old, new):
        return
    if not isinstance(old, dict) or not isinstance(new, dict):
        yield _replaced(old, new, place)
        return
    pair = Pair(old, new, place)
    for keyword in (*old, *(key for key in new if key not in old)):
        if not equal(*pair.values(keyword)) and not _follows_from_type(pair, keyword):
            yield from _rule(keyword)(pair, keyword)


def _follows_from_type(pair: Pair, keyword: str) -> bool:
    """Tell whether only bounds that materializing adds came or went, as the type is another."""
    old, new = pair.values("type")
    free = pair.place.ignored_bounds.get(keyword, frozenset())
    bounds = [value for value in pair.values(keyword) if value is not ABSENT]
    return (
        isinstance(old, str)
        and isinstance(new, str)
        and old != new
        and all(isinstance(value, (int, float)) and value in free for value in bounds)
    )


def _replaced(old: Json, new: Json, place: ComparedPlace) -> Change:
    group: Group = "loosened" if old is False else "tightened" if new is False else "changed"
    verdict: Verdict = "constraint" if keyword_rules.extends(old, new) else "incompatible"
    message = f"{place} changed {value_diff.from_to(old, new)}"
    effect = place.effect_on_whole(effects.of_schemas(old, new))
    unused = place.polarity == "unused"
    pointer = join(place.path)
    return Change(group, verdict, message, place.path, None, pointer, effect, is_annotation=unused)


def _rule(keyword: str) -> Callable[[Pair, str], Iterator[Change]]:
    if keyword in _RULES:
        return _RULES[keyword]
    if keyword in keywords.MAPS:
        return _map
    if keyword in keywords.LISTS:
        return _list
    if keyword in keywords.SCHEMAS:
        return _subschema
    if keyword in keywords.DOCUMENTATION:
        return keyword_rules.documentation
    if keyword in keywords.LEAST | keywords.GREATEST:
        return keyword_rules.limit
    return keyword_rules.plain


def _subschema(pair: Pair, keyword: str) -> Iterator[Change]:
    old, new = pair.values(keyword)
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _schema(old, new, pair.place.below(keyword))
    else:
        yield from keyword_rules.plain(pair, keyword)


def _list(pair: Pair, keyword: str) -> Iterator[Change]:
    old, new = pair.values(keyword)
    if not isinstance(old, list) or not isinstance(new, list):
        single = keyword in keywords.SCHEMAS  # `items` may hold either
        yield from (_subschema if single else keyword_rules.plain)(pair, keyword)
        return
    for index, (before, after) in enumerate(zip(old, new, strict=False)):
        yield from _schema(before, after, pair.place.below(keyword, str(index)))
    if len(new) != len(old):
        yield _resized(pair, keyword, len(new) - len(old))


def _resized(pair: Pair, keyword: str, by: int) -> Change:
    verb = "grew" if by > 0 else "shrank"
    message = f"{named(keyword)} of {pair.place} {verb} by {abs(by)}"
    effect = _effect_of_length(pair, keyword, grew=by > 0)
    if by < 0:
        groups: Mapping[str, Group] = {"allOf": "loosened", "anyOf": "tightened"}
        return pair.change(
            Kind(groups.get(keyword, "changed"), "incompatible", effect), message, keyword
        )
    if keyword == "anyOf":
        return pair.change(Kind("loosened", "allowed", effect), message, keyword)
    if keyword == "oneOf":
        message += ": an event that fits two of them is refused"
    return pair.change(Kind("tightened", "constraint", effect), message, keyword)


def _effect_of_length(pair: Pair, keyword: str, *, grew: bool) -> Effect:
    # elements beyond the list are those of `additionalItems`
    rest = "additionalItems" in pair.old or "additionalItems" in pair.new
    if keyword == "oneOf" or (keyword == "items" and rest):
        return effects.BOTH
    return effects.WIDENS if grew == (keyword == "anyOf") else effects.NARROWS


def _map(pair: Pair, keyword: str) -> Iterator[Change]:
    old, new = ({} if value is ABSENT else value for value in pair.values(keyword))
    if not isinstance(old, dict) or not isinstance(new, dict):
        yield from keyword_rules.plain(pair, keyword)
        return
    for name, before in old.items():
        if name in new:
            yield from _schema(before, new[name], pair.place.below(keyword, name))
        elif keyword == "properties":
            yield property_rules.gone(pair, name, _schema)
        else:
            yield _gone(pair, keyword, name)
    for name in new:
        if name not in old:
            if keyword == "properties":
                yield from property_rules.arrived(pair, name, _schema)
            else:
                yield _arrived(pair, keyword, name)


def _gone(pair: Pair, keyword: str, name: str) -> Change:
    message = f"{named(name)} was removed from {named(keyword)} of {pair.place}"
    effect = effects.WIDENS
    if keyword == "patternProperties" and not _is_open(pair.new):
        effect = effects.BOTH  # the fields are those of `additionalProperties` now
    elif keyword in keywords.DEFINITIONS:
        effect = _effect_of_definition(pair, keyword, name)
    return pair.change(Kind("removed", "incompatible", effect), message, keyword, name)


def _arrived(pair: Pair, keyword: str, name: str) -> Change:
    message = f"{named(name)} was added to {named(keyword)} of {pair.place}"
    if keyword in keywords.DEFINITIONS:
        effect = _effect_of_definition(pair, keyword, name)
        return pair.change(Kind("changed", "allowed", effect), message, keyword, name)
    effect = effects.NARROWS
    if keyword == "patternProperties" and not _is_open(pair.old):
        effect = effects.BOTH  # the fields were those of `additionalProperties` before
    return pair.change(Kind("tightened", "constraint", effect), message, keyword, name)


def _is_open(schema: Schema) -> bool:
    return effects.accepts_all(schema.get("additionalProperties", True))


def _effect_of_definition(pair: Pair, keyword: str, name: str) -> Effect:
    pointer = join([*pair.place.path, keyword, name])
    used = any(side.refers_to(pointer) for side in (pair.place.old, pair.place.new))
    return effects.BOTH if used else effects.NONE


def _required(pair: Pair, keyword: str) -> Iterator[Change]:
    return property_rules.required(pair, keyword, _schema)


_RULES: Mapping[str, Callable[[Pair, str], Iterator[Change]]] = {
    "enum": keyword_rules.enum,
    "required": _required,
    "type": keyword_rules.type_,
}
