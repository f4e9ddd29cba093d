"""Whether an event fits the columns of its table: quickly for most, thoroughly for the rest."""

from __future__ import annotations

import contextlib
import datetime as dt
from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import msgspec

from jsonschema_tools.events.json_text import decode, encode
from jsonschema_tools.lake.types import Array, Field, Map, Scalar, Struct, sql

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from jsonschema_tools.lake.blocks import Block
    from jsonschema_tools.lake.types import Kind, Type
    from jsonschema_tools.values import Json

_AT_ONCE = 128  # events of a block: what is made of them fits the cache of a processor
_LEAST, _MOST = -(2**63), 2**63 - 1
_TYPES: dict[Kind, Any] = {
    "boolean": bool,
    "integer": Annotated[int, msgspec.Meta(ge=_LEAST, le=_MOST)],
    "number": float,
    "string": str,
    "timestamp": Annotated[dt.datetime, msgspec.Meta(tz=True)],
    "json": msgspec.Raw,
}


class UnfitError(Exception):
    """A value that no column can hold; the message says which and why."""


class Summary(NamedTuple):
    """What many events have in common.

    Attributes:
        schemas: their `$schema`s; None where one is missing.
        streams: their `meta.stream`s; None where one is missing.
        domains: their `meta.domain`s; None where one is missing.
    """

    schemas: set[Any]
    streams: set[Any]
    domains: set[Any]


class Fitting:
    """Finds the events that fit the columns of a table.

    Args:
        columns: the columns.
    """

    def __init__(self, columns: Sequence[Field]) -> None:
        self._columns = columns
        self._decoder: Any = None
        with contextlib.suppress(ValueError):  # a name that msgspec does not take, such as a\\b
            self._decoder = msgspec.json.Decoder(_struct(columns))

        self._many: Any = None
        asked = _with_meta(columns)
        if self._decoder is not None and asked is not None:
            self._many = msgspec.json.Decoder(_struct(asked, needed=_NEEDED))
            self._schema, self._meta = (_getter(asked, name) for name in ("$schema", "meta"))
            meta = next(field.type for field in asked if field.source == "meta")
            fields = meta.fields if isinstance(meta, Struct) else ()
            self._stream, self._domain = (_getter(fields, name) for name in ("stream", "domain"))

    def summary(self, block: Block) -> Summary | None:
        """Look at many events at once, as `fit` does at one.

        Args:
            block: a JSON text on each line.

        Returns:
            What they have in common; None where one may not fit, or has no `meta.dt`.
        """
        if self._many is None:
            return None
        found = Summary(set(), set(), set())
        for text, count in block.parts(_AT_ONCE):
            try:
                events = self._many.decode_lines(text)
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):  # the last: msgspec
                return None
            if len(events) != count:
                return None
            metas = list(map(self._meta, events))
            found.schemas.update(map(self._schema, events))
            found.streams.update(map(self._stream, metas))
            found.domains.update(map(self._domain, metas))
        return Summary(*(set(map(_or_none, values)) for values in found))

    def fit(self, text: bytes) -> bytes:
        """Return an event that fits, as it is or cast: `1.0` to an integer, `"456"` too.

        Raises:
            UnfitError: a value cannot be cast.
            ParseError: it is not JSON.
        """
        if self._decoder is None:
            return self.cast(text)
        try:
            self._decoder.decode(text)
            text.decode()  # what it skips may not be UTF-8
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):  # the last: msgspec
            return self.cast(text)
        return text

    def cast(self, text: bytes) -> bytes:
        """Return an event with its values cast; times as every engine reads them.

        Raises:
            UnfitError: a value cannot be cast.
            ParseError: it is not JSON.
        """
        event = decode(text)
        if not isinstance(event, dict):
            raise UnfitError("the event is not an object")
        return encode(_cast_fields(event, self._columns, ""))


#: what every event of a block has
_NEEDED = (("meta",), ("meta", "dt"))
_TEXT_TYPE, _TIME_TYPE = Scalar("string"), Scalar("timestamp")


def _with_meta(columns: Sequence[Field]) -> list[Field] | None:
    """Return columns with all that is asked of every event; None where one has another type."""
    found = {field.source: field for field in columns}
    schema = found.setdefault("$schema", Field("_schema", "$schema", _TEXT_TYPE))
    meta = found.get("meta")
    if schema.type != _TEXT_TYPE or meta is None or not isinstance(meta.type, Struct):
        return None
    fields = {field.source: field for field in meta.type.fields}
    if "dt" not in fields:
        return None
    if fields["dt"].type not in {_TEXT_TYPE, _TIME_TYPE}:
        return None
    fields["dt"] = replace(fields["dt"], type=_TIME_TYPE)  # the hour is taken from it
    for name in ("stream", "domain"):
        if fields.setdefault(name, Field(name, name, _TEXT_TYPE)).type != _TEXT_TYPE:
            return None
    found["meta"] = replace(meta, type=Struct(tuple(fields.values())))
    return list(found.values())


def _or_none(value: Any) -> Any:
    return None if value is msgspec.UNSET else value


def _getter(columns: Sequence[Field], source: str) -> Callable[[Any], Any]:
    """Return what takes a value from an instance of the class that `_struct` returns."""
    return attrgetter(f"f{[field.source for field in columns].index(source)}")


def _struct(columns: Sequence[Field], needed: Sequence[tuple[str, ...]] = ()) -> Any:
    """Return a class of msgspec that takes what the columns can hold.

    Args:
        columns: the columns, or the fields of a struct.
        needed: paths of those that must be there, and not be null.
    """
    fields: list[Any] = []
    for index, field in enumerate(columns):
        inner = [path[1:] for path in needed if path[0] == field.source]
        class_ = _class_of(field.type, list(filter(None, inner)))
        if () in inner:
            fields.append((f"f{index}", class_))
        else:
            fields.append((f"f{index}", _or_null(class_), msgspec.UNSET))
    return msgspec.defstruct(
        "Row",
        fields,
        rename={f"f{index}": field.source for index, field in enumerate(columns)},
        gc=False,
        kw_only=True,
    )


def _class_of(type_: Type, needed: Sequence[tuple[str, ...]] = ()) -> Any:
    """Return a class of msgspec for a value that is not null."""
    if isinstance(type_, Array):
        return list[_or_null(_class_of(type_.item))]  # type: ignore[misc]
    if isinstance(type_, Map):
        return dict[str, _or_null(_class_of(type_.value))]  # type: ignore[misc]
    if isinstance(type_, Struct):
        return _struct(type_.fields, needed)
    return _TYPES[type_.kind]


def _or_null(class_: Any) -> Any:
    return class_ if class_ is msgspec.Raw else class_ | None  # a raw value may be null


def _cast(value: Json, type_: Type, where: str) -> Json:
    if value is None:
        return None
    if isinstance(type_, Struct) and isinstance(value, dict):
        return _cast_fields(value, type_.fields, f"{where}.")
    if isinstance(type_, Array) and isinstance(value, list):
        return [_cast(item, type_.item, f"{where}[{i}]") for i, item in enumerate(value)]
    if isinstance(type_, Map) and isinstance(value, dict):
        return {key: _cast(item, type_.value, f"{where}.{key}") for key, item in value.items()}
    if not isinstance(type_, (Struct, Array, Map)):
        try:
            return _CASTS[type_.kind](value)
        except (ValueError, OverflowError):
            pass
    text = encode(value).decode()
    short = text if len(text) <= 60 else f"{text[:57]}..."
    raise UnfitError(f"`{where}` is {short}, which does not fit the type {sql(type_)}")


def _cast_fields(value: dict[str, Json], fields: Sequence[Field], start: str) -> Json:
    known = {field.source: field.type for field in fields}
    return {
        key: _cast(item, known[key], f"{start}{key}") for key, item in value.items() if key in known
    }


def _to_boolean(value: Json) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError


def _to_integer(value: Json) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError
    if isinstance(value, float) and value % 1:
        raise ValueError
    number = int(value)
    if not _LEAST <= number <= _MOST:
        raise ValueError
    return number


def _to_number(value: Json) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        raise ValueError
    number = float(value)
    if number - number != 0:  # infinite, or not a number
        raise ValueError
    return number


def _to_text(value: Json) -> str:
    if isinstance(value, (dict, list)):
        raise ValueError
    return value if isinstance(value, str) else encode(value).decode()


def _to_time(value: Json) -> str:
    if not isinstance(value, str):
        raise ValueError
    found = msgspec.convert(value.upper(), dt.datetime)  # MsgspecError is a ValueError
    if found.tzinfo is None:
        raise ValueError
    return found.astimezone(dt.UTC).isoformat()


_CASTS: dict[Kind, Callable[[Json], Json]] = {
    "boolean": _to_boolean,
    "integer": _to_integer,
    "number": _to_number,
    "string": _to_text,
    "timestamp": _to_time,
    "json": lambda value: value,
}
