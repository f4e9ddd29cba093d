"""The order of keys, as JavaScript and ICU have it for en-US."""

from __future__ import annotations

import hashlib
import unicodedata
from pathlib import Path
from string import ascii_letters

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jsonschema_tools.ecmascript.collation import collation_key
from jsonschema_tools.ecmascript.objects import creation_order
from jsonschema_tools.serialization.key_order import FIRST_KEYS, sorted_keys

ORDER = Path(__file__).parents[1] / "data" / "collation" / "en-US.txt"
EVERY_KEY = "d0ea90055975c13cc7716ba19ed4f60b358c87e4bff729d4f678c61bc9409c19"


def test_first_keys_come_first_in_their_order() -> None:
    keys = ["zebra", "$ref", "apple", *reversed(FIRST_KEYS)]
    assert sorted_keys(tuple(keys)) == (*FIRST_KEYS, "$ref", "apple", "zebra")


def test_alphabetical_order() -> None:
    names = ORDER.read_text(encoding="utf-8").splitlines()
    assert sorted(sorted(names), key=collation_key) == names


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("caf\u00e9", "cafe\u0301"),
        ("\u2126", "\u03a9"),  # the sign for ohm is an omega
        ("a\u0000b", "ab"),
        ("soft\u00adhyphen", "softhyphen"),
        ("\u0661", "1"),
    ],
)
def test_equal_in_alphabetical_order(one: str, other: str) -> None:
    assert collation_key(one) == collation_key(other)


def test_the_order_is_the_same_whatever_unicode_python_has() -> None:
    """The hash is that of every version from 3.11 on, which know ever more characters."""
    found = hashlib.sha256()
    for code in (*range(0x80, 0x33480), *range(0xE0000, 0xE0200)):
        key = "".join(collation_key(f"a{chr(code)}\u0301\u0323"))
        found.update(key.encode("utf-8", "surrogatepass"))
    assert found.hexdigest() == EVERY_KEY


@given(st.text(), st.text())
def test_every_text_has_a_key(one: str, other: str) -> None:
    assert collation_key(unicodedata.normalize("NFC", one)) == collation_key(one)
    assert (collation_key(one + other) >= collation_key(one)) or not other.isascii()


@given(st.lists(st.text(ascii_letters + "_- ."), unique=True))
def test_ascii_keys_agree_with_those_of_any_text(names: list[str]) -> None:
    # A soft hyphen has no weight, yet makes a name take the path of those that are not ASCII.
    assert [collation_key(f"{name}\u00ad") for name in names] == [*map(collation_key, names)]


def test_creation_order() -> None:
    keys = ("b", "10", "a", "2", "01", "4294967295", "4294967294", "-1", "1.0", "")
    expected = ("2", "10", "4294967294", "b", "a", "01", "4294967295", "-1", "1.0", "")
    assert creation_order(keys) == expected


def test_equal_keys_stay_in_the_order_of_creation() -> None:
    assert sorted_keys(("b", "a\x01", "a\x02", "a")) == ("a\x01", "a\x02", "a", "b")


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("zebra constructor apple valueOf toString", "constructor valueOf toString apple zebra"),
        ("type title toString description", "title description type toString"),
        ("a examples constructor title valueOf type", "examples constructor title valueOf type a"),
        ("toString type", "toString type"),
        ("properties constructor allOf type", "properties constructor type allOf"),
    ],
)
def test_names_that_every_object_has(keys: str, expected: str) -> None:
    assert sorted_keys(tuple(keys.split())) == tuple(expected.split())


def test_many_keys_with_a_name_that_every_object_has() -> None:
    names = [f"field_{n:03}" for n in range(100)]
    keys = (*names[50:], "constructor", *names[:50])
    assert sorted_keys(keys) == ("constructor", *names)


@given(st.lists(st.sampled_from([*FIRST_KEYS, "a", "b", "$ref", "_x", "10"]), unique=True))
def test_sorting_ends_in_one_order(keys: list[str]) -> None:
    once = sorted_keys(tuple(keys))
    assert sorted(once) == sorted(keys)
    assert sorted_keys(once) == once == sorted_keys(tuple(reversed(keys)))
