"""Serialize: values become YAML or JSON text, byte for byte."""

from jsonschema_tools.serialization.serializer import serialize

__all__ = ["serialize"]
