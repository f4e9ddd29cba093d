"""Validation: an instance and a schema to problems."""

from typing import TYPE_CHECKING

from jsonschema_tools.doors import lazy

if TYPE_CHECKING:
    from jsonschema_tools.validation.effort import TOO_LONG, TOO_LONG_HINT, takes_too_long
    from jsonschema_tools.validation.formats import FORMATS, SHAPES
    from jsonschema_tools.validation.security import insecure
    from jsonschema_tools.validation.validator import (
        UnusableSchemaError,
        compile_part,
        compile_schema,
        engine_schema,
        example_problems,
        first_error,
        is_schema,
        schema_problems,
    )

__all__ = [
    "FORMATS",
    "SHAPES",
    "TOO_LONG",
    "TOO_LONG_HINT",
    "UnusableSchemaError",
    "compile_part",
    "compile_schema",
    "engine_schema",
    "example_problems",
    "first_error",
    "insecure",
    "is_schema",
    "schema_problems",
    "takes_too_long",
]

__getattr__ = lazy(
    __name__,
    {
        "effort": "TOO_LONG TOO_LONG_HINT takes_too_long",
        "formats": "FORMATS SHAPES",
        "security": "insecure",
        "validator": "UnusableSchemaError compile_part compile_schema engine_schema"
        " example_problems first_error is_schema schema_problems",
    },
)
