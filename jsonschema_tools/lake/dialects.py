"""What dialects of SQL make of columns: types, nullability, comments, partitions.

sqlglot writes the words; what a dialect cannot hold is decided here, each as its own documentation
says: maps in BigQuery, nested values in Postgres, what may be NULL in ClickHouse.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from sqlglot import exp

from jsonschema_tools.lake.types import Array, Field, Map, Scalar, Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jsonschema_tools.lake.types import Kind, Type

Nested: TypeAlias = Literal["path", "whole", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a dialect differs.

    Attributes:
        name: as the command line names it.
        parser: the dialect of sqlglot.
        times_as_text: whether its consumers have times as text.
        maps: whether it has a type for maps; else a map is an array of keys and values.
        nested: whether it has types of structs, arrays and maps; else they are JSON.
        nested_not_null: whether a field of a struct may be NOT NULL.
        nested_comments: whether a field of a struct may have a comment.
        comments: how a column gets its comment: within its definition, as OPTIONS, or by COMMENT
            ON.
        wraps_null: whether a type says that it may be NULL, instead of NOT NULL.
        adds_fields: how a struct gains a field: by its path, by the whole type of its column,
            or not at all.
    """

    name: str
    parser: str
    times_as_text: bool = False
    maps: bool = True
    nested: bool = True
    nested_not_null: bool = False
    nested_comments: bool = False
    comments: Literal["inline", "options", "statement"] = "inline"
    wraps_null: bool = False
    adds_fields: Nested = "whole"


DIALECTS: Mapping[str, Dialect] = {
    dialect.name: dialect
    for dialect in (
        Dialect(name="hive", parser="hive", times_as_text=True, nested_comments=True),
        Dialect(
            name="spark",
            parser="spark",
            nested_not_null=True,
            nested_comments=True,
            adds_fields="path",
        ),
        Dialect(name="trino", parser="trino", adds_fields="path"),
        Dialect(
            name="iceberg",
            parser="spark",
            nested_not_null=True,
            nested_comments=True,
            adds_fields="path",
        ),
        Dialect(name="duckdb", parser="duckdb", comments="statement", adds_fields="path"),
        Dialect(
            name="bigquery",
            parser="bigquery",
            maps=False,
            nested_not_null=True,
            nested_comments=True,
            comments="options",
            adds_fields="none",
        ),
        Dialect(name="snowflake", parser="snowflake", nested_not_null=True),
        Dialect(name="clickhouse", parser="clickhouse", wraps_null=True),
        Dialect(name="postgres", parser="postgres", nested=False, comments="statement"),
    )
}

_TYPES: Mapping[Kind, exp.DType] = {
    "boolean": exp.DType.BOOLEAN,
    "integer": exp.DType.BIGINT,
    "number": exp.DType.DOUBLE,
    "string": exp.DType.TEXT,
    "timestamp": exp.DType.TIMESTAMPTZ,
    "json": exp.DType.TEXT,
}


def type_of(type_: Type, dialect: Dialect, *, nullable: bool = True) -> exp.DataType:
    """Return a type as sqlglot has it.

    Args:
        type_: the type.
        dialect: whose.
        nullable: whether a value may be NULL, where the type itself says so.
    """
    if isinstance(type_, Scalar):
        return _scalar(type_.kind, dialect, nullable=nullable)
    if not dialect.nested:
        return _data_type(exp.DType.JSONB)
    if isinstance(type_, Struct):
        return _data_type(exp.DType.STRUCT, *(_struct_field(f, dialect) for f in type_.fields))
    if isinstance(type_, Map):
        if dialect.maps:
            value = type_of(type_.value, dialect)
            return _data_type(exp.DType.MAP, type_of(_TEXT, dialect, nullable=False), value)
        key = Field("key", "key", _TEXT, nullable=False)
        return type_of(Array(Struct((key, Field("value", "value", type_.value)))), dialect)
    if dialect.name == "bigquery" and isinstance(type_.item, (Array, Map)):
        # BigQuery has no arrays of arrays
        return type_of(Array(Struct((Field("list", "list", type_.item),))), dialect)
    return _data_type(exp.DType.ARRAY, type_of(type_.item, dialect))


_TEXT = Scalar("string")


def _data_type(kind: exp.DType, *parts: exp.Expr, **more: Any) -> exp.DataType:
    if kind in {exp.DType.STRUCT, exp.DType.ARRAY, exp.DType.MAP, exp.DType.JSONB}:
        more["nullable"] = False  # ClickHouse: NULL is for scalars only
    return exp.DataType(this=kind, expressions=list(parts), nested=bool(parts), **more)


def _scalar(kind: Kind, dialect: Dialect, *, nullable: bool) -> exp.DataType:
    null = {"nullable": nullable} if dialect.wraps_null else {}
    if kind == "timestamp" and dialect.name == "clickhouse":
        parts = [exp.DataTypeParam(this=exp.Literal.number(6))]
        parts.append(exp.DataTypeParam(this=exp.Literal.string("UTC")))
        return exp.DataType(this=exp.DType.DATETIME64, expressions=parts, **null)
    if kind == "timestamp" and dialect.name == "trino":
        precision = exp.DataTypeParam(this=exp.Literal.number(6))
        return exp.DataType(this=exp.DType.TIMESTAMPTZ, expressions=[precision])
    return exp.DataType(this=_TYPES[kind], **null)


def column_of(field: Field, dialect: Dialect) -> exp.ColumnDef:
    """Return the definition of a column."""
    return _definition(
        field, dialect, not_null=not field.nullable, comment=dialect.comments != "statement"
    )


def _struct_field(field: Field, dialect: Dialect) -> exp.ColumnDef:
    not_null = not field.nullable and dialect.nested_not_null
    return _definition(field, dialect, not_null=not_null, comment=dialect.nested_comments)


def _definition(field: Field, dialect: Dialect, *, not_null: bool, comment: bool) -> exp.ColumnDef:
    kind = type_of(field.type, dialect, nullable=field.nullable)
    constraints = []
    repeated = not dialect.maps and isinstance(field.type, (Array, Map))  # BigQuery: never NULL
    if not_null and not dialect.wraps_null and not repeated:
        constraints.append(exp.ColumnConstraint(kind=exp.NotNullColumnConstraint()))
    if field.comment and comment:
        constraints.append(exp.ColumnConstraint(kind=_comment(field.comment, dialect)))
    return exp.ColumnDef(this=identifier(field.name), kind=kind, constraints=constraints)


def _comment(text: str, dialect: Dialect) -> exp.Expr:
    literal = exp.Literal.string(text)
    if dialect.comments != "options":
        return exp.CommentColumnConstraint(this=literal)
    return exp.Properties(expressions=[exp.Property(this=exp.var("description"), value=literal)])


def identifier(name: str) -> exp.Identifier:
    """Return a name, which each dialect quotes in its own way."""
    return exp.to_identifier(name, quoted=True)
