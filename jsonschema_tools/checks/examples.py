"""Checks of the examples in materialized files."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from jsonschema_tools.checks.base import Check, Context, check
from jsonschema_tools.checks.scopes import FILE
from jsonschema_tools.errors import Problem
from jsonschema_tools.messages import format_value
from jsonschema_tools.validation import (
    TOO_LONG,
    TOO_LONG_HINT,
    UnusableSchemaError,
    compile_schema,
    example_problems,
    takes_too_long,
)
from jsonschema_tools.values import as_object

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import EllipsisType

    from jsonschema_tools.repository import SchemaFile
    from jsonschema_tools.values import Json


def _has_examples(file: SchemaFile, _: Context) -> bool:
    return not file.current and isinstance(file.data, dict) and "examples" in file.data


def _has_examples_and_schema_property(file: SchemaFile, context: Context) -> bool:
    return _has_examples(file, context) and "$schema" in as_object(file.schema.get("properties"))


@check(
    "schema-examples-$schema-matches-schema-$id",
    "robustness",
    FILE,
    applies=_has_examples_and_schema_property,
)
def examples_schema_matches_id(file: SchemaFile, _: Context) -> Iterator[Problem]:
    """The `$schema` of each example is the `$id` of the schema.

    Examples are copied by producers and used by tests; one that names another version is wrong as
    soon as it is used.

    Bad: `$schema: /thing/change/1.0.0` in the example of version 1.1.0.

    Good: `$schema: {$ref: "#/$id"}` in the current file, which becomes the right `$id`.

    Fix: use that reference, or correct the example, and materialize.
    """
    examples = file.schema["examples"]
    if not isinstance(examples, list):
        yield Problem("`examples` must be a list", "/examples")
        return
    identifier: Json | EllipsisType = file.schema.get("$id", ...)
    for index, example in enumerate(examples):
        named: Json | EllipsisType
        named = example.get("$schema", ...) if isinstance(example, dict) else ...
        if example is None or named != identifier:
            yield Problem(
                f"example {index} has $schema {_or_none(named)}, "
                f"but the schema's $id is {_or_none(identifier)}",
                f"/examples/{index}" + ("/$schema" if named is not ... else ""),
            )


@check("schema-examples-are-valid", "robustness", FILE, applies=_has_examples)
def examples_are_valid(file: SchemaFile, _: Context) -> Iterator[Problem]:
    """Each example is valid against the schema.

    An example shows an event that everybody accepts; an invalid one teaches producers errors.
    Formats are looked at as ajv does by default: by shape only. A `$schema` that is not draft-07,
    an unknown `format` and a `$ref` that leads nowhere are errors here.

    Bad: `examples: [{page_id: "12"}]` with `page_id: {type: integer}`; a date without quotes,
    which YAML reads as a date, not as a string.

    Good: `examples: [{page_id: 12, dt: "2020-01-01T00:00:00Z"}]`.

    Fix: correct the example or the schema in the current file, and materialize.
    """
    examples = file.schema["examples"]
    if not isinstance(examples, list):
        yield Problem("`examples` must be a list", "/examples")
        return
    if not examples:
        return
    try:
        compiled = compile_schema(file.schema)
    except UnusableSchemaError as error:
        yield Problem(f"examples cannot be validated: {error}", error.pointer)
        return
    if takes_too_long(file.schema, examples):
        yield Problem(f"examples cannot be validated: {TOO_LONG}", "/examples", TOO_LONG_HINT)
        return
    rules = {key: value for key, value in file.schema.items() if key != "examples"}
    placed = ((f"/examples/{index}", example) for index, example in enumerate(examples))
    for pointer, problem in example_problems(compiled, rules, placed):
        index = pointer.rpartition("/")[2]
        yield replace(problem, message=f"example {index} is not valid: {problem.message}")


def _or_none(value: Json | EllipsisType) -> str:
    return "none" if value is ... else format_value(value)


CHECKS: tuple[Check, ...] = (examples_schema_matches_id, examples_are_valid)
