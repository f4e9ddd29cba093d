"""Documents: YAML and JSON text to plain data with positions."""

from typing import TYPE_CHECKING

from jsonschema_tools.doors import lazy

if TYPE_CHECKING:
    from jsonschema_tools.documents.document import (
        MAX_SIZE,
        Document,
        parse,
        parse_document,
        read_document,
        read_text,
    )
    from jsonschema_tools.documents.edit import Replacement, replace_parts, write_back

__all__ = [
    "MAX_SIZE",
    "Document",
    "Replacement",
    "parse",
    "parse_document",
    "read_document",
    "read_text",
    "replace_parts",
    "write_back",
]

__getattr__ = lazy(
    __name__,
    {
        "document": "Document MAX_SIZE parse parse_document read_document read_text",
        "edit": "Replacement replace_parts write_back",
    },
)
