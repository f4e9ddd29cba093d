from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jsonschema_tools import parse
from jsonschema_tools.checks import compatibility
from jsonschema_tools.checks.base import Check, Context
from jsonschema_tools.config import load_config
from jsonschema_tools.documents.document import Document, parse_document
from jsonschema_tools.repository import SchemaFile
from jsonschema_tools.values import get_field
from jsonschema_tools.versions import of_id
from support.every_case import every_case

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.errors import Problem

VECTORS = Path(__file__).parent.parent.parent / "shared/vectors/checks.jsonl"
COMPATIBILITY, CONSTRAINTS = compatibility.CHECKS


def schema_file(text: str) -> SchemaFile:
    document = parse_document(text, "1.0.0.yaml")
    version = of_id(str(get_field(document.data, "$id")))
    path = Path("/1.0.0.yaml")
    return SchemaFile(
        path, "1.0.0.yaml", "x", "yaml", False, version, document=document, version=version
    )


def no_build(_: Document) -> Any:
    raise AssertionError("comparing materializes nothing")


def problems(
    check: Check, old: str, new: str, root: Path, policy: str | None = None
) -> list[Problem]:
    overrides = {"compatibilityPolicy": policy} if policy else {}
    config = load_config(root, overrides=overrides)
    context = Context(config=config, build=no_build, published={}, waivers={})
    return list(check.find(schema_file(old), schema_file(new), context))


def vector_pairs() -> Iterator[tuple[str, tuple[Any, Any]]]:
    for line in VECTORS.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        if case["kind"] == "normal":
            for result in case["results"]:
                if result["suite"] == "compatibility" and result["outcome"] != "skipped":
                    name = f"{case['feature']}-{case['id']}-{result['version']}"
                    yield name, (case, result)


def version_text(case: Any, title: str, version: str) -> str | None:
    for name, text in case["files"].items():
        if name.endswith((".yaml", ".json")) and not Path(name).name.startswith((".", "current")):
            data: Any = parse(text)
            identifier = str(data.get("$id", "")) if isinstance(data, dict) else ""
            if data.get("title") == title and str(of_id(identifier)) == version:
                return str(text)
    return None


@pytest.mark.skipif(not VECTORS.exists(), reason="a clone has no vectors")
def test_verdict_of_the_reference(tmp_path: Path) -> None:
    compared = 0

    def check(pair: tuple[Any, Any]) -> None:
        nonlocal compared
        case, result = pair
        if case["feature"] == "compat_default_null" and "TypeError" in result.get("message", ""):
            return  # the reference crashes on `default: null`
        keys = ("against", "version")
        old, new = (version_text(case, result["title"], result[key]) for key in keys)
        if old is None or new is None:
            return  # the reference found this version in another way
        found = problems(COMPATIBILITY, old, new, tmp_path, "reference")
        assert ("failed" if found else "passed") == result["outcome"]
        compared += 1

    every_case(vector_pairs(), check)
    assert compared > 140


OLD = "{$id: /t/1.0.0, type: object, properties: {a: {type: string}}}"


def test_a_problem_says_what_where_and_what_to_do(tmp_path: Path) -> None:
    new = OLD.replace("string", "integer")
    (problem,) = problems(COMPATIBILITY, OLD, new, tmp_path)
    assert problem.message == "type of `/properties/a` changed from string to integer"
    assert problem.pointer == "/properties/a/type"
    assert problem.hint == (
        "restore it and add a new property instead, or bump the major version (policy additive)"
    )
    assert problem.counterexample == 'was valid, is refused now: {"a":""}'
    assert problems(CONSTRAINTS, OLD, new, tmp_path) == []


def test_a_new_constraint_is_not_incompatible(tmp_path: Path) -> None:
    new = OLD.replace("properties", "required: [a], properties")
    (problem,) = problems(CONSTRAINTS, OLD, new, tmp_path)
    assert problem.message == "property `a` of the schema became required"
    assert problem.pointer == "/required"
    assert problem.hint == "make it optional, or bump the major version (policy additive)"
    assert problem.counterexample == "was valid, is refused now: {}"
    assert problems(COMPATIBILITY, OLD, new, tmp_path) == []


def test_what_only_allows_more_has_a_reason_but_no_witness(tmp_path: Path) -> None:
    (problem,) = problems(COMPATIBILITY, "{type: integer}", "{type: number}", tmp_path)
    assert problem.hint is not None
    assert problem.hint.endswith("consumers of events may rely on it (policy additive)")


def test_bounds_of_the_configuration_are_free(tmp_path: Path) -> None:
    new = "{type: integer, minimum: -5, maximum: 5}"
    assert len(problems(CONSTRAINTS, "{type: integer}", new, tmp_path)) == 2
    (tmp_path / ".jsonschema-tools.yaml").write_text("enforcedNumericBounds: [-5, 5]\n")
    assert problems(CONSTRAINTS, "{type: integer}", new, tmp_path) == []


@pytest.mark.parametrize("check", [COMPATIBILITY, CONSTRAINTS], ids=lambda check: check.id)
def test_the_manual_has_a_bad_and_a_good_example(check: Check) -> None:
    assert check.summary.endswith(".")
    assert "Bad" in check.explanation
    assert "Good" in check.explanation
