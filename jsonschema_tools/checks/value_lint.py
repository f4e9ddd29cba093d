"""Check of the values that a current file gives: its own schema must accept them."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

from jsonschema_tools.checks.base import Check, Context, check
from jsonschema_tools.checks.scopes import FILE, is_current
from jsonschema_tools.errors import Problem
from jsonschema_tools.keywords import CONSTRAINTS, GREATEST, LEAST
from jsonschema_tools.messages import format_value
from jsonschema_tools.pointers import escape, split
from jsonschema_tools.subschemas import places
from jsonschema_tools.validation import (
    TOO_LONG,
    TOO_LONG_HINT,
    UnusableSchemaError,
    compile_part,
    example_problems,
    takes_too_long,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.documents import Document
    from jsonschema_tools.repository import SchemaFile
    from jsonschema_tools.subschemas import Subschema
    from jsonschema_tools.values import Json, Schema

_VALUES = ("enum", "const", "default", "examples")
_FLAT = LEAST | GREATEST | {"const", "enum", "format", "multipleOf", "pattern", "type"}
_WHOLE = CONSTRAINTS - {"$ref"}
_SCALAR = re.compile(r"[^\s,\[\]{}#'\"&*!|>][^\s,\[\]{}#]*")


@check("schema-values-valid", "robustness", FILE, applies=is_current)
def values_valid(file: SchemaFile, _: Context) -> Iterator[Problem]:
    """The values in `enum`, `const`, `default` and `examples` are valid where they are.

    A value in `enum` or `const` that the keywords beside it refuse is one that no event can ever
    have, and a `default` that they refuse makes the events invalid into which it is filled. Often
    YAML reads something else than was meant: `12:30` is 750, `2020-01-01` a date.

    Looks at the current file, at the keywords beside the value; what a `$ref` leads to is passed
    over. The examples of the whole schema are left to `schema-examples-are-valid`. A `default` on a
    required field is free, as events are filled in before they are validated.

    Bad: `shift: {type: string, enum: [12:30, 18:00]}`, `size: {minimum: 5, enum: [1, 2]}`.

    Good: `shift: {type: string, enum: ["12:30", "18:00"]}`.

    Fix: put the value in quotes, or correct it.
    """
    if file.document is None:
        return
    for place in places(file.schema):
        for key in _VALUES:
            if key in place.schema and not (key == "examples" and place.parent is None):
                yield from _refused(place, key, file.document)


def _refused(place: Subschema, key: str, document: Document) -> Iterator[Problem]:
    held = place.schema[key]
    values = held if key in ("enum", "examples") else [held]
    rules = _rules(place.schema, key, values)
    if not isinstance(values, list) or not values or not rules:
        return
    try:
        compiled = compile_part(rules)
    except UnusableSchemaError:  # schema-is-valid says so of the materialized file
        return
    if takes_too_long(rules, values):
        yield Problem(f"`{key}` cannot be validated: {TOO_LONG}", place.at(key), TOO_LONG_HINT)
        return
    placed = {
        place.at(key, index) if values is held else place.at(key): value
        for index, value in enumerate(values)
    }
    for at, problem in example_problems(compiled, rules, placed.items()):
        if problem.pointer == at:
            yield _described(key, placed[at], problem, document, rules)
        else:
            yield Problem(_message(key, problem.message), problem.pointer, problem.hint)


def _rules(schema: Schema, key: str, values: Json) -> Schema:
    """Return what says whether a value is valid: the keywords beside it, those of parts too.

    Where a part refers to something, or a default is to be filled in further, only the keywords
    that need no part are looked at.
    """
    if "$ref" in schema:
        return {}  # in draft-07, nothing counts beside it
    flat = {name: value for name, value in schema.items() if name in _FLAT and name != key}
    scalars = isinstance(values, list) and not any(isinstance(v, (dict, list)) for v in values)
    if scalars or key == "default" or _refers(schema):
        return flat
    return {name: value for name, value in schema.items() if name in _WHOLE and name != key}


def _refers(node: Json) -> bool:
    if isinstance(node, dict):
        return "$ref" in node or any(map(_refers, node.values()))
    return isinstance(node, list) and any(map(_refers, node))


def _message(key: str, why: str) -> str:
    return f"`{key}` holds a value that its own schema refuses: {why}"


def _described(
    key: str, value: Json, problem: Problem, document: Document, rules: Schema
) -> Problem:
    """Return what is wrong with a scalar: as the author wrote it, and as YAML read it."""
    kind, message = rules.get("type"), _message(key, problem.message)
    wants_text = kind == "string" or (isinstance(kind, list) and "string" in kind)
    if not wants_text or not isinstance(value, (bool, int, float, datetime)):
        return Problem(message, problem.pointer, "correct the value, or the keywords beside it")
    written = _written(document, problem.pointer or "")
    if written is None:
        return Problem(message, problem.pointer, "put the value in quotes")
    read = "a date" if isinstance(value, datetime) else f"the number {format_value(value)}"
    if isinstance(value, bool):
        read = f"the boolean {format_value(value)}"
    holds = read if written == format_value(value) else f"{written}, which YAML reads as {read}"
    message = f"`{key}` holds {holds}, where the type is string"
    return Problem(message, problem.pointer, f'put it in quotes: "{written}"')


def _written(document: Document, pointer: str) -> str | None:
    """Return the text of a plain scalar; None where it cannot be found."""
    at = document.locate(pointer)
    if at.line is None or at.column is None:
        return None
    rest = document.text.split("\n")[at.line - 1][at.column - 1 :]
    last = split(pointer)[-1]
    if not last.isdecimal():
        rest = rest.partition(":")[2].lstrip()
    found = _SCALAR.match(rest)
    return found[0] if found else None


@check("schema-required-without-default", "robustness", FILE, applies=is_current)
def required_without_default(file: SchemaFile, _: Context) -> Iterator[Problem]:
    """No required field has a default.

    A service that fills in defaults before validating, as intakes do, never sees the field
    missing: `required` demands nothing. Everywhere else an event without the field is refused: the
    default is never used. Either way one of the two has no effect.

    Looks at the current file, for `required` and `default` in one object.

    Bad: `required: [lang]` with `lang: {type: string, default: en}`.

    Good: `lang: {type: string, default: en}`, and `lang` not in `required`.

    Fix: take the field out of `required`, or remove the default.
    """
    for place in places(file.schema):
        properties, required = place.schema.get("properties"), place.schema.get("required")
        if not isinstance(properties, dict) or not isinstance(required, list):
            continue
        for name, part in properties.items():
            if name in required and isinstance(part, dict) and "default" in part:
                yield Problem(
                    f"`{name}` is required and has a default: one of the two has no effect",
                    f"{place.at('properties')}/{escape(name)}/default",
                    f"take `{name}` out of `required`, or remove the default",
                )


CHECKS: tuple[Check, ...] = (values_valid, required_without_default)
