"""`allOf`, keyword by keyword: many branches become one schema that says the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jsonschema_tools.merging.aliased import AliasedMerger, is_entangled
from jsonschema_tools.merging.merger import Merger

if TYPE_CHECKING:
    from jsonschema_tools.values import Schema


def merge_all_of(schema: Schema) -> Schema | bool:
    """Return a schema that accepts what the schema accepts, with as little `allOf` as may be.

    What has no merged form stays in an `allOf`: several `pattern`, `format`, `contains`,
    conditionals, and `additionalProperties` that are about names which another branch has.

    One thing is not read as draft-07 says: `additionalProperties: false` closes the whole to names
    that no branch has, as `unevaluatedProperties: false` does in later drafts. So authors mean it
    who extend a closed fragment, and so the reference reads it.

    Else the results are those of json-schema-merge-allof 0.6.0 with additional properties ignored
    and the first `examples` kept, also where they look odd, if they say the same: what was written
    depends on them. What
    it does to a schema without any `allOf` is part of that: `not: X` becomes `not: {anyOf: [X]}`,
    dependency arrays are sorted, and an empty `properties`, `items` or `additionalProperties`
    below the root goes.

    The input stays as it is, and the result shares nothing with it. One object at several places
    of one unmerged value (`examples`, `default`, the choices of an `anyOf`…) is one object in the
    result too. A schema that has `false` in its `allOf` becomes `false`.

    Raises:
        AllOfConflictError: two branches contradict each other.
        SchemaError: what should be a schema, or a list of schemas, is something else; or the
            result would be too large; or the schema has more than `MAX_DEPTH` levels, an `allOf`
            and its list counted as one.
    """
    merger = AliasedMerger() if is_entangled(schema) else Merger()
    return merger.merge_root(schema)
