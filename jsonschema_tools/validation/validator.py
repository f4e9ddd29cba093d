"""Validates schemas and examples: fast with jsonschema-rs, with the verdicts of ajv 6.

Differences between the two that matter here: ajv knows no dialect but draft-07, refuses formats
that it does not know, wants an `enum` to be a list of different values, and reads `pattern` as
JavaScript does.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import cache, partial
from typing import TYPE_CHECKING, Any, TypeVar, overload
from urllib.parse import unquote

from jsonschema_tools.ecmascript.regexp import RegexError, translate
from jsonschema_tools.errors import Problem
from jsonschema_tools.expansion import endless
from jsonschema_tools.latest_answer import keep_latest
from jsonschema_tools.messages import cut, format_value
from jsonschema_tools.pointers import follow, join
from jsonschema_tools.subschemas import DEFINITION, places
from jsonschema_tools.validation.formats import FORMATS
from jsonschema_tools.values import count_values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from jsonschema_rs import Draft7Validator, ValidationError

    from jsonschema_tools.values import Json, Schema

_DRAFT_07 = "http://json-schema.org/draft-07/schema"
_DIALECTS = {_DRAFT_07, "https://json-schema.org/draft-07/schema", "http://json-schema.org/schema"}
_Answer = TypeVar("_Answer")
_MASK = "the value"
_MOST_COPIES = 2_000_000  # values of a schema, times values of an example
_MORE = "there may be more: where example and schema are as large as these, the first is shown"
_LONGEST = 200


class UnusableSchemaError(Exception):
    """Nothing can be validated with a schema.

    Attributes:
        pointer: what in it is to blame.
    """

    def __init__(self, message: str, pointer: str) -> None:
        super().__init__(message)
        self.pointer = pointer


@cache
def _metaschema() -> Draft7Validator:
    from jsonschema_rs import Draft7Validator  # 20 ms that most commands need not pay

    return Draft7Validator(
        {"$ref": f"{_DRAFT_07}#"}, validate_formats=True, formats=dict(FORMATS), mask=_MASK
    )


@cache
def _enumeration() -> Draft7Validator:
    from jsonschema_rs import Draft7Validator

    return Draft7Validator({"minItems": 1, "uniqueItems": True}, mask=_MASK)


@keep_latest
def is_schema(schema: Schema) -> bool:
    """Tell whether a schema is valid draft-07."""
    return _ask(_metaschema().is_valid, schema) and not any(_wrong_enums(schema))


def schema_problems(schema: Schema) -> Iterator[Problem]:
    """Yield what makes a schema invalid."""
    for error in _ask(lambda data: list(_metaschema().iter_errors(data)), schema):
        yield _meant(error, schema) or _explained(error, schema)
    yield from _wrong_enums(schema)


def _meant(error: ValidationError, schema: Schema) -> Problem | None:
    """Return what jsonschema finds in the alternative of the metaschema that was meant.

    Its `best_match` tells `[string, string]` from a type that is misspelt, which the engine does
    not. It is asked only here, where all patterns are the metaschema's: Python's `re` may search
    for others without end. None where the metaschema has no alternatives, or none of them is near.
    """
    if not getattr(error.kind, "context", None):
        return None
    from jsonschema import Draft7Validator
    from jsonschema.exceptions import best_match

    *parents, keyword = error.instance_path
    pointer = join(parents)
    try:
        value = follow(schema, join(error.instance_path))
        found = best_match(
            Draft7Validator(Draft7Validator.META_SCHEMA).iter_errors({keyword: value})
        )
    except (KeyError, RecursionError):  # an empty name; `jsonschema` takes six frames for a level
        return None
    if found is None or found.context:
        return None
    message = found.message.replace(repr(found.instance), format_value(found.instance), 1)
    return Problem(_first_line(message), f"{pointer}{join(found.absolute_path)}")


def _wrong_enums(schema: Schema) -> Iterator[Problem]:
    for place in places(schema):
        values = place.schema.get("enum")
        if isinstance(values, list) and not _ask(_enumeration().is_valid, _dates_apart(values)):
            what = "repeats a value" if values else "is empty"
            yield Problem(f"`enum` {what}", place.at("enum"))


def _dates_apart(values: list[Json]) -> list[Json]:
    """Return values of which dates differ where their times do, as for ajv, and bytes likewise."""
    return [{"value": repr(v)} if isinstance(v, (datetime, bytes)) else v for v in values]


def compile_schema(schema: Schema) -> Draft7Validator:
    """Return a validator.

    Raises:
        UnusableSchemaError: the dialect, a format, a reference or the schema itself is not usable.
    """
    _require_dialect(schema)
    if not is_schema(schema):
        raise UnusableSchemaError("the schema is not valid draft-07", "")
    for place in places(schema):
        name = place.schema.get("format")
        if isinstance(name, str) and name not in FORMATS and not place.through & DEFINITION:
            raise UnusableSchemaError(
                f"`format` {format_value(name)} is unknown", place.at("format")
            )
    for problem in endless(schema):
        raise UnusableSchemaError(problem.message, problem.pointer or "")
    return compile_part(schema)


def _require_dialect(schema: Schema) -> None:
    dialect = schema.get("$schema", _DRAFT_07)
    known = isinstance(dialect, str) and (
        not dialect or dialect.removesuffix("/").removesuffix("#") in _DIALECTS
    )
    if not known:
        raise UnusableSchemaError(f"`$schema` {format_value(dialect)} is not draft-07", "/$schema")


def example_problems(
    validator: Draft7Validator, schema: Schema, examples: Iterable[tuple[str, Json]]
) -> Iterator[tuple[str, Problem]]:
    """Yield what makes examples invalid, each problem with where its example is.

    Each error of the engine holds a copy of the value that it is about, and there may be one for
    each name that is required: of a large example and a large schema, only the first is looked for.

    Args:
        validator: the compiled schema.
        schema: the schema.
        examples: where each instance is, and the instance.
    """
    size = 0
    for pointer, example in examples:
        if _ask(validator.is_valid, example):
            continue
        size = size or count_values(schema, _MOST_COPIES)
        is_large = size * count_values(example, _MOST_COPIES) > _MOST_COPIES
        errors = first_error if is_large else _errors
        for error in _ask(partial(errors, validator), example):
            problem = _explained(error, example)
            hint = problem.hint or _MORE if is_large else problem.hint
            yield pointer, replace(problem, pointer=f"{pointer}{problem.pointer}", hint=hint)


def _errors(validator: Draft7Validator, example: Json) -> list[ValidationError]:
    return list(validator.iter_errors(example))


def first_error(validator: Draft7Validator, instance: Json) -> list[ValidationError]:
    """Return the first error of an instance, if any; the others are not even looked for."""
    from jsonschema_rs import ValidationError

    try:
        validator.validate(instance)
    except ValidationError as error:
        return [error]
    return []


def compile_part(schema: Schema) -> Draft7Validator:
    """Return a validator of some keywords, whatever they are; it ignores formats not known.

    Raises:
        UnusableSchemaError: they are not valid draft-07.
    """
    from jsonschema_rs import Draft7Validator, ValidationError

    def attempt(data: Schema) -> Draft7Validator:
        return Draft7Validator(
            data, validate_formats=True, formats=dict(FORMATS), offline=True, mask=_MASK
        )

    try:
        return attempt(schema)
    except ValueError:
        # a date, bytes, a dialect below the root, a lenient pattern: rare, so not before
        try:
            return attempt(engine_schema(schema))
        except ValidationError as error:
            raise _unusable(schema, _first_line(error.message)) from None


def _unusable(schema: Schema, message: str) -> UnusableSchemaError:
    """Return an error that names the reference which the engine could not follow.

    Of several the engine names one by chance, so the first in the document is named.
    """
    references = [
        (place, reference)
        for place in places(schema)
        if isinstance(reference := place.schema.get("$ref"), str)
    ]
    named = [(p, ref) for p, ref in references if f"'{ref.removeprefix('#')}'" in message]
    if not named:
        return UnusableSchemaError(message, "")
    broken = ((p, ref) for p, ref in references if _leads_nowhere(ref, schema))
    place, reference = next(broken, named[0])
    return UnusableSchemaError(f"cannot resolve `$ref` {format_value(reference)}", place.at("$ref"))


def _leads_nowhere(reference: str, schema: Schema) -> bool:
    base, _, fragment = reference.partition("#")
    if base:
        ids = (place.schema.get("$id") for place in places(schema))
        return base not in {one.removesuffix("#") for one in ids if isinstance(one, str)}
    try:
        follow(schema, unquote(fragment))
    except (KeyError, ValueError):
        return True
    return False


def engine_schema(schema: Schema) -> Schema:
    """Return a schema that means the same and holds nothing that jsonschema-rs trips over."""
    copy = _plain(schema)
    for place in places(copy):
        part = place.schema
        part.pop("$schema", None)  # as ajv, which looks at that of the root only
        if isinstance(written := part.get("pattern"), str):
            del part["pattern"]
            pattern = _engine_pattern(written)
            if pattern is not None:
                part["pattern"] = pattern
        if isinstance(by_name := part.get("patternProperties"), dict):
            translated = ((_engine_pattern(name), value) for name, value in by_name.items())
            part["patternProperties"] = {
                name: value for name, value in translated if name is not None
            }
    return copy


def _engine_pattern(pattern: str) -> str | None:
    """Return a pattern in the engine's syntax; None, which accepts all, if it can't have it."""
    from jsonschema_rs import Draft7Validator, ValidationError

    try:
        strict = translate(pattern)
        Draft7Validator({"pattern": strict})
    except (RegexError, ValidationError):
        return None
    return strict


def _ask(question: Callable[[Json], _Answer], value: Json) -> _Answer:
    try:
        return question(value)
    except ValueError:  # a date, bytes, or a lone surrogate
        return question(_plain(value))


@overload
def _plain(value: str) -> str: ...
@overload
def _plain(value: Schema) -> Schema: ...
@overload
def _plain(value: Json) -> Json: ...
def _plain(value: Json) -> Json:
    """Return a copy that is JSON: dates and bytes, objects in JavaScript, become empty objects."""
    if isinstance(value, dict):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, (datetime, bytes)):
        return {}
    return value.encode(errors="replace").decode() if isinstance(value, str) else value


def _explained(error: ValidationError, data: Json) -> Problem:
    """Return what is wrong in one line, with the value cut short."""
    error = _telling(error)
    pointer = join(error.instance_path)
    value: object
    try:
        value = follow(data, pointer)
    except KeyError:  # the engine leaves empty property names out of its paths
        value = error.instance
    hint = "put the date in quotes" if isinstance(value, datetime) else None
    return Problem(_first_line(error.message.replace(_MASK, format_value(value), 1)), pointer, hint)


def _telling(error: ValidationError) -> ValidationError:
    """Return the error of the alternative that was meant: the first of the right type."""
    branches: Any = getattr(error.kind, "context", None)
    firsts = [branch[0] for branch in branches or () if branch]
    meant = [first for first in firsts if first.kind.name != "type"] or firsts
    return _telling(meant[0]) if meant else error


def _first_line(message: str) -> str:
    return cut(message.partition("\n")[0], _LONGEST)
