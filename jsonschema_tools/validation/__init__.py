"""Validation: an instance and a schema to problems."""

from typing import TYPE_CHECKING

from jsonschema_tools.doors import lazy

if TYPE_CHECKING:
    from jsonschema_tools.validation.formats import FORMATS, SHAPES
    from jsonschema_tools.validation.security import insecure
    from jsonschema_tools.validation.validator import (
        UnusableSchemaError,
        compile_part,
        compile_schema,
        engine_schema,
        example_problems,
        is_schema,
        schema_problems,
    )

__all__ = [
    "FORMATS",
    "SHAPES",
    "UnusableSchemaError",
    "compile_part",
    "compile_schema",
    "engine_schema",
    "example_problems",
    "insecure",
    "is_schema",
    "schema_problems",
]

__getattr__ = lazy(
    __name__,
    {
        "formats": "FORMATS SHAPES",
        "security": "insecure",
        "validator": "UnusableSchemaError compile_part compile_schema engine_schema"
        " example_problems is_schema schema_problems",
    },
)
