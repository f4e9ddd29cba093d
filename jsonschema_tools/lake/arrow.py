"""Types as Arrow has them, there and back: the words in which the table formats are spoken to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from jsonschema_tools.lake.types import Array, Field, Map, Scalar, Struct

if TYPE_CHECKING:
    from collections.abc import Iterable

    from jsonschema_tools.lake.types import Kind, Type

_SCALARS: dict[Kind, pa.DataType] = {
    "boolean": pa.bool_(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "string": pa.string(),
    "timestamp": pa.timestamp("us", "UTC"),
    "json": pa.string(),
}


def schema_of(columns: Iterable[Field]) -> pa.Schema:
    """Return the schema of a table; all of it nullable."""
    return pa.schema([pa.field(field.name, to_arrow(field.type)) for field in columns])


def to_arrow(type_: Type) -> pa.DataType:
    """Return a type of ours as one of Arrow."""
    if isinstance(type_, Array):
        return pa.list_(to_arrow(type_.item))
    if isinstance(type_, Map):
        return pa.map_(pa.string(), to_arrow(type_.value))
    if isinstance(type_, Struct):
        return pa.struct([pa.field(field.name, to_arrow(field.type)) for field in type_.fields])
    return _SCALARS[type_.kind]


def columns_of(schema: Iterable[Any]) -> tuple[Field, ...]:
    """Return the fields of an Arrow schema or struct as columns; sources are not known any more."""
    return tuple(Field(field.name, field.name, from_arrow(field.type)) for field in schema)


def from_arrow(type_: Any) -> Type:
    """Return a type of Arrow as one of ours.

    Raises:
        TypeError: no column of ours has it.
    """
    types = pa.types
    if types.is_struct(type_):
        return Struct(columns_of(type_.field(index) for index in range(type_.num_fields)))
    if types.is_map(type_):
        return Map(from_arrow(type_.item_type))
    if types.is_list(type_) or types.is_large_list(type_):
        return Array(from_arrow(type_.value_type))
    if types.is_boolean(type_):
        return Scalar("boolean")
    if types.is_integer(type_):
        return Scalar("integer")
    if types.is_floating(type_):
        return Scalar("number")
    if types.is_string(type_) or types.is_large_string(type_) or types.is_string_view(type_):
        return Scalar("string")
    if types.is_timestamp(type_):
        return Scalar("timestamp")
    raise TypeError(f"events cannot be loaded into a column of type {type_}")
