"""The verdict on one event, and the schemas that it names."""

from __future__ import annotations

import json
import os
from copy import deepcopy
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from jsonschema_tools.documents.document import parse_document
from jsonschema_tools.events import EventSchema, Registry, UnusableSchemaError, judge
from jsonschema_tools.events import registry as registry_module
from jsonschema_tools.events.native_formats import PATTERNS, with_patterns
from jsonschema_tools.validation.formats import FORMATS
from support import event_repository
from support.effort import examples

if TYPE_CHECKING:
    from jsonschema_tools.values import Json

VECTORS = Path(__file__).parents[3] / "shared" / "vectors" / "intake"
PRIMARY = Path(__file__).parents[3] / "shared" / "repositories" / "primary" / "jsonschema"
CASES = (
    [json.loads(line) for line in (VECTORS / "validate.jsonl").read_text().split("\n") if line]
    if VECTORS.exists()
    else []
)
# numbers of more than 53 bits keep their digits here; JavaScript rounds them
ROUNDED = {"ajv_nums_i": 9007199254740993}

EVENT: dict[str, Json] = {
    "$schema": "/thing/seen/1.0.0",
    "meta": {"stream": "thing.seen"},
    "dt": "2021-01-01T00:00:00Z",
}


@pytest.mark.skipif(not CASES, reason="the vectors are not beside this repository")
def test_vectors() -> None:
    """Every public case, as EventGate judged it: verdict, places of errors, defaults."""
    registry = Registry(VECTORS, [str(PRIMARY), "schemas"])
    wrong = []
    for case in CASES:
        event = json.loads(case["event"])
        verdict = judge(event, registry)
        found = {(problem.data_path, problem.keyword) for problem in verdict.problems}
        expected = {(path, keyword) for path, keyword in case.get("errors", ())}
        filled = case.get("with_defaults", event)
        if case["feature"] in ROUNDED and filled.get("i") == ROUNDED[case["feature"]] - 1:
            filled = {**filled, "i": ROUNDED[case["feature"]]}
        if verdict.status != case["verdict"] or found != expected or filled != event:
            wrong.append((case["id"], case["feature"], verdict, event))
    assert wrong == []


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return event_repository.lay(tmp_path)


@pytest.fixture
def registry(repository: Path) -> Registry:
    return Registry(repository, ["./schemas"])


@pytest.mark.parametrize(
    "uri",
    ["/thing/seen/1.0.0", "/thing/seen/1.0.0.yaml", "/thing/seen/1.0.0#", "/thing/seen/latest"],
)
def test_ways_to_name_a_schema(uri: str, registry: Registry) -> None:
    assert registry.get(uri).title == "thing/seen"


def test_a_link_that_was_checked_out_as_text_is_followed(
    repository: Path, registry: Registry
) -> None:
    link = repository / "schemas/thing/seen/1.0.0"
    link.unlink()
    link.write_text("1.0.0.yaml")
    assert registry.get("/thing/seen/1.0.0").title == "thing/seen"


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("/no/such/1.0.0", "failed loading schema '/no/such/1.0.0'"),
        ("/thing/../../secret.yaml", "leads out of the base URIs"),
        ("/thing/%2e%2e/%2e%2e/secret.yaml", "leads out of the base URIs"),
        ("/..\\..\\secret.yaml", "leads out of the base URIs"),
        ("file:///etc/hostname", "absolute schema URIs are not allowed"),
        ("http://127.0.0.1:1/x", "absolute schema URIs are not allowed"),
        ("//etc/hostname", "absolute schema URIs are not allowed"),
        ("data:,x", "absolute schema URIs are not allowed"),
        ("/secret.yaml", "failed loading schema"),
        ("/thing", "failed loading schema '/thing'"),
        ("/\0", "failed loading schema"),
        ("", "names no schema"),
        ("#", "names no schema"),
    ],
)
def test_a_schema_that_cannot_be_found(
    uri: str, message: str, repository: Path, registry: Registry
) -> None:
    (repository / "secret.yaml").write_text("type: object\n")
    (repository / "schemas/secret.yaml").symlink_to("../secret.yaml")
    with pytest.raises(UnusableSchemaError, match=message.replace("\\", "\\\\")):
        registry.get(uri)


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ("- 1", "should be an object or a boolean"),
        ("type: strng", "the schema is not valid"),
        ("$schema: https://json-schema.org/draft/2020-12/schema", "neither draft-07 nor draft-04"),
        ("properties: {a: {format: color, maxLength: 1}}", "unknown format 'color'"),
        ("properties: {a: {format: date}}", "not secure: `format` without `maxLength`"),
        ("properties: {a: {pattern: a}}", "not secure: `pattern` without `maxLength`"),
        ("properties: {a: {$ref: /no/such/1.0.0}}", "/no/such/1.0.0"),
        ("a: [1", "failed loading schema"),
    ],
)
def test_a_schema_that_cannot_be_used(
    schema: str, message: str, repository: Path, registry: Registry
) -> None:
    (repository / "schemas/x.yaml").write_text(schema)
    for _ in range(2):  # the second answer is a kept one
        with pytest.raises(UnusableSchemaError) as caught:
            registry.get("/x.yaml")
        assert message in caught.value.message


def test_a_schema_that_changes_is_read_again(
    repository: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry_module, "_FRESH", 0.0)
    event = {**EVENT, "colour": "red"}
    assert judge(dict(event), registry).status == "invalid"
    path = repository / "schemas/thing/seen/1.0.0.yaml"
    path.write_text(path.read_text() + "  colour: {type: string}\n")
    assert judge(dict(event), registry).status == "valid"
    path.unlink()
    assert judge(dict(event), registry).status == "error"


def test_the_registry_has_a_bound(
    repository: Path, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry_module, "_MOST", 3)
    for number in range(10):
        with pytest.raises(UnusableSchemaError):
            registry.get(f"/no/such/{number}")
    assert len(registry._failed) == 3


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (1, "a number"),
        (None, "null"),
        (True, "a boolean"),
        ([], "an array"),
        ({}, "an object"),
        (1.5, "a number"),
    ],
)
def test_schema_of_every_type(value: Any, kind: str, registry: Registry) -> None:
    verdict = judge({**EVENT, "$schema": value}, registry)
    assert verdict.status == "error"
    assert verdict.message == f"`$schema` should be a string, not {kind}"


@pytest.mark.parametrize("event", [1, None, "x", [], True])
def test_what_is_not_an_event(event: Any, registry: Registry) -> None:
    assert judge(event, registry).status == "error"


def test_names_that_were_probably_meant(registry: Registry) -> None:
    event: dict[str, Any] = {**EVENT, "thing_di": 1, "kind": "smal"}
    del event["dt"]
    event["dtt"] = "x"
    problems = judge(event, registry).problems
    hints = {(problem.keyword, problem.hint) for problem in problems}
    assert ("additionalProperties", "did you mean 'thing_id'?") in hints
    assert ("required", "did you mean 'dtt'?") in hints
    assert ("enum", "did you mean 'small'?") in hints
    assert all(problem.at and problem.at.line for problem in problems)


def test_defaults_are_filled_in(registry: Registry) -> None:
    event: dict[str, Json] = {"$schema": "/thing/kept/1.0.0", "meta": {"stream": "thing.kept"}}
    assert judge(event, registry).status == "valid"
    assert event["place"] == {"shelf": 3}


#: what ajv 6.12.6 fills in
FILLED = json.loads((Path(__file__).parents[1] / "data/events/defaults.json").read_text())


@pytest.mark.parametrize("case", FILLED, ids=lambda case: json.dumps(case["schema"])[:60])
def test_defaults_as_ajv(case: dict[str, Any]) -> None:
    document = parse_document(json.dumps(case["schema"]), "schema.json")
    event = deepcopy(case["event"])
    EventSchema("/x", document, lambda _: document).fill(event)
    assert event == case["filled"]


def test_defaults_are_copies() -> None:
    document = parse_document('{"properties": {"a": {"default": []}}}', "schema.json")
    schema = EventSchema("/x", document, lambda _: document)
    first: dict[str, Any] = {}
    schema.fill(first)
    first["a"].append(1)
    second: dict[str, Any] = {}
    schema.fill(second)
    assert second == {"a": []}


#: as ajv 6.12.6 answered
MULTIPLES = [(0.1, 0.3, False), (0.1, 1.1, True), (0.01, 4.35, False), (0.1, 1e21, False)]


@pytest.mark.parametrize(("divisor", "value", "expected"), MULTIPLES)
def test_multiples_as_ajv(divisor: float, value: float, expected: bool) -> None:
    document = parse_document(json.dumps({"multipleOf": divisor}), "schema.json")
    assert EventSchema("/x", document, lambda _: document).is_valid(value) is expected


_TIMES = st.from_regex(
    r"[0-9]{3,5}-[0-9]{1,2}-[0-3][0-9][tT \u00a0x][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?"
    r"(Z|z|[+-][0-9]{2}:?[0-9]{2}|)",
    fullmatch=True,
)
_NEAR = st.text("0123456789-:tTzZ+. \u00a0\ufeff\u017f\u212aabfurnid/#?\\%[]", max_size=45)


@pytest.mark.parametrize("name", sorted(PATTERNS))
@given(text=st.one_of(_TIMES, _NEAR, st.uuids().map(str), st.ip_addresses(v=4).map(str), st.text()))
@settings(max_examples=examples(60))
def test_native_patterns_are_the_formats(name: str, text: str) -> None:
    from jsonschema_rs import Draft7Validator as Engine

    schema: dict[str, Any] = {"format": name}
    with_patterns(schema)
    assert Engine(schema).is_valid(text) == FORMATS[name](text)


_SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.text("ab", max_size=3))
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=6,
)
_TYPES = st.sampled_from(["string", "integer", "number", "boolean", "object", "array", "null"])


def _schemas() -> st.SearchStrategy[Any]:
    def extended(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        parts = st.dictionaries(st.sampled_from("abc"), inner, max_size=2)
        lists = st.lists(inner, min_size=1, max_size=2)
        return st.fixed_dictionaries(
            {},
            optional={
                "type": _TYPES,
                "properties": parts,
                "required": st.lists(st.sampled_from("abc"), unique=True),
                "additionalProperties": inner,
                "items": inner,
                "maxLength": st.integers(0, 3),
                "minimum": st.integers(-3, 3),
                "enum": st.lists(_SCALARS, min_size=1, max_size=1),
                "allOf": lists,
                "anyOf": lists,
                "oneOf": lists,
                "not": inner,
                "if": inner,
                "then": inner,
                "else": inner,
            },
        )

    return st.recursive(st.booleans() | st.builds(dict), extended, max_leaves=8)


@given(schema=_schemas(), event=_VALUES)
@settings(max_examples=examples(150), deadline=None)
def test_verdicts_agree_with_the_jsonschema_library(schema: Any, event: Any) -> None:
    document = parse_document(json.dumps(schema), "schema.json")
    compiled = EventSchema("/x", document, lambda _: document)
    assert compiled.is_valid(event) == Draft7Validator(schema).is_valid(event)
    assert bool(compiled.problems(event)) != compiled.is_valid(event)


def test_problems_of_the_real_repository() -> None:
    """Every example of a real repository is as EventGate found it: valid."""
    if not PRIMARY.exists():
        pytest.skip("no real repository beside this one")
    registry = Registry(PRIMARY, ["."])
    count = 0
    for path in sorted(PRIMARY.rglob("[0-9]*.yaml")):
        if os.sep + "fragment" + os.sep in str(path):
            continue
        schema = registry.get("/" + path.relative_to(PRIMARY).as_posix())
        data: Any = schema.data
        for example in data.get("examples", ()):
            assert schema.problems(example) == ()
            count += 1
    assert count > 20
