"""What duckdb would convert without a word, and lose by it, is kept aside; the rest is cast."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("duckdb")
pytest.importorskip("pyarrow")

import duckdb

from jsonschema_tools.lake.blocks import Block
from jsonschema_tools.lake.columns import columns
from jsonschema_tools.lake.load import TableLoader, load
from jsonschema_tools.lake.plan import Plan

if TYPE_CHECKING:
    from pathlib import Path

INTEGER, NUMBER, BOOLEAN = ({"type": kind} for kind in ("integer", "number", "boolean"))
TEXT, TIME = {"type": "string"}, {"type": "string", "format": "date-time"}
OUTER = '{"$schema": "/s/1.0.0", "meta": {"dt": "2026-01-01T00:30:00Z"}, "value": %s}'
HALF_PAST = dt.datetime(2026, 1, 1, 0, 30, tzinfo=dt.UTC)


def array(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


def of(value: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": value}


def struct(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


SILENT: list[tuple[Any, str, str, Any]] = [
    (INTEGER, "BIGINT", "1.5", 2),
    (INTEGER, "BIGINT", "true", 1),
    (INTEGER, "BIGINT", '"1.5"', 2),
    (INTEGER, "BIGINT", '"x"', None),
    (INTEGER, "BIGINT", "9223372036854775808", None),
    (INTEGER, "BIGINT", "[1]", None),
    (NUMBER, "DOUBLE", "false", 0.0),
    (NUMBER, "DOUBLE", '"inf"', float("inf")),
    (NUMBER, "DOUBLE", '"x"', None),
    (NUMBER, "DOUBLE", "{}", None),
    (BOOLEAN, "BOOLEAN", "1", True),
    (BOOLEAN, "BOOLEAN", "0.5", True),
    (BOOLEAN, "BOOLEAN", '"false"', False),
    (BOOLEAN, "BOOLEAN", '"x"', None),
    (TEXT, "VARCHAR", '{"a":1}', '{"a":1}'),
    (TEXT, "VARCHAR", "[1]", "[1]"),
    (TIME, "TIMESTAMPTZ", '"2026-01-01"', dt.datetime(2026, 1, 1, tzinfo=dt.UTC)),
    (TIME, "TIMESTAMPTZ", '"2026-01-01T00:30:00"', HALF_PAST),
    (TIME, "TIMESTAMPTZ", '"2026-1-1T0:30:0Z"', HALF_PAST),
    (TIME, "TIMESTAMPTZ", '"epoch"', dt.datetime(1970, 1, 1, tzinfo=dt.UTC)),
    (TIME, "TIMESTAMPTZ", '"2026-02-30T00:00:00Z"', None),
    (TIME, "TIMESTAMPTZ", "[]", None),
    (array(INTEGER), "BIGINT[]", "[1.5]", [2]),
    (array(INTEGER), "BIGINT[]", "1", None),
    (array(TEXT), "VARCHAR[]", '[["a"]]', ['["a"]']),
    (array(TIME), "TIMESTAMPTZ[]", '["x"]', [None]),
    (of(BOOLEAN), "MAP(VARCHAR, BOOLEAN)", '{"a":2}', {"a": True}),
    (of(TIME), "MAP(VARCHAR, TIMESTAMPTZ)", '{"a":"x"}', {"a": None}),
    (of(INTEGER), "MAP(VARCHAR, BIGINT)", "[1]", None),
    (struct(a=INTEGER), "STRUCT(a BIGINT)", '{"a":1.5}', {"a": 2}),
    (struct(a=TIME), "STRUCT(a TIMESTAMPTZ)", '{"a":"x"}', {"a": None}),
    (struct(a=INTEGER), "STRUCT(a BIGINT)", '"x"', {"a": None}),
    (array(struct(a=TIME)), "STRUCT(a TIMESTAMPTZ)[]", '[{"a":"x"}]', [{"a": None}]),
]


@pytest.mark.parametrize(("schema", "type_", "raw", "silently"), SILENT)
def test_what_would_be_lost_is_kept_aside(
    tmp_path: Path, schema: Any, type_: str, raw: str, silently: Any
) -> None:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone='UTC'")
        structure = json.dumps({"value": type_})
        query = "SELECT json_transform($1, $2).value"
        found = connection.execute(query.replace("$2", f"'{structure}'"), [OUTER % raw]).fetchall()
    assert found == [(silently,)]  # which is why it is looked at
    counts, rows, refused = loaded(tmp_path, schema, ["null", raw, "null"])
    assert counts == {"loaded": 2, "refused": 1}
    assert [row["value"] for row in rows] == [None, None]
    assert [(row["offset"], json.loads(row["event"])) for row in refused] == [
        (2, json.loads(OUTER % raw))
    ]


CAST: list[tuple[Any, str, Any]] = [
    (INTEGER, "1.0", 1),
    (INTEGER, "1e3", 1000),
    (INTEGER, '"456"', 456),
    (NUMBER, '"1.5"', 1.5),
    (NUMBER, "1", 1.0),
    (TEXT, "1", "1"),
    (TEXT, "true", "true"),
    (TIME, '"2026-01-01t00:30:00z"', HALF_PAST),
    (TIME, '"2026-01-01T02:30:00+0200"', HALF_PAST),
    (array(TIME), '["2026-01-01t00:30:00Z", null]', [HALF_PAST, None]),
    (array(TIME), "[]", []),
    (of(TIME), '{"a": "2026-01-01T00:30:00z", "b": null}', [("a", HALF_PAST), ("b", None)]),
    (of(struct(a=TIME)), '{"x": {"a": "2026-01-01 00:30:00z"}, "y": {}, "z": null}',
     [("x", {"a": HALF_PAST}), ("y", {"a": None}), ("z", None)]),
    (array(array(TIME)), '[["2026-01-01t00:30:00Z"], [], null]', [[HALF_PAST], [], None]),
    (struct(a=TIME, b=INTEGER), '{"a": "2026-01-01t00:30:00Z", "b": 1}', {"a": HALF_PAST, "b": 1}),
    (struct(a=TIME, b=INTEGER), '{"b": 1}', {"a": None, "b": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "raw", "expected"), CAST)
def test_what_loses_nothing_is_cast(tmp_path: Path, schema: Any, raw: str, expected: Any) -> None:
    counts, rows, _ = loaded(tmp_path, schema, ["null", raw])
    assert counts == {"loaded": 2}
    assert [row["value"] for row in rows if row["value"] is not None] == [expected]


def test_a_time_that_only_we_read_decides_the_hour(tmp_path: Path) -> None:
    line = (OUTER % "null").replace("2026-01-01T00:30:00Z", "2026-01-01t05:30:00z")
    _, rows, _ = loaded(tmp_path, TEXT, ["null"], line)
    assert sorted(row["hour"] for row in rows) == [0, 5]
    assert sorted(row["meta"]["dt"].hour for row in rows) == [0, 5]


def loaded(folder: Path, schema: Any, values: list[str], *more: str) -> tuple[Any, ...]:
    """Load events with values as a block; return what became of them, the rows, the others."""
    table = columns(
        struct(**{"$schema": TEXT, "meta": struct(dt=TIME), "value": schema}), nullable=True
    ).columns
    plan = Plan("s", "t", table, ("s",), frozenset({"1.0.0"}), {})
    into = TableLoader(plan, folder, "parquet", 100)
    text = "".join(f"{line}\n" for line in [*(OUTER % value for value in values), *more])
    load([Block("file", 1, text.encode())], {"s": into})
    return +into.result.counts, read(folder / "t"), read(folder / "t_refused")


def read(folder: Path) -> list[dict[str, Any]]:
    if not any(folder.rglob("*.parquet")):
        return []
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone='UTC'")
        source: Any = connection.sql(
            f"FROM read_parquet('{folder}/**/*.parquet', hive_partitioning=true)"
        )
        rows: list[dict[str, Any]] = source.to_arrow_table().to_pylist()
    return rows
