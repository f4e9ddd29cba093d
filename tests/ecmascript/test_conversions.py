"""ECMAScript's conversions, against what Node answers for the same values."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import UTC, datetime
from math import inf, nan
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from jsonschema_tools.documents.yaml_scalars import ScalarError, key_text
from jsonschema_tools.ecmascript.conversions import (
    MISSING,
    identity,
    parsed_number,
    to_number,
    to_text,
    truthy,
)
from jsonschema_tools.ecmascript.numbers import number_text
from jsonschema_tools.ecmascript.strings import trim

if TYPE_CHECKING:
    from jsonschema_tools.values import Json


class Fact(NamedTuple):
    """A value in JavaScript and here, and what Node says of it; numbers as their text."""

    expression: str
    value: Json
    string: str
    number: str
    boolean: bool
    parse_float: str
    parse_int: str


FACTS = (
    Fact("null", None, "null", "0", False, "NaN", "NaN"),
    Fact("undefined", MISSING, "undefined", "NaN", False, "NaN", "NaN"),
    Fact("true", True, "true", "1", True, "NaN", "NaN"),
    Fact("false", False, "false", "0", False, "NaN", "NaN"),
    Fact("0", 0, "0", "0", False, "0", "0"),
    Fact("-0", -0.0, "0", "0", False, "0", "0"),
    Fact("1.5", 1.5, "1.5", "1.5", True, "1.5", "1"),
    Fact("1e21", 10**21, "1e+21", "1e+21", True, "1e+21", "1"),
    Fact("NaN", nan, "NaN", "NaN", False, "NaN", "NaN"),
    Fact("-Infinity", -inf, "-Infinity", "-Infinity", True, "-Infinity", "NaN"),
    Fact("''", "", "", "0", False, "NaN", "NaN"),
    Fact("'0'", "0", "0", "0", True, "0", "0"),
    Fact("'a'", "a", "a", "NaN", True, "NaN", "NaN"),
    Fact("' 12 '", " 12 ", " 12 ", "12", True, "12", "12"),
    Fact(r"'\ufeff12\u00a0'", "\ufeff12\xa0", "\ufeff12\xa0", "12", True, "12", "12"),
    Fact(r"'\u001c12'", "\x1c12", "\x1c12", "NaN", True, "NaN", "NaN"),
    Fact(r"'\u008512'", "\x8512", "\x8512", "NaN", True, "NaN", "NaN"),
    Fact("'12px'", "12px", "12px", "NaN", True, "12", "12"),
    Fact("'1e3'", "1e3", "1e3", "1000", True, "1000", "1"),
    Fact("'1_000'", "1_000", "1_000", "NaN", True, "1", "1"),
    Fact("'.5'", ".5", ".5", "0.5", True, "0.5", "NaN"),
    Fact("'+Infinity'", "+Infinity", "+Infinity", "Infinity", True, "Infinity", "NaN"),
    Fact("'0b101'", "0b101", "0b101", "5", True, "0", "0"),
    Fact("'nan'", "nan", "nan", "NaN", True, "NaN", "NaN"),
    Fact("'1 2'", "1 2", "1 2", "NaN", True, "1", "1"),
    Fact("({})", {}, "[object Object]", "NaN", True, "NaN", "NaN"),
    Fact("[]", [], "", "0", True, "NaN", "NaN"),
    Fact("[7]", [7], "7", "7", True, "7", "7"),
    Fact("[[1]]", [[1]], "1", "1", True, "1", "1"),
    Fact("[true]", [True], "true", "NaN", True, "NaN", "NaN"),
    Fact("[1, null, 'b', [2, {}]]", [1, None, "b", [2, {}]], "1,,b,2,[object Object]", "NaN", True,
         "1", "1"),
    Fact("[null, undefined]", [None, MISSING], ",", "NaN", True, "NaN", "NaN"),
    Fact("new Date('2021-01-01')", datetime(2021, 1, 1, tzinfo=UTC),
         "Fri Jan 01 2021 00:00:00 GMT+0000 (Coordinated Universal Time)", "1609459200000", True,
         "NaN", "NaN"),
    Fact("new Date('0099-02-03T04:05:06.789Z')", datetime(99, 2, 3, 4, 5, 6, 789000, tzinfo=UTC),
         "Tue Feb 03 0099 04:05:06 GMT+0000 (Coordinated Universal Time)", "-59040129293211", True,
         "NaN", "NaN"),
    Fact("[new Date('2021-01-01')]", [datetime(2021, 1, 1, tzinfo=UTC)],
         "Fri Jan 01 2021 00:00:00 GMT+0000 (Coordinated Universal Time)", "NaN", True,
         "NaN", "NaN"),
    Fact("Buffer.from('12')", b"12", "12", "12", True, "12", "12"),
    Fact("Buffer.from('')", b"", "", "0", True, "NaN", "NaN"),
    Fact("Buffer.from([255, 97])", b"\xffa", "\ufffda", "NaN", True, "NaN", "NaN"),
)  # fmt: skip
EXPRESSIONS = [fact.expression for fact in FACTS]


@pytest.mark.parametrize("fact", FACTS, ids=EXPRESSIONS)
def test_conversions(fact: Fact) -> None:
    assert to_text(fact.value) == fact.string
    assert number_text(to_number(fact.value)) == fact.number
    assert truthy(fact.value) == fact.boolean


@pytest.mark.parametrize("fact", FACTS, ids=EXPRESSIONS)
def test_parsed_numbers(fact: Fact) -> None:
    assert number_text(parsed_number(fact.value, integer=False)) == fact.parse_float
    assert number_text(parsed_number(fact.value, integer=True)) == fact.parse_int


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_the_facts_are_those_of_node() -> None:
    script = f"""
        const values = [{", ".join(EXPRESSIONS)}];
        console.log(JSON.stringify(values.map(v => [String(v), String(Number(v)), Boolean(v),
            String(parseFloat(v)), String(parseInt(v, 10))])));
    """
    answer = subprocess.run(
        ["node", "-e", script], env={"TZ": "UTC"}, capture_output=True, check=True
    )
    assert json.loads(answer.stdout) == [list(fact[2:]) for fact in FACTS]


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_white_space_is_that_of_node() -> None:
    script = "for (let c = 0; c < 65536; c++) if (!String.fromCharCode(c).trim()) console.log(c)"
    answer = subprocess.run(["node", "-e", script], capture_output=True, check=True)
    assert [code for code in range(65536) if not trim(chr(code))] == [
        *map(int, answer.stdout.split())
    ]


def test_a_key_is_written_as_it_is_sorted_and_shown() -> None:
    day = datetime(2021, 1, 1, tzinfo=UTC)
    assert key_text(day) == to_text(day)
    assert key_text([day, None]) == to_text([day, None])
    with pytest.raises(ScalarError):
        key_text([[1]])


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (1, 1.0, True),
        (0, -0.0, True),
        (nan, -nan, True),
        (1, True, False),
        (0, False, False),
        (1, "1", False),
        (None, False, False),
        ([], [], False),
        ({}, {}, False),
        (datetime(2021, 1, 1, tzinfo=UTC), datetime(2021, 1, 1, tzinfo=UTC), False),
    ],
)
def test_identity(one: Any, other: Any, same: bool) -> None:
    assert (identity(one) == identity(other)) is same
    assert identity(one) == identity(one)
