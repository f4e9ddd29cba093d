"""Work grows with the size of the input, not with its square: counted, not timed.

`benchmarks/shapes.py` measures the time of these shapes, and of many more.
"""

from __future__ import annotations

import json
import sys
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from jsonschema_tools import limited_matcher
from jsonschema_tools.authoring.dependencies import uses
from jsonschema_tools.authoring.outdated import ExternalVersions, find_outdated
from jsonschema_tools.catalog import catalog
from jsonschema_tools.comparison import changes, effort, from_to
from jsonschema_tools.comparison.event_text import event_text
from jsonschema_tools.config import load_config
from jsonschema_tools.dereferencing.loader import Loader
from jsonschema_tools.documents import Replacement, parse_document, replace_parts
from jsonschema_tools.ecmascript.matching import Patterns, Regex
from jsonschema_tools.errors import ConfigError, ExampleError, SchemaError, UnresolvedRefError
from jsonschema_tools.events import load_streams
from jsonschema_tools.examples.example import generate_example
from jsonschema_tools.examples.objects import ObjectPlan
from jsonschema_tools.examples.schemas import Budget
from jsonschema_tools.lake.evolution import Places
from jsonschema_tools.lake.types import Field, Scalar
from jsonschema_tools.merging.merge import merge_all_of
from jsonschema_tools.messages import MANY, Names
from jsonschema_tools.runner.baseline import with_entries
from jsonschema_tools.validation import compile_schema, example_problems, takes_too_long

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from jsonschema_tools.comparison import Change
    from jsonschema_tools.values import Json, Schema


def calls(function: Callable[[], object]) -> int:
    """Return how many calls of functions a call makes."""
    count = 0

    def counted(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(counted)
    try:
        function()
    finally:
        sys.setprofile(None)
    return count


class Looked(dict[str, Any]):
    """An object that counts how often it is asked for a key."""

    count = 0

    def __contains__(self, key: object) -> bool:
        Looked.count += 1
        return super().__contains__(key)


class Compared(str):
    """A text that counts how often it is compared."""

    __slots__ = ()
    comparisons: ClassVar[int] = 0

    def __eq__(self, other: object) -> bool:
        Compared.comparisons += 1
        return super().__eq__(other)

    __hash__ = str.__hash__


PHP = '- "$ref": "\\/f\\/1.0.0"\n'
"""As PHP writes JSON."""

MERGED: dict[str, Callable[[int], dict[str, Any]]] = {
    "enum": lambda n: {"allOf": [{"enum": [*range(n)]}, {"enum": [*range(1, n + 1)]}]},
    "enum of objects": lambda n: {
        "allOf": [{"enum": [{"a": i} for i in range(k, n + k)]} for k in range(2)]
    },
    "anyOf": lambda n: {
        "allOf": [
            {"anyOf": [{"const": i} for i in order]} for order in (range(n), reversed(range(n)))
        ]
    },
    "properties": lambda n: {"allOf": [{"properties": {f"p{i}": {}}} for i in range(n)]},
}


@pytest.mark.parametrize("shape", MERGED)
def test_merging_is_linear(shape: str) -> None:
    small, large = (calls(partial(merge_all_of, MERGED[shape](n))) for n in (100, 400))
    assert large < 5 * small


def test_merging_branches_of_one_keyword_is_linear() -> None:
    looks = []
    for n in (100, 400):
        Looked.count = 0
        merge_all_of({"allOf": [Looked({f"x{i}": i}) for i in range(n)]})
        looks.append(Looked.count)
    assert looks[1] < 5 * looks[0]


def test_branches_of_shared_parts_have_a_limit() -> None:
    shared: Json = {"allOf": [{"properties": {"a": {}}}]}
    branches: list[Json] = [{f"x{i}": i, "items": shared} for i in range(5000)]
    with pytest.raises(SchemaError, match=r"5,001 branches with 5,001 keywords"):
        merge_all_of({"allOf": branches})


def is_linear(comparing: Callable[[list[Json]], object]) -> bool:
    """Tell whether work with names compares no more of them than in proportion."""
    comparisons = []
    for n in (100, 400):
        names: list[Json] = [Compared(f"p{i}") for i in range(n)]
        Compared.comparisons = 0
        comparing(names)
        comparisons.append(Compared.comparisons)
    return comparisons[1] <= 5 * max(100, comparisons[0])


def others(names: list[Json]) -> list[Json]:
    return [f"q{i}" for i in range(len(names))]


def required(names: list[Json], *, and_declared: bool = False) -> Schema:
    properties: Schema = {str(name): {} for name in names} if and_declared else {}
    return {"properties": properties, "required": names}


def test_comparing_required_is_linear() -> None:
    assert is_linear(lambda names: changes(required(names), required(names[::-1])))
    assert is_linear(lambda names: changes(required(names), required([*names[1:], "p"])))
    assert is_linear(lambda names: changes(required(names), required(others(names))))


def test_comparing_properties_that_came_or_went_is_linear() -> None:
    assert is_linear(lambda names: changes(required(names, and_declared=True), {"properties": {}}))
    assert is_linear(lambda names: changes({"properties": {}}, required(names, and_declared=True)))


def test_folding_required_fields_is_linear() -> None:
    assert is_linear(
        lambda names: event_text(dict.fromkeys(map(str, names), 1), required(names), ())
    )


COMPARED: dict[str, Callable[[int], tuple[Schema, Schema]]] = {
    "objects in an enum": lambda n: (
        {"enum": [{"a": [i]} for i in range(n)]},
        {"enum": [{"a": [i]} for i in range(1, n + 1)]},
    ),
    "definitions and as many references": lambda n: (
        {"anyOf": [{"$ref": f"#/definitions/d{i}"} for i in range(n)], "definitions": {}},
        {
            "anyOf": [{"$ref": f"#/definitions/d{i}"} for i in range(n)],
            "definitions": {f"d{i}": {} for i in range(n)},
        },
    ),
    "alternatives that lose a property": lambda n: (
        {"anyOf": [{"properties": {f"p{i}": {}}} for i in range(n)]},
        {"anyOf": [{"properties": {}}] * n},
    ),
    "properties that lose one, beside as many alternatives": lambda n: (
        {
            "anyOf": [{"required": ["a"]}] * n,
            "properties": {f"p{i}": {"properties": {"a": {}}} for i in range(n)},
        },
        {
            "anyOf": [{"required": ["a"]}] * n,
            "properties": {f"p{i}": {"properties": {}} for i in range(n)},
        },
    ),
    "properties gone beside as many alternatives": lambda n: (
        {"anyOf": [{"required": ["a"]}] * n, "properties": {f"p{i}": {} for i in range(n)}},
        {"anyOf": [{"required": ["a"]}] * n, "properties": {}},
    ),
}


@pytest.mark.parametrize("shape", COMPARED)
def test_comparing_is_linear(shape: str) -> None:
    small, large = (calls(partial(changes, *COMPARED[shape](n))) for n in (100, 400))
    assert large < 5 * small


def test_maps_for_many_properties_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(effort, "_MOST", 100_000)  # reached sooner

    def compare(n: int) -> list[Change]:
        fields: Schema = {f"p{i}": {"type": "string"} for i in range(n)}
        gone: Schema = {f"p{i}": {"properties": {"a": {}}} for i in range(n)}
        return changes({"properties": gone}, {"additionalProperties": {"properties": fields}})

    assert len(compare(20)) == 21
    with pytest.raises(SchemaError, match="too many patterns, alternatives or maps"):
        compare(200)


def test_patterns_for_many_properties_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(effort, "_MOST", 100_000)  # reached sooner

    def compare(n: int, pattern: str = "^x{}") -> list[Change]:
        patterns: Schema = {pattern.format(i): {"minLength": 1} for i in range(n)}
        old: Schema = {"patternProperties": patterns, "additionalProperties": {"type": "string"}}
        return changes(old, {**old, "properties": {f"p{i}": {} for i in range(n)}})

    assert len(compare(50)) == 50
    for n, pattern in ((200, "^x{}"), (50, "^(a|aa|\\1b)+{}$")):
        with pytest.raises(SchemaError, match="too many patterns, alternatives or maps"):
            compare(n, pattern)


def test_patterns_of_the_configuration_are_looked_up() -> None:
    def look(n: int) -> None:
        patterns = Patterns(Regex(f"^/a{i}/") for i in range(n))
        assert not any(patterns.match(f"/b{i}/") for i in range(n))

    small, large = (calls(partial(look, n)) for n in (100, 400))
    assert large < 5 * small


def test_adding_waivers_is_linear() -> None:
    def add(n: int) -> None:
        text = "skipSchemaTestCases:\n" + "".join(f"  ^/a{i}$:\n    - x\n" for i in range(n))
        with_entries(text, {f"^/a{i}$": ["y"] for i in range(2 * n)}, "")

    add(1)
    small, large = (calls(partial(add, n)) for n in (100, 400))
    assert large < 5 * small


def test_lists_of_equal_values_are_not_aligned_in_all_ways() -> None:
    old: list[Json] = ["t"] * 10_000
    new: list[Json] = [*["t"] * 5_000, *["u"] * 5_000]
    assert from_to(old, new).startswith('from ["t","t",')
    assert from_to(old[:10], ["u", *new[:9]]) == '`/0` from "t" to "u"'


def test_lists_with_many_changes_are_not_aligned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limited_matcher, "MOST_LOOKS", 100_000)  # reached sooner

    def every_second(n: int) -> str:
        old: list[Json] = [f"t{i}" for i in range(n)]
        new: list[Json] = [item if i % 2 else i for i, item in enumerate(old)]
        return from_to({"a": [[], old]}, {"a": [[], new]})

    assert every_second(100).startswith('`/a/1/0` from "t0" to 0, ')
    assert every_second(2000).startswith('from {"a":[[],["t0",')


@pytest.mark.parametrize("start", ["jsonschema", "https://x.invalid/y/jsonschema"])
def test_finding_schemas_by_path_and_url_is_linear(start: str, tmp_path: Path) -> None:
    counted = []
    for n in (100, 400):
        root = tmp_path / str(n)
        for i in range(n):
            current = root / "jsonschema" / f"s{i}" / "current.yaml"
            current.parent.mkdir(parents=True)
            current.write_text(f"title: s{i}\nallOf:\n- $ref: {start}/s{(i + 1) % n}/1.0.0\n")
        config = load_config(root)
        entries = catalog(config)
        assert [use.entry.title for use in uses(entries, config) if use.entry] == [
            f"s{(int(entry.title[1:]) + 1) % n}" for entry in entries
        ]
        counted.append(calls(partial(uses, entries, config)))
    assert counted[1] < 5 * counted[0]


def test_choosing_the_properties_of_an_example_is_linear() -> None:
    comparisons = []
    for n in (100, 400):
        schema: Schema = {
            "properties": {f"p{i}": {} for i in range(n)},
            "required": [Compared(f"p{i}") for i in range(n)],
        }
        Compared.comparisons = 0
        assert len(ObjectPlan(schema, Budget()).schemas()) == n
        comparisons.append(Compared.comparisons)
    assert comparisons[1] < 5 * comparisons[0]


def test_patterns_and_properties_of_an_example_have_a_limit() -> None:
    schema: Schema = {
        "type": "object",
        "properties": {f"p{i}": {"type": "string"} for i in range(4000)},
        "patternProperties": {f"^q{i}$": {"type": "string"} for i in range(3000)},
    }
    message = "7,000 properties and 3,000 patterns under patternProperties are too many"
    with pytest.raises(ExampleError, match=message):
        generate_example(schema)


def test_names_that_an_example_makes_of_patterns_have_a_limit() -> None:
    required: list[Json] = [f"n{i}a{{40000}}" for i in range(300)]
    schema: Schema = {"type": "object", "required": required, "patternProperties": {"": {}}}
    with pytest.raises(ExampleError, match="too large"):
        generate_example(schema)


def test_finding_outdated_pins_is_linear(tmp_path: Path) -> None:
    counted = []
    for n in (50, 200):
        folder = tmp_path / str(n) / "f"
        folder.mkdir(parents=True)
        for i in range(n):
            (folder / f"1.{i}.0.yaml").write_text("")
        refs = "".join(f"- $ref: /f/1.{i}.0\n" for i in range(n))
        (folder / "current.yaml").write_text(f"title: f\nallOf:\n{refs}")
        config = load_config(tmp_path / str(n))
        found = uses(catalog(config), config)
        elsewhere = ExternalVersions(config)
        assert len(find_outdated(found, elsewhere)) == n - 1
        counted.append(calls(partial(find_outdated, found, elsewhere)))
    assert counted[1] < 5 * counted[0]


@pytest.mark.parametrize("line", ["- $ref: /f/1.0.0\n", "- {'$ref': &r\n   /f/1.0.0}\n", PHP])
def test_moving_pins_is_linear(line: str) -> None:
    counted = []
    for n in (50, 200):
        document = parse_document(line * n, "a")
        changes = [Replacement(f"/{i}/$ref", "1.0.0", "2.0.0") for i in range(n)]
        moved = partial(replace_parts, document, changes)
        assert moved().text == line.replace("1.0.0", "2.0.0") * n
        counted.append(calls(moved))
    assert counted[1] < 5 * counted[0]


def test_searching_for_a_value_that_is_written_otherwise_has_a_limit() -> None:
    text = f'"$id": "/a/1\\x2e0.0"\nx: [{"1.0.0, " * 30_000}1]\n'
    document = parse_document(text, "a")
    with pytest.raises(SchemaError, match="too many other places look like it"):
        replace_parts(document, [Replacement("/$id", "1.0.0", "2.0.0")])


def test_patterns_that_backtrack_have_a_limit_in_values() -> None:
    def is_refused(patterns: int, names: int, name: str = "abcdefghijklmnopq") -> bool:
        by_name: Schema = {f"(?=a{i})": {} for i in range(patterns)}
        examples: list[Json] = [[{f"{name}{i}": i} for i in range(names)]]
        return takes_too_long({"properties": {"p": {"patternProperties": by_name}}}, examples)

    assert is_refused(100, 100)
    assert not is_refused(100, 4)
    assert not is_refused(1, 10_000)
    assert not is_refused(100, 100, "a")
    names: Json = dict.fromkeys((f"abcdefghijklmnopq{i}" for i in range(100)), 1)
    assert not takes_too_long({"patternProperties": {f"^a{i}": {} for i in range(100)}}, names)


def test_looking_for_a_similar_name_does_not_grow_with_the_folder(tmp_path: Path) -> None:
    counted = []
    for n in (1500, 6000):
        folder = tmp_path / str(n)
        folder.mkdir()
        for i in range(n):
            (folder / f"name{i:05}").touch()
        loader = Loader(folder, ["."])

        def miss(url: str, loader: Loader = loader) -> None:
            with pytest.raises(UnresolvedRefError, match="did you mean name01234"):
                loader(url)

        miss("/nam01234")  # reads the folder
        counted.append(calls(partial(miss, "/name01234x")))
    assert counted[1] < 2 * counted[0]


def test_base_uris_have_a_limit(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("title: s\n")
    bases = [f"./no{i}/" for i in range(249)]
    assert Loader(tmp_path, [*bases, "."])("/s").document.data == {"title": "s"}
    with pytest.raises(UnresolvedRefError, match=r"tried no0/t .*, and 240 other places; "):
        Loader(tmp_path, [*bases, "."])("/t")
    with pytest.raises(ConfigError, match="there are 251 base URIs, more than 250"):
        Loader(tmp_path, [*bases, "./no/", "."])("/s")


def test_a_reference_of_many_folders_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(UnresolvedRefError, match="nothing found"):
        Loader(tmp_path, ["."])(f"{'/a' * 100_000}/1.0.0")


def test_finding_a_stream_does_not_grow_with_the_streams(tmp_path: Path) -> None:
    counted = []
    (tmp_path / ".jsonschema-tools.yaml").write_text("streamConfigs: streams.json\n")
    for n in (100, 400):
        names = [name for i in range(n) for name in (f"s{i}", rf"/^p{i}\./")]
        (tmp_path / "streams.json").write_text(json.dumps({name: {} for name in names}))
        streams = load_streams(load_config(tmp_path))
        assert streams.find("p7.x") is streams.streams[r"/^p7\./"]
        assert streams.find("q7.x") is None
        counted.append(calls(partial(streams.find, "q7.x")))
    assert counted[1] < 2 * counted[0]


def test_names_that_are_like_one_are_few() -> None:
    names = Names(f"name{i:05}" for i in range(10_000))
    assert {"name01234", "name01235"} <= set(names.like("name01234x"))
    assert "name01234" in names.like("nam01234")
    assert len(names.like("nam01234")) <= MANY


def test_finding_the_fields_of_a_table_is_linear() -> None:
    counted = []
    for n in (100, 400):
        fields = tuple(Field(f"p{i}", f"P{i}", Scalar("string")) for i in range(n))
        places = Places(fields)

        def look(places: Places = places, n: int = n) -> None:
            found = [places.pointer_to((f"P{i}",)) for i in range(n)]
            assert found[-1] == f"/properties/P{n - 1}"

        counted.append(calls(look))
    assert counted[1] < 5 * counted[0]


EXAMPLES: dict[str, Callable[[int], Schema]] = {
    "dependencies": lambda n: {
        "properties": {f"p{i}": {"type": "string"} for i in range(n)},
        "dependencies": {f"p{i}": {"required": [f"p{i}"]} for i in range(n)},
    },
    "required of choices": lambda n: {
        "required": [f"p{i}" for i in range(n)],
        "oneOf": [{"required": [f"q{i}"]} for i in range(n)],
    },
    "ranges of choices": lambda n: {
        "type": "integer",
        "enum": [*range(n)],
        "oneOf": [{"minimum": i} for i in range(n)],
    },
}


@pytest.mark.parametrize("shape", EXAMPLES)
def test_making_an_example_is_linear(shape: str) -> None:
    small, large = (
        calls(partial(generate_example, {"type": "object", **EXAMPLES[shape](n)}))
        for n in (100, 400)
    )
    assert large < 5 * small


def test_errors_of_a_large_example_are_not_all_copied() -> None:
    required: list[Json] = [f"p{i}" for i in range(3000)]
    schema: Schema = {"type": "object", "required": required}
    compiled = compile_schema(schema)
    large: Schema = {f"q{i}": i for i in range(3000)}
    (_, first), *others = example_problems(compiled, schema, [("/examples/0", large)])
    assert (first.pointer, others) == ("/examples/0", [])
    assert str(first.hint).startswith("there may be more")
    assert len([*example_problems(compiled, schema, [("", {})])]) == 3000
