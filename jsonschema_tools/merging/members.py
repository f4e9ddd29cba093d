"""The merging of what schemas say about the properties of objects and the items of arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from jsonschema_tools.errors import SchemaError
from jsonschema_tools.merging.conflict import where
from jsonschema_tools.merging.equivalence import distinct_schemas, is_schema
from jsonschema_tools.merging.grouping import (
    additional_items,
    by_name,
    groups,
    items_at,
    pick,
    without_empty,
    without_false,
)
from jsonschema_tools.values import as_object

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jsonschema_tools.merging.conflict import Path
    from jsonschema_tools.values import Json, Schema

PROPERTIES: Final = ("additionalProperties", "patternProperties", "properties")
ITEMS: Final = ("items", "additionalItems")


class Merge(Protocol):
    """`Merger.merge`, which merges the schemas of one property or item."""

    def __call__(
        self, schemas: Sequence[Json], path: Path, *, part: bool = False
    ) -> Schema | bool: ...


def property_picks(schemas: Sequence[Schema], path: Path, merge: Merge) -> list[Schema]:
    """Return what schemas say about properties, so far merged that `false` is seen as such."""
    picks = pick(schemas, PROPERTIES)
    for one in picks if len(picks) > 1 else ():
        additional = one.get("additionalProperties")
        if isinstance(additional, dict) and "allOf" in additional:
            place = (*path, "additionalProperties")
            one["additionalProperties"] = merge([additional], place, part=True)
    return picks


def merge_properties(picks: list[Schema], path: Path, merge: Merge) -> Schema:
    """Merge what schemas say of the keywords `PROPERTIES`."""
    merged: Schema = {}
    additional = [p["additionalProperties"] for p in picks if "additionalProperties" in p]
    if additional:
        merged["additionalProperties"] = merge(
            additional, (*path, "additionalProperties"), part=True
        )
    for keyword in ("patternProperties", "properties"):
        maps = groups([p[keyword] for p in picks if keyword in p], (*path, keyword))
        merged[keyword] = {
            name: merge(distinct_schemas(found), (*path, keyword, name), part=True)
            for name, found in by_name(maps).items()
        }
    if merged.get("additionalProperties") is False and not merged["patternProperties"]:
        merged["properties"] = {
            name: schema
            for name, schema in as_object(merged["properties"]).items()
            if schema is not False
        }
    return without_empty(merged)


def merge_items(picks: list[Schema], path: Path, merge: Merge) -> Schema:
    """Merge what schemas say of the keywords `ITEMS`."""
    merged: Schema = {}
    items = [pick["items"] for pick in picks if "items" in pick]
    if items:
        merged["items"] = _positions(picks, items, (*path, "items"), merge)
    rest = list(additional_items(picks, items))
    if rest:
        merged["additionalItems"] = merge(rest, (*path, "additionalItems"), part=True)
    listed = merged.get("items")
    if merged.get("additionalItems") is False and isinstance(listed, list):
        merged["items"] = without_false(listed)
    if merged.get("items") == [] and merged.get("additionalItems", True) not in (True, {}):
        return {"items": merged["additionalItems"]}
    by_keyword = any(isinstance(value, dict) and value for value in items)
    keep = ("items",) if by_keyword and merged.get("items") == [] else ()
    return without_empty(merged, keep)


def _positions(picks: list[Schema], items: list[Json], path: Path, merge: Merge) -> Json:
    """Merge `items`: one schema, or a list as long as the longest."""
    if all(map(is_schema, items)):
        return merge(items, path, part=True)
    length = max((len(value) for value in items if isinstance(value, list)), default=0)
    return [_position(picks, (*path, index), index, merge) for index in range(length)]


def _position(picks: list[Schema], path: Path, index: int, merge: Merge) -> Json:
    found = list(items_at(picks, index))
    if not found:
        raise SchemaError(f"{where(path)} must be a schema")
    return merge(distinct_schemas(found), path, part=True)
