"""Keep a git repository of versioned JSON Schemas."""

from jsonschema_tools._version import __version__
from jsonschema_tools.documents import parse
from jsonschema_tools.serialize import serialize

__all__ = ["__version__", "parse", "serialize"]
