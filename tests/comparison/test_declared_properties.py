"""Which definitions references lead to."""

from __future__ import annotations

import pytest

from jsonschema_tools.comparison.declared_properties import Declarations


@pytest.mark.parametrize(
    ("references", "leads"),
    [
        (["#/definitions/a"], True),
        (["#/definitions/a/items"], True),
        (["#/definitions/%61"], True),
        (["#/definitions"], True),
        (["#/definitions/ab"], False),
        (["#/definitions/a-b/items", "#/definitions/a/items"], True),
        (["#/definitions/A", "#/definitions/b"], False),
        (["#/$defs", "#/definitions/b", "#/properties/definitions"], False),
        (["#/$defs", "#/definitions"], True),
        (["#"], False),
        (["#anchor"], True),
        (["other.yaml#/definitions/b"], True),
        ([1], True),
    ],
)
def test_references_lead_to_a_definition(references: list[str | int], leads: bool) -> None:
    schema = Declarations({"anyOf": [{"$ref": reference} for reference in references]})
    assert schema.refers_to("/definitions/a") == leads
