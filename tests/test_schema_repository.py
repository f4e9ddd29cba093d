"""The checks of this schema repository, one test each.

Written by `jsonschema-tools generate-tests`, not to be edited: new schemas are found, and the
configuration is read, when pytest runs. To run some of them, say which schema, suite or check:

    pytest -k "thing_happened and compatibility"
"""

pytest_plugins = ["jsonschema_tools.pytest_suite"]


def test_schema_repository() -> None:
    """Stand for the checks: the plugin puts them here."""
    raise RuntimeError("the plugin jsonschema_tools.pytest_suite was turned off")
