"""Merging schemas that hold one object at several places."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from jsonschema_tools.errors import Location, SchemaError
from jsonschema_tools.merging.merger import Merger
from jsonschema_tools.pointers import join
from jsonschema_tools.values import (
    MAX_DEPTH,
    TOO_DEEP,
    deep_copy,
    entries,
    is_too_deep,
    items,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from jsonschema_tools.merging.conflict import Path
    from jsonschema_tools.merging.merger import Memo
    from jsonschema_tools.values import Container, Json, Schema
_MAX_PARTS: Final = 1_000_000
_MAX_LOOKS: Final = 20_000_000  # for a keyword in a branch: half a second


class AliasedMerger(Merger):
    """Merges schemas of which a part that merging changes is reached in several ways.

    The reference copies all schemas before each merge, and changes the copies: an `allOf` is cut
    out of its schema, and what a choice of an `anyOf` or `oneOf` becomes takes its place. Where
    that schema is elsewhere in the same copy, it changes there too. So this does the same.
    """

    def merge_root(self, schema: Schema) -> Schema | bool:
        return super().merge_root(deep_copy(schema))

    def _own(self, schemas: list[Schema]) -> list[Schema]:
        memo: Memo = {}  # what they share, their copies share
        return [deep_copy(schema, memo) for schema in schemas]

    def _values_of(self, schemas: Sequence[Schema]) -> Iterator[tuple[str, list[Json]]]:
        keywords = {keyword: None for schema in schemas for keyword in schema}
        if len(keywords) * len(schemas) > _MAX_LOOKS:
            raise SchemaError(
                f"an `allOf` has {len(schemas):,} branches with {len(keywords):,} keywords, and "
                "parts of the schema are at several places",
                hint="write the keywords into fewer branches",
            )
        for keyword in keywords:
            # Not read before its turn: what is aliased may have changed in the meantime.
            yield keyword, [schema[keyword] for schema in schemas if keyword in schema]

    def _take(self, value: Json, _memo: Memo) -> Json:
        return value

    def _take_schema(self, schema: Schema, _memo: Memo) -> Schema:
        return schema

    def _without_all_of(self, schema: Schema) -> Schema:
        del schema["allOf"]
        return schema

    def _onto(self, schema: Schema, merged: Schema, memo: Memo, *, alone: bool) -> Schema:
        whole = super()._onto(schema, merged, memo, alone=alone)
        schema.clear()
        schema.update(whole)
        return schema


def is_entangled(schema: Schema) -> bool:
    """Tell whether a part which merging changes may be reached in several ways.

    Raises:
        SchemaError: written out, with each aliased part at each of its places, it is too large or
            too deep.
    """
    repeated, deepest = _repeated(schema)
    if (repeated or deepest > MAX_DEPTH) and is_too_deep(schema):
        _require_depth(schema)
    if not repeated:
        return False
    if _written_out(schema, {}) > _MAX_PARTS:
        raise SchemaError(
            f"written out, the schema has more than {_MAX_PARTS:,} objects and lists",
            hint="a few $ref to each other can make any number",
        )
    changing = {part for node in _containers([schema]) for part in _changing(node)}
    return any(id(node) in changing for node in _containers(repeated))


def _require_depth(schema: Schema) -> None:
    """Refuse a schema with more levels than merging goes to.

    An `allOf` and its list are one level: merging takes both away.
    """
    level: dict[int, tuple[Container, Path]] = {id(schema): (schema, ())}
    for _ in range(MAX_DEPTH):
        below: dict[int, tuple[Container, Path]] = {}
        for node, path in level.values():
            for key, item in entries(node):
                parts: list[tuple[Path, Json]] = [((*path, key), item)]
                if key == "allOf" and isinstance(item, list):
                    parts = [((*path, key, index), part) for index, part in enumerate(item)]
                for way, part in parts:
                    if isinstance(part, (dict, list)) and id(part) not in below:
                        below[id(part)] = part, way
        level = below
    if level:
        _, path = next(iter(level.values()))
        raise SchemaError(
            f"written out, the schema would be {TOO_DEEP}",
            at=Location("", join(path)),
            hint="each $ref adds the levels of what it leads to: make the schema flatter",
        )


def _repeated(schema: Schema) -> tuple[list[Container], int]:
    """Return each object and list that is at several places, once for each further place.

    And the deepest level that was looked at; below what is repeated there may be deeper ones.
    """
    seen: set[int] = set()
    repeated: list[Container] = []
    todo: list[tuple[Container, int]] = [(schema, 1)]
    deepest = 1
    while todo:
        node, level = todo.pop()
        if id(node) in seen:
            repeated.append(node)
            continue
        seen.add(id(node))
        deepest = max(deepest, level)
        for value in items(node):
            if isinstance(value, (dict, list)):
                todo.append((value, level + 1))  # noqa: PERF401 - a comprehension takes longer
    return repeated, deepest


def _written_out(node: Container, sizes: dict[int, int]) -> int:
    """Return how many objects and lists there are in one, counting aliased ones each time."""
    size = sizes.get(id(node))
    if size is None:
        size = 1
        for part in items(node):
            if isinstance(part, (dict, list)):
                size += _written_out(part, sizes)
        sizes[id(node)] = size
    return size


def _changing(node: Json) -> Iterator[int]:
    """Yield the `id()` of each object that merging a schema changes, if it is a schema."""
    if not isinstance(node, dict):
        return
    if "allOf" in node:
        yield id(node)
    for keyword in ("anyOf", "oneOf"):
        choices = node.get(keyword)
        if isinstance(choices, list):
            yield from (id(choice) for choice in choices if isinstance(choice, dict))


def _containers(values: Iterable[Json]) -> Iterator[Container]:
    """Yield every object and list in some values, each once."""
    seen: set[int] = set()
    todo = list(values)
    while todo:
        node = todo.pop()
        if isinstance(node, (dict, list)) and id(node) not in seen:
            seen.add(id(node))
            yield node
            todo.extend(items(node))
