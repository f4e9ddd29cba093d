"""Keep a git repository of versioned JSON Schemas.

The public API is documented in docs/reference/api.md. Its names are loaded when they are first
used, since the command line needs few of them.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from jsonschema_tools._version import __version__

if TYPE_CHECKING:
    from jsonschema_tools.config import Config, load_config
    from jsonschema_tools.documents.document import Document, parse, parse_document, read_document
    from jsonschema_tools.errors import Location, Problem, SchemaToolsError
    from jsonschema_tools.materialization import Materialized, Materializer, Source
    from jsonschema_tools.outputs import Output
    from jsonschema_tools.repository import Repository, SchemaFile, Title, scan
    from jsonschema_tools.serialization.serializer import serialize

__all__ = [
    "Config",
    "Document",
    "Location",
    "Materialized",
    "Materializer",
    "Output",
    "Problem",
    "Repository",
    "SchemaFile",
    "SchemaToolsError",
    "Source",
    "Title",
    "__version__",
    "load_config",
    "parse",
    "parse_document",
    "read_document",
    "scan",
    "serialize",
]

_MODULES = {
    "config": ("Config", "load_config"),
    "documents.document": ("Document", "parse", "parse_document", "read_document"),
    "errors": ("Location", "Problem", "SchemaToolsError"),
    "materialization": ("Materialized", "Materializer", "Source"),
    "outputs": ("Output",),
    "repository": ("Repository", "SchemaFile", "Title", "scan"),
    "serialization.serializer": ("serialize",),
}
_HOME = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value
