"""Spark in local mode: types, the job from files to Parquet, and definitions that it accepts."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("pyspark", reason="the extra [spark] is not installed")
if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
    pytest.skip("Java, which Spark needs, was not found", allow_module_level=True)

from jsonschema_tools.config import load_config
from jsonschema_tools.documents.document import read_document
from jsonschema_tools.errors import ConfigError
from jsonschema_tools.lake import spark as lake
from jsonschema_tools.lake.columns import columns
from jsonschema_tools.lake.ddl import Table, create
from jsonschema_tools.lake.dialects import DIALECTS
from support.local_spark import SCHEMA, lay_version
from support.real_schemas import SCHEMAS

if TYPE_CHECKING:
    from pathlib import Path

    from pyspark.sql import SparkSession

# py4j leaves a socket open
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

WIDE_SCHEMA = f"""\
{SCHEMA}\
  counts: {{type: object, additionalProperties: {{type: number}}}}
  Places-All: {{type: array, items: {{type: object, properties: {{The-Name: {{type: string}}}}}}}}
"""


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    lay_version(tmp_path, "1.0.0", WIDE_SCHEMA)
    (tmp_path / ".jsonschema-tools.yaml").write_text("schemaBasePath: ./schemas\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_types(repository: Path) -> None:
    assert lake.schema("thing/seen").simpleString() == (
        "struct<_schema:string,meta:struct<dt:timestamp,domain:string,stream:string>,size:bigint,"
        "counts:map<string,double>,places_all:array<struct<The_Name:string>>>"
    )


def event(number: Any, **meta: str) -> dict[str, Any]:
    return {
        "$schema": "/thing/seen/1.0.0",
        "meta": {"dt": "2026-01-02T03:04:05.678Z", "stream": "thing/seen", **meta},
        "size": number,
        "counts": {"a": 1.5},
        "Places-All": [{"The-Name": "here"}, {}],
    }


def test_the_job(repository: Path, spark: SparkSession) -> None:
    (repository / "in").mkdir()
    source, lake_folder, done = (f"{repository}/{name}" for name in ("in", "lake", "done"))
    job = ["thing/seen", "--from", source, "--to", lake_folder, "--checkpoint", done]
    job += ["--once", "--valid-only"]
    for name, events in (
        ("a", [event(1), event(2, domain="canary"), event("no number")]),
        ("b", [event(2**53 + 1)]),
    ):
        lines = "".join(json.dumps(one) + "\n" for one in events)
        (repository / f"in/{name}.jsonl").write_text(lines)
        assert lake.main(job) == 0  # the second time, only the new file is read
    rows = spark.read.parquet(f"{lake_folder}/thing_seen").orderBy("size").collect()
    assert [row["size"] for row in rows] == [1, 2**53 + 1]
    assert rows[0]["_schema"] == "/thing/seen/1.0.0"
    assert rows[0]["counts"] == {"a": 1.5}
    assert [place["The_Name"] for place in rows[0]["places_all"]] == ["here", None]
    assert [rows[0][part] for part in ("year", "month", "day", "hour")] == [2026, 1, 2, 3]


def test_nothing_to_read_from(repository: Path, spark: SparkSession) -> None:
    with pytest.raises(ConfigError, match="nothing to read from"):
        lake.read_stream(spark, "thing/seen")


def test_a_connector_that_is_missing(repository: Path) -> None:
    (repository / "in").mkdir()
    job = ["thing/seen", "--from", "in", "--to", "lake", "--checkpoint", "done", "--once"]
    command = [sys.executable, "-m", "jsonschema_tools.lake.spark", *job, "--table-format", "delta"]
    done = subprocess.run(command, cwd=repository, check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert "[DATA_SOURCE_NOT_FOUND] Failed to find the data source: delta" in done.stderr
    assert "hint: are its connectors named with `spark-submit --packages`?" in done.stderr
    assert "Traceback" not in done.stderr


def test_topics(repository: Path) -> None:
    (repository / ".jsonschema-tools.yaml").write_text(
        "schemaBasePath: ./schemas\nstreamConfigs: streams.yaml\n"
    )
    (repository / "streams.yaml").write_text(
        "streams: {seen: {schema_title: thing/seen, topic_prefixes: [eqiad., codfw.]}}\n"
    )
    assert lake._topics("seen", load_config(repository)) == ["eqiad.seen", "codfw.seen"]


@pytest.mark.skipif(not SCHEMAS, reason="the shared repositories are not here")
def test_spark_accepts_the_definitions_of_real_schemas(spark: SparkSession) -> None:
    for path in SCHEMAS:
        data: Any = read_document(path, path.name).data
        found = columns(data, lenient=True)
        [statement] = create(Table("t", found.columns, "", found.comment), DIALECTS["spark"])
        spark.sql(statement)
        assert len(spark.table("t").columns) == len(found.columns) + 5
        spark.sql("DROP TABLE t")
