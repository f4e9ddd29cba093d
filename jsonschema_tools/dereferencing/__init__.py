"""Dereference: every `$ref` of a schema is replaced by what it points to."""
