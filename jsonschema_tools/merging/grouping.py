"""What the schemas of a merge say, by name, by position and in combination."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jsonschema_tools.merging.conflict import no_schema
from jsonschema_tools.merging.equivalence import distinct_schemas, is_schema, members
from jsonschema_tools.values import as_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from jsonschema_tools.merging.conflict import Path
    from jsonschema_tools.values import Json, Schema


def by_name(groups: Iterable[dict[str, Json]]) -> dict[str, list[Json]]:
    """Return what groups hold under each name."""
    found: dict[str, list[Json]] = {}
    for group in groups:
        for name, value in group.items():
            found.setdefault(name, []).append(value)
    return found


def pick(schemas: Iterable[Schema], keywords: Sequence[str]) -> list[Schema]:
    """Return the different schemas that are left with these keywords only."""
    return distinct_schemas(
        [
            {keyword: schema[keyword] for keyword in keywords if keyword in schema}
            for schema in schemas
        ]
    )


def separable(picks: Sequence[Schema]) -> tuple[list[Schema], list[Schema]]:
    """Split schemas of objects into those that can be merged by name, and those that cannot.

    `additionalProperties` are about the names that its own schema does not have. Where another
    schema has one of these, merging would take it from under that rule. Only `false` is read
    otherwise, see `merge_all_of`.
    """
    limited = [p for p in picks if p.get("additionalProperties", True) not in (True, {}, False)]
    if all(_covers(pick, other) for pick in limited for other in picks):
        return list(picks), []
    others = [pick for pick in picks if pick not in limited]
    return (others, limited) if any(others) else ([limited[0]], limited[1:])


def _names(pick: Schema) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names and the patterns that a schema of objects has."""
    return (
        frozenset(members(pick.get("properties"))),
        frozenset(members(pick.get("patternProperties"))),
    )


def _covers(pick: Schema, other: Schema) -> bool:
    return all(theirs <= ours for ours, theirs in zip(_names(pick), _names(other), strict=True))


def with_meaning(picks: list[Schema]) -> list[Schema]:
    """Return schemas of arrays, if there are several, without `additionalItems` that say nothing.

    They say something beside a list of `items` only (Validation, section 6.4.2).
    """
    if len(picks) == 1 or not any(isinstance(pick.get("items"), list) for pick in picks):
        return picks
    return [
        {k: v for k, v in pick.items() if k == "items" or isinstance(pick.get("items"), list)}
        for pick in picks
    ]


def lacks_required(schema: Schema | bool) -> bool:
    """Tell whether a schema requires a property that it refuses."""
    if isinstance(schema, bool):
        return not schema
    names, required = as_object(schema.get("properties")), schema.get("required")
    listed = required if isinstance(required, (list, str)) else ()
    return any(isinstance(name, str) and names.get(name) is False for name in listed)


def groups(values: list[Json], path: Path) -> list[dict[str, Json]]:
    """Return maps of schemas; a list is a map by index, and anything else an empty one."""
    for value in values:
        if len(values) > 1 and value is None:
            raise no_schema(path, value)
    return [members(value) for value in values]


def combinations(lists: Iterable[list[Json]], limit: int) -> list[list[Json]] | None:
    """Return each way to take one choice of every list, or None if there are more than a limit.

    There are none if only one of the lists has any choices.
    """
    combined: list[list[Json]] = []
    multiplied = False
    for choices in lists:
        if max(1, len(combined)) * len(choices) > limit:
            return None
        multiplied = bool(combined)
        combined = [[choice, *others] for others in combined or [[]] for choice in choices]
    return combined if multiplied else []


def items_at(picks: Iterable[Schema], index: int) -> Iterator[Json]:
    """Yield what each schema says about the item at an index."""
    for pick in picks:
        items = pick.get("items")
        if not isinstance(items, list):
            if "items" in pick:
                yield items
        elif index < len(items) and is_schema(items[index]):
            yield items[index]
        elif "additionalItems" in pick:
            yield pick["additionalItems"]


def additional_items(picks: Iterable[Schema], items: list[Json]) -> Iterator[Json]:
    """Yield what each schema says about items beyond a list, if there is one or no `items`."""
    lists = [isinstance(value, list) for value in items]
    if not any(lists) and lists:
        return
    for pick in picks:
        if isinstance(pick.get("items"), list) or all(lists):
            if "additionalItems" in pick:
                yield pick["additionalItems"]
        elif "items" in pick:
            yield pick["items"]


def without_false(schemas: list[Json]) -> list[Json]:
    """Return a list without `false` at its end, where `additionalItems` says the same."""
    length = len(schemas)
    while length and schemas[length - 1] is False:
        length -= 1
    return schemas[:length]


def without_empty(schema: Schema, keep: Sequence[str] = ()) -> Schema:
    """Return a schema without keywords that say nothing."""
    return {
        keyword: value
        for keyword, value in schema.items()
        if isinstance(value, bool) or value or keyword in keep
    }
