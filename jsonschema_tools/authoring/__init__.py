"""Authoring: starting, bumping and updating schemas; who uses what."""
