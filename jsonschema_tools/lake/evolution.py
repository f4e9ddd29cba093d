"""What takes a table from one version of a schema to another: added fields, or why nothing does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from jsonschema_tools.lake.types import (
    JSON_TEXT,
    Array,
    Field,
    Map,
    Scalar,
    Struct,
    Type,
    plain,
    sql,
)
from jsonschema_tools.pointers import join

if TYPE_CHECKING:
    from collections.abc import Iterator

#: the way to a field: names, `element` for the items of an array, `value` for those of a map
Path: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Added:
    """A column, or a field of a struct, that a table gains at its end.

    Attributes:
        path: the way to it, its own name last.
        field: what is added; nullable, as older rows have no value.
    """

    path: Path
    field: Field

    def __str__(self) -> str:
        """Say it as `diff` does."""
        what = "column" if len(self.path) == 1 else "field"
        return f"adds {what} `{'.'.join(self.path)} {sql(self.field.type)}`"


@dataclass(frozen=True, slots=True)
class Loosened:
    """A column that was not nullable and is now."""

    path: Path

    def __str__(self) -> str:
        """Say it as `diff` does."""
        return f"makes `{'.'.join(self.path)}` nullable"


@dataclass(frozen=True, slots=True)
class Refused:
    """A change that no table survives.

    Attributes:
        path: the way to the field.
        old: what it was.
        new: what it would be; None: it went.
    """

    path: Path
    old: Type
    new: Type | None

    def __str__(self) -> str:
        """Say it as `diff` does."""
        name = ".".join(self.path)
        if self.new is None:
            return f"loses `{name} {sql(self.old)}`"
        return f"changes the type of `{name}` from {sql(self.old)} to {sql(self.new)}"


Change: TypeAlias = Added | Loosened | Refused


def changes(old: tuple[Field, ...], new: tuple[Field, ...], path: Path = ()) -> Iterator[Change]:
    """Yield what takes the columns of an older version to those of a newer one, in their order.

    Names are compared without case, as the engines do. A field that becomes required stays
    nullable, as older rows may lack it: that is not a change.
    """
    later = {field.name.lower(): field for field in new}
    known = {field.name.lower() for field in old}
    for field in old:
        here = (*path, field.name)
        other = later.get(field.name.lower())
        if other is None:
            yield Refused(here, field.type, None)
            continue
        if other.nullable and not field.nullable:
            yield Loosened(here)
        yield from _between(field.type, other.type, here)
    for field in new:
        if field.name.lower() not in known:
            yield Added((*path, field.name), replace(field, nullable=True))


def innermost(old: Type, new: Type, path: Path) -> tuple[Type, Type, Path]:
    """Return what the arrays and maps of both types hold in the end, and the way to it."""
    while True:
        if isinstance(old, Array) and isinstance(new, Array):
            old, new, path = old.item, new.item, (*path, "element")
        elif isinstance(old, Map) and isinstance(new, Map):
            old, new, path = old.value, new.value, (*path, "value")
        else:
            return old, new, path


def _between(old: Type, new: Type, path: Path) -> Iterator[Change]:
    old, new, path = innermost(old, new, path)
    if isinstance(old, Struct) and isinstance(new, Struct):
        yield from changes(old.fields, new.fields, path)
    elif not _same(old, new):
        yield Refused(path, old, new)


def _same(old: Type, new: Type) -> bool:
    """Tell whether two types are one in a table; text and JSON text are."""
    texts = {"string", "json"}
    if isinstance(old, Scalar) and isinstance(new, Scalar):
        return old.kind == new.kind or {old.kind, new.kind} <= texts
    return plain(old) == plain(new)


class Places:
    """Where the fields of a table are in its schema.

    Args:
        fields: the columns of the schema.
    """

    def __init__(self, fields: tuple[Field, ...]) -> None:
        self._table = Struct(fields)
        self._by_name: dict[int, dict[str, Field]] = {}

    def pointer_to(self, path: Path) -> str:
        """Return the JSON Pointer to a field; to what held it, where it is gone.

        Args:
            path: the way to it, as changes have it.
        """
        tokens: list[str] = []
        inner: Type = self._table
        for name in path:
            if isinstance(inner, Array):
                tokens, inner = [*tokens, "items"], inner.item
            elif isinstance(inner, Map):
                tokens, inner = [*tokens, "additionalProperties"], inner.value
            elif isinstance(inner, Struct):
                found = self._named(inner).get(name.lower())
                if found is None:
                    break
                tokens, inner = [*tokens, "properties", found.source], found.type
        return join(tokens)

    def _named(self, struct: Struct) -> dict[str, Field]:
        """Return the fields of a part of the table by name, of several the first one."""
        if id(struct) not in self._by_name:
            found = {field.name.lower(): field for field in reversed(struct.fields)}
            self._by_name[id(struct)] = found
        return self._by_name[id(struct)]


def merged(old: tuple[Field, ...], new: tuple[Field, ...]) -> tuple[Field, ...]:
    """Return the columns of a table that has been taken from one version to another.

    Those of the table come first, in their order, new ones follow in theirs; so do the fields of
    structs at every depth. A type that conflicts stays the table's, and what went stays too.
    """
    later = {field.name.lower(): field for field in new}
    known = {field.name.lower() for field in old}
    kept = [_joined(field, later.get(field.name.lower())) for field in old]
    added = [replace(field, nullable=True) for field in new if field.name.lower() not in known]
    return (*kept, *added)


def _joined(old: Field, new: Field | None) -> Field:
    if new is None:
        return replace(old, nullable=True)  # new events have no value for it
    return replace(
        old,
        source=new.source,
        type=_merged_type(old.type, new.type),
        nullable=old.nullable or new.nullable,
        comment=new.comment or old.comment,
    )


def _merged_type(old: Type, new: Type) -> Type:
    if isinstance(old, Struct) and isinstance(new, Struct):
        return Struct(merged(old.fields, new.fields))
    if isinstance(old, Array) and isinstance(new, Array):
        return Array(_merged_type(old.item, new.item))
    if isinstance(old, Map) and isinstance(new, Map):
        return Map(_merged_type(old.value, new.value))
    if new == JSON_TEXT and _same(old, new):
        return new  # a table only says that it is text
    return old
