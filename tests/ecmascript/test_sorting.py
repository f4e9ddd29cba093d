"""The order of mixed values, as JavaScript has it."""

from __future__ import annotations

import json
import shutil
import subprocess
from datetime import UTC, datetime
from math import isnan
from pathlib import Path
from random import Random
from typing import Any

import pytest

from jsonschema_tools.ecmascript.conversions import to_number
from jsonschema_tools.ecmascript.sorting import sort_values, unique

DATA = Path(__file__).parent.parent / "data" / "sorting"
MIXED: list[Any] = ["10", "9", "a", "", "b", 1, 2, 10, 9, 0, -1, None, True, False, "1", "02"]
MIXED += ["0x10", 16, 1.5, "1e1", [], [1], [2, 1], {}, "true", "z", "Z"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["b", "a", "B", "é", "10", "9"], ["10", "9", "B", "a", "b", "é"]),
        (["\ue000", "\U0001f600"], ["\U0001f600", "\ue000"]),
        ([10, 9, 1.5, -1], [-1, 1.5, 9, 10]),
        ([None, 2, "10", True, False], [False, True, 2, "10", None]),
        ([2, "a", 1], [2, "a", 1]),
        ([{"b": 1}, {"a": 1}], [{"b": 1}, {"a": 1}]),
        ([[2, 3], [1], []], [[], [1], [2, 3]]),
        (["0x10", 3, " 15 "], [3, " 15 ", "0x10"]),
        (
            [datetime(2021, 1, 2, tzinfo=UTC), datetime(2021, 1, 1, tzinfo=UTC), 5],
            [5, datetime(2021, 1, 1, tzinfo=UTC), datetime(2021, 1, 2, tzinfo=UTC)],
        ),
        ([], []),
    ],
)
def test_sort_values(values: list[Any], expected: list[Any]) -> None:
    assert sort_values(values) == expected


@pytest.mark.parametrize("line", (DATA / "v8.jsonl").read_text(encoding="utf-8").splitlines())
def test_mixed_values_are_sorted_as_by_node_whatever_python_sorts(line: str) -> None:
    values, order = json.loads(line)
    assert sort_values(values) == [values[index] for index in order]


@pytest.mark.skipif(not shutil.which("node"), reason="node is not installed")
def test_random_values_are_sorted_as_by_node() -> None:
    random = Random(1)  # noqa: S311
    arrays = []
    for _ in range(300):
        some = [random.choice(MIXED) for _ in range(random.randrange(1, 80))]
        some += sorted(random.randrange(999) for _ in range(random.randrange(200)))
        arrays.append([str(item) if random.random() < 0.1 else item for item in some])
    lines = "\n".join(map(json.dumps, arrays))
    node = subprocess.run(
        ["node", DATA / "v8.js"], input=lines, capture_output=True, text=True, check=True
    )
    for values, order in zip(arrays, node.stdout.splitlines(), strict=True):
        assert sort_values(values) == [values[index] for index in json.loads(order)]


def test_nan_comes_last() -> None:
    assert str(sort_values([float("nan"), "b", None, "a"])) == "['a', 'b', None, nan]"


def test_unique_tells_types_apart() -> None:
    assert unique([1, True, "1", 1.0, 0, False, None, None]) == [1, True, "1", 0, False, None]


def test_unique_takes_containers_for_the_same_only_if_they_are() -> None:
    one: dict[str, Any] = {}
    assert len(unique([one, {}, one, [], []])) == 4


def test_unique_keeps_one_nan() -> None:
    assert len(unique([float("nan"), -float("nan")])) == 1


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (2.5, 2.5),
        (True, 1),
        (None, 0),
        ("", 0),
        (" 12 ", 12),
        ("1e3", 1000),
        (".5", 0.5),
        ("0b101", 5),
        ("-Infinity", float("-inf")),
        ([7], 7),
        ([], 0),
        (datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC), 1000),
    ],
)
def test_to_number(value: Any, expected: float) -> None:
    assert to_number(value) == expected


@pytest.mark.parametrize("value", ["a", "1_000", "nan", "inf", "1 2", "0x", {}, [1, 2], [True]])
def test_no_number(value: Any) -> None:
    assert isnan(to_number(value))
