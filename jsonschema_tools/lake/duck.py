"""What duckdb is asked: to make columns of the JSON of events, by the types of their schema."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from jsonschema_tools.lake.types import Array, Field, Map, Struct

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jsonschema_tools.lake.types import Kind, Type

_SCALARS: dict[Kind, str] = {
    "boolean": "BOOLEAN",
    "integer": "BIGINT",
    "number": "DOUBLE",
    "string": "VARCHAR",
    "timestamp": "TIMESTAMPTZ",
    "json": "VARCHAR",
}
# times are read as text first: reading them directly would make NULL of what is not a time
_READ: dict[Kind, str] = {**_SCALARS, "timestamp": "VARCHAR", "json": "JSON"}


def query(columns: Sequence[Field], *, partitioned: bool = True) -> str:
    """Return the query that makes rows of a batch of events.

    The batch is a table `batch` with `line`, the event as JSON; `datacenter`; and `received`, in
    microseconds since 1970, or NULL for `meta.dt`. What is not a time raises an error; other values
    were tried before.
    """
    structure = {field.source: _type(field.type, _READ, as_read=True) for field in columns}
    text = json.dumps(structure).replace("'", "''")
    chosen = [f"{_value(field)} AS {quote(field.name)}" for field in columns]
    if partitioned:
        time = _time(columns)
        chosen.append("datacenter")
        chosen += [f"{part}({time}) AS {part}" for part in ("year", "month", "day", "hour")]
    rows = f"SELECT json_transform(line, '{text}') AS e, datacenter, received FROM batch"  # noqa: S608 - quoted
    return f"SELECT {', '.join(chosen)} FROM ({rows})"  # noqa: S608 - quoted


def _time(columns: Sequence[Field]) -> str:
    meta = next((field.type for field in columns if field.source == "meta"), None)
    if isinstance(meta, Struct) and any(field.source == "dt" for field in meta.fields):
        own = "timezone('UTC', CAST(e.meta.dt AS TIMESTAMPTZ))"
        return f"coalesce(make_timestamp(received), {own})"
    return "make_timestamp(received)"


def quote(name: str) -> str:
    """Return a name as SQL quotes it."""
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def _type(type_: Type, scalars: dict[Kind, str], *, as_read: bool) -> str:
    if isinstance(type_, Array):
        return f"{_type(type_.item, scalars, as_read=as_read)}[]"
    if isinstance(type_, Map):
        return f"MAP(VARCHAR, {_type(type_.value, scalars, as_read=as_read)})"
    if isinstance(type_, Struct):
        fields = (
            f"{quote(field.source if as_read else field.name)} "
            f"{_type(field.type, scalars, as_read=as_read)}"
            for field in type_.fields
        )
        return f"STRUCT({', '.join(fields)})"
    return scalars[type_.kind]


def _value(field: Field) -> str:
    value = _renamed(f"e.{quote(field.source)}", field.type, 0)
    read = _type(field.type, _READ, as_read=False)
    wanted = _type(field.type, _SCALARS, as_read=False)
    return value if read == wanted else f"CAST({value} AS {wanted})"


def _renamed(value: str, type_: Type, depth: int) -> str:
    """Return an expression in which the fields of structs have the names of the table."""
    if not _has_other_names(type_):
        return value
    each = f"x{depth}"
    if isinstance(type_, Array):
        return f"list_transform({value}, lambda {each}: {_renamed(each, type_.item, depth + 1)})"
    if isinstance(type_, Map):
        inner = _renamed(f"{each}.value", type_.value, depth + 1)
        entries = f"map_entries({value})"
        pairs = f"list_transform({entries}, lambda {each}: {{'key': {each}.key, 'value': {inner}}})"
        return f"map_from_entries({pairs})"
    if isinstance(type_, Struct):
        fields = (
            f"{quote(f.name)} := {_renamed(f'{value}.{quote(f.source)}', f.type, depth)}"
            for f in type_.fields
        )
        return f"CASE WHEN {value} IS NULL THEN NULL ELSE struct_pack({', '.join(fields)}) END"
    return value


def _has_other_names(type_: Type) -> bool:
    if isinstance(type_, Array):
        return _has_other_names(type_.item)
    if isinstance(type_, Map):
        return _has_other_names(type_.value)
    if isinstance(type_, Struct):
        return any(f.name != f.source or _has_other_names(f.type) for f in type_.fields)
    return False
