"""The Spark job from a real Kafka into Parquet, Delta and Iceberg, with connectors from Maven."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support.local_spark import CONNECTORS, SCHEMA, lay_version
from support.maven import jars, why_no_maven
from support.real_kafka import lay_topics, running_kafka, why_no_kafka

pytest.importorskip("pyspark", reason="the extra [spark] is not installed")
pytest.importorskip("confluent_kafka", reason="the extra [kafka] is not installed")
if (reason := why_no_maven() or why_no_kafka()) is not None:
    pytest.skip(reason, allow_module_level=True)

from confluent_kafka import Producer

from jsonschema_tools.lake import spark as lake

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import RunTool
    from pyspark.sql import SparkSession

# py4j leaves a socket open
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(scope="module")
def brokers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_kafka(tmp_path_factory.mktemp("kafka")) as broker:
        yield broker.brokers


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    lay_version(tmp_path, "1.0.0", SCHEMA)
    (tmp_path / ".jsonschema-tools.yaml").write_text(
        "schemaBasePath: ./schemas\nstreamConfigs: streams.yaml\n"
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def declare(repository: Path, stream: str) -> None:
    (repository / "streams.yaml").write_text(
        f"{stream}: {{schema_title: thing/seen, topic_prefixes: [eqiad., codfw.]}}\n"
    )


def event(size: Any, *, version: str = "1.0.0", **meta: str) -> bytes:
    colour = {"colour": meta.pop("colour")} if "colour" in meta else {}
    meta = {"dt": "2026-01-02T03:04:05.678Z", "stream": "thing/seen", "domain": "x.org", **meta}
    return json.dumps(
        {"$schema": f"/thing/seen/{version}", "meta": meta, "size": size, **colour}
    ).encode()


def produce(brokers: str, **by_topic: list[bytes]) -> None:
    producer = Producer({"bootstrap.servers": brokers})
    for topic, events in by_topic.items():
        for one in events:
            producer.produce(topic, one)
    assert producer.flush(30) == 0


def table(spark: SparkSession, table_format: str, stream: str, to: str) -> Any:
    name = stream.replace(".", "_")
    if table_format == "iceberg":
        return spark.table(f"lake.event.{name}")
    spark.catalog.clearCache()
    return spark.read.format(table_format).load(f"{to}/{name}")


@pytest.mark.parametrize("table_format", ["parquet", "delta", "iceberg"])
def test_from_kafka(table_format: str, repository: Path, brokers: str, spark: SparkSession) -> None:
    stream = f"{table_format}.seen"
    topics = [f"eqiad.{stream}", f"codfw.{stream}"]
    declare(repository, stream)
    lay_topics(brokers, *topics)
    to = "lake" if table_format == "iceberg" else str(repository / "lake")
    job = [stream, "--kafka", brokers, "--to", to, "--table-format", table_format]
    job += ["--checkpoint", str(repository / "done"), "--once", "--valid-only"]
    eqiad = [event(1), event(2, domain="canary"), event("no number"), b"no JSON"]
    produce(brokers, **{topics[0]: eqiad, topics[1]: [event(2**53 + 1)]})
    assert lake.main(job) == 0
    assert lake.main(job) == 0  # nothing is new
    rows = table(spark, table_format, stream, to).orderBy("size").collect()
    assert [(row["size"], row["datacenter"]) for row in rows] == [
        (1, "eqiad"),
        (2**53 + 1, "codfw"),
    ]
    assert [rows[0][part] for part in ("year", "month", "day", "hour")] == [2026, 1, 2, 3]

    grown = SCHEMA.replace("      stream:", "      by: {type: string}\n      stream:")
    lay_version(repository, "1.1.0", grown + "  colour: {type: string}\n")
    produce(brokers, **{topics[0]: [event(3, version="1.1.0", by="me", colour="red")]})
    assert lake.main(job) == 0
    if table_format == "parquet":
        found = spark.read.option("mergeSchema", "true").parquet(f"{to}/parquet_seen")
    else:
        found = table(spark, table_format, stream, to)
    rows = found.orderBy("size").collect()
    values = [(row["size"], row["colour"], row["meta"]["by"], row["hour"]) for row in rows]
    assert values == [(1, None, None, 3), (3, "red", "me", 3), (2**53 + 1, None, None, 3)]


def test_into_an_iceberg_table_that_was_made_before(
    repository: Path, brokers: str, spark: SparkSession, run_tool: RunTool
) -> None:
    declare(repository, "made.seen")
    lay_topics(brokers, "eqiad.made.seen", "codfw.made.seen")
    words = ("table", "made.seen", "--dialect", "iceberg", "--nullable", "--database", "event")
    printed = run_tool(*words, cwd=repository)
    assert printed.returncode == 0, printed.stderr
    for statement in ("CREATE NAMESPACE IF NOT EXISTS lake.event", "USE lake", printed.stdout):
        spark.sql(statement.strip().rstrip(";"))
    spark.sql("USE spark_catalog.default")
    produce(brokers, **{"eqiad.made.seen": [event(1)]})
    job = ["made.seen", "--kafka", brokers, "--to", "lake", "--table-format", "iceberg"]
    assert lake.main([*job, "--checkpoint", str(repository / "done"), "--once"]) == 0
    assert [row["size"] for row in spark.table("lake.event.made_seen").collect()] == [1]
    assert spark.table("lake.event.made_seen.partitions").count() == 1


def test_spark_submit(repository: Path, brokers: str) -> None:
    submit = shutil.which("spark-submit", path=str(Path(sys.executable).parent))
    assert submit is not None
    declare(repository, "submitted.seen")
    lay_topics(brokers, "eqiad.submitted.seen", "codfw.submitted.seen")
    produce(brokers, **{"eqiad.submitted.seen": [event(1)]})
    connectors = ",".join(map(str, sorted(jars(CONNECTORS).glob("*.jar"))))
    job = ["submitted.seen", "--kafka", brokers, "--to", str(repository / "lake"), "--once"]
    command = [submit, "--master", "local[1]", "--conf", "spark.ui.enabled=false"]
    command += ["--jars", connectors, str(lake.__file__), *job, "--checkpoint", "done"]
    done = subprocess.run(
        command, cwd=repository, env={**os.environ, "PYSPARK_PYTHON": sys.executable},
        check=False, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert list(repository.glob("lake/submitted_seen/datacenter=eqiad/year=2026/**/*.parquet"))
