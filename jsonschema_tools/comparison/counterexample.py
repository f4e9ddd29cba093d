"""An event that shows why a change is not allowed: one version accepts it, the other refuses it.

It is made from the change, or with the help of the set arithmetic of jsonschema-rs; it is proved
with validators of both versions, and then cut down for as long as it still shows the change.
"""

from __future__ import annotations

from functools import cached_property, reduce
from itertools import chain, islice, takewhile
from typing import TYPE_CHECKING, Final, cast

from jsonschema_tools.comparison.boundary_values import SIMPLE, matching, numbers, texts
from jsonschema_tools.comparison.declared_properties import subschemas_for
from jsonschema_tools.comparison.instances import (
    InstanceMaker,
    distinct,
    field_name,
    first_step,
    follow,
)
from jsonschema_tools.comparison.set_arithmetic import difference, is_small
from jsonschema_tools.expansion import endless
from jsonschema_tools.keywords import ANY_DRAFT
from jsonschema_tools.subschemas import places, walk
from jsonschema_tools.values import as_list, as_object

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jsonschema_tools.comparison.allowance import Allowance
    from jsonschema_tools.comparison.change import Change
    from jsonschema_tools.comparison.instances import Test
    from jsonschema_tools.values import Json, Schema

# units of an `Allowance`: what compiling and trying take for each subschema, and computing at most
_OF_COMPILING = 50
_OF_TRYING = 1
_OF_COMPUTING = 100_000
_FEWEST = 10  # subschemas that count: of the smallest schema, other things take as long
_TRIES = 400
_CUTS = 400
_LARGEST_COMPUTED = 24
_MOST_SUBSCHEMAS = 10_000  # for one value, of which hundreds are tried


class Search:
    """Looks for events that show the changes between two versions, one after the other.

    Args:
        accepting: the version whose events are looked for.
        refusing: the version that is to refuse them.
        allowance: how much work it may be.
    """

    def __init__(self, accepting: Schema, refusing: Schema, allowance: Allowance) -> None:
        self._accepting = accepting
        self._refusing = refusing
        self._allowance = allowance
        self._maker = InstanceMaker(self._validator)

    def _validator(self, schema: Json) -> Test | None:
        if self._allowance.is_spent():
            return None
        self._allowance.spend(_OF_COMPILING * _count(schema))
        return _validator(schema)

    @cached_property
    def _tests(self) -> tuple[Test, Test] | None:
        accepts, other_accepts = map(self._validator, (self._accepting, self._refusing))
        return (accepts, other_accepts) if accepts and other_accepts else None

    @cached_property
    def _effort(self) -> int:
        """What it takes to try an event."""
        return _OF_TRYING * (_FEWEST + _count(self._accepting))

    def find(self, change: Change) -> Json | None:
        """Return the smallest event found that one version accepts and the other one refuses.

        It is refused because of this change: the accepting version with nothing but this change
        refuses it too. None where no such event was found within the allowance.
        """
        if self._allowance.is_spent() or self._tests is None:
            return None
        accepts, other_accepts = self._tests
        patched = _with_change(self._accepting, self._refusing, change)
        patched_accepts = self._validator(patched)
        if patched_accepts is None:
            return None

        def shows(event: Json) -> bool:
            self._allowance.spend(self._effort)
            return accepts(event) and not other_accepts(event) and not patched_accepts(event)

        made = _made(self._maker, self._accepting, self._refusing, change)
        computed = self._computed(patched, change.path)
        for event in islice(chain(made, computed), _TRIES):
            if self._allowance.is_spent():
                return None
            if shows(event):
                return _cut_down(event, shows, self._allowance)
        return None

    def _computed(self, patched: Json, path: Sequence[str]) -> Iterator[Json]:
        """Yield events that may show a change, from what remains of one version less the other.

        Only the largest part around the change that is small enough is computed: others can take
        seconds.
        """
        before: Json = self._accepting
        after, rest = patched, path
        while _size(before) > _LARGEST_COMPUTED or not (is_small(before) and is_small(after)):
            if not rest or not isinstance(before, dict):
                return
            step = first_step(before, rest)
            after = first_step(as_object(after), rest).below
            before, rest = step.below, step.rest
        self._allowance.spend(_OF_COMPUTING)
        for value in self._maker.values(difference(before, after)):
            yield self._maker.holding(self._accepting, path[: len(path) - len(rest)], value)


def _validator(schema: Json) -> Test | None:
    import jsonschema_rs  # only findings need it

    if not isinstance(schema, (dict, bool)):
        return None
    if isinstance(schema, dict) and next(endless(schema, _MOST_SUBSCHEMAS), None) is not None:
        return None
    # A pattern that would take forever to match is given up soon, and counts as no match.
    patterns = jsonschema_rs.FancyRegexOptions(backtrack_limit=10_000)
    try:
        return jsonschema_rs.Draft7Validator(
            schema, validate_formats=True, offline=True, pattern_options=patterns
        ).is_valid
    except (jsonschema_rs.ValidationError, ValueError, TypeError):
        return None


def _with_change(old: Schema, new: Schema, change: Change) -> Json:
    """Return the old version with nothing but one change."""
    before, after = (_at(schema, change.path) for schema in (old, new))
    if change.keyword is not None and isinstance(before, dict) and isinstance(after, dict):
        after = _with_keyword(before, after, change.keyword, change.name)
    return _replaced(old, change.path, after)


def _at(schema: Json, path: Sequence[str]) -> Json:
    return reduce(follow, path, schema)


def _with_keyword(before: Schema, after: Schema, keyword: str, name: str | None) -> Schema:
    value = after.get(keyword)
    if name is not None and keyword == "required":
        value = [*as_list(before.get(keyword)), name]
    elif name is not None:
        was = as_object(before.get(keyword))
        rest = {key: part for key, part in was.items() if key != name}
        value = {**rest, name: value[name]} if isinstance(value, dict) and name in value else rest
    elif keyword not in after:
        return {key: part for key, part in before.items() if key != keyword}
    return {**before, keyword: value}


def _replaced(whole: Json, path: Sequence[str], value: Json) -> Json:
    if not path:
        return value
    token, *rest = path
    part = _replaced(follow(whole, token), rest, value)
    if isinstance(whole, list):
        return [part if str(index) == token else item for index, item in enumerate(whole)]
    return {**as_object(whole), token: part}


def _made(maker: InstanceMaker, old: Schema, new: Schema, change: Change) -> Iterator[Json]:
    """Yield events that may show a change, made from the change."""
    before, after = (_at(schema, change.path) for schema in (old, new))
    examples = old.get("examples")
    for base in (None, *(examples[:1] if isinstance(examples, list) else ())):
        for value in distinct(_values(maker, before, after, change)):
            yield maker.holding(old, change.path, value, base)
    yield from maker.values(old)


def _values(maker: InstanceMaker, before: Json, after: Json, change: Change) -> Iterator[Json]:
    """Yield values that may show a change, for the place where it is."""
    if isinstance(before, dict) and isinstance(after, dict) and change.keyword:
        if isinstance(base := maker.smallest(before), dict):
            yield {key: value for key, value in base.items() if key != change.name}
            for name in _fields(after, change.keyword, change.name):
                for asked in chain(
                    subschemas_for(before, name), [after.get("additionalProperties"), True]
                ):
                    yield from ({**base, name: value} for value in maker.values(asked))
        if isinstance(after.get(change.keyword), dict):
            yield from maker.values(after[change.keyword])
    yield from maker.values(before)
    if isinstance(after, dict):
        yield from numbers(after)
        yield from texts(after)
        yield from _arrays(maker, before, after)
    yield from SIMPLE


def _fields(after: Schema, keyword: str, name: str | None) -> Iterator[str]:
    """Yield names of fields that a changed keyword may have something to say on."""
    if keyword == "patternProperties" and name is not None:
        yield from matching(name)
    elif name is not None:
        yield name
    elif keyword == "propertyNames" and isinstance(names := after.get(keyword), dict):
        yield from texts(names)
    else:
        yield field_name(after, keyword)


def _arrays(maker: InstanceMaker, before: Json, after: Schema) -> Iterator[Json]:
    item = maker.smallest(before.get("items") if isinstance(before, dict) else None)
    lengths = (after.get(key) for key in ("minItems", "maxItems"))
    near = (size + by for size in lengths if isinstance(size, int) for by in (-1, 1))
    yield from ([item] * length for length in (1, 2, *near) if 0 <= length <= _TRIES)


def _count(schema: Json) -> int:
    return len(places(schema)) if isinstance(schema, dict) else 1


def _size(schema: Json) -> int:
    return sum(1 for _ in walk(schema, ANY_DRAFT)) if isinstance(schema, dict) else 1


def _cut_down(event: Json, shows: Test, allowance: Allowance) -> Json:
    """Return a smallest part of an event that still shows the same, as far as may be."""
    tries = takewhile(lambda _: not allowance.is_spent(), range(_CUTS))
    while True:
        smaller = (cut for cut, _ in zip(_cuts(event), tries, strict=False) if shows(cut))
        cut = next(smaller, _NOTHING)
        if cut is _NOTHING:
            return event
        event = cut


_NOTHING: Final = cast("Json", object())


def _cuts(value: Json) -> Iterator[Json]:
    """Yield a value with one thing less, in each way there is."""
    if isinstance(value, dict):
        for key in value:
            yield {other: item for other, item in value.items() if other != key}
        for key, item in value.items():
            yield from ({**value, key: cut} for cut in _cuts(item))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield value[:index] + value[index + 1 :]
            yield from ([*value[:index], cut, *value[index + 1 :]] for cut in _cuts(item))
    elif isinstance(value, str):
        yield from _shorter(value)
    elif value is True:
        yield False
    elif isinstance(value, (int, float)) and value != 0:
        yield 0


def _shorter(text: str) -> Iterator[str]:
    """Yield a string without its end, or without what is before its last character."""
    size = len(text)
    while size:
        yield text[:-size]
        yield text[: -size - 1] + text[-1]
        size //= 2
