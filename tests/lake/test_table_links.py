"""Folders of tables that somebody hostile prepared: nothing leads out, waits or runs."""

from __future__ import annotations

import json
import os
import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("duckdb", reason="the extra `lake` is not installed")

from jsonschema_tools.lake.folder import TableError
from jsonschema_tools.lake.sinks import open_sink
from support.table_formats import FORMATS, need_library

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Finished, RunTool

    from jsonschema_tools.lake.sinks import TableFormat

_SCHEMA = """\
title: thing
$id: /thing/1.0.0
type: object
properties:
  $schema: {type: string}
  meta:
    type: object
    properties:
      id: {type: string}
      dt: {type: string, format: date-time}
      stream: {type: string}
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    (root / "schemas/thing").mkdir(parents=True)
    (root / ".jsonschema-tools.yaml").write_text("schemaBasePath: ./schemas\n")
    (root / "schemas/thing/1.0.0.yaml").write_text(_SCHEMA)
    (root / "events.jsonl").write_text(_event(0))
    (root / "more.jsonl").write_text(_event(1))
    (tmp_path / "elsewhere").mkdir()
    return root


@pytest.fixture(params=FORMATS)
def kind(request: pytest.FixtureRequest) -> str:
    need_library(request.param)
    return str(request.param)


def _event(number: int) -> str:
    meta = {"id": str(number), "dt": "2026-01-02T03:04:05Z", "stream": "thing"}
    return json.dumps({"$schema": "/thing/1.0.0", "meta": meta}) + "\n"


def load(
    run_tool: RunTool, root: Path, kind: str, file: str = "events.jsonl", *more: str
) -> Finished:
    arguments = ("load", "thing", "--from", file, "--to", "lake", "--table-format", kind, *more)
    done = run_tool(*arguments, cwd=root, timeout=120)
    assert "Traceback" not in done.stderr
    return done


@pytest.mark.parametrize("table_format", FORMATS)
def test_a_table_that_is_a_link_out_is_refused(table_format: TableFormat, tmp_path: Path) -> None:
    folder = tmp_path / "lake"
    folder.mkdir()
    (folder / "thing").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(TableError, match="leads out of the folder of the tables"):
        open_sink(folder, "thing", table_format, partitioned=True)
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("name", ["my repository", "caf\u00e9 100%", "a%20b%41c%2Fd"])
def test_what_a_uri_escapes_in_the_path_of_the_folder(
    name: str, root: Path, kind: str, run_tool: RunTool, tmp_path: Path
) -> None:
    if kind == "delta" and name.startswith("a"):
        pytest.skip("deltalake cannot: see below")
    root = root.rename(tmp_path / name)
    for file in ("events.jsonl", "more.jsonl"):
        done = load(run_tool, root, kind, file, "--unique")  # for which the files are read
        assert done.returncode == 0, done.stderr
        assert done.stdout == "thing: 1 event loaded\n"
    assert {path.name for path in tmp_path.iterdir()} == {name, "elsewhere"}


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        *(("iceberg", name) for name in ("a#b", "a?b", "a\nb")),
        *(("delta", name) for name in ("a%41b", "a[b", "a]b", "a^b", "a|b", "a\nb", "a\\b")),
    ],
)
def test_a_folder_whose_name_a_library_cannot_read(
    kind: str, name: str, root: Path, run_tool: RunTool
) -> None:
    need_library(kind)
    done = load(run_tool, root.rename(root.parent / name), kind)
    assert done.returncode == 1
    assert f"cannot hold {kind.capitalize()} tables" in done.stderr
    assert {path.name for path in root.parent.iterdir()} == {name, "elsewhere"}


def test_the_folder_itself_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "lake").symlink_to("real")
    open_sink(tmp_path / "lake", "thing", "parquet", partitioned=True)


def test_the_folder_is_no_link_out_of_the_repository(
    root: Path, kind: str, run_tool: RunTool
) -> None:
    (root / "lake").symlink_to("../elsewhere")
    done = load(run_tool, root, kind)
    assert done.returncode == 1
    assert "a symbolic link leads out of the repository" in done.stderr
    assert _contents(root / "../elsewhere") == {}


_LINKS = [
    *(("parquet", name) for name in ("_load.lock", "thing/_staging", "thing/_load.json")),
    ("parquet", "thing/datacenter=__HIVE_DEFAULT_PARTITION__"),
    ("parquet", "thing/datacenter=__HIVE_DEFAULT_PARTITION__/year=2026/month=1"),
    *(("delta", name) for name in ("_load.lock", "thing/_delta_log")),
    ("delta", "thing/datacenter=__HIVE_DEFAULT_PARTITION__"),
    ("delta", "thing/datacenter=__HIVE_DEFAULT_PARTITION__/year=2026/month=1"),
    *(("iceberg", name) for name in ("catalog.db", "catalog.db-journal", "event", "event/thing")),
    *(("iceberg", name) for name in ("event/thing/data", "event/thing/metadata")),
]


@pytest.mark.parametrize("dangling", [False, True], ids=["link", "dangling"])
@pytest.mark.parametrize(("kind", "name"), _LINKS)
def test_no_link_in_the_folder_leads_out(
    kind: str, name: str, dangling: bool, root: Path, run_tool: RunTool
) -> None:
    need_library(kind)
    if name != "catalog.db-journal":
        assert load(run_tool, root, kind).returncode == 0
    elsewhere, place = root.parent / "elsewhere", root / "lake" / name
    target = elsewhere / "target"
    if not dangling and place.exists():
        place.rename(target)
    elif place.exists():
        place.rename(root / "away")
    elif not dangling:
        target.mkdir()
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(target)
    before = _contents(elsewhere)
    done = load(run_tool, root, kind, "more.jsonl")
    assert _contents(elsewhere) == before
    assert done.returncode in {1, 2}, done.stdout
    assert "link" in done.stderr or "symbolic" in done.stderr


def _contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.mark.parametrize(
    ("kind", "name"),
    [("parquet", "_load.lock"), ("parquet", "thing/_load.json"), ("iceberg", "catalog.db")],
)
def test_nothing_waits_for_a_fifo(kind: str, name: str, root: Path, run_tool: RunTool) -> None:
    pytest.importorskip({"iceberg": "pyiceberg"}.get(kind, "duckdb"))
    place = root / "lake" / name
    place.parent.mkdir(parents=True)
    os.mkfifo(place)
    done = load(run_tool, root, kind)
    assert done.returncode in {1, 2}
    assert "regular file" in done.stderr


@pytest.mark.parametrize(
    "changed",
    [
        {"files": ["../../../elsewhere/mine"]},
        {"files": ["a/../../../../elsewhere/mine"]},
        {"files": ["/ELSEWHERE/mine"]},
        {"progress": {"x": "1"}}, {"progress": 1}, {"files": [1]}, {"files": {"a": 1}},
        {"schema": "zz"}, {"schema": "00ff"}, {"schema": 1}, {"batch": "1"}, {"batch": 10**40},
        {"schema": "ff" * 100},
    ],
)  # fmt: skip
def test_a_journal_that_was_tampered_with(
    changed: dict[str, Any], root: Path, run_tool: RunTool
) -> None:
    assert load(run_tool, root, "parquet").returncode == 0
    mine = root.parent / "elsewhere/mine"
    mine.write_text("mine")
    (root / "lake/thing/_staging").mkdir()
    path = root / "lake/thing/_load.json"
    text = json.dumps({**json.loads(path.read_text()), **changed})
    path.write_text(text.replace("/ELSEWHERE", str(mine.parent)))
    done = load(run_tool, root, "parquet", "more.jsonl")
    assert done.returncode == 1, done.stdout
    assert _contents(mine.parent) == {"mine": b"mine"}


class TestIceberg:
    """A catalog and metadata that name places and code."""

    @pytest.fixture
    def loaded(self, root: Path, run_tool: RunTool) -> Path:
        pytest.importorskip("pyiceberg")
        assert load(run_tool, root, "iceberg").returncode == 0
        return root

    @staticmethod
    def metadata(root: Path) -> Path:
        return max((root / "lake/event/thing/metadata").glob("*.metadata.json"))

    @pytest.mark.parametrize(
        "properties",
        [
            {"py-io-impl": "evil.Evil"},
            {"write.py-location-provider.impl": "evil.Evil"},
            {"write.metadata.path": "file://ELSEWHERE/metadata"},
            {"jsonschema-tools.progress": "[]"},
            {"jsonschema-tools.progress": '{"a": "b"}'},
        ],
    )
    def test_properties(self, properties: dict[str, str], loaded: Path, run_tool: RunTool) -> None:
        path = self.metadata(loaded)
        data = json.loads(path.read_text())
        elsewhere = loaded.parent / "elsewhere"
        for key, value in properties.items():
            data["properties"][key] = value.replace("ELSEWHERE", str(elsewhere))
        path.write_text(json.dumps(data))
        (loaded / "evil.py").write_text(f"open({str(elsewhere / 'ran')!r}, 'w')\n")
        done = load(run_tool, loaded, "iceberg", "more.jsonl")
        assert done.returncode == 1, done.stdout
        assert _contents(elsewhere) == {}

    @pytest.mark.parametrize("location", ["file://ELSEWHERE", "ELSEWHERE", "s3://bucket/x", "../x"])
    def test_location(self, location: str, loaded: Path, run_tool: RunTool) -> None:
        elsewhere = loaded.parent / "elsewhere"
        path = self.metadata(loaded)
        data = json.loads(path.read_text())
        data["location"] = location.replace("ELSEWHERE", str(elsewhere))
        path.write_text(json.dumps(data))
        done = load(run_tool, loaded, "iceberg", "more.jsonl")
        assert done.returncode == 1, done.stdout
        assert _contents(elsewhere) == {}

    @pytest.mark.parametrize(
        "location", ["file://ELSEWHERE/a.metadata.json", "http://127.0.0.1:9/a", "s3://a/b"]
    )
    def test_the_place_of_the_metadata(
        self, location: str, loaded: Path, run_tool: RunTool
    ) -> None:
        elsewhere = loaded.parent / "elsewhere"
        (elsewhere / "a.metadata.json").write_bytes(self.metadata(loaded).read_bytes())
        with sqlite3.connect(loaded / "lake/catalog.db") as catalog:
            named = location.replace("ELSEWHERE", str(elsewhere))
            catalog.execute("UPDATE iceberg_tables SET metadata_location = ?", [named])
        done = load(run_tool, loaded, "iceberg", "more.jsonl")
        assert done.returncode == 1, done.stdout


def test_files_of_a_delta_table_that_are_elsewhere_are_not_read(
    root: Path, run_tool: RunTool
) -> None:
    pytest.importorskip("deltalake")
    assert load(run_tool, root, "delta", "events.jsonl", "--unique").returncode == 0
    log = root / "lake/thing/_delta_log/00000000000000000000.json"
    elsewhere = root.parent / "elsewhere/hour=3/x.parquet"
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    added = next(line["add"] for line in lines if "add" in line)
    elsewhere.parent.mkdir()
    (root / "lake/thing" / added["path"]).rename(elsewhere)
    for path in (str(elsewhere), elsewhere.as_uri(), "http://127.0.0.1:9/x", "../../../x"):
        added["path"] = path
        log.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
        done = load(run_tool, root, "delta", "more.jsonl", "--unique")
        assert done.returncode == 1, path
        assert "thing" in done.stderr
