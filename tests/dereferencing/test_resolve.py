"""Dereferencing: what replaces a `$ref`, what is shared, and what is said when it fails."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jsonschema_tools.dereferencing.dereference import MAX_PARTS, dereference
from jsonschema_tools.dereferencing.references import Resource
from jsonschema_tools.documents.document import Document, parse_document, read_document
from jsonschema_tools.errors import (
    CircularRefError,
    Location,
    SchemaError,
    SchemaToolsError,
    UnresolvedRefError,
)
from jsonschema_tools.pointers import follow

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from jsonschema_tools.dereferencing.dereference import Dereferenced
    from jsonschema_tools.values import Json

CASES: Any = read_document(Path(__file__).parents[1] / "data" / "resolve" / "cases.yaml").data


class Documents:
    """Fetches from a dict."""

    base = "/base/"

    def __init__(self, documents: Mapping[str, Any]) -> None:
        self._resources = {url: Resource.of(document(data, url)) for url, data in documents.items()}
        self.fetched: list[str] = []

    def __call__(self, url: str) -> Resource:
        self.fetched.append(url)
        if url not in self._resources:
            raise UnresolvedRefError(f"nothing found at {url!r}", hint="looked in a dict")
        return self._resources[url]


def document(data: Any, path: str = "schema") -> Document:
    return parse_document(json.dumps(data), path)


def identities(value: Json) -> Any:
    """Describe a value so that shared objects show: each has a number, later ones only that."""
    numbers: dict[int, int] = {}

    def describe(value: Json) -> Any:
        if not isinstance(value, (dict, list)):
            return value
        if id(value) in numbers:
            return ("again", numbers[id(value)])
        number = numbers[id(value)] = len(numbers)
        if isinstance(value, list):
            return (number, [describe(item) for item in value])
        return (number, [(key, describe(item)) for key, item in value.items()])

    return describe(value)


def run(case: dict[str, Any]) -> Json:
    root = parse_document(case["text"], "schema") if "text" in case else document(case["schema"])
    return dereference(root, Documents(case.get("documents", {}))).schema


def named(case: dict[str, Any]) -> str:
    return str(case["name"])


@pytest.mark.parametrize("case", [case for case in CASES if "result" in case], ids=named)
def test_result(case: dict[str, Any]) -> None:
    assert identities(run(case)) == identities(case["result"])


@pytest.mark.parametrize("case", [case for case in CASES if "error" in case], ids=named)
def test_error(case: dict[str, Any]) -> None:
    with pytest.raises(SchemaToolsError) as caught:
        run(case)
    error = caught.value
    assert error.code == case["error"]
    assert case["says"] in str(error)
    assert error.at is not None
    assert f"{error.at.path} {error.at.pointer}" == case["at"]
    assert error.at.line == 1


def test_inputs_stay_as_they_are_and_results_repeat() -> None:
    schema = document({"a": {"$ref": "/x#/p", "title": "a"}, "b": {"$ref": "/x"}})
    store = Documents({"/x": {"p": {"q": {"$ref": "/y"}}}, "/y": {"type": "string"}})
    before = json.dumps(schema.data), json.dumps(store("/x").document.data)
    first = identities(dereference(schema, store).schema)
    assert identities(dereference(schema, store).schema) == first
    assert (json.dumps(schema.data), json.dumps(store("/x").document.data)) == before


def test_what_was_dereferenced_before_does_not_show() -> None:
    # that /x as a whole was dereferenced first must not make its part one object here
    store = Documents({"/x": {"p": {"$ref": "/y", "title": "p"}}, "/y": {"type": "string"}})
    part = document({"a": {"$ref": "/x#/p"}, "b": {"$ref": "/x#/p"}})
    expected = identities(dereference(part, store).schema)
    dereference(document({"$ref": "/x"}), store)
    assert identities(dereference(part, store).schema) == expected
    assert expected == identities(
        {"a": {"title": "p", "type": "string"}, "b": {"title": "p", "type": "string"}}
    )


def test_one_document_for_two_addresses_is_two_objects() -> None:
    store = Documents({"/x": {"type": "string"}})
    store._resources["/x.yaml"] = store._resources["/x"]
    result = dereference(document({"a": {"$ref": "/x"}, "b": {"$ref": "/x.yaml"}}), store).schema
    assert result["a"] == result["b"]
    assert result["a"] is not result["b"]


def test_documents_are_named_in_order_and_fetched_once() -> None:
    store = Documents({"/x": {"p": {"$ref": "y#/z"}}, "/y": {"z": {}}, "/z": {}})
    schema = document({"a": {"$ref": "/z"}, "b": {"$ref": "/x"}, "c": {"$ref": "/x#/p"}})
    assert dereference(schema, store).documents == ("/z", "/x", "/y")
    assert store.fetched == ["/z", "/x", "/y"]


@pytest.mark.parametrize(
    ("pointer", "expected"),
    [
        ("", "schema "),
        ("/title", "schema /title"),
        ("/a", "/x "),
        ("/a/items/type", "/x /items/type"),
        ("/b", "schema /b"),
        ("/b/title", "schema /b/title"),
        ("/b/items", "/x /items"),
        ("/b/items/type", "/x /items/type"),
        ("/b/type", "/x /type"),
        ("/c/0/title", "/y /title"),
        ("/c/0/p~1q", "/y /p~1q"),
        ("/d/deep/title", "schema /b/title"),
    ],
)
def test_locate(pointer: str, expected: str) -> None:
    schema = {
        "title": "t",
        "a": {"$ref": "/x"},
        "b": {"$ref": "/x", "title": "b"},
        "c": [{"$ref": "/y"}],
        "d": {"deep": {"$ref": "#/b"}},
    }
    documents = {
        "/x": {"items": {"type": "string"}, "type": "array", "also": {"$ref": "/y"}},
        "/y": {"title": "y", "p/q": 1},
    }
    at = dereference(document(schema), Documents(documents)).locate(pointer)
    assert f"{at.path} {at.pointer}" == expected


@pytest.mark.parametrize(
    ("ref", "pointer", "expected"),
    [
        ("#", "/title", "schema /title"),
        ("#/definitions/b", "/title", "schema /title"),
        ("#/definitions/b", "/definitions/b/type", "schema /definitions/b/type"),
        ("#/definitions/b", "/type", "schema /definitions/b/type"),
        ("/x", "/type", "/x /type"),
        ("/x", "", "schema "),
    ],
)
def test_locate_beside_a_reference_at_the_root(ref: str, pointer: str, expected: str) -> None:
    schema = {"title": "t", "$ref": ref, "definitions": {"b": {"type": "string"}}}
    documents = Documents({"/x": {"title": "x", "type": "string"}})
    at = dereference(document(schema), documents).locate(pointer)
    assert f"{at.path} {at.pointer}" == expected


#: how an object refers to the next one, and what is there in its place
CHAINS: dict[str, tuple[Callable[[dict[str, str]], Any], str]] = {
    "itself": (lambda ref: ref, ""),
    "beside": (lambda ref: {**ref, "title": "t"}, ""),
    "allOf": (lambda ref: {"allOf": [ref]}, "/allOf/0"),
    "properties": (lambda ref: {"properties": {"a": ref}}, "/properties/a"),
}


def chain(where: str, holds: str, count: int) -> Dereferenced:
    hold, _ = CHAINS[holds]
    last: Json = {"type": "string"}
    if where == "documents":
        documents = {f"/{i}": hold({"$ref": f"/{i + 1}"}) for i in range(count)}
        return dereference(document({"$ref": "/0"}), Documents({**documents, f"/{count}": last}))
    parts = {f"d{i}": hold({"$ref": f"#/definitions/d{i + 1}"}) for i in range(count)}
    schema = {"$ref": "#/definitions/d0", "definitions": {**parts, f"d{count}": last}}
    return dereference(document(schema), Documents({}))


@pytest.mark.parametrize("where", ["documents", "definitions"])
@pytest.mark.parametrize("holds", CHAINS)
def test_a_chain_of_references_may_be_long(where: str, holds: str) -> None:
    _, step = CHAINS[holds]
    assert follow(chain(where, holds, 190).schema, f"{step * 190}/type") == "string"
    wanted = "nested more than 200 levels" if step else "more than 200 `.ref`s lead from one"
    with pytest.raises(SchemaError, match=wanted) as caught:
        chain(where, holds, 2000)
    assert caught.value.at is not None


def test_references_to_themselves_end_also_beside_keywords() -> None:
    """The one in `/b` means another place, once it is beside the keywords of the schema."""
    schema = {
        "p": {"$ref": "#/c", "t": 1},
        "c": {"$ref": "/b#/b", "u": 2},
        "b": {"$ref": "/b#/b", "v": 3},
    }
    documents = Documents({"/b": {"b": {"$ref": "#/b"}}})
    with pytest.raises(CircularRefError):
        dereference(document(schema), documents)


@pytest.mark.parametrize("at", ["p", "q"])
def test_a_reference_to_what_holds_it_ends_also_beside_keywords(at: str) -> None:
    """It is a new object each time, and so not seen to be in itself."""
    documents = Documents({"/x": {at: {"$ref": "/x", "title": "t"}}})
    with pytest.raises(SchemaError, match="nested more than 200 levels deep") as caught:
        dereference(document({"p": {"$ref": "/x", "title": "s"}}), documents)
    assert caught.value.at is not None


@pytest.mark.parametrize(("beside", "limit"), [({}, 200_000), ({"title": "t"}, 20_000)])
def test_references_that_multiply_each_other_are_an_error(
    monkeypatch: pytest.MonkeyPatch, beside: dict[str, Json], limit: int
) -> None:
    assert MAX_PARTS == 200_000
    monkeypatch.setattr(sys.modules[dereference.__module__], "MAX_PARTS", limit)
    levels = {
        f"l{i}": {"a": {"$ref": f"#/l{i + 1}", **beside}, "b": {"$ref": f"#/l{i + 1}", **beside}}
        for i in range(60)
    }
    words = f"becomes larger than {limit:,} objects and lists"
    with pytest.raises(SchemaError, match=words) as caught:
        dereference(document({**levels, "l60": {}}), Documents({}))
    assert caught.value.at is not None


def test_an_alias_to_what_contains_it_is_an_error() -> None:
    schema = document({"a": {"b": {"$ref": "#/c"}, "d": {}}, "c": {}})
    data: Any = schema.data
    data["a"]["d"]["e"] = data["a"]
    with pytest.raises(CircularRefError, match="an alias → an alias"):
        dereference(schema, Documents({}))


refs = st.sampled_from(["#/a", "#/b/c", "#", "/x", "/x#/a", "/x#/a/b", "/y", "../y#/c", "/none"])
schemas = st.recursive(
    st.one_of(
        st.builds(lambda ref: {"$ref": ref}, refs),
        st.builds(lambda ref: {"$ref": ref, "b": {"title": "b"}}, refs),
        st.just({}),
    ),
    lambda inner: st.one_of(
        st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
        st.lists(inner, max_size=2).map(lambda branches: {"allOf": branches}),
    ),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from("abc"), schemas), schemas, schemas)
def test_any_references_end_in_a_finite_schema_or_an_error(schema: Json, x: Json, y: Json) -> None:
    place: Location | None = Location("")
    try:
        result = dereference(document(schema), Documents({"/x": x, "/y": y})).schema
        json.dumps(result)  # refuses circular objects
    except SchemaToolsError as error:
        place = error.at
    assert place is not None
