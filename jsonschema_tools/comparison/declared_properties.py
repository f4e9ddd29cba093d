"""Which fields a schema declares at a place, counting every part of it that looks at that place."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import unquote

from jsonschema_tools import keywords
from jsonschema_tools.comparison.effort import Effort, matches
from jsonschema_tools.subschemas import parts, walk
from jsonschema_tools.values import equal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from jsonschema_tools.values import Json, Schema


_Step: TypeAlias = "tuple[str, str]"


class Declarations:
    """The fields that a schema declares, at each place in it."""

    def __init__(self, schema: Json, effort: Effort | None = None) -> None:
        """Take the whole schema, and what limits the work."""
        self.effort = effort or Effort()
        self._root = schema
        # thousands of fields of one place are asked for, and those of the places below between them
        self._place = lru_cache(maxsize=256)(self._place_at)

    def declares(self, path: Sequence[str], name: str) -> bool:
        """Tell whether the schema may have something to say on a field.

        Fields are declared by `properties`, by `patternProperties`, by an `additionalProperties`
        that says what values look like (a map), and by `required` and `dependencies`, which name
        them.

        Args:
            path: tokens that lead to the part in whose objects the field would be.
            name: the field.

        Raises:
            SchemaError: it takes too long.
        """
        looking = self._looking_at(path)
        return (
            looking.has_map
            or name in looking.names
            or any(self.effort.match(pattern, name) for pattern in looking.patterns)
        )

    def subschemas_for(self, schema: Json, name: str) -> list[Json]:
        """Return the schemas that a part of this schema, by itself, puts to the value of a field.

        Raises:
            SchemaError: it takes too long.
        """
        return subschemas_for(schema, name, self.effort.match)

    @cached_property
    def has_references(self) -> bool:
        """Whether a `$ref` is left, so that parts may apply at several places."""
        return any("$ref" in part for part in self._all)

    @cached_property
    def _all(self) -> list[Schema]:
        """Every object schema in the whole."""
        if not isinstance(self._root, dict):
            return []
        return [place.schema for place in walk(self._root, keywords.ANY_DRAFT)]

    @cached_property
    def has_negated_references(self) -> bool:
        """Whether a `$ref` is left below a keyword that turns meanings around."""
        return self.has_references and any(
            "$ref" in below.schema
            for schema in self._all
            for steps, part in parts(schema, keywords.ANY_DRAFT)
            if steps[0] in {"if", "not", "oneOf"} and isinstance(part, dict)
            for below in walk(part, keywords.ANY_DRAFT)
        )

    def refers_to(self, definition: str) -> bool:
        """Tell whether a `$ref` may lead to a definition, given by its JSON Pointer."""
        return self.has_references and self._targets.lead_to(definition)

    @cached_property
    def _targets(self) -> _Targets:
        return _Targets(schema["$ref"] for schema in self._all if "$ref" in schema)

    def has_least_number(self, path: Sequence[str]) -> bool:
        """Tell whether objects at a place need a number of fields, whichever they are."""
        return self._looking_at(path).is_counted

    def closes_to_no_field(self, path: Sequence[str], schema: dict[str, Json]) -> bool:
        """Tell whether `additionalProperties: false` of a schema refuses no declared field.

        Args:
            path: tokens that lead to the schema.
            schema: the schema that has it.

        Raises:
            SchemaError: it takes too long.
        """
        own = {key: value for key, value in schema.items() if key != "additionalProperties"}
        looking = self._looking_at(path)
        return all(map(partial(self._has_subschemas, own), looking.names)) and all(
            map(partial(self._are_equal, schema), looking.by_rule)
        )

    def _has_subschemas(self, schema: Schema, name: str) -> bool:
        self.effort.spend(1)
        return bool(self.subschemas_for(schema, name))

    def _are_equal(self, one: Schema, other: Schema) -> bool:
        self.effort.spend(1)
        return equal(one, other)

    def _looking_at(self, path: Sequence[str]) -> _Looking:
        """Return the subschemas that look at the same values as the one at the end of a path."""
        steps = None if self.has_references else _steps(path)
        return self._place(steps) if steps is not None else self._anywhere

    @cached_property
    def _anywhere(self) -> _Looking:
        return _Looking(self._all)

    def _place_at(self, steps: tuple[_Step, ...]) -> _Looking:
        if not steps:
            return _Looking(list(_in_place([self._root])))
        return _Looking(list(_in_place(self._step(self._place(steps[:-1]), *steps[-1]))))

    def _step(self, here: _Looking, key: str, name: str) -> Iterable[Json]:
        if key == "properties":
            self.effort.spend(len(here.open))
            others = (part for schema in here.open for part in self.subschemas_for(schema, name))
            return [*here.by_name.get(name, ()), *others]
        if key in keywords.OF_VALUES:
            return (part for schema in here.schemas for part in _members(schema))
        if key in keywords.OF_ITEMS:
            return (part for schema in here.schemas for part in _elements(schema))
        return ()  # `propertyNames`


def _steps(path: Sequence[str]) -> tuple[_Step, ...] | None:
    """Return the steps of a path that lead to other values; None if a reference may lead there."""
    tokens = iter(path)
    steps = []
    for key in tokens:
        if key in keywords.DEFINITIONS:
            return None
        named = key in keywords.MAPS or key in keywords.IN_PLACE.lists
        name = next(tokens) if named else ""
        if key == "properties":
            steps.append((key, name))
        elif key in _TO_OTHER_VALUES:  # else in place, or the index of an item
            steps.append((key, ""))
    return tuple(steps)


_TO_OTHER_VALUES = keywords.OF_VALUES | keywords.OF_ITEMS | {"propertyNames"}


class _Targets:
    """Where references lead to: sorted, as there may be thousands of them and of definitions."""

    def __init__(self, references: Iterable[Json]) -> None:
        targets = self._set = set(map(_target, references))
        self._anywhere = None in targets
        self._pointers = sorted(target for target in targets if target is not None)
        self._of_all: list[str] = []  # none begins with another one
        for target in self._pointers:
            is_below = bool(self._of_all) and target.startswith(self._of_all[-1])
            if target.rpartition("/")[2] in keywords.DEFINITIONS and not is_below:
                self._of_all.append(target)

    def lead_to(self, definition: str) -> bool:
        """Tell whether one may lead to a definition, into it, or to all of them."""
        if self._anywhere:
            return True
        before = bisect_right(self._of_all, definition)
        if before and definition.startswith(self._of_all[before - 1]):
            return True
        if definition in self._set:
            return True
        following = bisect_left(self._pointers, f"{definition}/")
        return any(
            target.startswith(f"{definition}/")
            for target in self._pointers[following : following + 1]
        )


def _target(reference: Json) -> str | None:
    """Return the JSON Pointer that a reference holds; None if it may lead anywhere."""
    if not isinstance(reference, str) or not reference.startswith("#"):
        return None  # it may name the document, or an anchor in it
    target = unquote(reference[1:])
    return None if target and not target.startswith("/") else target


def subschemas_for(
    schema: Json, name: str, match: Callable[[str, str], bool] | None = None
) -> list[Json]:
    """Return the schemas that an object schema, by itself, puts to the value of a field.

    Args:
        schema: the object schema.
        name: the field.
        match: tells whether a pattern may match a name.
    """
    match = match or matches
    asked = []
    if name in (properties := _dict(schema, "properties")):
        asked.append(properties[name])
    asked += [
        value
        for pattern, value in _dict(schema, "patternProperties").items()
        if match(pattern, name)
    ]
    if not asked and isinstance(schema, dict) and "additionalProperties" in schema:
        asked.append(schema["additionalProperties"])
    return asked


@dataclass(frozen=True)
class _Looking:
    """Subschemas that look at the same values.

    Attributes:
        schemas: the subschemas.
    """

    schemas: Sequence[Json]

    @cached_property
    def _objects(self) -> list[Schema]:
        return [schema for schema in self.schemas if isinstance(schema, dict)]

    @cached_property
    def has_map(self) -> bool:
        """Whether one has something to say on any field."""
        return any(map(_has_map, self._objects))

    @cached_property
    def names(self) -> frozenset[str]:
        """The fields that they name."""
        return frozenset(name for schema in self._objects for name in _declared_names(schema))

    @cached_property
    def patterns(self) -> tuple[str, ...]:
        """The patterns of the names of other fields."""
        found = (name for schema in self._objects for name in _dict(schema, "patternProperties"))
        return tuple(dict.fromkeys(found))

    @cached_property
    def by_rule(self) -> list[Schema]:
        """Those that declare fields without naming them."""
        return [schema for schema in self._objects if _declares_by_rule(schema)]

    @cached_property
    def is_counted(self) -> bool:
        """Whether one asks for a number of fields, whichever these are."""
        return any("minProperties" in schema for schema in self._objects)

    @cached_property
    def open(self) -> list[Schema]:
        """Those that have something to say on fields that they do not name."""
        keys = ("additionalProperties", "patternProperties")
        return [schema for schema in self._objects if any(key in schema for key in keys)]

    @cached_property
    def by_name(self) -> Mapping[str, Sequence[Json]]:
        """What the others put to the value of each field that they name."""
        found: dict[str, list[Json]] = {}
        is_open = set(map(id, self.open))
        for schema in self._objects:
            if id(schema) not in is_open:
                for name, part in _dict(schema, "properties").items():
                    found.setdefault(name, []).append(part)
        return found


def _declared_names(schema: dict[str, Json]) -> Iterator[str]:
    yield from _dict(schema, "properties")
    yield from (name for name in _names(schema) if isinstance(name, str))


def _declares_by_rule(schema: dict[str, Json]) -> bool:
    """Tell whether a schema declares fields without naming them."""
    return _has_map(schema) or bool(_dict(schema, "patternProperties"))


def _has_map(schema: dict[str, Json]) -> bool:
    rest = schema.get("additionalProperties")
    return isinstance(rest, dict) and bool(rest)


def _names(schema: dict[str, Json]) -> Iterator[Json]:
    required = schema.get("required")
    if isinstance(required, list):
        yield from required
    for key in ("dependencies", "dependentRequired", "dependentSchemas"):
        for needing, needed in _dict(schema, key).items():
            yield needing
            if isinstance(needed, list):
                yield from needed


def _members(schema: Json) -> Iterator[Json]:
    yield from _dict(schema, "properties").values()
    yield from _dict(schema, "patternProperties").values()
    if isinstance(schema, dict):
        yield schema.get("additionalProperties")


def _elements(schema: Json) -> Iterator[Json]:
    if isinstance(schema, dict):
        items = schema.get("items")
        yield from items if isinstance(items, list) else [items]
        yield schema.get("additionalItems")
        yield schema.get("contains")


def _in_place(schemas: Iterable[Json]) -> Iterator[Json]:
    """Yield schemas, and all in them that look at the same value."""
    for schema in schemas:
        if not isinstance(schema, dict):
            continue
        yield schema
        yield from _in_place(part for _, part in parts(schema, keywords.IN_PLACE))


def _dict(schema: Json, key: str) -> dict[str, Json]:
    value = schema.get(key) if isinstance(schema, dict) else None
    return value if isinstance(value, dict) else {}
