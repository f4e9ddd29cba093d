"""`load`: every event once, typed, in tables that grow with the schema."""

from __future__ import annotations

import gzip
import json
import math
import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from support.effort import kills
from support.fork_server import start_program
from support.table_formats import FORMATS, need_library

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import RunTool

pytest.importorskip("duckdb")
pytest.importorskip("pyarrow")

V1 = """\
title: thing/seen
$id: /thing/seen/1.0.0
type: object
required: [$schema, meta]
properties:
  $schema: {type: string}
  meta:
    type: object
    properties:
      id: {type: string}
      dt: {type: string, format: date-time}
      stream: {type: string}
      domain: {type: string}
  size: {type: integer}
  places: {type: array, items: {type: object, properties: {x: {type: number}}}}
  counts: {type: object, additionalProperties: {type: integer}}
  Mixed-Name: {type: object, properties: {Some-Time: {type: string, format: date-time}}}
"""
V2 = V1.replace("1.0.0", "1.1.0")
V2 = V2.replace("{x: {type: number}}", "{x: {type: number}, y: {type: string}}")
V2 += "  weight_kg: {type: number}\n"


@pytest.fixture(params=FORMATS)
def kind(request: pytest.FixtureRequest) -> str:
    need_library(request.param)
    return str(request.param)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "schemas/thing/seen").mkdir(parents=True)
    (tmp_path / ".jsonschema-tools.yaml").write_text(
        "schemaBasePath: ./schemas\nstreamConfigs: streams.yaml\n"
    )
    (tmp_path / "streams.yaml").write_text("streams: {seen.v1: {schema_title: thing/seen}}\n")
    (tmp_path / "schemas/thing/seen/1.0.0.yaml").write_text(V1)
    return tmp_path


def event(number: int, version: Any = "1.0.0", **more: Any) -> dict[str, Any]:
    meta = {"id": str(number), "dt": f"2026-01-0{1 + number % 2}T0{number % 7}:30:00Z"}
    return {
        "$schema": f"/thing/seen/{version}",
        "meta": {**meta, "stream": "seen.v1"},
        "size": number,
        **more,
    }


def write(path: Path, *events: Any) -> Path:
    lines = (line if isinstance(line, str) else json.dumps(line) for line in events)
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def read(folder: Path, table: str, kind: str) -> list[dict[str, Any]]:
    """Return the rows of a table, by what any reader of the format says."""
    rows: Any
    if kind == "delta":
        from deltalake import DeltaTable

        rows = DeltaTable(folder / table).to_pyarrow_table()
    else:
        import duckdb

        files = (
            iceberg_files(folder, table) if kind == "iceberg" else f"{folder}/{table}/**/*.parquet"
        )
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone='UTC'")
            found: Any = connection.sql(
                "SELECT * FROM read_parquet($1, union_by_name=true, hive_partitioning=true)",
                params=[files],
            )
            rows = found.to_arrow_table()
    listed: list[dict[str, Any]] = rows.to_pylist()
    return listed


def iceberg_files(folder: Path, table: str) -> list[str]:
    """Return the files of a table as it is now: what engines read, whom pyiceberg only tells."""
    from pyiceberg.catalog.sql import SqlCatalog

    catalog = SqlCatalog("lake", uri=f"sqlite:///{folder}/catalog.db", warehouse=folder.as_uri())
    try:
        found = catalog.load_table(f"event.{table}")
        assert found.scan().count() == found.scan().to_arrow().num_rows
        return [task.file.file_path for task in found.scan().plan_files()]
    finally:
        catalog.close()


def ids(rows: list[dict[str, Any]]) -> list[int]:
    return sorted(int(row["meta"]["id"]) for row in rows)


def test_rows_are_typed_and_loaded_once(repository: Path, run_tool: RunTool, kind: str) -> None:
    first = event(
        1, places=[{"x": 1}, {"x": None}, {}], counts={"a": 2**53 + 1},
        **{"Mixed-Name": {"Some-Time": "2026-02-03T04:05:06.789+02:00"}},
    )  # fmt: skip
    file = write(repository / "events.jsonl", first, event(2))
    command = ("load", "seen.v1", "--from", file, "--to", "lake", "--table-format", kind)
    done = run_tool(*command)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "seen_v1: 2 events loaded\n"
    rows = sorted(read(repository / "lake", "seen_v1", kind), key=lambda row: row["size"])
    row = rows[0]
    assert row["_schema"] == "/thing/seen/1.0.0"
    assert row["meta"]["dt"].isoformat() == "2026-01-02T01:30:00+00:00"
    assert row["places"] == [{"x": 1.0}, {"x": None}, {"x": None}]
    assert dict(row["counts"]) == {"a": 2**53 + 1}
    assert row["mixed_name"]["Some_Time"].isoformat() == "2026-02-03T02:05:06.789000+00:00"
    assert [row[part] for part in ("year", "month", "day", "hour")] == [2026, 1, 2, 1]
    assert row["datacenter"] is None
    assert rows[1]["counts"] is None
    assert rows[1]["places"] is None
    done = run_tool(*command)
    assert done.stdout == "seen_v1: 0 events loaded, 2 events loaded before\n"
    assert ids(read(repository / "lake", "seen_v1", kind)) == [1, 2]
    write(file, first, event(2), event(3))
    done = run_tool(*command)
    assert done.stdout == "seen_v1: 1 event loaded, 2 events loaded before\n"
    assert ids(read(repository / "lake", "seen_v1", kind)) == [1, 2, 3]
    write(file, event(4))  # another file under the same name
    assert run_tool(*command).stdout == "seen_v1: 1 event loaded\n"
    assert ids(read(repository / "lake", "seen_v1", kind)) == [1, 2, 3, 4]


def test_a_file_that_is_named_twice_is_loaded_once(repository: Path, run_tool: RunTool) -> None:
    for name, second in (("sound", event(2)), ("unfit", event(2, size="big"))):
        file = write(repository / f"{name}.jsonl", event(1), second)
        done = run_tool("load", "seen.v1", "--from", file, "--from", file, "--to", name)
        assert done.stdout.startswith("seen_v1: "), done.stderr
        assert "2 events loaded before" in done.stdout
        assert len(read(repository / name, "seen_v1", "parquet")) == (2 if name == "sound" else 1)


def test_what_does_not_fit_is_kept_aside(repository: Path, run_tool: RunTool, kind: str) -> None:
    file = write(
        repository / "events.jsonl",
        event(1),
        event(2, size="big"),
        event(3, size=1.5),
        event(4, size=4.0),
        event(5, size="5"),
        event(6, size=2**63),
        event(7, places={"x": 1}),
        event(8, places=[{"x": "far"}]),
        event(8) | {"meta": {**event(8)["meta"], "id": ["?"]}},
        "no JSON",
        "[]",
        event(9, version="9.9.9"),
        {**event(10), "$schema": "/other/1.0.0"},
        {**event(11), "meta": {"stream": "seen.v1"}},
        event(12) | {"meta": {**event(12)["meta"], "dt": "2026-02-30T00:00:00Z"}},
        event(13) | {"meta": {**event(13)["meta"], "domain": "canary"}},
        event(14) | {"meta": {**event(14)["meta"], "stream": "other"}},
        event(15) | {"meta": {**event(15)["meta"], "dt": "2026-02-03t00:00:00z"}},
    )
    done = run_tool("load", "seen.v1", "--from", file, "--to", "lake", "--table-format", kind)
    assert done.returncode == 0
    assert done.stdout == (
        "seen_v1: 4 events loaded, 12 events kept aside in seen_v1_refused, "
        "1 canary event left out\n"
    )
    assert "1 event of other streams left alone" in done.stderr
    rows = {row["size"]: row for row in read(repository / "lake", "seen_v1", kind)}
    assert sorted(rows) == [1, 4, 5, 15]
    refused = sorted(
        read(repository / "lake", "seen_v1_refused", kind), key=lambda row: row["offset"]
    )
    assert [row["offset"] for row in refused] == [2, 3, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]
    assert refused[0]["reason"] == '`size` is "big", which does not fit the type BIGINT'
    assert json.loads(refused[0]["event"]) == event(2, size="big")
    assert refused[4]["reason"] == '`places[0].x` is "far", which does not fit the type DOUBLE'
    assert refused[8]["reason"] == "version 9.9.9 of thing/seen not found"
    assert refused[9]["reason"] == "its schema is /other/1.0.0, not thing/seen"


def test_tables_grow_with_the_schema(repository: Path, run_tool: RunTool, kind: str) -> None:
    old = write(repository / "old.jsonl", event(1, places=[{"x": 1}]))
    command = ("load", "seen.v1", "--to", "lake", "--table-format", kind, "--from")
    assert run_tool(*command, old).returncode == 0
    (repository / "schemas/thing/seen/1.1.0.yaml").write_text(V2)
    more = {"places": [{"x": 2, "y": "z"}], "weight_kg": 2}
    new = write(repository / "new.jsonl", event(2, "1.1.0", **more), event(3))
    done = run_tool(*command, new)
    assert (done.returncode, done.stderr) == (0, "")
    rows = sorted(read(repository / "lake", "seen_v1", kind), key=lambda row: row["size"])
    assert [row["weight_kg"] for row in rows] == [None, 2.0, None]
    assert [row["places"] for row in rows] == [
        [{"x": 1.0, "y": None}],
        [{"x": 2.0, "y": "z"}],
        None,
    ]


def test_a_conflicting_type_is_refused_first(
    repository: Path, run_tool: RunTool, kind: str
) -> None:
    file = write(repository / "events.jsonl", event(1))
    command = ("load", "seen.v1", "--to", "lake", "--table-format", kind, "--from")
    assert run_tool(*command, file).returncode == 0
    schema = repository / "schemas/thing/seen/1.0.0.yaml"
    schema.write_text(V1.replace("size: {type: integer}", "size: {type: string}"))
    done = run_tool(*command, write(repository / "more.jsonl", event(2, size="x")))
    assert (done.returncode, done.stdout) == (1, "")
    assert "changes the type of `size` from BIGINT to STRING of table seen_v1" in done.stderr
    assert ids(read(repository / "lake", "seen_v1", kind)) == [1]
    assert not (repository / "lake/seen_v1_refused").exists()
    (schema.parent / "1.1.0.yaml").write_text(V2)
    done = run_tool("load", "seen.v1", "--from", file, "--to", "other", "--table-format", kind)
    assert done.returncode == 1
    assert "version 1.1.0 of thing/seen changes the type of `size`" in done.stderr
    assert not (repository / "other/seen_v1").exists()


def test_an_older_major_version_that_does_not_fit(repository: Path, run_tool: RunTool) -> None:
    (repository / "schemas/thing/seen/2.0.0.yaml").write_text(
        V1.replace("1.0.0", "2.0.0").replace("size: {type: integer}", "size: {type: string}")
    )
    file = write(repository / "events.jsonl", event(1), event(2, "2.0.0", size="x"))
    done = run_tool("load", "seen.v1", "--from", file, "--to", "lake")
    assert "1 event loaded, 1 event kept aside" in done.stdout
    [refused] = read(repository / "lake", "seen_v1_refused", "parquet")
    assert refused["reason"].startswith("version 1.0.0 changes the type of `size`")


def test_json_text(repository: Path, run_tool: RunTool, kind: str) -> None:
    schema = repository / "schemas/thing/seen/1.0.0.yaml"
    schema.write_text(V1 + "  any: {type: object}\n  either: {type: [string, array]}\n")
    command = ("load", "seen.v1", "--to", "lake", "--table-format", kind, "--from")
    for number in (1, 2):  # the second time, the table only says that it is text
        more = {"any": {"a": [number]}, "either": ["x", {"y": None}]}
        file = write(repository / f"{number}.jsonl", event(number, **more))
        assert run_tool(*command, file).stdout == "seen_v1: 1 event loaded\n"
    for row in read(repository / "lake", "seen_v1", kind):
        assert json.loads(row["any"]) == {"a": [row["size"]]}
        assert json.loads(row["either"]) == ["x", {"y": None}]


def test_a_pipe_is_read_from_its_first_byte(repository: Path) -> None:
    lines = "".join(json.dumps(event(number)) + "\n" for number in range(300))
    command = [sys.executable, "-m", "jsonschema_tools", "load", "seen.v1", "--to", "lake"]
    done = subprocess.run(
        [*command, "--from", "/dev/stdin"],
        cwd=repository, input=lines, text=True, check=False, capture_output=True,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("seen_v1: 300 events loaded\n", "")


def test_damaged_gzip_is_named(repository: Path, run_tool: RunTool) -> None:
    whole = gzip.compress("".join(json.dumps(event(n)) + "\n" for n in range(999)).encode())
    (repository / "events.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    done = run_tool("load", "seen.v1", "--from", "events.jsonl.gz", "--to", "lake")
    assert done.returncode == 1
    assert "events.jsonl.gz: error[parse-error]: the gzip data is damaged" in done.stderr


def test_unique(repository: Path, run_tool: RunTool, kind: str) -> None:
    command = ("load", "seen.v1", "--to", "lake", "--table-format", kind, "--unique", "--from")
    first = write(repository / "first.jsonl", event(1), event(2), event(1))
    done = run_tool(*command, first)
    assert (done.stdout, done.stderr) == ("seen_v1: 2 events loaded, 1 copy left out\n", "")
    nameless = event(4)
    del nameless["meta"]["id"]
    second = write(repository / "second.jsonl", event(2), nameless, nameless, event(3))
    assert run_tool(*command, second).stdout == "seen_v1: 3 events loaded, 1 copy left out\n"
    rows = read(repository / "lake", "seen_v1", kind)
    assert sorted(str(row["meta"]["id"]) for row in rows) == ["1", "2", "3", "None", "None"]


def test_a_table_of_somebody_else(repository: Path, run_tool: RunTool) -> None:
    file = write(repository / "events.jsonl", event(1))
    (repository / "lake/seen_v1").mkdir(parents=True)
    (repository / "lake/seen_v1/_load.json").write_text("{}")
    done = run_tool("load", "seen.v1", "--from", file, "--to", "lake")
    assert done.returncode == 1
    message = "lake/seen_v1/_load.json: error[read-error]: the journal of the table cannot be read"
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_streams_with_a_pattern(repository: Path, run_tool: RunTool) -> None:
    (repository / "streams.yaml").write_text("streams: {/^seen/: {schema_title: thing/seen}}\n")
    file = write(repository / "events.jsonl", event(1))
    done = run_tool("load", "seen.v1", "--from", file, "--to", "lake")
    assert done.stdout == "seen_v1: 1 event loaded\n"


def test_gzip_and_small_batches(repository: Path, run_tool: RunTool, kind: str) -> None:
    file = repository / "events.jsonl.gz"
    lines = "".join(json.dumps(event(number)) + "\n" for number in range(25))
    file.write_bytes(gzip.compress(lines.encode()))
    command = ("load", "seen.v1", "--from", file, "--to", "lake", "--table-format", kind)
    assert run_tool(*command, "--batch", "4").returncode == 0
    assert ids(read(repository / "lake", "seen_v1", kind)) == list(range(25))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nothing", "--from", "events.jsonl", "--to", "lake"], "'nothing' is not a title"),
        (["seen.v1", "--from", "nothing", "--to", "lake"], "file not found: nothing"),
        (["seen.v1", "--to", "lake"], "name the events to load"),
        (["seen.v1", "--from", "events.jsonl", "--to", "events.jsonl"], "cannot be written to"),
        (["seen.v1", "--from", "events.jsonl", "--to", "lake", "--table-format", "orc"], "'orc'"),
    ],
)
def test_wrong_calls(repository: Path, run_tool: RunTool, arguments: list[str], words: str) -> None:
    write(repository / "events.jsonl", event(1))
    done = run_tool("load", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_extra_is_named(repository: Path, run_tool: RunTool) -> None:
    write(repository / "events.jsonl", event(1))
    hide = repository / "hide"
    hide.mkdir()
    (hide / "sitecustomize.py").write_text(
        "import importlib.util as u\nold = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name == 'duckdb' else old(name, *a)\n"
    )
    done = run_tool(
        "load", "seen.v1", "--from", "events.jsonl", "--to", "lake", env={"PYTHONPATH": str(hide)}
    )
    assert done.returncode == 2
    assert "`load` needs duckdb" in done.stderr
    assert "pip install 'jsonschema-tools[lake]'" in done.stderr


def test_one_loader_at_a_time(repository: Path, run_tool: RunTool) -> None:
    import fcntl

    write(repository / "events.jsonl", event(1))
    (repository / "lake").mkdir()
    with (repository / "lake/_load.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = run_tool("load", "seen.v1", "--from", "events.jsonl", "--to", "lake")
    assert done.returncode == 2
    assert "another load is at work" in done.stderr


KILLS = kills(1)
UNFIT = frozenset(range(50, 500, 100))


@pytest.mark.parametrize(
    ("count", "unfit", "padding", "batch"),
    [(500, UNFIT, 0, 100), (3000, frozenset[int](), 700, 500)],
    ids=["one by one", "in blocks"],
)
def test_killed_at_any_moment(  # noqa: PLR0917 - three fixtures
    repository: Path,
    run_tool: RunTool,
    kind: str,
    count: int,
    unfit: frozenset[int],
    padding: int,
    batch: int,
) -> None:
    """As often as asked: each time that a table is complete, another one is begun.

    With an event that does not fit in each block, events are taken one by one. Without, the 2 MB of
    them make several blocks, each a batch that is written while the next ones are read.
    """
    more = {"comment": "x" * padding}
    events = [event(n, size="unfit" if n in unfit else n, **more) for n in range(count)]
    file = write(repository / "events.jsonl", *events)
    chance = random.Random(7)  # noqa: S311
    complete = killed = 0
    seconds = math.inf
    while killed < KILLS:
        lake = f"lake{complete}"
        words = ("load", "seen.v1", "--from", str(file), "--to", lake, "--batch", str(batch))
        command = [*words, "--table-format", kind]
        while complete and killed < KILLS and is_killed(command, repository, chance, seconds):
            killed += 1
        started = time.monotonic()
        done = run_tool(*command)
        seconds = min(seconds, time.monotonic() - started)  # the first may be slow: a busy machine
        assert done.returncode == 0, done.stderr
        fitting = [n for n in range(count) if n not in unfit]
        assert ids(read(repository / lake, "seen_v1", kind)) == fitting
        refused = read(repository / lake, "seen_v1_refused", kind) if unfit else []
        assert sorted(row["offset"] for row in refused) == [n + 1 for n in sorted(unfit)]
        complete += 1
    assert complete > 1


def is_killed(command: list[str], folder: Path, chance: random.Random, whole: float) -> bool:
    """Run a command and kill it at some moment of its time; tell whether it still ran."""
    process = start_program(command, cwd=folder)
    time.sleep(chance.uniform(0.1, 0.8) * whole)
    process.kill()
    return process.wait() == -signal.SIGKILL


def test_names_that_are_sql(repository: Path, kind: str, run_tool: RunTool) -> None:
    names = [
        'a"b',
        "c'); COPY (SELECT 1) TO 'pwned",
        "d\"); COPY (SELECT 1) TO 'pwned",
        "e",
        "batch",
    ]
    names += ["line", "x0", "_copy", "select", "f\\", "g\nh", "i\0j", "k''l", "$1", "q" * 300]
    part = {
        "type": "object",
        "properties": {
            n: {"type": "string", "format": "date-time"} for n in names if "\0" not in n
        },
    }
    properties = {
        **json.loads(json.dumps({n: {"type": "string"} for n in names})),
        "$schema": {"type": "string"},
        "meta": {
            "type": "object",
            "properties": {
                "id": {"type": "string"},
                "dt": {"type": "string", "format": "date-time"},
                "stream": {"type": "string"},
            },
        },
        "st": part,
        "li": {"type": "array", "items": part},
        "ma": {"type": "object", "additionalProperties": part},
        "nul": {"type": "object", "properties": {"a\0b": {"type": "string"}}},
    }
    schema = {"title": "thing/seen", "$id": "/thing/seen/1.0.0", "type": "object"}
    text = json.dumps({**schema, "properties": properties})
    (repository / "schemas/thing/seen/1.0.0.yaml").write_text(text)
    values = dict.fromkeys(names, "text")
    times = dict.fromkeys(part["properties"], "2026-01-01T00:00:00Z")
    one = {**event(1), "st": times, "li": [times, {}], "ma": {"'\"": times}, "nul": {"a\0b": "x"}}
    del one["size"]
    file = write(repository / "events.jsonl", {**one, **values})
    arguments = ("load", "seen.v1", "--from", file, "--to", "lake", "--table-format", kind)
    done = run_tool(*arguments, "--unique")
    assert (done.returncode, done.stdout) == (0, "seen_v1: 1 event loaded\n"), done.stderr
    file = write(repository / "copy.jsonl", one)
    done = run_tool(*arguments[:3], file, *arguments[4:], "--unique")
    assert done.stdout == "seen_v1: 0 events loaded, 1 copy left out\n", done.stderr
    assert not list(repository.rglob("pwned*"))
