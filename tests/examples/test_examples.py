"""Examples: the reference's, value for value; what we do otherwise; that no schema is too much."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jsonschema_tools.ecmascript.conversions import to_text
from jsonschema_tools.ecmascript.objects import creation_order
from jsonschema_tools.errors import ExampleError
from jsonschema_tools.examples.example import Remark, generate_example, with_example
from jsonschema_tools.examples.fit_scalars import numbers
from jsonschema_tools.examples.fixed_random import between, pick, shuffled
from jsonschema_tools.examples.patterns import PatternError, text_for
from jsonschema_tools.examples.plain_validity import is_plainly_valid
from jsonschema_tools.examples.scalars import FORMATS
from jsonschema_tools.pointers import follow, join, split
from jsonschema_tools.validation.validator import (
    UnusableSchemaError,
    compile_schema,
    example_problems,
)
from jsonschema_tools.values import as_double, as_list, deep_copy, get_field
from support.effort import examples
from support.every_case import for_each

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conftest import RunTool

    from jsonschema_tools.values import Json, Schema

DATA = Path(__file__).parents[1] / "data" / "examples"
VECTORS = Path(__file__).parents[3] / "shared" / "vectors" / "materialize.jsonl"

STRING: Schema = {"type": "string"}
LARGE = 10**9


def cases(*names: str) -> Iterator[dict[str, Any]]:
    """Yield cases made with the reference: `example`, or an `error`."""
    for name in names:
        for number, line in enumerate((DATA / f"{name}.jsonl").read_text().splitlines(), start=1):
            case = json.loads(line)
            yield {**case, "name": f"{name}-{number}-{case['feature']}"}


def named(case: dict[str, Any]) -> str:
    return str(case["name"])


def canonical(value: Any) -> Any:
    """Return JSON with numbers as the program holds them; `{"$float": "nan"}` is NaN."""
    if isinstance(value, dict):
        if value.keys() == {"$float"}:
            return float(value["$float"])
        return {key: canonical(item) for key, item in value.items()}
    if isinstance(value, list):
        return [canonical(item) for item in value]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return value
    return as_double(value)


def with_shared(value: Any, groups: list[list[str]]) -> Any:
    """Return a value in which all pointers of a group lead to one object."""
    for first, *others in groups:
        for pointer in others:
            *parents, last = split(pointer)
            parent: Any = follow(value, join(parents))
            parent[last] = follow(value, first)
    return value


def shared(value: Any) -> list[list[str]]:
    """Return the pointers of each object that stands at several places, as they are found."""
    places: dict[int, list[str]] = {}

    def walk(node: Any, tokens: tuple[str | int, ...]) -> None:
        if isinstance(node, (dict, list)):
            places.setdefault(id(node), []).append(join(tokens))
            if len(places[id(node)]) == 1:
                for key, item in in_order(node) if isinstance(node, dict) else enumerate(node):
                    walk(item, (*tokens, key))

    walk(value, ())
    return [group for group in places.values() if len(group) > 1]


def in_order(value: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(key, value[key]) for key in creation_order(tuple(value))]


def text(value: Any) -> str:
    """Return JSON in which order of keys, types of numbers and NaN show."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{json.dumps(k)}: {text(v)}' for k, v in in_order(value))}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(text, value))}]"
    return json.dumps(value)


def schema_of(case: dict[str, Any]) -> Any:
    return with_shared(canonical(case["schema"]), case.get("same", []))


@for_each(cases("keywords", "patterns", "random"), named)
def test_the_example_is_the_references(case: dict[str, Any]) -> None:
    schema = schema_of(case)
    name = schema.get("format") if isinstance(schema, dict) else None
    if "error" in case and name and name not in FORMATS:  # here it is an annotation
        unknown: list[tuple[str, str]] = []
        assert isinstance(generate_example(schema, unknown), str)
        assert [unknown_name for unknown_name, _ in unknown] == [to_text(name)]
    elif "error" in case:
        with pytest.raises(ExampleError) as caught:
            generate_example(schema)
        assert caught.value.hint
    else:
        example = generate_example(schema)
        assert text(example) == text(canonical(case["example"]))
        assert shared(example) == case.get("shared", [])


@for_each(cases("keywords", "random"), named)
def test_a_schema_stays_as_it_is(case: dict[str, Any]) -> None:
    schema, untouched = schema_of(case), deep_copy(schema_of(case))
    try:
        example = generate_example(schema)
    except ExampleError:
        pass
    else:
        assert not containers(example) & containers(schema)
    assert text(schema) == text(untouched)
    assert shared(schema) == shared(untouched)


def containers(value: Any) -> set[int]:
    if not isinstance(value, (dict, list)):
        return set()
    parts = value.values() if isinstance(value, dict) else value
    return {id(value)}.union(*map(containers, parts))


@pytest.mark.skipif(not VECTORS.exists(), reason="the vectors are not part of a clone")
def test_examples_of_the_vectors() -> None:
    seen = mended = 0
    for line in VECTORS.read_text().splitlines():
        case = json.loads(line)
        skipped = {"error", "hang", "volatile"} & case.keys() or case["id"] == "mz-63f75b46d0"
        if skipped or not case["feature"].startswith("example_"):
            continue
        schema = canonical(json.loads(case["json"]))
        if case["feature"] == "example_present":
            continue
        (expected,) = schema.pop("examples")
        seen += 1
        field = case["options"].get("schemaVersionField", "$id")
        remarks: list[Remark] = []
        (example,) = examples_of(schema, get_field(schema, field), remarks.append)
        if not is_refused(schema, expected):
            assert text(as_json(example)) == text_sorted_like(expected, example), case["id"]
        elif is_refused(schema, example):
            assert remarks, case["id"]
        else:
            mended += 1
    assert seen > 80
    assert mended > 10


def is_refused(schema: Any, example: Any) -> bool:
    """Tell whether the tool's own check refuses an example; it cannot tell of every schema."""
    try:
        compiled = compile_schema(schema)
    except UnusableSchemaError:
        return False
    return any(example_problems(compiled, {}, [("", example)]))


def as_json(value: Any) -> Any:
    """Return what JSON can say of a value: no NaN, no infinity."""
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def text_sorted_like(value: Any, model: Any) -> str:
    """Return the text of a value whose keys were sorted when it was written."""
    return text(sorted_like(value, model))


def sorted_like(value: Any, model: Any) -> Any:
    if isinstance(value, dict) and isinstance(model, dict):
        keys = [*(key for key in model if key in value), *(k for k in value if k not in model)]
        return {key: sorted_like(value[key], model.get(key)) for key in keys}
    if isinstance(value, list) and isinstance(model, list) and len(value) == len(model):
        return [sorted_like(item, like) for item, like in zip(value, model, strict=True)]
    return value


@pytest.mark.parametrize("examples", [None, [], {}, "", 5, True])
def test_without_examples_one_is_added(examples: Any) -> None:
    schema = {"type": "object", "examples": examples, "properties": {"$schema": STRING}}
    assert with_example(schema, "/a/1.0.0") == {**schema, "examples": [{"$schema": "/a/1.0.0"}]}
    assert list(with_example(schema, "/a/1.0.0")) == list(schema)


@pytest.mark.parametrize("examples", [[None], {"a": 1}, "x"])
def test_present_examples_stay(examples: Any) -> None:
    schema = {"type": "text", "examples": examples}
    assert with_example(schema, "/a/1.0.0") == {"type": "text", "examples": examples}


def test_schema_field_is_set_in_objects_only_and_only_where_it_is() -> None:
    schema = obj(a=STRING)
    assert examples_of(schema, "/a/1.0.0") == [{"a": "dolor"}]
    assert with_example({"const": ["$schema"]}, "/a/1.0.0")["examples"] == [["$schema"]]


def examples_of(
    schema: dict[str, Any], identifier: Json, remark: Callable[[Remark], None] = lambda _: None
) -> list[Json]:
    return as_list(with_example(schema, identifier, remark)["examples"])


def obj(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


VALID: list[tuple[Any, Any]] = [  # what json-schema-faker makes an invalid example for, or none
    (obj(a={"type": "integer", "exclusiveMinimum": 0}), {"a": 1}),
    (obj(a={"type": "number", "exclusiveMinimum": 0, "maximum": 1}), {"a": 1}),
    (obj(a={"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}), {"a": 0.5}),
    (obj(a={"type": "integer", "exclusiveMinimum": 5, "multipleOf": 5}), {"a": 10}),
    (obj(a={"type": "number", "multipleOf": 0.07, "minimum": 1}), {"a": 1.05}),
    (
        {"type": "object", "propertyNames": {"pattern": "^[A-Z]+$"}, "minProperties": 1,
         "additionalProperties": {"type": "integer"}},
        {"DD": 0},
    ),
    (
        {"type": "object", "propertyNames": {"enum": ["x", "y"]}, "minProperties": 2,
         "additionalProperties": {"type": "boolean"}},
        {"x": False, "y": False},
    ),
    (
        {"type": "object", "patternProperties": {"^x-": {"type": "boolean"}},
         "additionalProperties": False, "minProperties": 1},
        {"x-": False},
    ),
    (obj(a={"type": "string", "pattern": "^[0-9a-f]{8}$", "maxLength": 8}), {"a": "22222222"}),
    (obj(a={"type": "string", "pattern": "^[A-Z]{2,9}$", "minLength": 5}), {"a": "DDDDDD"}),
    (obj(a={"type": "array", "items": {"enum": [1, 2, 3]}, "minItems": 3, "uniqueItems": True}),
     {"a": [1, 2, 3]}),
    (obj(a={"type": "array", "contains": {"const": 7}}), {"a": [7]}),
    (obj(a={"type": "string", "not": {"maxLength": 9}, "minLength": 3}), {"a": "dolordolor"}),
    ({"type": "object", "properties": {"a": {"type": "string"}}, "dependencies": {"a": ["b"]}},
     {"a": "dolor", "b": "dolor"}),
    (obj(a={"default": 5, "type": "string"}), {"a": "dolor"}),
    (obj(a={"anyOf": [{"type": "string", "maxLength": 2}, {"type": "integer"}]}), {"a": ""}),
    (obj(a={"type": "string", "format": "url"}), {"a": "http://example.org/"}),
    (obj(a={"type": "string", "format": "colour", "maxLength": 3}), {"a": ""}),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "example"), VALID)
def test_examples_are_valid(schema: Any, example: Any) -> None:
    (made,) = examples_of(schema, None)
    assert not is_refused(schema, made)
    assert made == example


def test_a_version_that_was_written_with_an_invalid_example_stays(
    tmp_path: Path, run_tool: RunTool
) -> None:
    """Published files do not change because the tool makes better examples now."""
    (tmp_path / ".jsonschema-tools.yaml").write_text("shouldGenerateExample: true\n")
    (tmp_path / "a").mkdir()
    (tmp_path / "a/current.yaml").write_text(
        "title: a\n$id: /a/1.0.0\ntype: object\n"
        "properties: {number_: {type: integer, exclusiveMinimum: 5, maximum: 6}}\n"
    )
    check = ("check", "--select", "structure-current-equals-latest", "--no-cache")
    assert run_tool("materialize-all").returncode == 0
    assert run_tool(*check).returncode == 0
    for kind, start in (("yaml", "number_: "), ("json", '"number_": ')):
        path = tmp_path / f"a/1.0.0.{kind}"
        assert path.read_text().count(f"{start}6") == 1
        path.write_text(path.read_text().replace(f"{start}6", f"{start}-7656119366529841"))
    assert run_tool("materialize-all").stderr == "1 schema, all up to date\n"
    assert run_tool(*check).returncode == 0
    path.write_text(path.read_text().replace("-7656119366529841", "7"))
    assert "change" in run_tool("materialize-all").stderr


def test_what_cannot_be_fitted_is_reported() -> None:
    impossible = {"type": "string", "allOf": [{"minLength": 5}, {"maxLength": 2}]}
    remarks: list[Remark] = []
    with_example(obj(a=impossible), None, remarks.append)
    assert [remark.message for remark in remarks] == [
        "the generated example is not valid: the value is shorter than 5 characters at /a;"
        " give the schema one"
    ]


def test_a_format_that_is_not_known_is_reported_with_its_place() -> None:
    remarks: list[Remark] = []
    schema = obj(a={"type": "string", "format": "colour"}, b={"type": "string", "format": "url"})
    with_example(schema, None, remarks.append)
    assert [(remark.pointer, remark.message.partition(":")[0]) for remark in remarks] == [
        ("/properties/a", "format 'colour' is not one of draft-07's"),
        ("/properties/b", "format 'url' is not one of draft-07's"),
    ]


OTHERWISE: list[tuple[Any, Any]] = [
    ({"type": "string", "format": "date"}, "2021-01-01"),
    ({"type": "string", "format": "time"}, "00:00:00.000Z"),
    ({"type": "string", "format": "datetime"}, "2021-01-01T00:00:00.0Z"),
    (
        {"type": "object", "properties": {"not": {"maxLength": 8}, "jsonPath": {"minimum": 0}}},
        {"jsonPath": 15000000, "not": "d"},
    ),
    (
        {
            "type": "object",
            "properties": {"definitions": {"type": "object", "properties": {"a": STRING}}},
        },
        {"definitions": {"a": "dolor"}},
    ),
    (
        {"type": "object", "additionalProperties": STRING, "minProperties": 3},
        {"dolorb": "dolor", "dolorb2": "dolor", "dolorb3": "dolor"},
    ),
    (
        {"type": "object", "additionalProperties": STRING, "maxProperties": LARGE},
        {"dolorb": "dolor"},
    ),
    (
        {"type": "object", "patternProperties": {"^a$": STRING}, "minProperties": 2},
        {"a": "dolor", "dolorb2": -70000000},
    ),
    (
        {
            "type": "object",
            "patternProperties": {"^a$": STRING},
            "minProperties": 2,
            "additionalProperties": False,
        },
        {"a": "dolor"},
    ),
    ({"type": "number", "multipleOf": 0.1, "minimum": 0, "maximum": 2}, 0.30000000000000004),
    ({"type": "string", "not": {"enum": [True]}}, "false"),
    ({"type": "object", "required": ["ghost"], "additionalProperties": False}, None),
    (
        {
            "type": "object",
            "properties": {"a": STRING},
            "required": ["b"],
            "additionalProperties": False,
        },
        {"a": "dolor"},
    ),
    ({"type": "array", "items": [STRING, False]}, ["dolor", None]),
]


@pytest.mark.parametrize(("schema", "example"), OTHERWISE)
def test_what_we_do_otherwise(schema: Any, example: Any) -> None:
    assert text(generate_example(schema)) == text(example)


def at(pointer: str, schema: Any) -> Any:
    """Return a schema that holds another below the tokens of a pointer."""
    for token in reversed(split(pointer)):
        schema = {token: schema}
    return {"type": "object", **schema} if isinstance(schema, dict) else schema


@pytest.mark.parametrize(
    ("pointer", "schema", "message"),
    [
        ("/properties/a", {"type": "text"}, "type 'text' is not known"),
        ("/properties/a~1b", {"type": "text"}, "type 'text' is not known"),
        ("/properties/a", {"minimum": 5, "maximum": 1.5}, "minimum 5 is above maximum 1.5"),
        ("/properties/a", {"type": "integer", "minimum": "1"}, "minimum is not a number"),
        ("/properties/a", {"type": "object", "maxProperties": math.nan}, "maxProperties is not a"),
        ("/properties/a", {"multipleOf": -1}, "multipleOf is negative"),
        ("/properties/a/items", {"pattern": "(?<n>a)"}, "(?< at column 1 is not supported"),
        ("/properties/a/items", {"pattern": "[a"}, "a character class is not closed"),
        ("/properties/a", {"type": "string", "pattern": 5}, "pattern is not a string"),
        ("/properties/a", {"type": "array", "minItems": 1}, "nothing is said about the items"),
        ("/additionalProperties", {"properties": [1]}, "properties is not an object"),
        ("/properties/a", {"required": "b", "type": "object"}, "required is not a list of names"),
        ("/properties/a", {"oneOf": []}, "oneOf or anyOf is empty"),
        ("/properties/a", {"allOf": [None]}, "a part of allOf is null"),
        ("/properties/a", {"$ref": "#/nope"}, "nothing found for $ref '#/nope'"),
        ("/properties/a", {"format": "date", "maxLength": 6}, "'2021-0' is not a date or time"),
    ],
)
def test_an_error_says_what_where_and_what_to_do(pointer: str, schema: Any, message: str) -> None:
    kind = {"/items": "array", "/additionalProperties": "object"}
    below = at(pointer, schema)
    if pointer == "/properties/a/items":
        below["properties"]["a"]["type"] = kind["/items"]
    with pytest.raises(ExampleError) as caught:
        generate_example(below)
    assert message in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.hint
    assert caught.value.at is not None
    shown = caught.value.at.pointer
    assert shown == (pointer if pointer != "/additionalProperties" else "")


def nested(levels: int, **keywords: Any) -> Any:
    schema: Any = STRING
    for _ in range(levels):
        schema = {"items": schema, **keywords}
    return schema


def bomb(*names: str) -> Any:
    value: Any = {"type": "string"}
    for _ in range(60):
        value = dict.fromkeys(names, value)
    return value


TOO_MUCH: dict[str, Callable[[], Any]] = {
    "minLength": lambda: {"type": "string", "minLength": LARGE},
    "minItems": lambda: {"type": "array", "items": STRING, "minItems": LARGE},
    "maxItems": lambda: {"type": "array", "items": STRING, "maxItems": LARGE},
    "minProperties": lambda: {"additionalProperties": STRING, "minProperties": LARGE},
    "long texts": lambda: {"items": {"type": "string", "minLength": 99_999}, "maxItems": 5000},
    "repeats": lambda: {"pattern": "(((a{999}){999}){999}){999}"},
    "repeats of nothing": lambda: {"pattern": "(){999999999}"},
    "huge repeat": lambda: {"pattern": "a{99999999999999999999}"},
    "nested groups": lambda: {"pattern": "(" * 5000 + ")" * 5000},
    "nested repeats": lambda: {"pattern": "a" + "{2}" * 5000},
    "arrays of arrays": lambda: nested(12, maxItems=5),
    "unique items": lambda: nested(12, minItems=2, uniqueItems=True),
    "deep": lambda: nested(2000),
    "bomb in a value": lambda: {"const": bomb("a", "b")},
    "bomb in a schema": lambda: {"properties": {"a": {"x": bomb("a", "b")}}},
}


@pytest.mark.parametrize("name", TOO_MUCH)
def test_a_schema_that_asks_for_too_much_is_refused(name: str) -> None:
    with pytest.raises(ExampleError) as caught:
        generate_example(TOO_MUCH[name]())
    assert len(caught.value.message) < 200


def test_deep_schemas_are_no_problem() -> None:
    schema: Any = STRING
    for _ in range(90):
        schema = {"type": "object", "properties": {"a": schema}}
    assert json.dumps(generate_example(schema)).count("{") == 90


def test_property_names_are_matched_without_endless_backtracking() -> None:
    schema: Schema = {"patternProperties": {"(a+)+$": {}}, "properties": {f"{'a' * 60}!": STRING}}
    assert generate_example(schema) == {f"{'a' * 60}!": "dolor", "aaaa": {}}


KEYWORDS = st.sampled_from(
    (
        *("type", "properties", "items", "required", "additionalProperties", "patternProperties"),
        *("enum", "const", "default", "not", "allOf", "anyOf", "oneOf", "minimum", "maximum"),
        *("multipleOf", "exclusiveMinimum", "minLength", "maxLength", "pattern", "format"),
        *("minItems", "maxItems", "uniqueItems", "additionalItems", "minProperties"),
        *("maxProperties", "dependencies", "$ref", "$id", "template", "autoIncrement", "thunk"),
        *("definitions", "jsonPath", "a", "1"),
    )
)
ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 30)
    | st.sampled_from([0.5, math.nan, math.inf, 1e300])
    | st.sampled_from(
        [
            "",
            "string",
            "number",
            "integer",
            "object",
            "array",
            "[a-c]+",
            "#",
            "#/a",
            "date",
            "(",
            "a",
        ]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYWORDS, inner, max_size=5),
    max_leaves=20,
)


@settings(deadline=None)
@given(st.dictionaries(KEYWORDS, ANYTHING, max_size=6))
def test_any_schema_gives_an_example_or_an_error(schema: dict[str, Any]) -> None:
    before = text(schema)
    try:
        first = text(generate_example(schema))
    except ExampleError as error:
        assert error.hint  # noqa: PT017 # most schemas do have an example
    else:
        assert first == text(generate_example(schema))
    assert text(schema) == before


@st.composite
def numbers_in_reach(draw: st.DrawFn) -> dict[str, Any]:
    step = draw(st.sampled_from([1, 2, 5, 0.5, 0.25]))
    low = draw(st.integers(-20, 20))
    schema: dict[str, Any] = {"type": draw(st.sampled_from(["number", "integer"]))}
    for keyword, bound in (("inimum", low), ("aximum", low + 12)):
        if name := draw(st.sampled_from(["", f"m{keyword}", f"exclusiveM{keyword}"])):
            schema[name] = bound
    return schema | draw(st.sampled_from([{}, {"multipleOf": step}]))


@st.composite
def texts_in_reach(draw: st.DrawFn) -> dict[str, Any]:
    if draw(st.booleans()):
        low = draw(st.integers(0, 12))
        schema = {"minLength": low, "maxLength": low + draw(st.integers(0, 9))}
        kept = draw(st.sets(st.sampled_from(sorted(schema))))
        return {"type": "string", **{key: schema[key] for key in kept}}
    known = ["date", "date-time", "time", "uri", "email", "ipv4", "url", "uuid", "regex"]
    pattern = st.sampled_from(["^[A-Z]{2}-\\d{4}$", "^[0-9a-f]{8}$", "^a+$", "x|yy", "^/(\\w+/)*$"])
    return {"type": "string"} | draw(
        st.sampled_from(known).map(lambda name: {"format": name})
        | pattern.map(lambda text: {"pattern": text})
    )


def composed(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    names = st.sampled_from(["a", "b", "c_d", "$schema"])
    objects = st.builds(
        lambda properties, required, others, default: {
            "type": "object",
            "properties": properties,
            "required": sorted(required & properties.keys()),
            "additionalProperties": others,
            **default,
        },
        st.dictionaries(names, inner, max_size=3),
        st.sets(names),
        st.booleans() | inner,
        st.sampled_from([{}, {}, {"dependencies": {"a": ["b"]}, "additionalProperties": True}]),
    )
    maps = st.builds(
        lambda values, names, least: {
            "type": "object",
            **names,
            **({"additionalProperties": values} if "patternProperties" not in names else {}),
            "minProperties": least,
        },
        inner,
        st.sampled_from(
            [
                {},
                {"propertyNames": {"pattern": "^[a-z]+[0-9]*$"}},
                {"propertyNames": {"maxLength": 2}},
                {"propertyNames": {"enum": ["p", "q", "r"]}},
                {"patternProperties": {"^x": {"type": "boolean"}}},
            ]
        ),
        st.integers(0, 3),
    )
    arrays = st.builds(
        lambda items, least, more: {"type": "array", "items": items, "minItems": least, **more},
        inner,
        st.integers(0, 3),
        st.sampled_from([{}, {"maxItems": 3}]),
    )
    choices = st.builds(
        lambda keyword, options: {keyword: options},
        st.just("anyOf"),
        st.lists(inner, min_size=1, max_size=3),
    )
    both = inner.map(lambda schema: {"allOf": [schema, {"description": "x"}]})
    return objects | maps | arrays | choices | both


IN_REACH = st.recursive(numbers_in_reach() | texts_in_reach(), composed, max_leaves=6)


@settings(deadline=None, max_examples=examples(60))
@given(IN_REACH)
def test_the_example_of_a_schema_in_reach_is_valid(schema: dict[str, Any]) -> None:
    remarks: list[Remark] = []
    (example,) = examples_of(obj(field=schema), None, remarks.append)
    assert not is_refused(obj(field=schema), example), (example, remarks)
    again = with_example(obj(field=schema), None)["examples"]
    assert text(again) == text([example])


@settings(deadline=None, max_examples=examples(60))
@given(st.dictionaries(KEYWORDS, ANYTHING, max_size=6))
def test_an_example_that_is_not_valid_is_reported(schema: dict[str, Any]) -> None:
    remarks: list[Remark] = []
    try:
        (example,) = examples_of(schema, None, remarks.append)
    except ExampleError:
        return
    assert remarks or not is_refused({**schema, "examples": []}, example), example


@settings(deadline=None, max_examples=examples(60))
@given(IN_REACH, ANYTHING)
def test_what_is_plainly_valid_is_valid(schema: dict[str, Any], value: Any) -> None:
    whole = obj(field=schema)
    for instance in (generate_example(whole), {"field": value}, value):
        if is_plainly_valid(whole, instance):
            assert jsonschema_rs.Draft7Validator(whole).is_valid(instance)


@settings(deadline=None, max_examples=examples(60))
@given(st.dictionaries(KEYWORDS, ANYTHING, max_size=6), ANYTHING)
def test_what_is_no_schema_is_not_plainly_anything(schema: dict[str, Any], value: Any) -> None:
    assert is_plainly_valid({"type": "object", **schema}, value) in {True, False}


def test_plain_schemas_are_seen_to_be_valid() -> None:
    schema = obj(a=STRING | {"minLength": 2, "format": "uri"}, b={"type": "integer", "maximum": 3})
    assert is_plainly_valid(schema, generate_example(schema))


ATOMS = st.sampled_from(["a", "\\d", "\\w", "[a-f0-9]", "[^/]", "\\.", "(?:x|y)", "(b)", ".", "/"])
TIMES = st.sampled_from(["", "*", "+", "?", "{3}", "{1,4}", "{2,}"])
PATTERNS = st.lists(st.tuples(ATOMS, TIMES).map("".join), max_size=6).map(
    lambda parts: f"^{''.join(parts)}$"
)


@settings(deadline=None)
@given(PATTERNS)
def test_the_text_for_a_pattern_matches_it(pattern: str) -> None:
    made = text_for(pattern, limit=1000)
    assert re.fullmatch(pattern, made, re.ASCII)
    assert jsonschema_rs.is_valid({"pattern": pattern}, made)


@settings(deadline=None)
@given(st.text("ab[](){}^$\\|?*+-.,:=!01dwb\U0001f600", max_size=12))
def test_any_pattern_gives_a_text_or_an_error(pattern: str) -> None:
    try:
        assert isinstance(text_for(pattern, limit=1000), str)
    except PatternError as error:
        assert str(error)  # noqa: PT017 # many of these patterns are fine


@settings(deadline=None)
@given(st.lists(st.integers(), min_size=1))
def test_chance_takes_and_orders_what_there_is(items: list[int]) -> None:
    assert pick(items) in items
    assert sorted(shuffled(items)) == sorted(items)


@settings(deadline=None)
@given(st.integers(-100, 100), st.integers(0, 1000))
def test_chance_stays_between(low: int, width: int) -> None:
    assert low <= between(low, low + width) <= low + width


@pytest.mark.parametrize("bound", [2**53 + 1, 10**300, 1.7e308])
def test_numbers_at_a_bound_are_read_again_as_they_are(bound: float) -> None:
    schemas: list[Schema] = [
        {"exclusiveMinimum": bound},
        {"exclusiveMinimum": bound, "multipleOf": bound},
    ]
    for schema in schemas:
        found = list(numbers(schema, whole=False))
        assert found
        assert all(number == float(number) for number in found)
