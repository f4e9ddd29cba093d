"""The merging of schemas itself; `merge` is its door."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from jsonschema_tools.errors import MergeConflictError, SchemaError
from jsonschema_tools.keywords import CONDITIONALS, CONSTRAINTS
from jsonschema_tools.merging.conflict import (
    disagreement,
    no_schema,
    where,
)
from jsonschema_tools.merging.equivalence import (
    NotASchemaError,
    distinct,
    distinct_schemas,
    distinct_values,
    is_schema,
)
from jsonschema_tools.merging.grouping import (
    by_name,
    combinations,
    groups,
    lacks_required,
    pick,
    separable,
    with_meaning,
)
from jsonschema_tools.merging.members import (
    ITEMS,
    PROPERTIES,
    merge_items,
    merge_properties,
    property_picks,
)
from jsonschema_tools.merging.values import (
    DisagreementError,
    InexactError,
    merge_values,
    sorted_names,
)
from jsonschema_tools.values import as_list, deep_copy, equal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from jsonschema_tools.merging.conflict import Path
    from jsonschema_tools.values import Json, Schema

T = TypeVar("T", bound="Json")
Memo: TypeAlias = dict[int, "Json"]

_NOT_MERGED: Final = frozenset({"contentEncoding", "contentMediaType", "format", "pattern"})
_GROUPED: Final = frozenset({*PROPERTIES, *ITEMS})
_MAX_COMBINATIONS: Final = 5_000


class Merger:
    """Merges schemas of which each part is reached in one way only; it never changes them.

    A `memo` belongs to one call of `merge`: what is one object among the values of one schema is
    one object in their copies, and another one in the copies for any other schema.
    """

    def __init__(self) -> None:
        self._combinations_left = _MAX_COMBINATIONS
        self._combining = 0  # how many combinations of choices are being merged

    def merge_root(self, schema: Schema) -> Schema | bool:
        """Return the whole schema merged."""
        alone = "allOf" not in schema
        merged = self.merge(list(self._flatten(schema, ())), ())
        return merged if isinstance(merged, bool) else self._onto(schema, merged, {}, alone=alone)

    def merge(self, schemas: Sequence[Json], path: Path, *, part: bool = False) -> Schema | bool:
        """Return the one schema that says what all of them say; what is not a schema says nothing.

        Args:
            schemas: what they say.
            path: where they are.
            part: whether they are about a part that an event need not have. A combination of
                choices that contradict each other on it accepts events without that part.
        """
        objects: list[Schema] = []
        nested = False
        for schema in schemas:
            if schema is False:
                return False
            if isinstance(schema, dict):
                objects.append(schema)
                nested = nested or "allOf" in schema
        if not objects:
            return all(schema is True for schema in schemas) or {}
        objects = self._own(objects)
        if nested:
            # The reference merges them into `{}`, with which `additionalItems: true` is the same.
            flat = [{}, *(b for s in objects for b in self._flatten(s, path))]
            return self.merge(flat, path, part=part)
        try:
            return self._merge_objects(objects, path)
        except NotASchemaError as error:
            raise no_schema(path, error.value) from None
        except MergeConflictError:
            if part and self._combining:
                return False
            raise

    def _merge_objects(self, schemas: Sequence[Schema], path: Path) -> Schema:
        merged: Schema = {}
        memo: Memo = {}
        if len(schemas) == 1:
            self._copy_keywords(merged, schemas[0], path, memo)
        else:
            self._merge_keywords(merged, schemas, path, memo)
        if not _GROUPED.isdisjoint(chain.from_iterable(schemas)):
            together, apart = separable(property_picks(schemas, path, self.merge))
            merged.update(merge_properties(together, path, self.merge))
            for group in apart:
                _keep_apart(merged, merge_properties([group], path, self.merge))
            merged.update(merge_items(with_meaning(pick(schemas, ITEMS)), path, self.merge))
        return merged

    def _copy_keywords(self, merged: Schema, schema: Schema, path: Path, memo: Memo) -> None:
        """Set what one schema alone says: the usual case, in which there is nothing to compare."""
        for keyword, value in schema.items():
            rule = _RULES.get(keyword)
            if rule is not None:
                merged[keyword] = rule(self, [value], (*path, keyword), memo)
            elif keyword not in _GROUPED:
                plain = not isinstance(value, (dict, list))
                merged[keyword] = value if plain else self._take(value, memo)

    def _merge_keywords(
        self, merged: Schema, schemas: Sequence[Schema], path: Path, memo: Memo
    ) -> None:
        for keyword, values in self._values_of(schemas):
            rule = _RULES.get(keyword)
            if keyword in CONDITIONALS:
                self._merge_conditionals(merged, schemas, keyword, memo)
            elif keyword == "contains":
                each = [self.merge([value], (*path, keyword), part=True) for value in values]
                different = distinct_schemas(each)
                if len(different) == 1:
                    merged[keyword] = different[0]
                else:  # one item may have what one asks for, another the rest
                    for value in different:
                        _keep_apart(merged, {keyword: value})
            elif rule is not None:
                merged[keyword] = rule(self, values, (*path, keyword), memo)
            elif keyword not in _GROUPED:
                self._merge_plain(merged, values, (*path, keyword), memo)

    def _values_of(self, schemas: Sequence[Schema]) -> Iterator[tuple[str, list[Json]]]:
        """Yield each keyword with its values."""
        values: dict[str, list[Json]] = {}
        for schema in schemas:
            for keyword, value in schema.items():
                values.setdefault(keyword, []).append(value)
        return iter(values.items())

    def _merge_conditionals(
        self, merged: Schema, schemas: Sequence[Schema], keyword: str, memo: Memo
    ) -> None:
        """Set `if`, `then` and `else`, which belong together: those of one schema stay so."""
        with_any = [schema for schema in schemas if not CONDITIONALS.isdisjoint(schema)]
        if len(with_any) == 1 or not any("if" in schema for schema in with_any):
            one = next(schema for schema in with_any if keyword in schema)
            merged[keyword] = self._take(one[keyword], memo)
        elif keyword == "if":
            conditionals = [
                {key: schema[key] for key in schema if key in CONDITIONALS}
                for schema in with_any
                if "if" in schema  # without it, the others say nothing
            ]
            first, *others = distinct(conditionals, equal)
            if others:
                for conditional in (first, *others):
                    _keep_apart(merged, self._take_schema(conditional, memo))
            else:
                merged.update(self._take_schema(first, memo))

    def _merge_plain(self, merged: Schema, values: list[Json], path: Path, memo: Memo) -> None:
        """Set a keyword that holds no schemas to be merged."""
        keyword = str(path[-1])
        values = _different(keyword, values)
        if len(values) == 1 or keyword not in CONSTRAINTS:
            merged[keyword] = self._take(values[0], memo)
        elif keyword in _NOT_MERGED:
            for value in values:
                _keep_apart(merged, {keyword: value})
        else:
            try:
                value = merge_values(keyword, values)
            except InexactError:
                for value in values:
                    _keep_apart(merged, {keyword: value})
            except DisagreementError:
                raise disagreement(path, values) from None
            else:
                merged[keyword] = self._adopt(value, values, memo)

    def _adopt(self, value: Json, values: list[Json], memo: Memo) -> Json:
        if isinstance(value, list) and all(value is not one for one in values):
            return [self._take(item, memo) for item in value]
        return self._take(value, memo)

    def _choices(self, values: list[Json], path: Path, memo: Memo) -> list[Json]:
        """Merge `anyOf` or `oneOf`; several are multiplied out, without what is contradictory."""
        lists = [value for value in values if isinstance(value, list)]
        if len(lists) < len(values):
            raise SchemaError(f"{where(path)} must be a list of schemas")
        lists = _different(str(path[-1]), lists)
        if len(lists) == 1:
            return [self._choice(item, (*path, i), memo) for i, item in enumerate(lists[0])]
        choices = list(self._combined(lists, path))
        if path[-1] == "anyOf":  # a `oneOf` that has a choice twice refuses it
            choices = distinct_schemas(choices)
        if not choices:
            raise disagreement(path, lists)
        return choices

    def _choice(self, schema: Json, path: Path, memo: Memo) -> Json:
        merged = self.merge([schema], path)
        if isinstance(merged, bool) or not isinstance(schema, dict) or "allOf" in schema:
            return merged
        return self._onto(schema, merged, memo, alone=True)

    def _combined(self, lists: list[list[Json]], path: Path) -> Iterator[Json]:
        combined = combinations(lists, self._combinations_left)
        if combined is None:
            raise SchemaError(
                f"the choices of {where(path)} cannot be merged: all in all there are more than "
                f"{_MAX_COMBINATIONS:,} combinations"
            )
        self._combinations_left -= len(combined)
        for combination in combined:
            self._combining += 1
            try:
                merged = self.merge(combination, path)
            except MergeConflictError:
                continue
            finally:
                self._combining -= 1
            if not lacks_required(merged):
                yield merged

    def _negated(self, values: list[Json], _path: Path, memo: Memo) -> Schema:
        different = _different("not", values)
        if len(different) == 1 and isinstance(different[0], dict) and [*different[0]] == ["anyOf"]:
            return self._take_schema(
                different[0], memo
            )  # what a merge has written is merged already
        return {"anyOf": [self._take(value, memo) for value in different]}

    def _subschema(self, values: list[Json], path: Path, _memo: Memo) -> Schema | bool:
        return self.merge(_different(str(path[-1]), values), path, part=True)

    def _definitions(self, values: list[Json], path: Path, memo: Memo) -> Schema:
        """Merge `definitions`, to which nothing refers any more: of two, the first may stay."""
        merged: Schema = {}
        for name, found in by_name(groups(values, path)).items():
            try:
                merged[name] = self._dependency(found, (*path, name), memo)
            except MergeConflictError:
                merged[name] = self._take(found[0], memo)
        return merged

    def _dependencies(self, values: list[Json], path: Path, memo: Memo) -> Schema:
        """Merge `dependencies`, which hold schemas or lists of names."""
        maps = groups(_different(str(path[-1]), values), path)
        return {
            name: self._dependency(found, (*path, name), memo)
            for name, found in by_name(maps).items()
        }

    def _dependency(self, values: list[Json], path: Path, memo: Memo) -> Json:
        values = distinct(values, equal)
        lists = [value for value in values if isinstance(value, list)]
        if len(lists) == len(values):
            return [self._take(name, memo) for name in sorted_names(values)]
        if lists:
            schemas = [value for value in values if is_schema(value)]
            required: list[Json] = [{"required": names} for names in lists]
            return self.merge([*schemas, *required], path, part=True)
        return self.merge(distinct_schemas(values), path, part=True)

    def _flatten(self, schema: Json, path: Path) -> Iterator[Json]:
        """Yield a schema without its `allOf`, then the members of that, flattened likewise."""
        if isinstance(schema, list):
            for item in schema:
                yield from self._flatten(item, path)
            return
        if not isinstance(schema, dict) or "allOf" not in schema:
            yield schema
            return
        branches = schema["allOf"]
        if not isinstance(branches, list):
            raise SchemaError(f"`allOf` of {where(path)} must be a list of schemas")
        yield self._without_all_of(schema)
        for branch in branches:
            if branch is None:
                raise SchemaError(f"`allOf` of {where(path)} must not have null in it")
            yield from self._flatten(branch, path)

    def _without_all_of(self, schema: Schema) -> Schema:
        return {keyword: value for keyword, value in schema.items() if keyword != "allOf"}

    def _own(self, schemas: list[Schema]) -> list[Schema]:
        """Return schemas that this merge may change."""
        return schemas

    def _take(self, value: Json, memo: Memo) -> Json:
        """Return a value for the result."""
        return deep_copy(value, memo) if isinstance(value, (dict, list)) else value

    def _take_schema(self, schema: Schema, memo: Memo) -> Schema:
        """Return a schema for the result."""
        return deep_copy(schema, memo)

    def _onto(self, schema: Schema, merged: Schema, memo: Memo, *, alone: bool) -> Schema:
        """Return what was merged from one schema in its place.

        Its keywords keep their order, and those that came to nothing stay; beside others from an
        `allOf` (not `alone`) only if they say nothing.
        """
        kept = {
            keyword: merged[keyword] if keyword in merged else self._take(value, memo)
            for keyword, value in schema.items()
            if (keyword in merged and keyword != "allOf")
            or (keyword in _GROUPED and (alone or value is True or value in ({}, [])))
        }
        return {**kept, **merged}


_RULES: Final[dict[str, Callable[[Merger, list[Json], Path, Memo], Json]]] = {
    "anyOf": Merger._choices,
    "oneOf": Merger._choices,
    "not": Merger._negated,
    "contains": Merger._subschema,
    "propertyNames": Merger._subschema,
    "definitions": Merger._definitions,
    "dependencies": Merger._dependencies,
}
"""Keywords that hold schemas, apart from those in `_GROUPED`, which are merged together."""


def _keep_apart(merged: Schema, schema: Schema) -> None:
    """Keep in an `allOf` what cannot be said together with the rest."""
    if schema:
        merged["allOf"] = [*as_list(merged.get("allOf")), schema]


def _different(keyword: str, values: list[T]) -> list[T]:
    return values if len(values) == 1 else distinct_values(keyword, values)
