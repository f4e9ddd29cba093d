"""Serialize: values become YAML or JSON text, byte for byte."""

from jsonschema_tools.serialization.serializer import CONTENT_TYPES, ContentType, serialize

__all__ = ["CONTENT_TYPES", "ContentType", "serialize"]
