"""Lines of a file that are loaded all at once make the table that they make one by one."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

pytest.importorskip("duckdb")
pytest.importorskip("pyarrow")

import duckdb

from jsonschema_tools.errors import ParseError
from jsonschema_tools.lake.blocks import Block
from jsonschema_tools.lake.columns import columns
from jsonschema_tools.lake.files import read_files
from jsonschema_tools.lake.load import TableLoader, load
from jsonschema_tools.lake.plan import Plan
from support.effort import examples

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT, TIME = {"type": "string"}, {"type": "string", "format": "date-time"}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "$schema": TEXT,
        "meta": {
            "type": "object",
            "properties": {"dt": TIME, "id": TEXT, "stream": TEXT, "domain": TEXT},
        },
        "at": TIME,
        "size": {"type": "integer"},
        "score": {"type": "number"},
        "minor": {"type": "boolean"},
        "tags": {"type": "array", "items": TEXT},
        "slots": {"type": "object", "additionalProperties": {"type": "integer"}},
        "page": {"type": "object", "properties": {"Some-Name": TEXT, "n": {"type": "integer"}}},
        "moves": {"type": "array", "items": {"type": "object", "properties": {"at": TIME}}},
        "seen": {"type": "object", "additionalProperties": TIME},
    },
}
TIMES = [
    *("2026-01-01T00:30:00Z", "2026-01-01T00:30:00.123456789Z", "2026-01-01T02:30:00+02:00"),
    *("2026-01-01T00:30:00", "2026-01-01", "12026-01-01T00:00:00Z", "2026-01-01t00:30:00z"),
    *("2026-01-01 00:30:00Z", "2026-1-1T0:0:0Z", "epoch", "infinity", "", "20260101T003000Z"),
    *("2026-01-01T00:30:60Z", "2026-01-01T24:00:00Z", "0001-01-01T00:00:00Z"),
]
#: what stands in an event for a value, as JSON; some of it is none
RAW = [
    *("1", "-1", "0", "-0", "1.0", "1.5", "1e3", "9223372036854775807", "9223372036854775808"),
    *("1e400", "12345678901234567890123", "NaN", "Infinity", "true", "null", '"456"', '" 7 "'),
    *('"1.0"', '"true"', '"x"', '""', r'"\u0000"', r'"\ud800"', '"\\u00e9"', '"é"', "[]", "[1]"),
    *('["a", 1]', '["a", null]', "{}", '{"a": 1}', '{"a": "1", "b": null}', '{"n": 1.0}', "[1,]"),
    *('{"a": 1, "a": 2}', '{"Some-Name": "x", "n": 3}', '{"n": "x"}', '"\t"', "01", "'x'", "1 2"),
    *map(json.dumps, TIMES),
    *('[{"at": "2026-01-01t00:30:00z"}]', '[{"at": "2026-01-01"}, null, {}]', '[{"at": null}]'),
    *('{"a": "2026-01-01 00:30:00z", "b": null}', '{"a": "2026-01-01T00:30:00Z", "b": "x"}'),
]
ENDS = ["", " ", "\r", ",", "}", " // x"]


@st.composite
def lines(draw: st.DrawFn) -> bytes:
    time = json.dumps(draw(st.sampled_from(TIMES[:4] * 5 + TIMES)))
    stream = draw(st.sampled_from(['"s"', '"s"', "null", '"other"', "1"]))
    domain = draw(st.sampled_from(['"example.org"', '"example.org"', '"canary"', "null"]))
    schema = draw(st.sampled_from(["/s/1.0.0"] * 8 + ["/s/latest", "/s/9.0.0", "/t/1.0.0"]))
    meta = f'"meta": {{"dt": {time}, "stream": {stream}, "domain": {domain}}}'
    names = st.sampled_from([*SCHEMA["properties"], "unknown"])
    fields = draw(st.lists(st.tuples(names, st.sampled_from(RAW)), max_size=3))
    parts = [f'"$schema": "{schema}"', meta, *(f'"{name}": {raw}' for name, raw in fields)]
    end = draw(st.sampled_from(ENDS[:1] * 12 + ENDS))
    return ("{" + ", ".join(parts) + "}" + end).encode("utf-8", "surrogatepass")


def event(fields: bytes) -> bytes:
    return (
        b'{"$schema": "/s/1.0.0", "meta": {"dt": "2026-01-01T00:30:00Z", "stream": "s"}, %b}'
        % fields
    )


BAD_TEXT = st.sampled_from([b"", b" ", b"x", b"[]", event(b'"size": "\xff"'), b'"\xff"'])


@settings(max_examples=examples(30), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.one_of(lines(), lines(), lines(), BAD_TEXT), min_size=1, max_size=4))
@example([event(b'"unknown": "\xff"')])
@example([event(b'"size": 1'), event(b'"size": 1.5'), event(b'"size": "x"')])
@example([event(b'"at": "2026-01-01"')])
@example([event(b'"size": 1,')])
@example([event(b'"size": 1') * 2, b" "])  # as many events as lines
@example([event(b'"size": 1'), b"{", b"}", event(b'"size": 2') * 2])
def test_a_block_makes_the_same_table_as_its_lines(found: list[bytes]) -> None:
    block = Block("file", 1, b"\n".join(found) + b"\n")
    assert loaded([block]) == loaded(list(block))


def test_a_block_of_sound_lines_is_taken_whole() -> None:
    block = Block("file", 1, b"\n".join(event(b'"size": %d' % n) for n in range(9)))
    with tempfile.TemporaryDirectory() as name:
        into = loader(Path(name))
        assert into.add_block(block, "s")
        assert not into.add_block(Block("file", 10, event(b'"size": 1.0')), "s")
        into.close()


def test_what_is_in_the_way_is_found_in_the_file(tmp_path: Path) -> None:
    """Of blocks of a file no text is kept: where no row can be made, it is read again."""
    times = ["2026-01-01T00:30:00Z"] * 999 + ["2026-01-01t00:30:00z"]
    lines = [event(b'"at": "%b", "unknown": "%b"' % (t.encode(), b"x" * 999)) for t in times]
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"\n".join(lines))
    into = loader(tmp_path, batch=10_000)
    load(read_files([path]), {"s": into})
    assert +into.result.counts == {"loaded": 1000}
    assert len(read(tmp_path / "t")) == 1000


def test_nothing_follows_a_batch_that_failed(tmp_path: Path) -> None:
    blocks = [Block("file", n, event(b'"size": %d' % n)) for n in (1, 2, 3, 4)]
    hour = tmp_path / "t/datacenter=__HIVE_DEFAULT_PARTITION__/year=2026/month=1/day=1/hour=0"
    in_the_way = hour / "batch-000001-0.parquet/x"
    in_the_way.mkdir(parents=True)  # the first batch is committed, but its file is not in place
    with pytest.raises(OSError, match="batch-000001"):
        load(blocks, {"s": loader(tmp_path, batch=1)})
    shutil.rmtree(in_the_way.parent)
    into = loader(tmp_path, batch=1)
    load(blocks, {"s": into})
    assert +into.result.counts == {"known": 1, "loaded": 3}
    assert len(read(tmp_path / "t")) == 4


def test_what_was_begun_is_left_out_when_reading_ends_early(tmp_path: Path) -> None:
    blocks = [Block("file", n, event(b'"size": %d' % n)) for n in (1, 2, 3)]

    def damaged() -> Iterator[Block]:
        yield from blocks[:2]
        raise ParseError("damaged")

    with pytest.raises(ParseError):
        load(damaged(), {"s": loader(tmp_path)})
    assert read(tmp_path / "t") == []
    into = loader(tmp_path)
    load(blocks, {"s": into})
    assert +into.result.counts == {"loaded": 3}
    assert len(read(tmp_path / "t")) == 3


def loader(folder: Path, batch: int = 100) -> TableLoader:
    table = columns(SCHEMA, nullable=True).columns
    plan = Plan("s", "t", table, ("s",), frozenset({"1.0.0"}), {})
    return TableLoader(plan, folder, "parquet", batch)


def loaded(records: list[Any]) -> tuple[Any, ...]:
    """Return what became of records: how many of each kind, the rows, what was refused."""
    with tempfile.TemporaryDirectory() as name:
        into = loader(Path(name))
        others = load(records, {"s": into})
        rows, refused = (read(Path(name) / table) for table in ("t", "t_refused"))
    return others, +into.result.counts, rows, refused


def read(folder: Path) -> list[str]:
    if not any(folder.rglob("*.parquet")):
        return []
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone='UTC'")
        source = f"read_parquet('{folder}/**/*.parquet', hive_partitioning=true)"
        return sorted(map(repr, connection.sql(f"FROM {source}").fetchall()))
