"""One deterministic example for a schema, the one that the reference generates.

The reference is json-schema-faker 0.5.0-rcv.34 with every optional property, with `default` taken
where there is one, and with a random generator that always says 0.15. An example shows the shape of
an event. On purpose we differ in this:

- an example that its own schema refuses is changed until the schema accepts it (see fit.py); where
  that fails, it stays, with a remark;
- a format that is not known is an annotation, with a remark;
- `date`, `time` and `datetime` are constants, where the reference asks the clock;
- `minimum` above `maximum` is an error, where the reference gives NaN;
- properties named `not`, `definitions` and `jsonPath` are properties like any other;
- what would never end does: a map gets as many names as `minProperties` asks for, `multipleOf`
  takes what rounding gives; what would be larger than a `Budget` allows is an error;
- a string that has to be a date is read as ECMA-262 says, where V8 finds dates in much more;
- what is undefined is left out; the keyword `sequentialDate` is not known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jsonschema_tools.ecmascript.conversions import MISSING
from jsonschema_tools.errors import ExampleError, Location
from jsonschema_tools.examples.generate import Generator
from jsonschema_tools.examples.plain_validity import is_plainly_valid
from jsonschema_tools.examples.rewriting import Resolver, too_deep
from jsonschema_tools.examples.scalars import OTHER_FORMATS
from jsonschema_tools.examples.schemas import size_written_out, working_copy
from jsonschema_tools.messages import quote
from jsonschema_tools.pointers import join, nearest
from jsonschema_tools.values import is_too_deep

if TYPE_CHECKING:
    from collections.abc import Callable

    from jsonschema_tools.values import Json, Schema

_KNOWN_TO_VALIDATORS = "some validators know it, others pass over it"

MAX_SCHEMA = 1_000_000
"""Most values of a schema that an example is made for, aliased ones counted at each place."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What the author of a schema should know of its generated example.

    Attributes:
        message: what is odd, and what to do.
        pointer: where in the schema.
    """

    message: str
    pointer: str = ""


def with_example(
    schema: Schema, id_value: Json, remark: Callable[[Remark], None] = lambda _: None
) -> Schema:
    """Return a schema that has an example: the one it has, or else a generated one.

    Args:
        schema: a dereferenced schema; it is not changed.
        id_value: what the example's `$schema` is set to, if it has one: the schema's `$id`.
        remark: called with what is odd about the example.

    Raises:
        ExampleError: no example can be generated.
    """
    if _is_present(schema.get("examples")):
        return schema
    return {**schema, "examples": [_example(schema, id_value, remark)]}


def with_reference_example(schema: Schema, id_value: Json) -> Schema:
    """Return a schema with the example that the reference generates, valid or not.

    Versions that it has written have that one.

    Args:
        schema: a dereferenced schema, which has a generated example.
        id_value: see `with_example`.

    Raises:
        ExampleError: no example can be generated.
    """
    example = generate_example({key: schema[key] for key in schema if key != "examples"})
    if isinstance(example, dict) and "$schema" in example:
        example["$schema"] = id_value
    return {**schema, "examples": [example]}


def _example(schema: Schema, id_value: Json, remark: Callable[[Remark], None]) -> Json:
    unknown: list[tuple[str, str]] = []
    example = generate_example(schema, unknown)
    if isinstance(example, dict) and "$schema" in example:
        example["$schema"] = id_value
    for name, pointer in dict.fromkeys(unknown):
        known = _KNOWN_TO_VALIDATORS if name in OTHER_FORMATS else "it says nothing to validators"
        remark(Remark(f"format {quote(name)} is not one of draft-07's: {known}", pointer))
    if is_plainly_valid(schema, example):
        return example
    from jsonschema_tools.examples.fit import Fitter, UnfitError  # few examples need them
    from jsonschema_tools.examples.judge import Judge

    judge = Judge()
    if judge.accepts(schema, example):
        return example
    try:
        return Fitter(judge).fit(schema, example)
    except UnfitError:
        why, path = judge.refusal(schema, example)
        place = f" at {join(path)}" if path else ""
        remark(Remark(f"the generated example is not valid: {why}{place}; give the schema one"))
    return example


def _is_present(examples: Json) -> bool:
    """Tell whether there are examples; numbers and booleans are not (Lodash's isEmpty)."""
    return isinstance(examples, (str, list, dict)) and bool(examples)


def generate_example(schema: Schema, unknown: list[tuple[str, str]] | None = None) -> Json:
    """Return the example of a schema as json-schema-faker makes it, valid or not.

    Args:
        schema: a dereferenced schema; it is not changed.
        unknown: gets the formats that are not known, each with the pointer to its schema.

    Raises:
        ExampleError: the schema asks for what cannot be made, such as a minimum above the maximum.
    """
    if is_too_deep(schema):
        raise too_deep(())
    try:
        if size_written_out(schema) > MAX_SCHEMA:
            raise ExampleError("the schema is too large for an example", hint="give it an example")
        generator = Generator(Resolver(schema), unknown)
        return _without_missing(generator.value(working_copy(schema), ()), set())
    except ExampleError as error:
        if error.at is not None and error.at.pointer:
            # the way there may lead through parts that were merged into this place
            at = Location(error.at.path, nearest(schema, error.at.pointer))
            raise error.placed(at) from None
        raise


def _without_missing(value: Json, done: set[int]) -> Json:
    """Drop what is missing from objects, and put null in its place in arrays, in place."""
    if isinstance(value, (dict, list)) and id(value) not in done:
        done.add(id(value))
        if isinstance(value, list):
            value[:] = [_without_missing(item, done) for item in value]
        else:
            for key, item in list(value.items()):
                if item is MISSING or callable(item):  # callable: a choice that nobody made
                    del value[key]
                else:
                    _without_missing(item, done)
    return None if value is MISSING else value
