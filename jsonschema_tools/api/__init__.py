"""What the commands do, as functions for other programs: settings in, frozen results out.

They print nothing, and write only where they say so. What users can cause is a SchemaToolsError.
`jsonschema_tools` itself offers all of them; its names are loaded when they are first used.
"""
