"""What changed in a keyword that holds plain values: `type`, `required`, limits, and the rest."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from jsonschema_tools import keywords
from jsonschema_tools.comparison import effect as effects
from jsonschema_tools.comparison import value_diff
from jsonschema_tools.comparison.change import ABSENT, Kind
from jsonschema_tools.comparison.effect import Effect, refuses_nothing
from jsonschema_tools.comparison.value_diff import named
from jsonschema_tools.messages import format_value
from jsonschema_tools.values import EqualityKeys, equal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.comparison.change import Change, Group, Pair, Verdict
    from jsonschema_tools.values import Json

_MAY_CHANGE = frozenset({"$id", "description", "examples"})
_DRAFT_07 = "json-schema.org/draft-07/schema"


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
    effect = _effect(pair, keyword)
    if keyword == "additionalProperties" and old is False:
        return pair.change(Kind("loosened", "incompatible", effect), _opened(pair), keyword)
    group: Group = "loosened" if keyword in keywords.CONSTRAINTS else "removed"
    message = f"{named(keyword)} of {pair.place} was removed; it was {format_value(old)}"
    return pair.change(Kind(group, "incompatible", effect), message, keyword)


def _added(pair: Pair, keyword: str, new: Json) -> Change:
    effect = _effect(pair, keyword)
    free = keyword not in keywords.CONSTRAINTS or refuses_nothing(keyword, new)
    if free or _is_ignored_bound(pair, keyword, new):
        message = f"{named(keyword)} {format_value(new)} was added to {pair.place}"
        return pair.change(Kind("changed", "allowed", effect), message, keyword)
    message = _new_constraint(pair, keyword, new)
    return pair.change(Kind("tightened", "constraint", effect), message, keyword)


def _is_ignored_bound(pair: Pair, keyword: str, value: Json) -> bool:
    return isinstance(value, (int, float)) and value in pair.place.ignored_bounds.get(keyword, ())


def _effect(pair: Pair, keyword: str) -> Effect:
    """Return the effect of a keyword without a rule of its own that came, went or changed."""
    old, new = pair.values(keyword)
    if keyword == "$schema":
        return effects.NONE if _dialect(old) == _dialect(new) else effects.BOTH
    if keyword in keywords.IDENTITIES:
        referred_to = pair.place.old.has_references or pair.place.new.has_references
        return effects.BOTH if referred_to else effects.NONE
    if keyword == "additionalProperties" and old is False:
        place = pair.place
        aside = place.polarity == "same" and place.old.closes_to_no_field(place.path, pair.old)
        return effects.NONE if aside else effects.WIDENS
    if keyword in {"if", "not"} and ABSENT not in (old, new):
        return effects.BOTH
    if new is ABSENT:
        return effects.of_gone(keyword, old)
    if old is not ABSENT:
        return effects.of_values(keyword, old, new)
    is_ignored = _is_ignored_bound(pair, keyword, new)
    return effects.NONE if is_ignored else effects.of_new(keyword, new)


def _dialect(uri: Json) -> Json:
    """Return what `$schema` names, however it is written; draft-07 where it is absent."""
    if not isinstance(uri, str):
        return _DRAFT_07 if uri is ABSENT else uri
    return uri.removeprefix("http://").removeprefix("https://").removesuffix("#")


def _new_constraint(pair: Pair, keyword: str, new: Json) -> str:
    if keyword == "additionalProperties" and new is False:
        return _closed(pair)
    if keyword == "const":
        return f"{pair.place} now allows only {format_value(new)}"
    if keyword == "enum" and isinstance(new, list):
        return f"{pair.place} now allows only {', '.join(map(format_value, new))}"
    if keyword == "type":
        return f"{pair.place} must now be of type {_types(new)}"
    return f"{named(keyword)} {format_value(new)} was added to {pair.place}"


def _closed(pair: Pair) -> str:
    return f"{pair.place} was closed to fields that are not declared"


def _opened(pair: Pair) -> str:
    return f"{pair.place} was opened to fields that are not declared"


def _changed(pair: Pair, keyword: str, old: Json, new: Json) -> Change:
    verdict: Verdict = "incompatible"
    group: Group = "changed"
    effect = _effect(pair, keyword)
    if extends(old, new):
        verdict = "constraint" if keyword in keywords.CONSTRAINTS else "allowed"
    if keyword == "additionalProperties" and new is False:
        return pair.change(Kind("tightened", verdict, effect), _closed(pair), keyword)
    if keyword == "additionalProperties" and old is False:
        return pair.change(Kind("loosened", verdict, effect), _opened(pair), keyword)
    message = f"{named(keyword)} of {pair.place} changed {value_diff.from_to(old, new)}"
    return pair.change(Kind(group, verdict, effect), message, keyword)


def extends(old: Json, new: Json) -> bool:
    """Tell whether all that is in the old value is in the new one, at the same place."""
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
    verdict: Verdict = "allowed" if free else "incompatible"
    yield pair.change(Kind("documentation", verdict, _effect(pair, keyword)), message, keyword)


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


def enum(pair: Pair, keyword: str) -> Iterator[Change]:
    """Compare `enum`: values may be added and reordered."""
    old, new = pair.values(keyword)
    if not isinstance(old, list) or not isinstance(new, list):
        yield from plain(pair, keyword)
        return
    if gone := _lacking(new, old):
        message = f"{pair.place} no longer allows {', '.join(map(format_value, gone))}"
        yield pair.change(Kind("tightened", "incompatible", effects.NARROWS), message, keyword)
    if fresh := _lacking(old, new):
        message = f"{pair.place} now also allows {', '.join(map(format_value, fresh))}"
        yield pair.change(Kind("loosened", "allowed", effects.WIDENS), message, keyword)


def _lacking(values: list[Json], others: list[Json]) -> list[Json]:
    """Return those of some values that are not among other ones; there may be thousands."""
    keys = EqualityKeys()
    known = set(map(keys.of, values))
    return [value for value in others if keys.of(value) not in known]


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
    effect = Effect(refuses=not before <= after, admits=not after <= before)
    yield pair.change(Kind(group, verdict, effect), message, keyword)


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
    if isinstance(old, (int, float)) and keyword == "maxLength" and new is ABSENT:
        message = f"{named(keyword)} of {pair.place} was removed; it was {format_value(old)}"
        yield pair.change(Kind("loosened", "allowed", effects.WIDENS), message, keyword)
        return
    if not isinstance(old, (int, float)) or not isinstance(new, (int, float)):
        yield from plain(pair, keyword)
        return
    raised = new > old
    tightens = raised == (keyword in keywords.LEAST)
    group: Group = "tightened" if tightens else "loosened"
    verdict: Verdict = "incompatible"
    if keyword == "maxLength":
        verdict = "allowed" if raised else "constraint"
    message = (
        f"{named(keyword)} of {pair.place} was {'raised' if raised else 'lowered'} "
        f"from {format_value(old)} to {format_value(new)}"
    )
    effect = effects.NARROWS if tightens else effects.WIDENS
    if isinstance(old, bool) or isinstance(new, bool):  # the bounds of draft-04
        effect = effects.BOTH
    yield pair.change(Kind(group, verdict, effect), message, keyword)
