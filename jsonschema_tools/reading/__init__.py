"""Reading: YAML and JSON text to documents."""
