"""The registry of checks."""
