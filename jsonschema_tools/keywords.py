"""The vocabulary of JSON Schema: applicators, in-place applicators, assertions, annotations.

Only this says whether a key in a schema is a keyword or the name of a property, a pattern or a
definition: below keywords that hold a map, the keys are names. Terms are those of JSON Schema
2020-12 core, sections 7 and 10, and validation, section 6. Keywords of later drafts than draft-07
are known too, as a validator may honour them whatever `$schema` says.
"""

from __future__ import annotations

from typing import NamedTuple


class Applicators(NamedTuple):
    """Keywords that hold subschemas, by the way in which they hold them.

    Attributes:
        schemas: those that hold one schema (`items` may hold a list of them instead).
        lists: those that hold a list of schemas.
        maps: those that hold schemas by name (`dependencies` also lists of names).
    """

    schemas: frozenset[str]
    lists: frozenset[str]
    maps: frozenset[str]

    @property
    def names(self) -> frozenset[str]:
        """All of them."""
        return self.schemas | self.lists | self.maps


DEFINITIONS = frozenset({"$defs", "definitions"})
"""Keywords that hold schemas which say nothing until a `$ref` names them."""

IN_PLACE = Applicators(
    frozenset({"else", "if", "not", "then"}),
    frozenset({"allOf", "anyOf", "oneOf"}),
    frozenset({"dependencies", "dependentSchemas"}),
)
"""In-place applicators: their schemas look at the same value as the schema that holds them."""

OF_ITEMS = frozenset({"additionalItems", "contains", "items", "prefixItems", "unevaluatedItems"})
"""Applicators whose schemas look at the items of an array."""

OF_VALUES = frozenset(
    {"additionalProperties", "patternProperties", "properties", "unevaluatedProperties"}
)
"""Applicators whose schemas look at the values of an object's properties."""

SCHEMAS = IN_PLACE.schemas | {
    "additionalItems",
    "additionalProperties",
    "contains",
    "items",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
}
LISTS = IN_PLACE.lists | {"items", "prefixItems"}
MAPS = IN_PLACE.maps | DEFINITIONS | {"patternProperties", "properties"}

ANY_DRAFT = Applicators(SCHEMAS, LISTS, MAPS)
"""The applicators of every draft."""

DRAFT_7 = Applicators(
    SCHEMAS - {"unevaluatedItems", "unevaluatedProperties"},
    LISTS - {"prefixItems"},
    MAPS - {"$defs", "dependentSchemas"},
)
"""The applicators of draft-07."""

CONDITIONALS = frozenset({"else", "if", "then"})
"""Keywords that belong together: of one schema, they say nothing about those of another."""

DOCUMENTATION = frozenset({"$comment", "$id", "description", "examples", "title"})
"""Keywords that are there to be read."""

LEAST = frozenset({"exclusiveMinimum", "minItems", "minLength", "minProperties", "minimum"})
GREATEST = frozenset({"exclusiveMaximum", "maxItems", "maxLength", "maxProperties", "maximum"})
"""Keywords that refuse what is less than, or greater than, their number."""

CONSTRAINTS = ((ANY_DRAFT.names | LEAST | GREATEST) - DEFINITIONS) | {
    "$dynamicRef",
    "$recursiveRef",
    "$ref",
    "const",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "dependentRequired",
    "enum",
    "format",
    "maxContains",
    "minContains",
    "multipleOf",
    "pattern",
    "required",
    "type",
    "uniqueItems",
}
"""Keywords that can refuse a value: assertions, and applicators through those below them."""

TYPES = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})
"""What `type` may name."""

REFERENCES = frozenset({"$dynamicRef", "$recursiveRef", "$ref"})
"""Keywords that let another schema speak; in draft-07, in place of all that is beside `$ref`."""

IDENTITIES = frozenset(
    {"$anchor", "$dynamicAnchor", "$id", "$recursiveAnchor", "$schema", "$vocabulary"}
)
"""Keywords that say what references, or other keywords, mean."""

_NOTICED = CONSTRAINTS | DEFINITIONS | IDENTITIES | REFERENCES


def is_annotation(keyword: str) -> bool:
    """Tell whether no event can notice a keyword, as it is an annotation or not known at all."""
    return keyword not in _NOTICED
