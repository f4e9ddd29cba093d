"""Which fields a schema declares at a place, counting every part of it that looks at that place."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from jsonschema_tools import keywords
from jsonschema_tools.ecmascript.regexp import backtracks
from jsonschema_tools.errors import SchemaError
from jsonschema_tools.subschemas import parts, walk
from jsonschema_tools.values import equal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from jsonschema_tools.values import Json, Schema


class Declarations:
    """The fields that a schema declares, at each place in it."""

    def __init__(self, schema: Json) -> None:
        """Take the whole schema."""
        self._root = schema
        self._names = _Names()
        # thousands of fields of one place are asked for, and those of the places below between them
        self._declared = lru_cache(maxsize=128)(self._declared_at)

    def declares(self, path: Sequence[str], name: str) -> bool:
        """Tell whether the schema may have something to say on a field.

        Fields are declared by `properties`, by `patternProperties`, by an `additionalProperties`
        that says what values look like (a map), and by `required` and `dependencies`, which name
        them.

        Args:
            path: tokens that lead to the part in whose objects the field would be.
            name: the field.

        Raises:
            SchemaError: too many patterns had to be looked for.
        """
        declared = self._declared(tuple(path))
        return (
            declared.all
            or name in declared.names
            or any(self._names.match(pattern, name) for pattern in declared.patterns)
        )

    def subschemas_for(self, schema: Json, name: str) -> list[Json]:
        """Return the schemas that a part of this schema, by itself, puts to the value of a field.

        Raises:
            SchemaError: too many patterns had to be looked for.
        """
        return subschemas_for(schema, name, self._names.match)

    def _declared_at(self, path: Sequence[str]) -> _Declared:
        looking = self._looking_at(path)
        return self._declared_anywhere if looking is self._all else _declared(looking)

    @cached_property
    def _declared_anywhere(self) -> _Declared:
        return _declared(self._all)

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
        return self._declared(tuple(path)).is_counted

    def closes_to_no_field(self, path: Sequence[str], schema: dict[str, Json]) -> bool:
        """Tell whether `additionalProperties: false` of a schema refuses no declared field.

        Args:
            path: tokens that lead to the schema.
            schema: the schema that has it.
        """
        own = {key: value for key, value in schema.items() if key != "additionalProperties"}
        return all(
            all(self.subschemas_for(own, name) for name in _declared_names(part))
            and (equal(part, schema) or not _declares_by_rule(part))
            for part in self._looking_at(path)
            if isinstance(part, dict)
        )

    def _looking_at(self, path: Sequence[str]) -> Sequence[Json]:
        """Return the subschemas that look at the same values as the one at the end of a path."""
        if self.has_references:
            return self._all
        here: list[Json] = list(_in_place([self._root]))
        tokens = iter(path)
        for key in tokens:
            if key in keywords.DEFINITIONS:
                return self._all
            named = key in keywords.MAPS or key in keywords.IN_PLACE.lists
            here = list(_in_place(self._step(here, key, next(tokens) if named else "")))
        return here

    def _step(self, here: list[Json], key: str, name: str) -> Iterable[Json]:
        if key == "properties":
            return (part for schema in here for part in self.subschemas_for(schema, name))
        if key in keywords.OF_VALUES:
            return (part for schema in here for part in _members(schema))
        if key in keywords.OF_ITEMS:
            return (part for schema in here for part in _elements(schema))
        return () if key == "propertyNames" else here  # in place, or the index of an item


class _Names:
    """Looks for patterns in names, for as long as that does not take too long."""

    def __init__(self) -> None:
        self._tests: dict[str, _NameTest] = {}
        self._left = _MOST_EFFORT

    def match(self, pattern: str, name: str) -> bool:
        """Tell whether a pattern matches a name, or may do so.

        Raises:
            SchemaError: that was asked too often.
        """
        test = self._tests.get(pattern)
        if test is None:
            test = self._tests[pattern] = _test_of(pattern)
            self._left -= _EFFORT_OF_COMPILING
        self._left -= test.effort * (1 + len(name) // _SHORT_NAME)
        if self._left < 0:
            raise SchemaError(
                "too many patterns in `patternProperties` for so many properties: to compare the "
                "versions takes too long",
                hint="say the same with fewer patterns",
            )
        return test.matches(name)


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
    match = match or _matches
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


class _Declared(NamedTuple):
    """What schemas that look at the same values declare.

    Attributes:
        all: whether they have something to say on any field.
        names: the fields that they name.
        patterns: the patterns of the names of other fields.
        is_counted: whether they ask for a number of fields, whichever these are.
    """

    all: bool
    names: frozenset[str]
    patterns: tuple[str, ...]
    is_counted: bool


def _declared(schemas: Iterable[Json]) -> _Declared:
    objects = [schema for schema in schemas if isinstance(schema, dict)]
    names = frozenset(name for schema in objects for name in _declared_names(schema))
    patterns = (name for schema in objects for name in _dict(schema, "patternProperties"))
    return _Declared(
        any(map(_has_map, objects)),
        names,
        tuple(dict.fromkeys(patterns)),
        any("minProperties" in schema for schema in objects),
    )


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


def _matches(pattern: str, name: str) -> bool:
    return _test_of(pattern).matches(name)


_MOST_EFFORT = 1_000_000  # a second
_EFFORT_OF_COMPILING = 100
_EFFORT_OF_BACKTRACKING = 100
_SHORT_NAME = 64
_MOST_STEPS = 10_000


class _NameTest(NamedTuple):
    """Whether names match a pattern.

    Attributes:
        accepts: tells it; None: the pattern is not a regular expression.
        effort: how long it takes, compared with a plain pattern.
    """

    accepts: Callable[[str], bool] | None
    effort: int

    def matches(self, name: str) -> bool:
        """Tell whether a name matches the pattern, or may do so."""
        if self.accepts is None:  # it may mean anything
            return True
        try:
            return self.accepts(name)
        except UnicodeEncodeError:  # with half a surrogate pair, which no event in UTF-8 has
            return True


@lru_cache(maxsize=4096)  # names are matched with the same patterns again and again
def _test_of(pattern: str) -> _NameTest:
    # jsonschema-rs reads patterns as ECMA 262 does, and gives up on one that would never end
    import jsonschema_rs

    options = jsonschema_rs.FancyRegexOptions(backtrack_limit=_MOST_STEPS)
    try:
        accepts = jsonschema_rs.validator_for(
            {"pattern": pattern}, pattern_options=options
        ).is_valid
    except (jsonschema_rs.ValidationError, ValueError):
        return _NameTest(None, 1)
    return _NameTest(accepts, _EFFORT_OF_BACKTRACKING if backtracks(pattern) else 1)
