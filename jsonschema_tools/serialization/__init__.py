"""Serialize: values become YAML or JSON text, byte for byte."""
