"""`table`: definitions that engines accept, in every dialect."""

from __future__ import annotations

import shutil
import subprocess
import sys
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
import sqlglot
from sqlglot import exp

from jsonschema_tools.config import load_config
from jsonschema_tools.documents.document import read_document
from jsonschema_tools.lake.columns import columns
from jsonschema_tools.lake.ddl import Table, alter, create
from jsonschema_tools.lake.dialects import DIALECTS
from jsonschema_tools.lake.evolution import Refused, changes
from jsonschema_tools.lake.subjects import Subjects
from support.real_schemas import PRIMARY, SCHEMAS

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import RunTool


V1 = """\
title: thing/seen
$id: /thing/seen/1.0.0
description: A thing was seen.
type: object
required: [$schema, place]
properties:
  $schema: {type: string}
  meta:
    type: object
    properties: {dt: {type: string, format: date-time}}
  place: {type: string, description: "Where, in the finder's words"}
"""
V2 = V1.replace("1.0.0", "1.1.0") + "  weight_kg: {type: number}\n"
V3 = V2.replace("1.1.0", "2.0.0").replace("place: {type: string", "place: {type: integer")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "schemas/thing/seen"
    folder.mkdir(parents=True)
    (tmp_path / ".jsonschema-tools.yaml").write_text(
        "schemaBasePath: ./schemas\nstreamConfigs: streams.yaml\n"
    )
    (tmp_path / "streams.yaml").write_text("streams: {Finds.v1: {schema_title: thing/seen}}\n")
    for version, text in (("1.0.0", V1), ("1.1.0", V2), ("current", V2)):
        (folder / f"{version}.yaml").write_text(text)
    return tmp_path


HIVE = """\
CREATE TABLE `finds_v1` (
  `_schema` STRING NOT NULL,
  `meta` STRUCT<`dt`: STRING>,
  `place` STRING NOT NULL COMMENT 'Where, in the finder\\'s words',
  `weight_kg` DOUBLE
)
COMMENT 'A thing was seen.'
PARTITIONED BY (`datacenter` STRING, `year` BIGINT, `month` BIGINT, `day` BIGINT, `hour` BIGINT)
STORED AS PARQUET;
"""
TRINO = """\
CREATE TABLE "event"."thing_seen" (
  "_schema" VARCHAR,
  "meta" ROW("dt" TIMESTAMP(6) WITH TIME ZONE),
  "place" VARCHAR COMMENT 'Where, in the finder''s words'
)
COMMENT 'A thing was seen.'
WITH (format = 'PARQUET');
"""


def test_the_table_of_a_stream(run_tool: RunTool, repository: Path) -> None:
    done = run_tool("table", "Finds.v1")
    assert (done.returncode, done.stderr, done.stdout) == (0, "", HIVE)


def test_options(run_tool: RunTool, repository: Path) -> None:
    done = run_tool(
        "table", "/thing/seen/1.0.0", "--dialect", "trino", "--nullable",
        "--database", "event", "--no-partitions",
    )  # fmt: skip
    assert (done.returncode, done.stderr, done.stdout) == (0, "", TRINO)


def test_times(run_tool: RunTool, repository: Path) -> None:
    assert "`dt`: TIMESTAMP" in run_tool("table", "thing/seen", "--times", "timestamp").stdout
    text = run_tool("table", "thing/seen", "--times", "text", "--dialect", "duckdb").stdout
    assert '"dt" TEXT' in text


def test_since(run_tool: RunTool, repository: Path) -> None:
    done = run_tool("table", "thing/seen", "--since", "1.0.0")
    assert done.stdout == "ALTER TABLE `thing_seen` ADD COLUMNS (\n  `weight_kg` DOUBLE\n);\n"
    done = run_tool("table", "thing/current", "--since", "1.0.0")
    assert done.returncode == 2
    done = run_tool("table", "thing/seen/current", "--since", "1.1.0")
    assert (done.returncode, done.stdout) == (0, "")
    assert "thing_seen: nothing changes since 1.1.0" in done.stderr


def test_since_names_what_no_table_survives(run_tool: RunTool, repository: Path) -> None:
    (repository / "schemas/thing/seen/2.0.0.yaml").write_text(V3)
    done = run_tool("table", "thing/seen", "--since", "1.1.0")
    assert (done.returncode, done.stdout) == (1, "")
    assert "schemas/thing/seen/2.0.0.yaml" in done.stderr
    assert "changes the type of `place` from STRING to BIGINT" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["thing/sean"], "did you mean 'thing/seen'?"),
        (["/thing/seen/3.0.0"], "materialized are: 1.0.0, 1.1.0"),
        (["thing/seen", "--since", "0.1.0"], "has no version '0.1.0'"),
        (["thing/seen", "--since", "x"], "has no version 'x'"),
        (["thing/seen", "--dialect", "mysql"], "'mysql' is not one of"),
        ([], "Missing argument"),
    ],
)
def test_wrong_calls(run_tool: RunTool, repository: Path, arguments: list[str], words: str) -> None:
    done = run_tool("table", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_what_has_no_type_is_named(run_tool: RunTool, repository: Path) -> None:
    current = repository / "schemas/thing/seen/current.yaml"
    current.write_text(V2 + "  any: {type: object}\n")
    done = run_tool("table", "thing/seen/current")
    assert (done.returncode, done.stdout) == (1, "")
    assert "current.yaml:13:3: error[no-column]: any: a free object" in done.stderr
    assert "(at /properties/any)" in done.stderr
    assert "`any` STRING" in run_tool("table", "thing/seen/current", "--lenient").stdout


def test_help_imports_no_engine() -> None:
    code = (
        "import sys; from jsonschema_tools.cli import cli; cli(['-h'], standalone_mode=False); "
        "assert not {'sqlglot', 'duckdb', 'pyarrow'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@cache
def read(path: Path) -> Any:
    return read_document(path, path.name).data


def parsed(statement: str, parser: str) -> exp.Expr:
    [found] = sqlglot.parse(statement, dialect=parser)
    assert found is not None
    return found


@pytest.mark.skipif(not SCHEMAS, reason="the shared repositories are not here")
@pytest.mark.parametrize("dialect", DIALECTS)
def test_real_schemas_in_every_dialect(dialect: str) -> None:
    assert len(SCHEMAS) == 83
    for path in SCHEMAS:
        data: Any = read(path)
        options = {"lenient": True, "times_as_text": DIALECTS[dialect].times_as_text}
        found = columns(data, **options)
        assert not found.problems, (path, found.problems)
        for table in (
            Table("t", found.columns, "event", found.comment),
            Table("t", columns(data, nullable=True, **options).columns, is_partitioned=False),
        ):
            for statement in create(table, DIALECTS[dialect]):
                tree = parsed(statement, DIALECTS[dialect].parser)
                assert isinstance(tree, (exp.Create, exp.Comment))
                if isinstance(tree, exp.Create):
                    assert len(tree.this.expressions) >= len(found.columns)


@pytest.mark.skipif(not SCHEMAS, reason="the shared repositories are not here")
def test_duckdb_accepts_real_schemas_and_their_changes(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    shutil.copytree(PRIMARY, tmp_path, dirs_exist_ok=True, symlinks=True)
    subjects, dialect, changed = Subjects(load_config(tmp_path)), DIALECTS["duckdb"], 0
    connection = duckdb.connect()
    for name in dict.fromkeys(path.parent.relative_to(PRIMARY / "jsonschema") for path in SCHEMAS):
        subject = subjects.find(str(name))
        versions = [
            subject.at(str(version)).columns(lenient=True)
            for version in subject.latest.entry.versions
        ]
        for mapping in versions:
            for statement in create(Table("t", mapping.columns), dialect):
                connection.execute(statement)
            connection.execute("DROP TABLE t")
        for old, new in pairwise(versions):
            found = list(changes(old.columns, new.columns))
            if found and not any(isinstance(change, Refused) for change in found):
                for statement in create(Table("t", old.columns), dialect):
                    connection.execute(statement)
                for statement in alter(found, Table("t", old.columns), new.columns, dialect):
                    connection.execute(statement)
                connection.execute("DROP TABLE t")
                changed += 1
    assert changed > 10
