"""Checks of the keywords in a current file: spelt right, of the type, of the dialect."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from jsonschema_tools.checks.base import Check, Context, check
from jsonschema_tools.checks.scopes import FILE, is_current
from jsonschema_tools.dereferencing.references import constraints_beside
from jsonschema_tools.errors import Problem
from jsonschema_tools.keywords import CONSTRAINTS, DEFINITIONS, DOCUMENTATION
from jsonschema_tools.messages import closest
from jsonschema_tools.subschemas import places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.repository import SchemaFile
    from jsonschema_tools.values import Schema

_KNOWN = (
    CONSTRAINTS
    | DEFINITIONS
    | DOCUMENTATION
    | {"$anchor", "$dynamicAnchor", "$recursiveAnchor", "$schema", "$vocabulary", "id"}
    | {"default", "deprecated", "readOnly", "writeOnly"}
    | {"discriminator", "example", "externalDocs", "nullable", "xml"}  # OpenAPI
)
_SHORTEST = 4  # `note` is close to `not`, and means something else
_CLOSE_TO = sorted(name for name in _KNOWN if len(name) >= _SHORTEST and name != "example")
_CLOSE = 0.8

_LIMITS = {
    "string": ("minLength", "maxLength"),
    "array": ("minItems", "maxItems"),
    "object": ("minProperties", "maxProperties"),
    "number": ("minimum", "maximum"),
}
_OF_TYPE = {
    "string": {"contentEncoding", "contentMediaType", "pattern"},
    "array": {"additionalItems", "contains", "items", "uniqueItems"},
    "object": {
        "additionalProperties",
        "dependencies",
        "patternProperties",
        "properties",
        "propertyNames",
        "required",
    },
    "number": {"exclusiveMaximum", "exclusiveMinimum", "multipleOf"},
}
_TYPE_OF = {key: kind for kind, keys in _OF_TYPE.items() for key in (*_LIMITS[kind], *sorted(keys))}
_SIMPLE = {"boolean", "null"}

_2019 = {
    "$anchor": "give the schema a place below `definitions`, and refer to that",
    "$recursiveAnchor": "write the reference out",
    "$recursiveRef": "write `$ref`",
    "contentSchema": "draft-07 has nothing like it",
    "dependentRequired": "write `dependencies`",
    "dependentSchemas": "write `dependencies`",
    "maxContains": "draft-07 has nothing like it",
    "minContains": "draft-07 has nothing like it",
    "unevaluatedItems": "write `additionalItems` beside `items`",
    "unevaluatedProperties": "write `additionalProperties` beside all `properties`",
}
_2020 = {
    **_2019,
    "$dynamicAnchor": "write the reference out",
    "$dynamicRef": "write `$ref`",
    "prefixItems": "write `items` with a list",
}
_IGNORED: dict[str, dict[str, str]] = {
    "draft-04": {"id": "write `$id`"},
    "draft-06": {},
    "draft/2019-09": _2019,
    "draft/2020-12": _2020,
}


@check("schema-keywords-known", "robustness", FILE, applies=is_current)
def keywords_known(file: SchemaFile, context: Context) -> Iterator[Problem]:
    """No keyword is misspelt.

    Validators ignore a keyword that they do not know: a misspelt limit limits nothing, without a
    word, until it is too late to add the right one.

    Looks at the current file, for keys that are close to a known keyword which is missing there
    too. Keywords of your own are free where they begin with `x-`, or are close to none.

    Bad: `name: {type: string, mexLength: 128}`.

    Good: `name: {type: string, maxLength: 128}`.

    Fix: correct the keyword, or let it begin with `x-` where it is your own.
    """
    fields = (context.config.schema_version_field, context.config.schema_title_field)
    own = {field.partition(".")[0] for field in fields}
    for place in places(file.schema):
        for key in place.schema:
            meant = None if key in _KNOWN else _meant(key)
            if meant and meant not in place.schema and not (place.parent is None and key in own):
                yield Problem(
                    f"unknown keyword `{key}`, did you mean `{meant}`?",
                    place.at(key),
                    f"write `{meant}`, or `x-{key}` for a keyword of your own",
                )


@lru_cache(maxsize=1024)
def _meant(key: str) -> str | None:
    if key.startswith("x-"):
        return None
    return closest(key, _CLOSE_TO, similarity=_CLOSE)


@check("schema-keywords-fit-type", "robustness", FILE, applies=is_current)
def keywords_fit_type(file: SchemaFile, _: Context) -> Iterator[Problem]:
    """Every keyword fits the type next to it.

    A keyword for another type says nothing: `minLength` accepts every array. Looks at the current
    file, at keywords that are beside a `type`; `format` is free, as some are for numbers.

    Bad: `tags: {type: array, minLength: 1}`.

    Good: `tags: {type: array, minItems: 1}`.

    Fix: use the keyword for the type, correct the type, or put the keyword into `items`.
    """
    for place in places(file.schema):
        kinds = _kinds(place.schema)
        if kinds is None:
            continue
        for key in place.schema:
            kind = _TYPE_OF.get(key)
            if kind is not None and kind not in kinds:
                yield Problem(
                    f"`{key}` says nothing about type {_named(place.schema)}"
                    f"{_alternative(key, kind, kinds)}",
                    place.at(key),
                    f"it is for type {kind}; remove it, or correct the type",
                )


def _kinds(schema: Schema) -> set[str] | None:
    """Return the types of a schema, integers as numbers; None where it has none or wrong ones."""
    named = schema.get("type")
    names = named if isinstance(named, list) else [named]
    if not names or not all(isinstance(name, str) for name in names):
        return None
    kinds = {"number" if name == "integer" else str(name) for name in names}
    return kinds if kinds <= _LIMITS.keys() | _SIMPLE else None


def _named(schema: Schema) -> str:
    named = schema["type"]
    return " or ".join(map(str, named)) if isinstance(named, list) else str(named)


def _alternative(key: str, kind: str, kinds: set[str]) -> str:
    if len(kinds) == 1 and key in _LIMITS[kind]:
        (only,) = kinds
        if only in _LIMITS:
            return f", did you mean `{_LIMITS[only][_LIMITS[kind].index(key)]}`?"
    return ""


def _has_other_dialect(file: SchemaFile, _: Context) -> bool:
    return file.current and isinstance(file.data, dict) and _dialect(file.schema) is not None


@check("schema-dialect", "robustness", FILE, applies=_has_other_dialect)
def dialect(file: SchemaFile, _: Context) -> Iterator[Problem]:
    """A schema of another dialect uses nothing that draft-07 reads differently.

    Every schema is read as draft-07, whatever its `$schema` says. The keywords of other dialects
    that draft-07 ignores, or reads in another way, are named, with what to write instead: `id` and
    `exclusiveMinimum: true` (draft-04), `prefixItems`, `unevaluatedProperties`, `$anchor` and more
    (2019-09 and 2020-12), and constraints beside `$ref`, which count only there. A schema that uses
    none of them passes. Runs only where `$schema` of the current file names one of these dialects.

    Bad: `$schema: https://json-schema.org/draft/2020-12/schema` with `a: {$ref: …, minimum: 1}`.

    Good: `$schema: https://json-schema.org/draft-07/schema#` with
    `a: {allOf: [{$ref: …}, {minimum: 1}]}`.

    Fix: write what the hint says, and declare draft-07.
    """
    name = _dialect(file.schema)
    if name is None:
        return
    ignored = _IGNORED[name]
    for place in places(file.schema):
        for key, value in place.schema.items():
            if key in ignored and (key != "id" or isinstance(value, str)):
                message = f"`{key}` of {_short(name)} is ignored: schemas are read as draft-07"
                yield Problem(message, place.at(key), ignored[key])
            elif name == "draft-04" and key in _LEGACY and isinstance(value, bool):
                message = f"`{key}: {str(value).lower()}` of draft-04 is not valid in draft-07"
                yield Problem(message, place.at(key), f"give `{key}` the number itself")
        if ignored is _2019 or ignored is _2020:
            yield from _beside_ref(place.schema, place.pointer, _short(name))


def _beside_ref(schema: Schema, pointer: str, name: str) -> Iterator[Problem]:
    if beside := constraints_beside(schema):
        listed = ", ".join(f"`{key}`" for key in beside)
        yield Problem(
            f"{listed} beside `$ref` is read differently from {name}, where both apply: "
            "schemas are read as draft-07",
            f"{pointer}/{beside[0]}",
            "write `allOf` with the `$ref` and the rest, and declare draft-07",
        )


_LEGACY = {"exclusiveMaximum", "exclusiveMinimum"}


def _dialect(schema: Schema) -> str | None:
    declared = schema.get("$schema")
    if not isinstance(declared, str) or "json-schema.org/" not in declared:
        return None
    name = declared.partition("json-schema.org/")[2].partition("/schema")[0]
    return name if name in _IGNORED else None


def _short(name: str) -> str:
    return name.removeprefix("draft/")


CHECKS: tuple[Check, ...] = (keywords_known, keywords_fit_type, dialect)
