"""`load` from an event log and from Kafka: each event once, by topic, partition and offset."""

from __future__ import annotations

import json
import os
import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

from support.event_repository import lay
from support.fork_server import start_program
from support.real_kafka import lay_topics, why_not
from support.running_intake import TIME, event, running

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import RunTool

duckdb: Any = pytest.importorskip("duckdb", reason="the extra `lake` is not installed")
pytest.importorskip("uvicorn", reason="the extra `serve` is not installed")


def rows(folder: Path, table: str = "thing_seen") -> list[tuple[Any, ...]]:
    """Return `thing_id`, data center and hour of the rows of a table."""
    with duckdb.connect() as connection:
        found = connection.execute(
            "SELECT thing_id, datacenter, hour FROM read_parquet($1, union_by_name=true, "
            "hive_partitioning=true) ORDER BY 1",
            [f"{folder}/lake/{table}/**/*.parquet"],
        ).fetchall()
    return [tuple(row) for row in found]


def ids(folder: Path) -> list[int]:
    return [row[0] for row in rows(folder)]


def timed(number: int | str, **more: Any) -> dict[str, Any]:
    return event(number, **{"meta": {"stream": "thing.seen", "dt": TIME}, **more})


def test_the_log_is_loaded_once_and_goes_on(tmp_path: Path, run_tool: RunTool) -> None:
    folder = lay(tmp_path)
    arguments = ("load", "thing.seen", "--from", "events.db", "--to", "lake")
    kept = {"$schema": "/thing/kept/1.0.0", "meta": {"stream": "thing.kept", "dt": TIME}}
    canary = timed(9, meta={"stream": "thing.seen", "dt": TIME, "domain": "canary"})
    with running(folder) as intake:
        assert intake.post([timed(1), timed(2), kept, canary]).status == 201
        done = run_tool(*arguments)
        assert done.stdout == "thing_seen: 2 events loaded, 1 canary event left out\n", done.stderr
        assert done.stderr == ""
        assert run_tool(*arguments).stdout == "thing_seen: 0 events loaded\n"
        assert intake.post([timed(3)]).status == 201
        assert run_tool(*arguments).stdout == "thing_seen: 1 event loaded\n"
        both = run_tool(*arguments[:2], "thing.kept", *arguments[2:])
        assert both.stdout == "thing_seen: 0 events loaded\nthing_kept: 1 event loaded\n"
    assert rows(folder) == [(1, None, 0), (2, None, 0), (3, None, 0)]


def test_a_log_that_was_made_again_is_reported(tmp_path: Path, run_tool: RunTool) -> None:
    folder = lay(tmp_path)
    arguments = ("load", "thing.seen", "--from", "events.db", "--to", "lake")
    with running(folder) as intake:
        assert intake.post([timed(1), timed(2)]).status == 201
        assert run_tool(*arguments).returncode == 0
        assert intake.stop() == 0
    for path in folder.glob("events.db*"):
        path.unlink()
    with running(folder) as intake:
        assert intake.post([timed(3)]).status == 201
        done = run_tool(*arguments)
    assert done.returncode != 0
    assert "topic thing.seen ends at offset 1 of partition 0" in done.stderr
    assert "but was read up to 2 before" in done.stderr
    assert "Traceback" not in done.stderr
    assert ids(folder) == [1, 2]


def test_two_logs_and_no_source_are_refused(tmp_path: Path, run_tool: RunTool) -> None:
    folder = lay(tmp_path)
    with running(folder) as intake:
        assert intake.post([timed(1)]).status == 201
        assert intake.stop() == 0
    (folder / "other.db").write_bytes((folder / "events.db").read_bytes())
    start = ("load", "thing.seen", "--to", "lake")
    two = run_tool(*start, "--from", "events.db", "--from", "other.db")
    assert two.returncode == 2
    assert "one event log" in two.stderr
    (folder / "no.db").write_bytes(b"SQLite format 3\0" + bytes(100))
    none = run_tool(*start, "--from", "no.db")
    assert none.returncode == 2
    assert "is not an event log" in none.stderr


def has_files(table: Path) -> bool:
    """Tell whether a table has files yet; a glob fails where folders move meanwhile."""
    return any(name.endswith(".parquet") for _, _, names in os.walk(table) for name in names)


def test_killed_while_the_intake_writes(tmp_path: Path, run_tool: RunTool) -> None:
    folder, count = lay(tmp_path), 3000
    command = ["load", "thing.seen", "--from", "events.db", "--to", "lake", "--batch", "100"]
    with running(folder) as intake:
        for first in range(0, count, 500):
            assert intake.post([timed(n) for n in range(first, first + 500)]).status == 201
        process = start_program(command, cwd=folder)
        until = time.monotonic() + 30
        while not has_files(folder / "lake/thing_seen") and time.monotonic() < until:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        assert intake.post([timed(count)]).status == 201
        done = run_tool(*command)
    assert done.returncode == 0, done.stderr
    assert ids(folder) == list(range(count + 1))


@pytest.mark.skipif(why_not() is not None, reason=str(why_not()))
def test_kafka_is_loaded_once_and_goes_on(brokers: str, tmp_path: Path, run_tool: RunTool) -> None:
    pytest.importorskip("confluent_kafka", reason="the extra `kafka` is not installed")
    folder = lay(tmp_path)
    with (folder / ".jsonschema-tools.yaml").open("a") as stream:
        stream.write("intake: {topicPrefix: loaded.}\n")
    arguments = ("load", "thing.seen", "--kafka", brokers, "--to", "lake")

    def produce(*numbers: int) -> None:
        lines = "".join(f"{json.dumps(timed(number))}\n" for number in numbers)
        done = run_tool("produce", "--kafka", brokers, stdin=lines)
        assert done.returncode == 0, done.stderr

    lay_topics(brokers, "loaded.thing.seen")
    produce(1, 2, 3)
    done = run_tool(*arguments)
    assert done.stdout == "thing_seen: 3 events loaded\n", done.stderr
    assert run_tool(*arguments).stdout == "thing_seen: 0 events loaded\n"
    produce(4, 5)
    assert run_tool(*arguments).stdout == "thing_seen: 2 events loaded\n"
    assert rows(folder) == [(n, "loaded", 0) for n in range(1, 6)]
