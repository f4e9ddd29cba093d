"""What stands where a schema belongs: told at its place, with what was probably meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jsonschema_tools.config import load_config
from jsonschema_tools.documents.document import parse_document
from jsonschema_tools.errors import SchemaToolsError
from jsonschema_tools.materialization import Materialized, Materializer, Source
from jsonschema_tools.materialization_warnings import warnings

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "$id: /a/b/1.0.0\ntitle: a/b\n$schema: https://json-schema.org/draft-07/schema#\n"

#: what follows the head, the place, and parts of message and hint
CASES = [
    ("additionalProperties: no\n", "4:1", "holds 'no', which is not a schema", "write false"),
    ("additionalProperties: Yes\n", "4:1", "holds 'Yes'", "write true"),
    ("items: string\n", "4:1", "`items` holds 'string'", "write {type: string}"),
    ("properties: [a]\n", "4:1", "not a mapping of names to schemas", "write a mapping"),
    ("properties:\n", "4:1", "`properties` holds nothing", "nothing is written after it"),
    ("properties:\n  a:\n", "5:3", "'a' in `properties` holds nothing", "write {} if any value"),
    ("properties:\n  a: {}\n  required: [a]\n", "6:3", "'required' in", "indent it less"),
    ("properties:\n  description: x\n", "5:3", "'description' in `properties`", "indent it less"),
    ("allOf: {type: string}\n", "4:1", "not a list of schemas", "write a list"),
    ("allOf: [{}, string]\n", "4:13", "item 1 of `allOf` holds 'string'", "write {type: string}"),
    ("anyOf: [{}, 1]\n", "4:13", "item 1 of `anyOf` holds 1", "true or false"),
    ("dependencies: {a: b}\n", "4:16", "'a' in `dependencies` holds 'b'", "true or false"),
    ("not: [1]\n", "4:1", "`not` holds [1]", "true or false"),
    ("items: {properties: {a: {not: 1}}}\n", "4:26", "`not` holds 1", "true or false"),
]  # fmt: skip


def materializer(folder: Path) -> Materializer:
    return Materializer(load_config(folder))


@pytest.mark.parametrize(("text", "place", "message", "hint"), CASES, ids=[c[0] for c in CASES])
def test_what_is_no_schema(text: str, place: str, message: str, hint: str, tmp_path: Path) -> None:
    with pytest.raises(SchemaToolsError) as caught:
        materializer(tmp_path).dereference(parse_document(HEAD + text, "current.yaml"))
    assert message in caught.value.message
    assert hint in (caught.value.hint or "")
    assert str(caught.value).startswith(f"current.yaml:{place}: ")


def test_in_a_fragment_it_is_reported_at_its_place_there(tmp_path: Path) -> None:
    (tmp_path / "f.yaml").write_text("properties:\n  a: {items: no}\n")
    (tmp_path / ".jsonschema-tools.yaml").write_text("schemaBaseUris: [.]\n")
    text = HEAD + "allOf: [{$ref: /f.yaml}]\n"
    with pytest.raises(SchemaToolsError, match=r"f\.yaml:2:7: .*`items` holds 'no'"):
        materializer(tmp_path).dereference(parse_document(text, "current.yaml"))


@pytest.mark.parametrize(
    "text",
    [
        "properties: {required: {type: string}, enum: true}\n",
        "default: {items: no}\nenum: [{items: no}]\nexamples: [{items: no}]\nconst: {not: 1}\n",
        "dependencies: {a: [b]}\n",
        "x-custom: {items: no}\n",
    ],
)
def test_what_is_a_schema_or_a_value(text: str, tmp_path: Path) -> None:
    materializer(tmp_path).dereference(parse_document(HEAD + text, "current.yaml"))


def test_a_root_that_is_a_reference(tmp_path: Path) -> None:
    text = HEAD + "$ref: '#/definitions/a'\ndefinitions: {a: {required: [x]}}\n"
    schema = materializer(tmp_path).dereference(parse_document(text, "current.yaml"))
    assert schema["required"] == ["x"]
    assert schema["$id"] == "/a/b/1.0.0"
    assert "$ref" not in schema


def test_a_cycle_names_its_references_and_the_line_of_the_last(tmp_path: Path) -> None:
    text = HEAD + (
        "properties:\n"
        "  top: {$ref: '#/definitions/node', description: x}\n"
        "definitions:\n"
        "  node:\n"
        "    properties:\n"
        "      children: {items: {$ref: '#/definitions/node'}}\n"
    )
    with pytest.raises(SchemaToolsError) as caught:
        materializer(tmp_path).dereference(parse_document(text, "current.yaml"))
    assert caught.value.message == "circular $ref: #/definitions/node → #/definitions/node"
    assert str(caught.value).startswith("current.yaml:9:")


@pytest.mark.parametrize(
    ("beside", "warned"),
    [
        ("properties: {y: {}}", "`properties`"),
        ("maxLength: 3, required: [a]", "`maxLength`, `required`"),
        ("description: x, title: y, default: 1", ""),
    ],
)
def test_constraints_beside_a_reference_are_warned_of(
    beside: str, warned: str, tmp_path: Path
) -> None:
    text = (
        HEAD
        + f"properties: {{a: {{$ref: '#/definitions/a', {beside}}}}}\n"
        + "definitions: {a: {properties: {x: {}}}}\n"
    )
    config = load_config(tmp_path)
    source = Source(parse_document(text, "current.yaml"), tmp_path)
    found = [*warnings(Materialized(source), config)]
    if warned:
        assert len(found) == 1
        assert found[0].startswith(f"current.yaml:4:14: {warned} beside `$ref: #/definitions/a`")
    else:
        assert found == []
