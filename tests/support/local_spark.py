"""One Spark for all tests: a process has one Java machine, with one class path."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support.maven import jars, why_no_maven

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pyspark.sql import SparkSession

#: a schema of events with a time, by which tables are partitioned
SCHEMA = """\
title: thing/seen
$id: /thing/seen/1.0.0
$schema: https://json-schema.org/draft-07/schema#
type: object
properties:
  $schema: {type: string}
  meta:
    type: object
    properties:
      dt: {type: string, format: date-time, maxLength: 64}
      domain: {type: string}
      stream: {type: string}
  size: {type: integer}
"""
CONNECTORS = Path(__file__).parent.parent / "spark/pom.xml"
SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
    "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
    "spark.sql.catalog.lake": "org.apache.iceberg.spark.SparkCatalog",
    "spark.sql.catalog.lake.type": "hadoop",
}


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """Spark in local mode, with the connectors for Kafka, Iceberg and Delta where Maven is."""
    from pyspark.sql import SparkSession

    folder = tmp_path_factory.mktemp("spark")
    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder: Any = SparkSession.builder
    builder = (
        builder.master("local[1]")
        .config("spark.sql.warehouse.dir", str(folder / "warehouse"))
        .config("spark.driver.extraJavaOptions", f"-Dderby.system.home={folder}")
    )
    settings = dict(list(SETTINGS.items())[:3])
    if why_no_maven() is None:
        connectors = ",".join(map(str, sorted(jars(CONNECTORS).glob("*.jar"))))
        settings = {
            **SETTINGS,
            "spark.jars": connectors,
            "spark.sql.catalog.lake.warehouse": str(folder / "lake"),
        }
    for name, value in settings.items():
        builder = builder.config(name, value)
    session: SparkSession = builder.getOrCreate()
    yield session
    session.stop()


def lay_version(repository: Path, version: str, text: str) -> None:
    """Write a version of `thing/seen`, from the text of version 1.0.0, with its link."""
    folder = repository / "schemas/thing/seen"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{version}.yaml").write_text(text.replace("1.0.0", version))
    (folder / version).symlink_to(f"{version}.yaml")
