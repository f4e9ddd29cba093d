"""How deeply things may be nested is a limit with a name, and what is beyond it a typed error.

Documents of random keywords, up to twice as deep as they may be, go through each public function
and command, which start with many frames below them, as in a program that calls from deep inside.
"""

from __future__ import annotations

import ast
import json
import random
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import jsonschema_tools
from jsonschema_tools import (
    SchemaToolsError,
    check,
    compare,
    dereference,
    diff,
    format_report,
    graph,
    load_config,
    materialize,
    parse,
    parse_document,
    serialize,
    validate,
    validate_file,
)
from jsonschema_tools.merging.merge import merge_all_of
from jsonschema_tools.values import MAX_DEPTH, is_too_deep
from support import fuzz_targets
from support.effort import examples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

PACKAGE = Path(jsonschema_tools.__file__).parent
BELOW = 120  # frames: pytest, Hypothesis and click add some 70

STRING = {"type": "string", "maxLength": 5}
#: what a schema is put into, and by how many levels that is deeper
WRAPPERS: tuple[tuple[int, Callable[[Any], dict[str, Any]]], ...] = (
    (2, lambda x: {"type": "object", "properties": {"a": x}}),
    (2, lambda x: {"type": "object", "properties": {"a": x, "b": STRING}, "required": ["a"]}),
    (2, lambda x: {"patternProperties": {"^a": x}}),
    (2, lambda x: {"anyOf": [x, {"type": "null"}]}),
    (2, lambda x: {"oneOf": [x]}),
    (2, lambda x: {"allOf": [x]}),
    (2, lambda x: {"allOf": [x, {"properties": {"b": STRING}}]}),
    (2, lambda x: {"items": [x]}),
    (2, lambda x: {"definitions": {"a": x}}),
    (2, lambda x: {"dependencies": {"a": x}}),
    (1, lambda x: {"type": "array", "items": x}),
    (1, lambda x: {"type": "object", "additionalProperties": x}),
    (1, lambda x: {"items": [], "additionalItems": x}),
    (1, lambda x: {"not": x}),
    (1, lambda x: {"contains": x}),
    (1, lambda x: {"propertyNames": x}),
    (1, lambda x: {"if": x, "then": {"title": "a"}}),
    (1, lambda x: {"if": {"title": "a"}, "then": x}),
    (1, lambda x: {"x-unknown": x}),
    (1, lambda x: {"default": x}),
    (1, lambda x: {"const": x}),
    (2, lambda x: {"enum": [x, 1]}),
    (2, lambda x: {"examples": [x]}),
)


def nested(depth: int, seed: int, innermost: Any = STRING) -> dict[str, Any]:
    """Return a schema of a depth: of one keyword, of a few, or of all."""
    rng = random.Random(seed)  # noqa: S311 - for the same schema each time
    wrappers = rng.choices(WRAPPERS, k=rng.choice((1, 1, 2, len(WRAPPERS))))
    schema, left = innermost, depth - 1
    while left:
        levels, wrap = rng.choice(wrappers)
        if levels > left:
            levels, wrap = 1, lambda x: {"not": x}
        schema, left = wrap(schema), left - levels
    return dict(schema)


def from_deep_inside(call: Callable[[], Any], frames: int = BELOW) -> Any:
    return from_deep_inside(call, frames - 1) if frames else call()


def attempt(call: Callable[[], Any]) -> SchemaToolsError | None:
    """Call something; return the error that it may raise, and fail with any other."""
    try:
        from_deep_inside(call)
    except SchemaToolsError as error:
        return error
    return None


HEAD = {"title": "a", "$schema": "https://json-schema.org/draft-07/schema#", "type": "object"}
CONFIG = "requiredFields: []\nschemaBaseUris: [.]\nlogLevel: error\n"


def repository(schemas: Mapping[str, Any], settings: str = "") -> Path:
    root = Path(tempfile.mkdtemp(dir=BASE[0]))
    (root / ".jsonschema-tools.yaml").write_text(CONFIG + settings)
    for name, schema in schemas.items():
        path = root / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(schema))
    return root


@pytest.fixture(scope="module", autouse=True)
def _in_one_folder(tmp_path_factory: pytest.TempPathFactory) -> None:
    BASE.append(tmp_path_factory.mktemp("depth"))


#: where repositories are: a fixture of each example would be too slow
BASE: list[Path] = []


def versions(depth: int, seed: int, reference: int) -> dict[str, Any]:
    """Return a schema in two versions, and one that holds the first within a schema of a depth."""
    old, new = (nested(depth, seed, {"type": "string", "maxLength": n}) for n in (5, 4))
    uses = nested(reference, seed + 1, {"$ref": "/a/1.0.0.yaml#/properties/p"})
    return {
        "a/1.0.0.yaml": {**HEAD, "$id": "/a/1.0.0", "properties": {"p": old}},
        "a/1.1.0.yaml": {**HEAD, "$id": "/a/1.1.0", "properties": {"p": new}},
        "a/current.yaml": {**HEAD, "$id": "/a/1.1.0", "properties": {"p": new}},
        "b/current.yaml": {**HEAD, "title": "b", "$id": "/b/1.0.0", "properties": {"p": uses}},
    }


deep = settings(
    derandomize=True, deadline=None, max_examples=examples(15), report_multiple_bugs=False
)
DEPTHS = st.integers(1, 2 * MAX_DEPTH) | st.sampled_from(
    [MAX_DEPTH - 3, MAX_DEPTH - 2, MAX_DEPTH - 1, MAX_DEPTH, MAX_DEPTH + 1]
)
SEEDS = st.integers(0, 1 << 30)


@deep
@given(DEPTHS, SEEDS)
def test_values(depth: int, seed: int) -> None:
    schema = nested(depth, seed)
    beyond = is_too_deep(schema)
    text = json.dumps(schema)
    other = nested(depth, seed, {"type": "string", "maxLength": 4})
    bounded: list[Callable[[], Any]] = [
        lambda: serialize(schema),
        lambda: serialize(schema, "json"),
        lambda: parse(text),
        lambda: parse(f"# not JSON\n{text}"),
        lambda: parse_document(text, "a.yaml").locate("/a/b"),
        lambda: compare(schema, other),
        lambda: compare(schema, {}),
        lambda: compare({}, schema),
    ]
    for call in bounded:
        error = attempt(call)
        assert (error is not None) == beyond, error
        assert error is None or f"nested more than {MAX_DEPTH} levels deep" in error.message
    pair = schema, other
    branches: tuple[Any, ...] = (
        {"allOf": [{"properties": {"p": one}} for one in pair]},
        {"allOf": [{"anyOf": [one, STRING]} for one in pair]},
        {"items": [schema, schema], "not": {"anyOf": [schema]}},
    )
    for one in branches:
        attempt(partial(merge_all_of, one))
    assert not beyond or "allOf" in text or attempt(lambda: merge_all_of(schema)) is not None


@deep
@given(DEPTHS, DEPTHS, SEEDS, st.booleans())
def test_repositories(depth: int, reference: int, seed: int, generate: bool) -> None:
    schemas = versions(depth, seed, reference)
    example = "shouldGenerateExample: true\n" if generate else ""
    root = repository(schemas, example)
    config = load_config(root)
    calls: list[Callable[[], Any]] = [
        lambda: materialize(config, ["a/current.yaml"], dry_run=True),
        lambda: materialize(config, ["b/current.yaml"]),
        lambda: dereference(config, "a/current.yaml"),
        lambda: dereference(config, "b/current.yaml"),
        lambda: format_report(check(config)),
        lambda: diff(config, "a/1.0.0.yaml", "a/1.1.0.yaml").changes,
        lambda: diff(config, "a/1.0.0.yaml", "a/1.1.0.yaml").counterexamples,
        lambda: graph(config),
    ]
    for call in calls:
        attempt(call)
    for file in schemas:
        error = attempt(partial(materialize, config, [file], dry_run=True))
        if is_too_deep(schemas[file]):
            assert error is not None
            assert f"nested more than {MAX_DEPTH} levels deep" in error.message
            assert error.at is not None
            assert error.at.path == file


COMMANDS = (
    ("check", "--jobs", "1", "--no-cache"),
    ("check", "--jobs", "1", "--no-cache", "--format", "sarif"),
    ("materialize-all", "--dry-run"),
    ("materialize", "--dry-run", "b/current.yaml"),
    ("dereference", "a/current.yaml"),
    ("dereference", "b/current.yaml"),
    ("diff", "a/1.0.0.yaml", "a/1.1.0.yaml"),
    ("diff", "--format", "json", "a/1.0.0.yaml", "a/1.1.0.yaml"),
    ("bump", "--check"),
    ("outdated",),
    ("graph",),
    ("list",),
    *(
        ("table", "--lenient", "--dialect", dialect, "a")
        for dialect in ("spark", "bigquery", "clickhouse", "duckdb")
    ),
    ("table", "a"),
    ("validate", "events.jsonl"),
    ("validate", "--schema", "a", "events.jsonl"),
    ("site", "pages"),
)


@settings(deep, max_examples=examples(4))
@given(DEPTHS, DEPTHS, SEEDS)
def test_commands(depth: int, reference: int, seed: int) -> None:
    root = repository(versions(depth, seed, reference), "shouldGenerateExample: true\n")
    (root / "events.jsonl").write_text("".join(f"{json.dumps(event)}\n" for event in events(depth)))
    for words in COMMANDS:
        from_deep_inside(partial(fuzz_targets.run, root, words), BELOW // 2)


def events(depth: int) -> Iterator[dict[str, Any]]:
    """Yield events of which a field is of a depth."""
    lists: Any = []
    objects: dict[str, Any] = {}
    for _ in range(depth - 2):
        lists, objects = [lists], {"p": objects}
    for field in (lists, objects):
        yield {"$schema": "/a/1.1.0.yaml", "p": field}


@deep
@given(DEPTHS | st.sampled_from([900, 5000]), SEEDS)
def test_events(depth: int, seed: int) -> None:
    recursive = {
        "properties": {"p": {"$ref": "#"}, "d": {"default": 1}},
        "additionalProperties": {"$ref": "#"},
    }
    for schema in (
        recursive,
        {"properties": {"p": {"allOf": [recursive]}}},
        {"properties": {"p": nested(min(depth, MAX_DEPTH - 2), seed)}},
        {"properties": {"p": {"type": "string"}}},
        {"properties": {"p": {"enum": [1]}}},
    ):
        root = repository({"a/1.1.0.yaml": {**HEAD, "$id": "/a/1.1.0", **schema}})
        config = load_config(root)
        for event in events(depth):
            from_deep_inside(partial(list, validate(config, [event])))
        if depth <= 900:
            (root / "e.jsonl").write_text("".join(f"{json.dumps(e)}\n" for e in events(depth)))
            from_deep_inside(partial(list, validate_file(config, root / "e.jsonl")))


@pytest.mark.parametrize("what", ["properties", "allOf"])
def test_a_chain_of_definitions_of_a_schema_for_events(what: str) -> None:
    count = 2000
    references = [{"$ref": f"#/definitions/d{i + 1}"} for i in range(count)]
    parts: dict[str, Any] = {
        f"d{i}": {"allOf": [one]} if what == "allOf" else {"properties": {"p": one}}
        for i, one in enumerate(references)
    }
    last = {"properties": {"d": {"default": 1}}}
    schema = {"definitions": {**parts, f"d{count}": last}, "allOf": [{"$ref": "#/definitions/d0"}]}
    root = repository({"a/1.1.0.yaml": {**HEAD, "$id": "/a/1.1.0", **schema}})
    verdicts = [*validate(load_config(root), events(150))]
    assert all(verdict.status in {"valid", "invalid", "error"} for verdict in verdicts)


def test_references_in_a_circle_through_other_documents_end() -> None:
    circle = {"default": 1, "$ref": "/b/1.0.0.yaml"}
    schemas = {
        "a/1.1.0.yaml": {**HEAD, "$id": "/a/1.1.0", "properties": {"p": circle}},
        "b/1.0.0.yaml": {"default": 1, "$ref": "/c/1.0.0.yaml"},
        "c/1.0.0.yaml": {"default": 1, "$ref": "/b/1.0.0.yaml"},
    }
    config = load_config(repository(schemas))
    for event in events(3):
        try:
            verdicts = [*validate(config, [event])]
        except SchemaToolsError:
            continue
        assert [verdict.status for verdict in verdicts] == ["error"]


#: modules that may meet a RecursionError: a library raises it
LIBRARIES = {
    "cache.py": "json, of a file that others wrote",
    "documents/json_reader.py": "json, before the depth is known",
    "events/json_text.py": "msgspec",
    "intake/answers.py": "msgspec",
    "intake/log_reader.py": "msgspec",
    "intake/numbers.py": "json",
    "intake/selection.py": "msgspec",
    "lake/envelope.py": "msgspec",
    "lake/fitting.py": "msgspec",
    "lake/parquet.py": "msgspec",
    "validation/validator.py": "jsonschema, which explains what jsonschema-rs refuses",
}


def test_only_libraries_end_in_recursion_errors() -> None:
    """Our own walks have a limit, or a stack of their own."""
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Name) and node.id == "RecursionError"
    }
    assert found == LIBRARIES.keys()
