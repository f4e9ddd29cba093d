"""The fast way for YAML: what it reads, the YAML reader reads alike; it leaves the rest to it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jsonschema_tools.documents import plain_yaml
from jsonschema_tools.documents.plain_yaml import NotPlainYamlError, read_plain_yaml
from jsonschema_tools.documents.yaml_reader import read_yaml
from support.effort import examples

if TYPE_CHECKING:
    from jsonschema_tools.values import Json

pytestmark = pytest.mark.skipif(
    sys.version_info < (3, 11, 5), reason="Python before 3.11.5 has no fast way: gh-101955"
)

ROOT = Path(__file__).parents[2]
TEXTS = [path.read_text() for path in sorted(ROOT.glob("*/**/current.yaml"))]
LINES = sorted({line for text in TEXTS for line in text.splitlines()})
PIECES = [
    *("a", "key: ", "k:\n", "$ref: ", "'q': ", '"d": ', "- ", "- - ", "? ", "\n", "\n\n", "\n  "),
    *(
        "\n    ",
        "\n- ",
        "\n  - ",
        " ",
        "  ",
        "#",
        " # c",
        "\n# c\n",
        "  # c\n",
        "'",
        "''",
        '"',
        ":",
    ),
    *(
        ":",
        ": ",
        "\\",
        "|\n",
        ">-\n",
        ">\n",
        "|-\n",
        "|2\n",
        "text: >-\n  one\n\n  two\n",
    ),
    *("l:\n- a\n",),
    *("b: |\n  one\n   two\n\n  three\n", "[a, 'b']", "[]", "{}", "{ $ref: '#/x' }", '{"a": [1]}'),
    *(
        "[",
        "]",
        "{",
        "}",
        ", ",
        "&a ",
        "*a",
        "!!str ",
        "<<: ",
        "%",
        "@",
        "---\n",
        "...\n",
        "=",
        "~",
    ),
    *(
        "1",
        "-1",
        "0x1F",
        "1e3",
        "017",
        "1:30",
        "9" * 20,
        "0.1",
        "-.5",
        ".inf",
        ".nan",
        "null",
        "yes",
    ),
    *(
        "true",
        "2020-01-01",
        "9999-12-31 25:00:00",
        "\t",
        "\r\n",
        "\x85",
        "\u2028",
        "\ufeff",
        "\xa0",
    ),
    *("~", "yes", "\xa0", "é", "\U0001f600", "\x7f", "\U00100000", "http://x", "/a/1.0.0#"),
]
fuzzed = settings(derandomize=True, deadline=None, max_examples=examples(500))


def alike(text: str) -> bool:
    """Tell whether a document is read the fast way, which must be the same as the other one."""
    try:
        data = read_plain_yaml(text)
    except NotPlainYamlError:
        return False
    other, lossy = read_yaml(text, "x")
    assert repr(data) == repr(other)  # the types and the order count too
    assert lossy == ()
    return True


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("a: b", {"a": "b"}),
        ("# c\n\n---\na: 1 # d\n\n# e\nb: ~\n", {"a": 1, "b": None}),
        (
            "a:\n  b:\n    c: 'it''s'\n  d:\ne: \"x\"\n",
            {"a": {"b": {"c": "it's"}, "d": None}, "e": "x"},
        ),
        ("a:\n- b\n- c: 1\n  d:\n  - 2\ne: []\n", {"a": ["b", {"c": 1, "d": [2]}], "e": []}),
        ("a:\n  - {}\n  - [b, 'c', 1]\n", {"a": [{}, ["b", "c", 1]]}),
        ("a: >-\n  b\n  c\n\n\n  d\ne: >\n  f\n\n", {"a": "b c\n\nd", "e": "f\n"}),
        ("a: |\n   b\n     c\n\n   d\n", {"a": "b\n  c\n\nd\n"}),
        ("x:\n- a: b\n", {"x": [{"a": "b"}]}),
        ("a: { $ref: '#/b' }\nb: {\"c\":[1.0]}\n", {"a": {"$ref": "#/b"}, "b": {"c": [1]}}),
        ("a: {b: [c, {}], 'd': -1}\n", {"a": {"b": ["c", {}], "d": -1}}),
        ("'a b': http://c/#d\n", {"a b": "http://c/#d"}),
    ],
)
def test_the_fast_way(text: str, data: Json) -> None:
    assert read_plain_yaml(text) == data
    assert alike(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "# c\n", "a\n", "- a\n", "a: b\n  c\n", "a: 'b\n  c'\n", "a:\n  b\n", "a: &b c\n"),
        *("a: !!str b\n", "<<: {}\n", "1: a\n", "true: a\n", "a: b\na: c\n", "a: {b: c, b: d}\n"),
        *("a:\tb\n", "a: b\r\n", "a: b\x85\n", "a: '\\'b'\n", 'a: "\\n"\n', "a: b: c\n", "a: b:\n"),
        *("a: - b\n", "- - a\n", "a:\n  - b\n - c\n", "a:\n  b: c\n d: e\n", " a: b\nc: d\n"),
        *(
            "a: >-\n\n    b\n",
            "a: >\n  b\n    c\n",
            "a: |2\n  b\n",
            "a: |+\n  b\n",
            "a: >-\nb: c\n",
        ),
        *(
            "a: b\n---\nc: d\n",
            "a: b\n...\n",
            "%YAML 1.2\n---\na: b\n",
            "a: 18446744073709551615\n",
        ),
        *("a: 9999-13-01\n", 'a: {"b": 1, "b": 2}\n', f'a: {{"{"b" * 1100}": 1}}\n'),
        *("a: -\n", "a: <<\n", "? a\n: b\n", f"a: {'[' * 90}{']' * 90}\n"),
    ],
)
def test_what_could_mean_something_else_is_left_to_the_yaml_reader(text: str) -> None:
    with pytest.raises(NotPlainYamlError):
        read_plain_yaml(text)


def test_schemas_are_read_the_fast_way() -> None:
    assert TEXTS
    assert all(map(alike, TEXTS))


@fuzzed
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_pieces_are_read_alike(text: str) -> None:
    alike(text)
    alike(f"k: {text}")


@fuzzed
@given(st.lists(st.sampled_from(LINES), max_size=6), st.sampled_from(PIECES), st.data())
def test_spoiled_schemas_are_read_alike(lines: list[str], piece: str, data: st.DataObject) -> None:
    text = "\n".join(lines)
    place = data.draw(st.integers(0, len(text)))
    alike(f"{text[:place]}{piece}{text[place + data.draw(st.integers(0, 2)) :]}")


def test_what_is_kept_of_lines_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = plain_yaml._LINES
    monkeypatch.setattr(type(lines), "MOST", 100)
    read_plain_yaml("".join(f"number_{number}: b\n" for number in range(1000)))
    assert len(lines) <= 100


def test_documents_share_nothing() -> None:
    text = 'a: []\nb: {}\nc: [d]\ne: {"f": {}}\n'
    first: Any = read_plain_yaml(text)
    second = read_plain_yaml(text)
    first["a"].append(1)
    first["b"]["x"] = first["c"][0] = first["e"]["f"]["x"] = 1
    assert second == {"a": [], "b": {}, "c": ["d"], "e": {"f": {}}}
