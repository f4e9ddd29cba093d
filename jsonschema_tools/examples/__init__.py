"""Examples: one deterministic example for a schema without."""

from typing import TYPE_CHECKING

from jsonschema_tools.doors import lazy

if TYPE_CHECKING:
    from jsonschema_tools.examples.example import with_example, with_reference_example
    from jsonschema_tools.examples.patterns import PatternError, text_for

__all__ = ["PatternError", "text_for", "with_example", "with_reference_example"]

__getattr__ = lazy(
    __name__,
    {
        "example": "with_example with_reference_example",
        "patterns": "PatternError text_for",
    },
)
