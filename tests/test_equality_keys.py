"""Keys that find equal JSON values in sets."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from jsonschema_tools.values import EqualityKeys, equal

if TYPE_CHECKING:
    from jsonschema_tools.values import Json

SIMPLE: list[Json] = [
    *(None, True, False, 0, -0.0, 1, 0.5, float("nan"), float("inf")),
    *("", "NaN", "1", b"1", datetime(2020, 1, 1, tzinfo=UTC)),
]
NESTED: list[Json] = [[], {}, [[]], [{}], {"a": 1, "b": 2}, {"b": 2, "a": 1}, [1, 2], [2, 1]]
VALUES: list[Json] = [*SIMPLE, *NESTED]
for simple in SIMPLE:
    VALUES += [[simple], {"a": [simple]}]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_equal_values_have_one_key(value: Json) -> None:
    keys = EqualityKeys()
    assert [keys.of(value) == keys.of(other) for other in VALUES] == [
        equal(value, other) for other in VALUES
    ]


def test_what_is_at_many_places_is_looked_at_once() -> None:
    doubled: list[Json] = []
    for _ in range(60):
        doubled = [doubled, doubled]
    keys = EqualityKeys()
    assert keys.of(doubled) == keys.of(doubled)
