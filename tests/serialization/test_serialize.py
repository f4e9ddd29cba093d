"""The text of documents: cases with the reference's bytes, its vectors, and round trips."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jsonschema_tools.documents.document import parse
from jsonschema_tools.errors import ConfigError, SchemaError
from jsonschema_tools.serialization import ContentType, serialize
from jsonschema_tools.values import MAX_DEPTH, Json, as_double, equal

CASES = Path(__file__).parents[1] / "data" / "serialize"
VECTORS = Path(__file__).parents[3] / "shared" / "vectors" / "yaml_dump.jsonl"
CONTENT_TYPES: tuple[ContentType, ...] = get_args(ContentType)


@pytest.mark.parametrize("content_type", CONTENT_TYPES)
@pytest.mark.parametrize("case", sorted(CASES.iterdir()), ids=lambda case: case.name)
def test_case(case: Path, content_type: ContentType) -> None:
    value = parse((case / "input.yaml").read_text(encoding="utf-8"))
    expected = (case / f"expected.{content_type}").read_text(encoding="utf-8")
    assert serialize(value, content_type) == expected


def vectors() -> list[Any]:
    if not VECTORS.exists():
        return []
    return [json.loads(line) for line in VECTORS.read_text(encoding="utf-8").splitlines()]


@pytest.mark.skipif(not VECTORS.exists(), reason="the vectors are not in this clone")
@pytest.mark.parametrize("content_type", CONTENT_TYPES)
def test_vectors(content_type: ContentType) -> None:
    for vector in vectors():
        value = shared(untagged(vector["value"]), vector.get("shared", []))
        assert serialize(value, content_type) == vector[content_type], vector["id"]


def untagged(value: Json) -> Json:
    match value:
        case {"$float": str(text), **rest} if not rest:
            return float(text)
        case {"$date": str(text), **rest} if not rest:
            return datetime.fromisoformat(text)
        case dict():
            return {key: untagged(item) for key, item in value.items()}
        case list():
            return [untagged(item) for item in value]
    return value


def shared(value: Json, groups: list[list[str]]) -> Json:
    for first, *others in groups:
        parent, token = parent_and_token(value, first)
        for pointer in others:
            other_parent, other_token = parent_and_token(value, pointer)
            other_parent[other_token] = parent[token]
    return value


def parent_and_token(value: Any, pointer: str) -> tuple[Any, str | int]:
    *above, last = [t.replace("~1", "/").replace("~0", "~") for t in pointer.split("/")[1:]]
    for token in above:
        value = value[int(token)] if isinstance(value, list) else value[token]
    return value, int(last) if isinstance(value, list) else last


texts = st.text(st.characters(exclude_categories=["Cs"])) | st.text("ab \n\t:#-'\"é", max_size=200)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | texts
    | st.datetimes(min_value=datetime(100, 1, 1), timezones=st.just(UTC)).map(
        lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    ),
    lambda items: st.lists(items, max_size=4) | st.dictionaries(texts, items, max_size=4),
    max_leaves=20,
)


def canonical(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: canonical(item) for key, item in value.items()}
    if isinstance(value, list):
        return [canonical(item) for item in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return as_double(value)
    return value


@given(values)
def test_yaml_is_read_as_the_same_value(value: Json) -> None:
    assert equal(parse(serialize(value)), canonical(value))


def as_json(value: Json) -> Json:
    """Return what is left of a value in JSON: no dates, no infinity, no minus zero."""
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, float):
        return (value or 0) if math.isfinite(value) else None
    return value


@given(values)
@example("\x7f\U00100000")
def test_json_is_read_as_the_same_value(value: Json) -> None:
    text = serialize(value, "json")
    assert equal(parse(text), as_json(canonical(value)))
    assert equal(canonical(json.loads(text)), as_json(canonical(value)))


@given(values, st.data())
def test_sharing_survives(value: Json, data: st.DataObject) -> None:
    item: list[Json] = data.draw(st.lists(values, max_size=3))
    again: Any = parse(serialize({"a": item, "b": [value, item, {"c": item}]}))
    assert again["b"][1] is again["a"]
    assert again["b"][2]["c"] is again["a"]
    assert equal(again["a"], canonical(item))


@given(values)
def test_text_does_not_depend_on_the_order_of_keys(value: Json) -> None:
    if isinstance(value, dict):
        # Keys that are equal in alphabetical order, such as two control characters, keep theirs.
        value = {key: item for key, item in value.items() if key.isascii() and key.isprintable()}
        assert serialize(dict(reversed(value.items()))) == serialize(value)


@pytest.mark.parametrize("content_type", CONTENT_TYPES)
def test_deep_document(content_type: ContentType) -> None:
    value: Json = "leaf"
    for _ in range(MAX_DEPTH // 2):
        value = {"properties": [value]}
    text = serialize(value, content_type)
    assert equal(parse(text), value)
    with pytest.raises(SchemaError, match=f"more than {MAX_DEPTH} levels deep"):
        serialize([value], content_type)


def test_numbers_need_not_be_canonical() -> None:
    value: Json = [1.0, 2**53 + 1, -(10**400), True]
    assert serialize(value) == "- 1\n- 9007199254740992\n- -.inf\n- true\n"
    assert json.loads(serialize(value, "json")) == [1, 2**53, None, True]


def test_lone_surrogates_are_escaped() -> None:
    value: Json = {"\ud800": "\udc00", "pair": "\ud83d\ude00"}
    assert serialize(value) == 'pair: "\\U0001F600"\n"\\uD800": "\\uDC00"\n'
    assert serialize(value, "json") == '{\n  "pair": "\U0001f600",\n  "\\ud800": "\\udc00"\n}'


def test_binary() -> None:
    value = parse("a: !!binary aGVsbG8=\n")
    assert serialize(value) == "a: !<tag:yaml.org,2002:binary> aGVsbG8=\n"
    assert json.loads(serialize(value, "json")) == {"a": {"type": "Buffer", "data": [*b"hello"]}}


def test_repeated_timestamp_takes_a_number() -> None:
    moment = datetime(2024, 1, 1, tzinfo=UTC)
    small: Json = {"a": 1}
    text = serialize([moment, moment, small, small])
    assert text.endswith("- &ref_1\n  a: 1\n- *ref_1\n")


def test_unknown_content_type() -> None:
    with pytest.raises(ConfigError, match="unknown content type 'xml'") as error:
        serialize({}, "xml")  # type: ignore[arg-type] # what a configuration file may hold
    assert error.value.hint == "known are yaml and json"


@pytest.mark.parametrize("content_type", CONTENT_TYPES)
def test_value_that_is_not_json(content_type: ContentType) -> None:
    value: Any = {"a": object()}
    with pytest.raises(TypeError, match="cannot serialize a value of type object"):
        serialize(value, content_type)
