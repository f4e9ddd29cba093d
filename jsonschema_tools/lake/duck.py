"""What duckdb is asked: to make columns of the JSON of events, by the types of their schema."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from jsonschema_tools.lake.types import Array, Field, Map, Scalar, Struct

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
_READ: dict[Kind, str] = {**_SCALARS, "json": "JSON"}
# of what is not a time as duckdb reads it, `json_transform` makes NULL, while a cast of text raises
_TEXT_FIRST: dict[Kind, str] = {**_READ, "timestamp": "VARCHAR"}


def query(columns: Sequence[Field]) -> str:
    """Return the query that makes rows of a batch of events.

    The batch is a table `batch` with `line`, the event as JSON; `datacenter`; and `received`, in
    microseconds since 1970, or NULL for `meta.dt`. A time that duckdb cannot read raises an error;
    that other values fit was proved before.
    """
    chosen = [f"{_value(field)} AS {quote(field.name)}" for field in columns]
    parts = [f"{part}(hour_of) AS {part}" for part in ("year", "month", "day", "hour")]
    lines = f"SELECT *, {_transformed(columns, _READ)} AS e FROM batch"  # noqa: S608 - quoted
    events = f"SELECT *, {_time(columns)} AS hour_of FROM ({lines})"  # noqa: S608 - quoted
    return f"SELECT {', '.join([*chosen, 'datacenter', *parts])} FROM ({events})"  # noqa: S608 - quoted


def _transformed(columns: Sequence[Field], scalars: dict[Kind, str]) -> str:
    structure = {field.source: _type(field.type, scalars, as_read=True) for field in columns}
    text = json.dumps(structure).replace("'", "''")
    return f"json_transform(line, '{text}')"


def _time(columns: Sequence[Field]) -> str:
    """Return an expression for when an event was received, in UTC without saying so."""
    received = "make_timestamp(received)"
    meta = next((field.type for field in columns if field.source == "meta"), None)
    fields = meta.fields if isinstance(meta, Struct) else ()
    own = next((field for field in fields if field.source == "dt"), None)
    if own is None:
        return received
    text = "CAST(json_extract_string(line, '$.meta.dt') AS TIMESTAMPTZ)"
    if own.type == Scalar("timestamp"):
        text = f"coalesce(e.meta.dt, {text})"
    return f"coalesce({received}, make_timestamp(epoch_us({text})))"


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
    """Return an expression for a column; where a time is missing, a slower one that raises."""
    value = _as_wanted("e", field, _READ)
    missing = _lacks_time(f"e.{quote(field.source)}", field.type, 0)
    if missing is None:
        return value
    slow = _as_wanted(_transformed([field], _TEXT_FIRST), field, _TEXT_FIRST)
    return f"CASE WHEN {missing} THEN {slow} ELSE {value} END"


def _as_wanted(event: str, field: Field, scalars: dict[Kind, str]) -> str:
    value = _renamed(f"{event}.{quote(field.source)}", field.type, 0)
    read = _type(field.type, scalars, as_read=False)
    wanted = _type(field.type, _SCALARS, as_read=False)
    return value if read == wanted else f"CAST({value} AS {wanted})"


def _lacks_time(value: str, type_: Type, depth: int) -> str | None:
    """Return a condition that is true wherever a time is NULL; None where there are no times."""
    if isinstance(type_, Struct):
        conditions = [
            _lacks_time(f"{value}.{quote(f.source)}", f.type, depth) for f in type_.fields
        ]
        return " OR ".join(filter(None, conditions)) or None
    if isinstance(type_, (Array, Map)):
        each, inner = f"x{depth}", type_.item if isinstance(type_, Array) else type_.value
        condition = _lacks_time(each, inner, depth + 1)
        values = value if isinstance(type_, Array) else f"map_values({value})"
        # COALESCE: nothing of an empty list is NULL, nor is anything of none
        found = f"list_bool_or(list_transform({values}, lambda {each}: {condition}))"
        return None if condition is None else f"coalesce({found}, false)"
    return f"{value} IS NULL" if type_.kind == "timestamp" else None


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
