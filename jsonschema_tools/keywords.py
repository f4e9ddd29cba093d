"""What the keywords of JSON Schema hold: schemas, lists or maps of schemas, limits, annotations.

Only this says whether a key in a schema is a keyword or the name of a property, a pattern or a
definition: below `MAPS` the keys are names. Keywords of later drafts are known too, as a validator
may honour them whatever `$schema` says.
"""

from __future__ import annotations

SCHEMAS = frozenset(
    {
        "additionalItems",
        "additionalProperties",
        "contains",
        "else",
        "if",
        "items",
        "not",
        "propertyNames",
        "then",
        "unevaluatedItems",
        "unevaluatedProperties",
    }
)
"""Keywords that hold a schema (`items` may hold a list of them instead)."""

LISTS = frozenset({"allOf", "anyOf", "items", "oneOf", "prefixItems"})
"""Keywords that hold a list of schemas."""

DEFINITIONS = frozenset({"$defs", "definitions"})
"""Keywords that hold schemas which say nothing until a `$ref` names them."""

MAPS = DEFINITIONS | {"dependencies", "dependentSchemas", "patternProperties", "properties"}
"""Keywords that hold schemas by name (in `dependencies`, also lists of names)."""

IN_PLACE_SCHEMAS = frozenset({"else", "if", "not", "then"})
IN_PLACE_LISTS = frozenset({"allOf", "anyOf", "oneOf"})
IN_PLACE_MAPS = frozenset({"dependencies", "dependentSchemas"})
"""Keywords whose schemas look at the same value as the schema that holds them."""

CONDITIONALS = frozenset({"else", "if", "then"})
"""Keywords that belong together: of one schema, they say nothing about those of another."""

DOCUMENTATION = frozenset({"$comment", "$id", "description", "examples", "title"})
"""Keywords that are there to be read."""

LEAST = frozenset({"exclusiveMinimum", "minItems", "minLength", "minProperties", "minimum"})
GREATEST = frozenset({"exclusiveMaximum", "maxItems", "maxLength", "maxProperties", "maximum"})
"""Keywords that refuse what is less than, or greater than, their number."""

CONSTRAINTS = ((SCHEMAS | LISTS | MAPS | LEAST | GREATEST) - DEFINITIONS) | {
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
"""Keywords that can refuse a value."""

TYPES = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})
"""What `type` may name."""
