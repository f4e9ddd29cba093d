"""Validation: an instance and a schema to problems."""
