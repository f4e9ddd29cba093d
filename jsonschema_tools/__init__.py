"""Keep a git repository of versioned JSON Schemas."""

from jsonschema_tools._version import __version__

__all__ = ["__version__"]
