"""`allOf`, keyword by keyword: many branches become one schema that says the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jsonschema_tools.errors import SchemaError
from jsonschema_tools.merging.aliased import MergerOfShared, is_entangled
from jsonschema_tools.merging.conflict import AllOfConflictError, Contribution, contributions
from jsonschema_tools.merging.merger import Merger

if TYPE_CHECKING:
    from jsonschema_tools.values import Schema

__all__ = ["AllOfConflictError", "Contribution", "contributions", "merge_all_of"]


def merge_all_of(schema: Schema) -> Schema | bool:
    """Return a schema in which no `allOf` is left, apart from several `pattern`s.

    The results are those of json-schema-merge-allof 0.6.0 with additional properties ignored and
    the first `examples` kept, also where they look odd: the written schemas depend on them. What
    it does to a schema without any `allOf` is part of that: `not: X` becomes `not: {anyOf: [X]}`,
    dependency arrays are sorted, and an empty `properties`, `items` or `additionalProperties`
    below the root goes.

    The input stays as it is, and the result shares nothing with it. One object at several places
    of one unmerged value (`examples`, `default`, the choices of an `anyOf`…) is one object in the
    result too. A schema that has `false` in its `allOf` becomes `false`.

    Raises:
        AllOfConflictError: two branches contradict each other.
        SchemaError: what should be a schema, or a list of schemas, is something else; or the
            result would be too large or too deep.
    """
    try:
        merger = MergerOfShared() if is_entangled(schema) else Merger()
        return merger.merge_root(schema)
    except RecursionError:
        raise SchemaError("the schema is nested too deeply to be merged") from None
