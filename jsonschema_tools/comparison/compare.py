"""What changed from one version of a schema to the next, in words, and what it means for events.

Three verdicts on a change within one major version:

- *incompatible*: a part of the old schema has gone or is another. What may change is what is
  meant for readers (`description`, `examples`, `$id`) and `maxLength`; an `enum` may grow.
- *constraint*: something came that can refuse an event which was valid before.
- *allowed*: all the rest, such as a new optional property.

Keys are keywords or names depending on where they stand, so a property may be called `required`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from jsonschema_tools import keywords
from jsonschema_tools.comparison import keyword_rules, value_diff
from jsonschema_tools.comparison.change import ABSENT, Change, Group, Pair, Place, Verdict
from jsonschema_tools.comparison.declared_properties import Declarations, asked_of
from jsonschema_tools.comparison.value_diff import named
from jsonschema_tools.pointers import join
from jsonschema_tools.values import MAX_SAFE_INTEGER, equal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from jsonschema_tools.values import Json, Schema

__all__ = ["Bump", "Change", "Group", "Verdict", "changes", "least_bump", "required_bump"]

Bump: TypeAlias = Literal["patch", "minor", "major"]
Bounds: TypeAlias = tuple[int | float, int | float]


def changes(old: Schema, new: Schema, *, bounds: Bounds | None = None) -> list[Change]:
    """Return what changed from one version to the next, in the order of the schemas.

    Args:
        old: the earlier version, as materialized.
        new: the later version.
        bounds: the minimum and maximum that materializing adds. Neither they nor those of exact
            integers, which it adds by default, count as constraints.
    """
    low, high = bounds or (-MAX_SAFE_INTEGER, MAX_SAFE_INTEGER)
    free = {
        "minimum": frozenset({low, -MAX_SAFE_INTEGER}),
        "maximum": frozenset({high, MAX_SAFE_INTEGER}),
    }
    return list(_schema(old, new, Place(Declarations(old), free)))


def required_bump(old: Schema, new: Schema, *, bounds: Bounds | None = None) -> Bump | None:
    """Return the least version bump that the changes need; None where nothing changed."""
    return least_bump(changes(old, new, bounds=bounds))


def least_bump(found: Sequence[Change]) -> Bump | None:
    """Return the least version bump that some changes need; None where there are none."""
    if any(change.verdict != "allowed" for change in found):
        return "major"
    if any(change.group != "documentation" for change in found):
        return "minor"
    return "patch" if found else None


def _schema(old: Json, new: Json, place: Place) -> Iterator[Change]:
    """Compare two schemas, or what stands where schemas should."""
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
    free = pair.place.free.get(keyword, frozenset())
    bounds = [value for value in pair.values(keyword) if value is not ABSENT]
    return (
        isinstance(old, str)
        and isinstance(new, str)
        and old != new
        and all(isinstance(value, (int, float)) and value in free for value in bounds)
    )


def _replaced(old: Json, new: Json, place: Place) -> Change:
    group: Group = "loosened" if old is False else "tightened" if new is False else "changed"
    verdict: Verdict = "constraint" if keyword_rules.extends(old, new) else "incompatible"
    message = f"{place} changed {value_diff.from_to(old, new)}"
    return Change(group, verdict, message, place.path, None, join(place.path))


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
    if by < 0:
        groups: Mapping[str, Group] = {"allOf": "loosened", "anyOf": "tightened"}
        return pair.change(groups.get(keyword, "changed"), "incompatible", message, keyword)
    if keyword == "anyOf":
        return pair.change("loosened", "allowed", message, keyword)
    if keyword == "oneOf":
        message += ": an event that fits two of them is refused"
    return pair.change("tightened", "constraint", message, keyword)


def _map(pair: Pair, keyword: str) -> Iterator[Change]:
    old, new = ({} if value is ABSENT else value for value in pair.values(keyword))
    if not isinstance(old, dict) or not isinstance(new, dict):
        yield from keyword_rules.plain(pair, keyword)
        return
    for name, before in old.items():
        if name in new:
            yield from _schema(before, new[name], pair.place.below(keyword, name))
        else:
            yield _gone(pair, keyword, name)
    for name in new:
        if name not in old:
            yield from _arrived(pair, keyword, name)


def _gone(pair: Pair, keyword: str, name: str) -> Change:
    if keyword == "properties":
        message = (
            f"{_necessity(pair.old, name)} property {named(name)} was removed from {pair.place}"
        )
    else:
        message = f"{named(name)} was removed from {named(keyword)} of {pair.place}"
    return pair.change("removed", "incompatible", message, keyword, name)


def _arrived(pair: Pair, keyword: str, name: str) -> Iterator[Change]:
    message = f"{named(name)} was added to {named(keyword)} of {pair.place}"
    if keyword in keywords.DEFINITIONS:
        yield pair.change("changed", "allowed", message, keyword, name)
    elif keyword != "properties":
        yield pair.change("tightened", "constraint", message, keyword, name)
    elif not _adds_only_room(pair, name):
        message = (
            f"property {named(name)} was added to {pair.place}, where events could hold it before"
        )
        yield pair.change("tightened", "constraint", message, keyword, name)
    elif _necessity(pair.new, name) == "optional":  # else `required` tells
        message = f"optional property {named(name)} was added to {pair.place}"
        yield pair.change("added", "allowed", message, keyword, name)


def _necessity(schema: Schema, name: str) -> str:
    required = schema.get("required")
    return "required" if isinstance(required, list) and name in required else "optional"


def _adds_only_room(pair: Pair, name: str) -> bool:
    """Tell whether a new property refuses no value that a declared field could have before."""
    place = pair.place
    if not place.old.declares(place.path, name):
        return True
    if place.turned:
        return False
    fresh = pair.new["properties"][name]
    return any(
        asked is False
        or all(change.verdict == "allowed" for change in _schema(asked, fresh, place))
        for asked in asked_of(pair.old, name)
    )


_RULES: Mapping[str, Callable[[Pair, str], Iterator[Change]]] = {
    "enum": keyword_rules.enum,
    "required": keyword_rules.required,
    "type": keyword_rules.type_,
}
