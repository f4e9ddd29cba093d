"""The types of columns, without any engine's words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["boolean", "integer", "number", "string", "timestamp", "json"]


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value: a truth value, a 64-bit integer, a double, text, a time, or JSON as text."""

    kind: Kind


@dataclass(frozen=True, slots=True)
class Array:
    """Any number of values of one type."""

    item: Type


@dataclass(frozen=True, slots=True)
class Map:
    """Values of one type by name: an object whose `additionalProperties` is a schema."""

    value: Type


@dataclass(frozen=True, slots=True)
class Field:
    """A column, or a field of a struct.

    Attributes:
        name: its name in the table.
        source: the property's name in events.
        type: what it holds.
        nullable: whether an event may lack it.
        comment: the property's description, on one line; empty if there is none.
    """

    name: str
    source: str
    type: Type
    nullable: bool = True
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Struct:
    """Fields with a type each: an object that declares its properties."""

    fields: tuple[Field, ...]


Type: TypeAlias = Scalar | Array | Map | Struct

JSON_TEXT = Scalar("json")


def plain(type_: Type) -> Type:
    """Return a type without what two versions of it may differ in: comments and nullability."""
    if isinstance(type_, Array):
        return Array(plain(type_.item))
    if isinstance(type_, Map):
        return Map(plain(type_.value))
    if isinstance(type_, Struct):
        return Struct(
            tuple(
                replace(field, type=plain(field.type), nullable=True, comment="")
                for field in type_.fields
            )
        )
    return type_


_SQL: dict[Kind, str] = {
    "boolean": "BOOLEAN",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "string": "STRING",
    "timestamp": "TIMESTAMP",
    "json": "STRING",
}


def sql(type_: Type) -> str:
    """Return a type in the words of Hive and Spark, for messages: `ARRAY<STRUCT<a: BIGINT>>`."""
    if isinstance(type_, Array):
        return f"ARRAY<{sql(type_.item)}>"
    if isinstance(type_, Map):
        return f"MAP<STRING, {sql(type_.value)}>"
    if isinstance(type_, Struct):
        return f"STRUCT<{', '.join(f'{field.name}: {sql(field.type)}' for field in type_.fields)}>"
    return _SQL[type_.kind]
