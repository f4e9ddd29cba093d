"""What is read back from a table is what went in, for random schemas and events."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

pytest.importorskip("duckdb")
pytest.importorskip("deltalake")

import duckdb
import msgspec

from jsonschema_tools.lake.columns import columns
from jsonschema_tools.lake.load import TableLoader, load
from jsonschema_tools.lake.names import column_name, field_name
from jsonschema_tools.lake.plan import Plan
from jsonschema_tools.lake.records import Record
from support.effort import examples

NAMES = ["a", "B", "a b", "$x", "it's", 'q"q', "é", "key", "value", "select", "x,y", "(", "\\n"]
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
ZONES = st.sampled_from([dt.UTC, dt.timezone(dt.timedelta(hours=2, minutes=30))])
TIMES = st.datetimes(dt.datetime(1902, 1, 1), dt.datetime(2200, 1, 1), timezones=ZONES)

SCALARS = st.sampled_from(
    [
        {"type": "boolean"},
        {"type": "integer"},
        {"type": "number"},
        {"type": "string"},
        {"type": "string", "format": "date-time"},
    ]
)


def structs(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    properties = st.dictionaries(st.sampled_from(NAMES), inner, min_size=1, max_size=4)
    return properties.map(lambda found: {"type": "object", "properties": found})


SCHEMAS = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        inner.map(lambda items: {"type": "array", "items": items}),
        inner.map(lambda value: {"type": "object", "additionalProperties": value}),
        structs(inner),
    ),
    max_leaves=6,
)


def values(schema: Any) -> st.SearchStrategy[Any]:
    """Return what is valid for a schema, as JSON has it."""
    kind = schema["type"]
    if kind == "object" and "properties" in schema:
        return st.fixed_dictionaries(
            {}, optional={name: values(part) for name, part in schema["properties"].items()}
        )
    if kind == "object":
        return st.dictionaries(TEXT, values(schema["additionalProperties"]), max_size=3)
    if kind == "array":
        return st.lists(values(schema["items"]), max_size=3)
    if "format" in schema:
        return TIMES.map(dt.datetime.isoformat)
    return {
        "boolean": st.booleans(),
        "integer": st.integers(-(2**63), 2**63 - 1),
        "number": st.floats(allow_nan=False, allow_infinity=False),
        "string": TEXT,
    }[kind]


def in_table(value: Any, schema: Any) -> Any:
    """Return what a table has of a value: names of its own, and NULL where there is nothing."""
    if value is None:
        return None
    if schema["type"] == "array":
        return [in_table(item, schema["items"]) for item in value]
    if schema["type"] == "object" and "properties" in schema:
        return {
            field_name(name): in_table(value.get(name), part)
            for name, part in schema["properties"].items()
        }
    if schema["type"] == "object":
        return {key: in_table(item, schema["additionalProperties"]) for key, item in value.items()}
    if "format" in schema:
        return dt.datetime.fromisoformat(value).astimezone(dt.UTC)
    return value


def plain(value: Any, schema: Any) -> Any:
    """Return what was read as `in_table` has it: maps are pairs in Arrow."""
    if value is None:
        return None
    if schema["type"] == "array":
        return [plain(item, schema["items"]) for item in value]
    if schema["type"] == "object" and "properties" in schema:
        named = {field_name(name): part for name, part in schema["properties"].items()}
        return {name: plain(item, named[name]) for name, item in value.items()}
    if schema["type"] == "object":
        return {key: plain(item, schema["additionalProperties"]) for key, item in value}
    return value.astimezone(dt.UTC) if "format" in schema else value


@st.composite
def loads(draw: st.DrawFn) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    schema = draw(structs(SCHEMAS))
    schema["properties"] |= {"id_": {"type": "integer"}}
    assume(not columns(schema).problems)
    found = draw(st.lists(values(schema), min_size=1, max_size=5))
    return schema, [{**event, "id_": number} for number, event in enumerate(found)]


@pytest.mark.parametrize("kind", ["parquet", "delta"])
@settings(max_examples=examples(20), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(loads())
def test_round_trip(kind: Any, loaded: tuple[dict[str, Any], list[dict[str, Any]]]) -> None:
    schema, events = loaded
    table = columns(schema, nullable=True).columns
    plan = Plan("s", "t", table, ("s",), frozenset({"1.0.0"}), {})
    records = [
        Record(
            "topic", 0, n, 1_700_000_000_000, msgspec.json.encode({**event, "$schema": "/s/1.0.0"})
        )
        for n, event in enumerate(events)
    ]
    with tempfile.TemporaryDirectory() as name:
        loader = TableLoader(plan, Path(name), kind, 3)
        load(records, {"s": loader})
        assert +loader.result.counts == {"loaded": len(events)}
        rows = sorted(read(Path(name) / "t", kind), key=lambda row: int(row["id_"]))
    for event, row in zip(events, rows, strict=True):
        for source, part in schema["properties"].items():
            assert plain(row[column_name(source)], part) == in_table(event.get(source), part)


def read(folder: Path, kind: str) -> list[dict[str, Any]]:
    found: Any
    if kind == "delta":
        from deltalake import DeltaTable

        found = DeltaTable(folder).to_pyarrow_table()
    else:
        with duckdb.connect() as connection:
            relation: Any = connection.sql(f"FROM read_parquet('{folder}/**/*.parquet')")
            found = relation.to_arrow_table()
    rows: list[dict[str, Any]] = found.to_pylist()
    return rows
