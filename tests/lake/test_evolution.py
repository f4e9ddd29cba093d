"""What takes a table from one version to another: the cases of the platform's ingestion."""

from __future__ import annotations

from typing import Any

import pytest

from jsonschema_tools.lake.columns import columns
from jsonschema_tools.lake.comments import recomment
from jsonschema_tools.lake.ddl import Table, alter, create
from jsonschema_tools.lake.dialects import DIALECTS
from jsonschema_tools.lake.evolution import Refused, changes, merged
from jsonschema_tools.lake.types import Struct, sql

TEXT, INT, NUM = ({"type": kind} for kind in ("string", "integer", "number"))


def table(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


def array(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


def map_of(value: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": value}


def of(schema: dict[str, Any]) -> Any:
    found = columns(schema)
    assert not found.problems
    return found.columns


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ({"a": INT}, {"a": INT}, []),
        ({"a": INT, "b": TEXT}, {"b": TEXT, "a": INT}, []),
        ({"a": INT}, {"b": TEXT, "a": INT}, ["adds column `b STRING`"]),
        ({"a": table({"x": INT})}, {"a": table({"x": INT, "y": NUM})}, ["adds field `a.y DOUBLE`"]),
        (
            {"a": array(table({"x": INT}))},
            {"a": array(table({"x": INT, "y": array(TEXT)}))},
            ["adds field `a.element.y ARRAY<STRING>`"],
        ),
        (
            {"a": map_of(table({"x": INT}))},
            {"a": map_of(table({"x": INT, "y": NUM}))},
            ["adds field `a.value.y DOUBLE`"],
        ),
        ({"a": INT}, {"a": TEXT}, ["changes the type of `a` from BIGINT to STRING"]),
        ({"a": INT}, {"a": NUM}, ["changes the type of `a` from BIGINT to DOUBLE"]),
        ({"a": INT, "b": INT}, {"a": INT}, ["loses `b BIGINT`"]),
        ({"a": table({"x": INT, "y": INT})}, {"a": table({"x": INT})}, ["loses `a.y BIGINT`"]),
        (
            {"a": table({"x": INT})},
            {"a": map_of(INT)},
            ["changes the type of `a` from STRUCT<x: BIGINT> to MAP<STRING, BIGINT>"],
        ),
        (
            {"a": array(INT)},
            {"a": array(TEXT)},
            ["changes the type of `a.element` from BIGINT to STRING"],
        ),
    ],
)
def test_changes(old: Any, new: Any, said: list[str]) -> None:
    assert [str(change) for change in changes(of(table(old)), of(table(new)))] == said


def test_what_is_required_no_more_is_nullable() -> None:
    strict, loose = of(table({"a": INT}, "a")), of(table({"a": INT}))
    assert [str(change) for change in changes(strict, loose)] == ["makes `a` nullable"]
    assert list(changes(loose, strict)) == []


def test_merging_keeps_order_and_the_tables_types() -> None:
    old = of(table({"f2": table({"x": INT}), "F1": INT, "gone": TEXT}))
    new = of(table({"f4": TEXT, "f1": TEXT, "f2": table({"y": TEXT, "x": INT}), "f3": INT}, "f3"))
    found = merged(old, new)
    assert sql(Struct(found)) == (
        "STRUCT<f2: STRUCT<x: BIGINT, y: STRING>, f1: BIGINT, gone: STRING, f4: STRING, f3: BIGINT>"
    )
    assert found[-1].nullable


OLD = table(
    {
        "a": INT,
        "s": table({"x": INT}),
        "l": array(table({"x": INT})),
        "m": map_of(table({"x": INT})),
    },
    "a",
)
NEW = table(
    {
        "b": {**NUM, "description": "it's new"},
        "a": INT,
        "s": table({"y": map_of(INT), "x": INT}),
        "l": array(table({"x": INT, "y": TEXT})),
        "m": map_of(table({"x": INT, "y": TEXT})),
        "c": INT,
    },
    "b",
)  # fmt: skip

EXPECTED = {
    "hive": """\
ALTER TABLE `t` ADD COLUMNS (
  `b` DOUBLE COMMENT 'it\\'s new',
  `c` BIGINT
)
ALTER TABLE `t` CHANGE COLUMN `s` `s` STRUCT<`x`: BIGINT, `y`: MAP<STRING, BIGINT>>
ALTER TABLE `t` CHANGE COLUMN `l` `l` ARRAY<STRUCT<`x`: BIGINT, `y`: STRING>>
ALTER TABLE `t` CHANGE COLUMN `m` `m` MAP<STRING, STRUCT<`x`: BIGINT, `y`: STRING>>
ALTER TABLE `t` CHANGE COLUMN `a` `a` BIGINT""",
    "iceberg": """\
ALTER TABLE `t` ADD COLUMNS (
  `b` DOUBLE COMMENT 'it\\'s new',
  `c` BIGINT
)
ALTER TABLE `t` ADD COLUMNS (
  `s`.`y` MAP<STRING, BIGINT>
)
ALTER TABLE `t` ADD COLUMNS (
  `l`.`element`.`y` STRING
)
ALTER TABLE `t` ADD COLUMNS (
  `m`.`value`.`y` STRING
)
ALTER TABLE `t` ALTER COLUMN `a` DROP NOT NULL""",
    "trino": """\
ALTER TABLE "t" ADD COLUMN "b" DOUBLE COMMENT 'it''s new'
ALTER TABLE "t" ADD COLUMN "c" BIGINT
ALTER TABLE "t" ADD COLUMN "s"."y" MAP(VARCHAR, BIGINT)
ALTER TABLE "t" ADD COLUMN "l"."element"."y" VARCHAR
ALTER TABLE "t" ADD COLUMN "m"."value"."y" VARCHAR
ALTER TABLE "t" ALTER COLUMN "a" DROP NOT NULL""",
    "postgres": """\
ALTER TABLE "t" ADD COLUMN "b" DOUBLE PRECISION
ALTER TABLE "t" ADD COLUMN "c" BIGINT
COMMENT ON COLUMN "t"."b" IS 'it''s new'
ALTER TABLE "t" ALTER COLUMN "a" DROP NOT NULL""",
    "snowflake": """\
ALTER TABLE "t" ADD COLUMN "b" DOUBLE COMMENT 'it\\'s new'
ALTER TABLE "t" ADD COLUMN "c" BIGINT
ALTER TABLE "t" ALTER COLUMN "s" SET DATA TYPE OBJECT("x" BIGINT, "y" MAP(VARCHAR, BIGINT))
ALTER TABLE "t" ALTER COLUMN "l" SET DATA TYPE ARRAY(OBJECT("x" BIGINT, "y" VARCHAR))
ALTER TABLE "t" ALTER COLUMN "m" SET DATA TYPE MAP(VARCHAR, OBJECT("x" BIGINT, "y" VARCHAR))
ALTER TABLE "t" ALTER COLUMN "a" DROP NOT NULL""",
    "clickhouse": """\
ALTER TABLE "t" ADD COLUMN "b" Nullable(Float64) COMMENT 'it''s new'
ALTER TABLE "t" ADD COLUMN "c" Nullable(Int64)
ALTER TABLE "t" MODIFY COLUMN "s" Tuple("x" Nullable(Int64), "y" Map(String, Nullable(Int64)))
ALTER TABLE "t" MODIFY COLUMN "l" Array(Tuple("x" Nullable(Int64), "y" Nullable(String)))
ALTER TABLE "t" MODIFY COLUMN "m" Map(String, Tuple("x" Nullable(Int64), "y" Nullable(String)))
ALTER TABLE "t" MODIFY COLUMN "a" Nullable(Int64)""",
    "bigquery": """\
ALTER TABLE `t` ADD COLUMN `b` FLOAT64 OPTIONS (description='it\\'s new')
ALTER TABLE `t` ADD COLUMN `c` INT64
-- BigQuery has no statement that adds a field to `s`; `bq update` takes the table's schema \
with the field at its end: `s` STRUCT<`x` INT64, `y` ARRAY<STRUCT<`key` STRING NOT NULL, \
`value` INT64>>>
-- BigQuery has no statement that adds a field to `l`; `bq update` takes the table's schema \
with the field at its end: `l` ARRAY<STRUCT<`x` INT64, `y` STRING>>
-- BigQuery has no statement that adds a field to `m`; `bq update` takes the table's schema \
with the field at its end: `m` ARRAY<STRUCT<`key` STRING NOT NULL, `value` STRUCT<`x` INT64, \
`y` STRING>>>
ALTER TABLE `t` ALTER COLUMN `a` DROP NOT NULL""",
}


@pytest.mark.parametrize("dialect", EXPECTED)
def test_statements(dialect: str) -> None:
    old, new = of(OLD), of(NEW)
    found = list(changes(old, new))
    assert not any(isinstance(change, Refused) for change in found)
    assert "\n".join(alter(found, Table("t", old), new, DIALECTS[dialect])) == EXPECTED[dialect]


def described(text: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {**table(properties), "description": text}


COMMENTED_OLD = table(
    {
        "a": {**INT, "description": "one"},
        "b": {**INT, "description": "stays"},
        "gone": {**INT, "description": "had one"},
        "s": described("same", {"x": {**TEXT, "description": "deep"}}),
    }
)
COMMENTED_NEW = table(
    {
        "a": {**INT, "description": "it's two"},
        "b": {**INT, "description": "stays"},
        "gone": INT,
        "s": described("same", {"x": {**TEXT, "description": "deeper"}}),
        "new": {**INT, "description": "said when it is added"},
    }
)
RECOMMENTED = {
    "hive": """\
ALTER TABLE `d`.`t` CHANGE COLUMN `a` `a` BIGINT COMMENT 'it\\'s two'
ALTER TABLE `d`.`t` CHANGE COLUMN `s` `s` STRUCT<`x`: STRING COMMENT 'deeper'> COMMENT 'same'""",
    "spark": """\
ALTER TABLE `d`.`t` ALTER COLUMN `a` COMMENT 'it\\'s two'
ALTER TABLE `d`.`t` ALTER COLUMN `gone` COMMENT ''""",
    "iceberg": """\
ALTER TABLE `d`.`t` ALTER COLUMN `a` COMMENT 'it\\'s two'
ALTER TABLE `d`.`t` ALTER COLUMN `gone` COMMENT ''
ALTER TABLE `d`.`t` ALTER COLUMN `s`.`x` COMMENT 'deeper'""",
    "trino": """\
COMMENT ON COLUMN "d"."t"."a" IS 'it''s two'
COMMENT ON COLUMN "d"."t"."gone" IS NULL""",
    "duckdb": """\
COMMENT ON COLUMN "d"."t"."a" IS 'it''s two'
COMMENT ON COLUMN "d"."t"."gone" IS NULL""",
    "postgres": """\
COMMENT ON COLUMN "d"."t"."a" IS 'it''s two'
COMMENT ON COLUMN "d"."t"."gone" IS NULL""",
    "snowflake": """\
COMMENT ON COLUMN "d"."t"."a" IS 'it\\'s two'
COMMENT ON COLUMN "d"."t"."gone" IS ''""",
    "clickhouse": """\
ALTER TABLE "d"."t" COMMENT COLUMN "a" 'it''s two'
ALTER TABLE "d"."t" COMMENT COLUMN "gone" ''""",
    "bigquery": """\
ALTER TABLE `d`.`t` ALTER COLUMN `a` SET OPTIONS (description='it\\'s two')
ALTER TABLE `d`.`t` ALTER COLUMN `gone` SET OPTIONS (description='')""",
}


@pytest.mark.parametrize("dialect", RECOMMENTED)
def test_comments(dialect: str) -> None:
    old = Table("t", of(COMMENTED_OLD), database="d")
    found = list(recomment(old, of(COMMENTED_NEW), DIALECTS[dialect]))
    assert "\n".join(found) == RECOMMENTED[dialect]
    assert list(recomment(old, old.columns, DIALECTS[dialect])) == []


def test_every_dialect_has_a_case() -> None:
    assert set(RECOMMENTED) == set(DIALECTS)


def test_duckdb_takes_the_statements_for_comments() -> None:
    duckdb = pytest.importorskip("duckdb")
    old = Table("t", of(COMMENTED_OLD), is_partitioned=False)
    with duckdb.connect() as connection:
        for statement in create(old, DIALECTS["duckdb"]):
            connection.execute(statement)
        for statement in recomment(old, of(COMMENTED_NEW), DIALECTS["duckdb"]):
            connection.execute(statement)
        query = "SELECT column_name, comment FROM duckdb_columns() WHERE table_name = 't'"
        found = connection.execute(query).fetchall()
    assert found == [("a", "it's two"), ("b", "stays"), ("gone", None), ("s", "same")]
