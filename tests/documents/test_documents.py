"""Reading documents: js-yaml's meaning, places, limits, and errors that help."""

from __future__ import annotations

import base64
import json
import math
import tracemalloc
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jsonschema_tools.documents import document
from jsonschema_tools.documents.document import parse, parse_document, read_document
from jsonschema_tools.documents.yaml_builder import Builder
from jsonschema_tools.documents.yaml_scalars import PLAIN
from jsonschema_tools.documents.yaml_text import read_repaired
from jsonschema_tools.errors import ParseError, ReadError
from jsonschema_tools.pointers import follow
from jsonschema_tools.values import MAX_DEPTH, as_double, equal
from support.every_case import for_each

DATA = Path(__file__).parents[1] / "data" / "documents"
VECTORS = Path(__file__).parents[3] / "shared" / "vectors" / "yaml_load.jsonl"

SCALARS: dict[str, Any] = json.loads((DATA / "scalars.json").read_text())
DOCUMENTS: list[dict[str, Any]] = json.loads((DATA / "documents.json").read_text())
ERRORS: list[dict[str, Any]] = json.loads((DATA / "errors.json").read_text())


def same(found: Any, wanted: Any) -> bool:
    """Tell whether two values are the same JSON text but for the order of keys."""
    return json.dumps(found, sort_keys=True) == json.dumps(wanted, sort_keys=True)


# Scalars


@for_each(SCALARS, repr)
def test_scalars_mean_what_js_yaml_says(text: str) -> None:
    assert same(parse(f"a: {text}\n"), {"a": SCALARS[text]})


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2020-01-01", datetime(2020, 1, 1, tzinfo=UTC)),
        ("2020-13-45", datetime(2021, 2, 14, tzinfo=UTC)),
        ("2021-02-30", datetime(2021, 3, 2, tzinfo=UTC)),
        ("0050-01-01", datetime(1950, 1, 1, tzinfo=UTC)),
        ("0100-00-01", datetime(99, 12, 1, tzinfo=UTC)),
        ("2021-06-30T25:61:61Z", datetime(2021, 7, 1, 2, 2, 1, tzinfo=UTC)),
        ("2020-1-1t1:00:00.1239", datetime(2020, 1, 1, 1, 0, 0, 123000, tzinfo=UTC)),
        ("2020-01-01 00:00:00.5 +05:30", datetime(2019, 12, 31, 18, 30, 0, 500000, tzinfo=UTC)),
        ("2020-01-01 00:00:00 -5", datetime(2020, 1, 1, 5, tzinfo=UTC)),
        ("!!timestamp '2020-01-01'", datetime(2020, 1, 1, tzinfo=UTC)),
    ],
)
def test_timestamps_roll_over_and_become_utc(text: str, value: datetime) -> None:
    found: Any = parse(f"- {text}\n")
    assert found == [value]
    assert found[0].tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (".inf", math.inf),
        ("+.Inf", math.inf),
        ("-.INF", -math.inf),
        ("1e400", math.inf),
        ("-0.0", -0.0),
        ("-00", -0.0),
        ("1e-400", 0),
        (".nan", math.nan),
        ("._e1", math.nan),
    ],
)
def test_numbers_that_json_has_not(text: str, value: float) -> None:
    assert repr(parse(f"- {text}\n")) == repr([value])


def test_dates_as_keys_are_the_text_of_javascript() -> None:
    text = "2020-01-01: a\n2020-07-04T01:02:03Z: b\n"
    assert parse(text) == {
        "Wed Jan 01 2020 00:00:00 GMT+0000 (Coordinated Universal Time)": "a",
        "Sat Jul 04 2020 01:02:03 GMT+0000 (Coordinated Universal Time)": "b",
    }


def test_binary() -> None:
    encoded = base64.b64encode(b"some bytes\0").decode()
    assert parse(f"a: !!binary |\n  {encoded[:4]}\n  {encoded[4:]}\n") == {"a": b"some bytes\0"}


# Documents


@for_each(DOCUMENTS, lambda case: repr(case["text"]))
def test_documents_mean_what_js_yaml_says(case: dict[str, Any]) -> None:
    assert same(parse(case["text"]), case["value"])


@for_each(DOCUMENTS, lambda case: repr(case["text"]))
def test_bytes_and_other_line_breaks_give_the_same(case: dict[str, Any]) -> None:
    assert same(parse(case["text"].encode()), case["value"])
    assert same(parse(case["text"].replace("\r\n", "\n").replace("\n", "\r\n")), case["value"])


@pytest.mark.parametrize("text", ["", " \n", "\ufeff", "# c\n", "---\n", "~\n"])
def test_nothing_is_none(text: str) -> None:
    assert parse(text) is None


def test_an_alias_is_the_same_object() -> None:
    data: Any = parse("a: &x {b: [1]}\nc: *x\nd: {<<: *x}\n")
    assert data["a"] is data["c"]
    assert data["d"] is not data["a"]
    assert data["d"]["b"] is data["a"]["b"]


def test_key_order_is_kept() -> None:
    data: Any = parse("b: 1\na: 2\n10: 3\n9: 4\n")
    assert list(data) == ["b", "a", "10", "9"]


def test_a_text_is_built_twice_however_many_repairs_it_needs() -> None:
    built = []

    def build(text: str, stand_ins: bool) -> Any:
        built.append(text)
        return Builder(text, stand_ins=stand_ins).build()

    assert len(read_repaired("".join(f"- [:a{i}]\n" for i in range(50)), build)) == 50
    assert len(built) == 2


def test_places_below_long_keys_take_little_memory() -> None:
    keys = [f"{'k' * 500}{level}" for level in range(50)]
    values = ",".join(["1"] * 10_000)
    text = "".join(f"{{{key}: " for key in keys) + f"[{values}]" + "}" * len(keys)
    below = "/" + "/".join(keys)
    document = parse_document(text, "a.yaml")
    tracemalloc.start()
    try:
        found = document.locate(f"{below}/9999")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found.column == text.rindex("1") + 1
    beyond = document.locate(f"{below}/10000")
    assert (beyond.line, beyond.column) == (1, text.index("kkk" + keys[-1][3:]) + 1)
    assert peak < 4 * 2**20  # with every pointer as a string, 250 MB


def test_many_tabs_in_comments_are_read_in_time() -> None:
    assert parse("a: b\n" + "\t# c\n" * 200 + "d: e\n") == {"a": "b", "d": "e"}


@pytest.mark.skipif(not VECTORS.exists(), reason="the vectors are not in a clone")
def test_vectors_of_the_reference() -> None:
    cases = [json.loads(line) for line in VECTORS.read_text(encoding="utf-8").splitlines()]
    wrong = [case["id"] for case in cases if not agrees(case)]
    assert wrong == ["yl-98ead36722"]  # a tab as indentation, which we refuse


def agrees(case: dict[str, Any]) -> bool:
    try:
        found = parse(case["yaml"])
    except ParseError:
        return "error" in case
    return "error" not in case and equal(found, untagged(case["value"]))


def untagged(value: Any) -> Any:
    match value:
        case {"$undefined": True}:
            return None
        case {"$float": text}:
            return float(text)
        case {"$date": text}:
            return datetime.fromisoformat(text)
        case {"$binary": text}:
            return base64.b64decode(text)
        case dict():
            return {key: untagged(item) for key, item in value.items()}
        case list():
            return [untagged(item) for item in value]
    return as_double(value) if type(value) in {int, float} else value


# JSON


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": [1, 1.0, -0, -0.0, 1e2, 0.1]}', {"a": [1, 1, 0, -0.0, 100, 0.1]}),
        ('{\n\t"a": {\n\t\t"b": "c"\n\t}\n}\n', {"a": {"b": "c"}}),
        ('["\\ud83d\\ude00", "\\ud83d", "\\u0000\\/"]', ["😀", "\ud83d", "\0/"]),
        ('["\x7f\u2028\ufeff"]', ["\x7f\u2028\ufeff"]),
        ('{"<<": {"a": 1}, "1": true}', {"<<": {"a": 1}, "1": True}),
        ('[NaN, Infinity, 01, "a" ]', ["NaN", "Infinity", 1, "a"]),
        ("{" + f'"{"k" * 2000}": 1' + "}", {"k" * 2000: 1}),
        ("[9007199254740993]", [9007199254740992]),
    ],
)
def test_json_is_read_as_yaml_would_be(text: str, value: Any) -> None:
    assert repr(parse(text)) == repr(value)


# Plane 16 beside DEL is refused, and libyaml takes keys of 1024 characters at most.
TEXTS = st.text(st.characters(max_codepoint=0xFFFFF, exclude_categories=["Cs"]), max_size=50)
JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False).map(as_double)
    | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    max_leaves=20,
)


@given(JSON_VALUES, st.sampled_from([None, 2, "\t"]), st.booleans())
@example("\ud800\udc00", None, True)
def test_json_text_gives_its_value(value: Any, indent: int | str | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    assert equal(parse(text), json.loads(text))


@given(JSON_VALUES)
def test_both_readers_agree(value: Any) -> None:
    text = json.dumps([value], indent=1)
    assert equal(parse(f"--- {text}"), parse(text))


# Numbers that change


@pytest.mark.parametrize(
    "text",
    [
        "9007199254740993",
        "18446744073709551615",
        "-9223372036854775807",
        "0x20000000000001",
        "0.12345678901234567890",
        "1e400",
        "1e-400",
        "9" * 5000,
    ],
)
@pytest.mark.parametrize("form", ["a: 1\nb:\n  - {}\n", '{"a": 1,\n"b":\n   [{}]}'])
def test_numbers_that_change_are_reported(text: str, form: str) -> None:
    document = parse_document(form.replace("{}", text), "a.yaml")
    (number,) = document.lossy
    assert number.text == text
    assert number.value == follow(document.data, "/b/0")
    assert (number.at.path, number.at.line, number.at.column) == ("a.yaml", 3, 5)


@pytest.mark.parametrize(
    "text",
    [
        *("1", "0.1", "1.10", "-0.0", "0e5", "1e23", "9007199254740992", "18446744073709552000"),
        *("18446744073709551616", "9007199254740991.0", "1_000", "0x1F", "017", "1:30", ".inf"),
        *("0.30000000000000004", "5e-324", "2020-01-01", "abc"),
    ],
)
def test_numbers_that_stay_are_not_reported(text: str) -> None:
    assert parse_document(f"a: {text}\n", "a.yaml").lossy == ()


# Places


PLACES = """\
# comment
title: a
properties:
  a/b:
    type: string
  'c d': {type: integer, enum: [1,
    2]}
examples:
- &x
  a: 1
- *x
"""


@pytest.mark.parametrize(
    ("pointer", "line", "column"),
    [
        ("", 2, 1),
        ("/title", 2, 1),
        ("/properties/a~1b", 4, 3),
        ("/properties/a~1b/type", 5, 5),
        ("/properties/c d/type", 6, 11),
        ("/properties/c d/enum/1", 7, 5),
        ("/properties/nothing/here", 3, 1),
        ("/examples/0/a", 10, 3),
        ("/examples/1/a", 11, 3),
        ("/nothing", 2, 1),
    ],
)
def test_locate(pointer: str, line: int, column: int) -> None:
    at = parse_document(PLACES, "a.yaml").locate(pointer)
    assert (at.path, at.pointer, at.line, at.column) == ("a.yaml", pointer, line, column)


def test_locate_in_json_and_in_texts_with_stand_ins() -> None:
    json_document = parse_document('{"a":\n {"b":\n "\\ud83d\\ude00",\n "c": 1}}', "a.json")
    assert json_document.locate("/a/c").line == 4
    yaml_document = parse_document('"\x7f": 1\na: 2\n', "a.yaml")
    assert yaml_document.locate("/\x7f").line == 1
    assert yaml_document.locate("/a").line == 2


def test_nothing_has_no_line() -> None:
    assert parse_document("", "a.yaml").locate("/a").line is None


@given(JSON_VALUES)
def test_every_value_has_its_line(value: Any) -> None:
    text = json.dumps(value, indent=1)
    lines = text.splitlines()
    document = parse_document(text, "a.json")
    for pointer, item in walk(value, ""):
        line = document.locate(pointer).line
        assert line is not None
        if isinstance(item, (int, float)):
            assert json.dumps(item) in lines[line - 1]


def walk(value: Any, pointer: str) -> list[tuple[str, Any]]:
    if isinstance(value, dict):
        named = {key.replace("~", "~0").replace("/", "~1"): item for key, item in value.items()}
    else:
        named = {
            str(index): item for index, item in enumerate(value if isinstance(value, list) else [])
        }
    below = [found for key, item in named.items() for found in walk(item, f"{pointer}/{key}")]
    return [(pointer, value), *below]


# Errors


@for_each(ERRORS, lambda case: repr(case["text"]))
def test_errors_name_place_and_remedy(case: dict[str, Any]) -> None:
    with pytest.raises(ParseError) as caught:
        parse_document(case["text"], "a.yaml")
    error = caught.value
    assert error.at is not None
    found = error.at.path, error.at.line, error.at.column, error.message, error.hint
    assert found == ("a.yaml", case["line"], case["column"], case["message"], case["hint"])


ALPHABET = st.sampled_from([*"-?:,[]{}#&*!|>'\"%@` \t\r\n~<=\\a1.\x7f\u2028\ufeff\ud800\U00100041"])
SNIPPETS = st.sampled_from(
    ["a: ", "- ", "\n  ", "&a ", "*a", "!!str ", "---\n", "<<: ", "|\n", "\\ud83d"]
)


@given(st.lists(ALPHABET | SNIPPETS | st.text(max_size=3)).map("".join))
@example("{")
@example("'")
@example("a: \U00100041\x7f")
@example("!")
def test_anything_else_is_a_parse_error(text: str) -> None:
    with suppress(ParseError):
        parse(text)


@given(st.binary())
def test_any_bytes_are_a_document_or_a_parse_error(data: bytes) -> None:
    with suppress(ParseError):
        parse(data)


# Limits


BOMB = "a0: &a0 [lol, lol]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]\n" for level in range(1, 9)
)
ALIAS_CHAIN = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 1000))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BOMB, "written out, the aliases give more than 1,000,000 values"),
        (f"a: &a {'x' * 10**6}\nb: [{'*a,' * 1000}]\n", "written out, the aliases give more"),
        (ALIAS_CHAIN, "nested more than 200 levels deep"),
        ("[" * 10_000, "nested more than 200 levels deep"),
        ('{"a":' * 10_000 + "1" + "}" * 10_000, "nested more than 200 levels deep"),
        ("\n".join(" " * depth + "a:" for depth in range(300)), "nested more than 200 levels deep"),
        ("a: " + "x" * document.MAX_SIZE, "larger than 16 MiB"),
    ],
    ids=["bomb", "long text", "chain of aliases", "lists", "JSON", "mappings", "size"],
)
def test_hostile_documents_are_refused(text: str, message: str) -> None:
    with pytest.raises(ParseError, match=message):
        parse(text)


@pytest.mark.parametrize("start", ["", "--- "])
def test_the_deepest_document_is_the_same_for_json_and_yaml(start: str) -> None:
    assert parse(f"{start}{'[' * MAX_DEPTH}{']' * MAX_DEPTH}")
    with pytest.raises(ParseError, match="nested"):
        parse(f"{start}{'[' * (MAX_DEPTH + 1)}{']' * (MAX_DEPTH + 1)}")


def test_modest_use_of_aliases_is_allowed() -> None:
    data: Any = parse("a: &a [1, 2]\nb: [" + "*a, " * 10_000 + "]\n")
    assert len(data["b"]) == 10_000


def test_what_is_kept_of_scalars_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(PLAIN), "MOST", 100)
    parse("".join(f"- kept{number}\n" for number in range(1000)))
    assert len(PLAIN) <= 100


# Files


def test_read_document(tmp_path: Path) -> None:
    file = tmp_path / "current.yaml"
    file.write_bytes(b"\xef\xbb\xbftitle: a\r\n")
    document = read_document(file)
    assert (document.path, document.data) == (str(file), {"title": "a"})
    assert read_document(file, "shown.yaml").path == "shown.yaml"


@pytest.mark.parametrize(
    ("name", "content", "message", "hint"),
    [
        ("latin.yaml", b"a: 1\nb: \xe9\n", "this is not UTF-8", "save it as UTF-8"),
        ("utf16.yaml", "a: é".encode("utf-16"), "this is UTF-16", "save it as UTF-8"),
        ("image.yaml", b"\x89PNG\r\n\0\0", "this is binary, neither YAML nor JSON", None),
        ("large.yaml", b"#" * (document.MAX_SIZE + 1), "larger than 16 MiB", "split it"),
    ],
)
def test_files_that_are_no_text(
    tmp_path: Path, name: str, content: bytes, message: str, hint: str | None
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(ReadError) as caught:
        read_document(file, name)
    assert caught.value.message == message
    assert (caught.value.hint or "").startswith(hint or "")
    assert caught.value.at is not None
    assert caught.value.at.path == name


def test_a_byte_that_is_not_utf_8_has_a_place(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes(b"a: 1\nb: \xe9\n")
    with pytest.raises(ReadError) as caught:
        read_document(file)
    assert caught.value.at is not None
    assert (caught.value.at.line, caught.value.at.column) == (2, 4)


def test_files_that_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "current.yaml").touch()
    (tmp_path / "latest.yaml").symlink_to("1.0.0.yaml")
    (tmp_path / "loop").symlink_to("loop")
    expected = {
        "curent.yaml": ("no such file", "did you mean current.yaml?"),
        "zzz/current.yaml": ("no such file", f"the folder {tmp_path / 'zzz'} is missing"),
        "latest.yaml": ("no such file", "it is a symlink to 1.0.0.yaml, which does not exist"),
        ".": ("this is a folder", "name the file in it, such as current.yaml"),
        "loop": ("cannot be read: Too many levels of symbolic links", None),
        "a\0b": ("cannot be read: a null byte in its name", None),
    }
    for name, message_and_hint in expected.items():
        with pytest.raises(ReadError) as caught:
            read_document(tmp_path / name)
        assert (caught.value.message, caught.value.hint) == message_and_hint
