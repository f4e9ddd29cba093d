"""An event log that somebody else made is read within bounds, or refused in words."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest

from support.event_repository import lay
from support.running_intake import event, running

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Finished, RunTool

pytest.importorskip("uvicorn", reason="the extra `serve` is not installed")
CHANGES = {
    "an endless view": "DROP TABLE batches; CREATE VIEW batches AS "
    "WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n) "
    "SELECT id, 1 AS topic, 0 AS first, 1 AS count, '[]' AS records FROM n",
    "an endless trigger": "CREATE TRIGGER t BEFORE INSERT ON batches BEGIN SELECT count(*) FROM ("
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n); END",
    "a large index": "CREATE INDEX x ON batches (length(zeroblob(900000000) || id))",
}
RECORDS = {
    "not JSON": b"[[1,null,",
    "of another form": b"[[null,1,2,3]]",
    "fewer": b"[]",
    "text": "[[1,null,1]]",
    "deep": b"[[1,null," + b"[" * 5000 + b"]" * 5000 + b"]]",
    "nothing": b"",
    "a number": 7,
}


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = lay(tmp_path_factory.mktemp("repository"))
    with running(folder) as intake:
        assert intake.post([event(1), event(2)]).status == 201
        assert intake.stop() == 0
    return (folder / "events.db").read_bytes()


@pytest.fixture
def folder(tmp_path: Path, original: bytes) -> Path:
    folder = lay(tmp_path)
    (folder / "events.db").write_bytes(original)
    return folder


def change(folder: Path, script: str, *values: object) -> None:
    database = sqlite3.connect(folder / "events.db", isolation_level=None)
    if values:
        database.execute(script, values)
    else:
        database.executescript(script)
    database.close()


def read(folder: Path, run_tool: RunTool) -> list[Finished]:
    commands = [("consume",), ("consume", "--last", "1"), ("consume", "--since", "1")]
    return [run_tool(*command, cwd=folder, timeout=30) for command in commands]


@pytest.mark.parametrize("script", CHANGES.values(), ids=CHANGES)
def test_tables_that_are_not_ours(folder: Path, script: str, run_tool: RunTool) -> None:
    change(folder, script)
    done = [*read(folder, run_tool), run_tool("serve", "--port", "0", cwd=folder, timeout=30)]
    for one in done:
        assert one.returncode == 2
        assert "is not an event log: its tables are other ones" in one.stderr


@pytest.mark.parametrize("records", RECORDS.values(), ids=RECORDS)
def test_records_that_are_not_ours(folder: Path, records: object, run_tool: RunTool) -> None:
    change(folder, "UPDATE batches SET records = ?", records)
    for one in read(folder, run_tool):
        assert one.returncode in {1, 2}, one.stderr
        assert "the event log is damaged" in one.stderr


def test_damaged_files(folder: Path, original: bytes, run_tool: RunTool) -> None:
    for number in range(0, len(original), len(original) // 12):
        damaged = bytearray(original)
        damaged[number : number + 200] = bytes(reversed(range(200)))
        (folder / "events.db").write_bytes(damaged)
        for one in read(folder, run_tool):
            assert one.returncode in {0, 1, 2}, one.stderr


def test_those_who_follow_pass_over_a_damaged_batch(folder: Path) -> None:
    with running(folder) as intake:
        assert intake.post(event(3)).status == 201
        assert intake.stop() == 0
    change(folder, "UPDATE batches SET records = ? WHERE first = 0", b"[")
    with running(folder) as intake:
        found = intake.records("--url", intake.url)
    assert [record["value"]["thing_id"] for record in found] == [3]
