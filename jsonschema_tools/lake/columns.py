"""From a schema to the columns of its table: pure.

The mapping is that of the platform's own converters. What they refuse has no type here either: it
is a problem with its place, and a JSON text where that is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from jsonschema_tools.errors import Problem
from jsonschema_tools.lake.names import PARTITIONS, column_name, field_name
from jsonschema_tools.lake.types import (
    JSON_TEXT,
    Array,
    Field,
    Map,
    Scalar,
    Struct,
    plain,
    sql,
)
from jsonschema_tools.pointers import join
from jsonschema_tools.values import as_object, strings_in

if TYPE_CHECKING:
    from jsonschema_tools.lake.types import Kind, Type
    from jsonschema_tools.values import Json, Schema

    _Path: TypeAlias = tuple[str | int, ...]

_KINDS: dict[str, Kind] = {
    "boolean": "boolean",
    "integer": "integer",
    "number": "number",
    "string": "string",
}
_UNIONS = ("oneOf", "anyOf", "allOf", "$ref", "enum", "const", "if")
_DEEPEST = 50
"""Most types within each other: sqlglot takes up to 14 frames for one, and BigQuery allows 15."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """What a schema becomes.

    Attributes:
        columns: the columns, in the order of the properties.
        problems: what has no column type; with `lenient` only what makes no table at all.
        comment: the schema's description, on one line.
    """

    columns: tuple[Field, ...]
    problems: tuple[Problem, ...]
    comment: str = ""


def columns(
    schema: Schema, *, lenient: bool = False, nullable: bool = False, times_as_text: bool = False
) -> Mapping:
    """Map a materialized schema to the columns of its table.

    Args:
        schema: an object's schema, without `$ref` and `allOf`.
        lenient: make what has no type a JSON text, and a type that may also be null that type.
        nullable: make everything nullable, as ingestion does.
        times_as_text: make `date-time` text, as tables of Hive have it.
    """
    mapper = _Mapper(lenient, nullable, times_as_text, problems=[], around=[])
    found = mapper.table(schema)
    return Mapping(found, tuple(mapper.problems), comment_of(schema.get("description")))


def comment_of(description: Json) -> str:
    """Return a description as a comment holds it: printable, on one line."""
    if not isinstance(description, str):
        return ""
    line = " ".join(description.split())
    return line if line.isprintable() else "".join(c for c in line if c.isprintable())


@dataclass(frozen=True, slots=True)
class _Mapper:
    lenient: bool
    nullable: bool
    times_as_text: bool
    problems: list[Problem]
    around: list[_Path]
    """The parts of the schema around the one that is looked at."""

    def table(self, schema: Schema) -> tuple[Field, ...]:
        properties = schema.get("properties")
        if schema.get("type") != "object" or not isinstance(properties, dict) or not properties:
            return self._one_column(schema)
        found = self._fields(schema, ())
        for field in found:
            if field.name in PARTITIONS:
                hint = "rename the property: tables are partitioned by columns of this name"
                message = f"`{field.source}` would be the partition column `{field.name}`"
                self._say(("properties", field.source), message, hint)
        return tuple(field for field in found if field.name not in PARTITIONS)

    def _one_column(self, schema: Schema) -> tuple[Field, ...]:
        """Return the only column of what is not an object with properties, as Spark names it."""
        is_map = schema.get("type") == "object" and isinstance(
            schema.get("additionalProperties"), dict
        )
        if not is_map and not self.lenient:
            hint = "declare `type: object` and `properties` at the top of the schema"
            self._say((), "it is not an object with properties, so it cannot be a table", hint)
            return ()
        return (Field("value", "", self.type_of(schema, ())),)

    def type_of(self, schema: Json, path: _Path) -> Type:
        """Return the type of a part of the schema; says so where it has none."""
        if len(self.around) > _DEEPEST:
            return self._no_type(path, f"nested more than {_DEEPEST} deep", "flatten the schema")
        self.around.append(path)
        try:
            return self._type_of(schema, path)
        finally:
            self.around.pop()

    def _type_of(self, schema: Json, path: _Path) -> Type:
        if not isinstance(schema, dict):
            return self._no_type(path, f"`{schema!r:.20}` is not a schema of one type", _NAME_TYPE)
        kind = schema.get("type")
        if isinstance(kind, list):
            return self._union(kind, schema, path)
        if kind == "object":
            return self._object(schema, path)
        if kind == "array":
            return self._array(schema, path)
        if kind == "string" and schema.get("format") == "date-time" and not self.times_as_text:
            return Scalar("timestamp")
        if isinstance(kind, str) and kind in _KINDS:
            return Scalar(_KINDS[kind])
        return self._no_type(path, *_why_untyped(schema))

    def _union(self, kinds: list[Json], schema: Schema, path: _Path) -> Type:
        named = [kind for kind in kinds if kind != "null"]
        if self.lenient or len(kinds) == 1:
            if len(named) == 1:
                return self.type_of({**schema, "type": named[0]}, path)
            return JSON_TEXT
        text = ", ".join(map(str, kinds))
        hint = f"name one type; {_LENIENT}"
        if len(named) == 1:
            hint = (
                f"declare `type: {named[0]!s}`, and leave the field out where it has no value; "
                f"or let it be NULL, with `--lenient`"
            )
        return self._no_type(path, f"a union of types ({text})", hint)

    def _array(self, schema: Schema, path: _Path) -> Type:
        items = schema.get("items")
        if items is None:
            return self._no_type(path, "an array without `items`", f"declare `items`; {_LENIENT}")
        if isinstance(items, list):
            hint = f"declare one schema for all `items`; {_LENIENT}"
            return self._no_type((*path, "items"), "`items` is a list of schemas", hint)
        return Array(self.type_of(items, (*path, "items")))

    def _object(self, schema: Schema, path: _Path) -> Type:
        others, properties = schema.get("additionalProperties"), schema.get("properties")
        if isinstance(others, dict):
            return self._map(others, properties, path)
        if isinstance(properties, dict) and any("\0" in name for name in properties):
            # duckdb reads the names of types up to there
            hint = f"rename it; {_LENIENT}"
            return self._no_type(path, "an object with a NUL in the name of a property", hint)
        if isinstance(properties, dict) and properties:
            return Struct(self._fields(schema, path))
        hint = "declare `properties`, or `additionalProperties` with the schema of a map's values"
        what = "`properties` is not an object" if properties else "a free object"
        return self._no_type(path, what, f"{hint}; {_LENIENT}")

    def _map(self, others: Schema, properties: Json, path: _Path) -> Type:
        value = self.type_of(others, (*path, "additionalProperties"))
        declared = properties if isinstance(properties, dict) else {}
        wanted = plain(value)
        differing = [
            name
            for name, part in declared.items()
            if plain(self.type_of(part, (*path, "properties", name))) != wanted
        ]
        if not differing:
            return Map(value)
        names = ", ".join(f"`{name}`" for name in differing)
        hint = f"give them the type of the map's other values, {sql(value)}; {_LENIENT}"
        return self._no_type(path, f"a map in which {names} have another type", hint)

    def _fields(self, schema: Schema, path: _Path) -> tuple[Field, ...]:
        needed = set(strings_in(schema.get("required")))
        found: dict[str, Field] = {}
        for source, part in as_object(schema["properties"]).items():
            here = (*path, "properties", source)
            name = column_name(source) if not path else field_name(source)
            taken = found.get(name.lower())
            if taken is not None:
                message = f"`{taken.source}` and `{source}` would both be `{name}`"
                self._say(here, message, "rename one: case and special characters are lost")
                continue
            own = part if isinstance(part, dict) else {}
            found[name.lower()] = Field(
                name,
                source,
                self.type_of(part, here),
                nullable=self._may_lack(source, own, needed),
                comment=comment_of(own.get("description")),
            )
        return tuple(found.values())

    def _may_lack(self, source: str, part: Schema, needed: set[str]) -> bool:
        if self.nullable:
            return True
        kind = part.get("type")
        if kind == "null" or (isinstance(kind, list) and "null" in kind):
            return True
        return source not in needed and part.get("required") is not True  # draft-03

    def _no_type(self, path: _Path, what: str, hint: str) -> Type:
        if not self.lenient:
            self._say(path, f"{what} has no column type", hint)
        return JSON_TEXT

    def _say(self, path: _Path, message: str, hint: str) -> None:
        where = ".".join(str(part) for part in path if part != "properties") or "the schema"
        self.problems.append(Problem(f"{where}: {message}", join(path), hint))


_LENIENT = "or store it as JSON text, with `--lenient`"
_NAME_TYPE = f"declare a schema with one `type`; {_LENIENT}"


def _why_untyped(schema: Schema) -> tuple[str, str]:
    kind = schema.get("type")
    if kind == "null":
        return "what is always null", f"remove it, or give it a type; {_LENIENT}"
    if kind is not None:
        return f"an unknown type, {kind!r:.40},", f"name a type of JSON Schema; {_LENIENT}"
    union = next((word for word in _UNIONS if word in schema), None)
    if union == "$ref":
        return "a `$ref`", "materialize the schema, which resolves references"
    what = f"a part without `type` (it has `{union}`)" if union else "a part without `type`"
    return what, f"declare its one `type`; {_LENIENT}"
