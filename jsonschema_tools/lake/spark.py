"""Events into tables with Spark, where one machine is not enough (extra `[spark]`).

`schema` gives the type of a schema, `read_stream` the typed events of a stream, and the job

    spark-submit --packages … -m jsonschema_tools.lake.spark STREAM --kafka BROKERS --to FOLDER …

(`python -m jsonschema_tools.lake.spark` locally) writes them, from where its checkpoint says. The
connectors come from Maven: `spark-sql-kafka-0-10` for Kafka, those of Iceberg or Delta for these.
"""

from __future__ import annotations

import argparse
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from jsonschema_tools.config import load_config
from jsonschema_tools.errors import EXIT_OK, ConfigError, SchemaToolsError, printable
from jsonschema_tools.lake.names import PARTITIONS, table_name
from jsonschema_tools.lake.plan import plan
from jsonschema_tools.lake.subjects import Subjects
from jsonschema_tools.lake.types import Array, Map, Struct

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pyspark.sql import Column, DataFrame, SparkSession
    from pyspark.sql.streaming.query import StreamingQuery
    from pyspark.sql.types import DataType, StructType

    from jsonschema_tools.config import Config
    from jsonschema_tools.lake.plan import Plan
    from jsonschema_tools.lake.types import Field, Kind, Type


def schema(name: str, config: Config | None = None) -> StructType:
    """Return the columns of a stream or title as Spark has them, named as in its table.

    Args:
        name: a stream, or the title of a schema.
        config: the settings of the repository; default those of the working directory.

    Raises:
        SchemaToolsError: the schema was not found, or it makes no table.
    """
    return _struct_type(_plan(name, config).columns)


def read_stream(  # noqa: PLR0913 - all but two by name
    spark: SparkSession,
    stream: str,
    *,
    brokers: str | None = None,
    folder: str | None = None,
    valid_only: bool = False,
    config: Config | None = None,
) -> DataFrame:
    """Return the events of a stream as a streaming DataFrame: its columns, then its partitions.

    Canary events are left out. Events that are not JSON have NULL in every column.

    Args:
        spark: the session.
        stream: a stream, or the title of a schema.
        brokers: Kafka's `bootstrap.servers`; its topics are those of the stream configuration.
        folder: a folder of JSON Lines to read instead, to which files are added.
        valid_only: leave out what is not valid against the schema that it names.
        config: the settings of the repository; default those of the working directory.

    Raises:
        SchemaToolsError: the stream was not found, or nothing to read from was named.
    """
    from pyspark.sql import functions as f

    config = config or load_config()
    planned = _plan(stream, config)
    if brokers:
        reader = spark.readStream.format("kafka").option("kafka.bootstrap.servers", brokers)
        reader = reader.option("startingOffsets", "earliest")
        found = reader.option("subscribe", ",".join(_topics(stream, config))).load()
        raw = found.select(f.col("value").cast("string").alias("value"), "topic", "timestamp")
    elif folder:
        text = spark.readStream.format("text").load(folder)
        none = f.lit(None)
        raw = text.select(
            "value", none.cast("string").alias("topic"), none.cast("timestamp").alias("timestamp")
        )
    else:
        raise ConfigError("nothing to read from", hint="name Kafka's brokers, or a folder")
    if valid_only:
        raw = raw.where(f.udf(_validator(config), "boolean", useArrow=False)("value"))
    return _typed(raw, planned)


def write_stream(
    events: DataFrame, *, to: str, checkpoint: str, table_format: str, once: bool = False
) -> StreamingQuery:
    """Begin to write the events of `read_stream`, each once, from where the checkpoint says.

    Args:
        events: the events.
        to: a path for Parquet and Delta, the name of a table for Iceberg.
        checkpoint: the folder in which Spark keeps what it has done.
        table_format: parquet, delta or iceberg.
        once: stop when everything that is there now was written.
    """
    writer: Any = events.writeStream.option("checkpointLocation", checkpoint)
    writer = writer.outputMode("append").partitionBy(*PARTITIONS)
    writer = (
        writer.trigger(availableNow=True) if once else writer.trigger(processingTime="1 minute")
    )
    if table_format == "iceberg":
        # columns go by name: new ones come before the partitions here, and last in the table
        names = {"mergeSchema": "true", "check-ordering": "false", "fanout-enabled": "true"}
        writer = writer.options(**names)
        return writer.format("iceberg").toTable(to)  # type: ignore[no-any-return]
    if table_format == "delta":
        writer = writer.option("mergeSchema", "true")
    return writer.format(table_format).start(to)  # type: ignore[no-any-return]


def _plan(name: str, config: Config | None) -> Plan:
    config = config or load_config()
    return plan(name, Subjects(config).entry(name), config)


def _topics(stream: str, config: Config) -> list[str]:
    from jsonschema_tools.events import load_streams

    declared = load_streams(config).find(stream) if config.stream_configs else None
    topics = declared.topics(stream) if declared is not None else None
    return [str(topic) for topic in topics] if isinstance(topics, list) else [stream]


def _validator(config: Config) -> Callable[[str], bool]:
    from jsonschema_tools.events import Registry, judge
    from jsonschema_tools.events.json_text import decode

    registries: list[Registry] = []  # made by each worker: a registry cannot be sent to it

    def is_valid(text: str) -> bool:
        if not registries:
            registries.append(Registry.of(config))
        try:
            return judge(decode(text.encode()), registries[0]).status == "valid"
        except SchemaToolsError:
            return False

    return is_valid


def _typed(raw: DataFrame, planned: Plan) -> DataFrame:
    from pyspark.sql import functions as f

    by_source = _struct_type(planned.columns, by_source=True)
    renamed = _struct_type(planned.columns)
    # a cast of structs goes by position, and so gives them the names of the table
    event = f.from_json("value", by_source).cast(renamed)
    events = raw.select(event.alias("e"), "topic", f.col("timestamp").alias("_stored"))
    time = f.coalesce(_meta("dt", planned, "timestamp"), f.col("_stored"))
    suffix = f".{planned.stream}"
    center = f.when(
        f.endswith("topic", f.lit(suffix)), f.expr(f"left(topic, length(topic) - {len(suffix)})")
    )
    domain = _meta("domain", planned, "string")
    parts = [
        f.date_part(f.lit(part), time).cast("bigint").alias(part) for part in list(PARTITIONS)[1:]
    ]
    return events.where(domain.isNull() | (domain != "canary")).select(
        "e.*", center.alias("datacenter"), *parts
    )


def _meta(name: str, planned: Plan, kind: str) -> Column:
    from pyspark.sql import functions as f

    meta = next((field.type for field in planned.columns if field.source == "meta"), None)
    if isinstance(meta, Struct) and any(field.source == name for field in meta.fields):
        return f.col(f"e.meta.{name}").cast(kind)
    return f.lit(None).cast(kind)


def _struct_type(columns: Iterable[Field], *, by_source: bool = False) -> StructType:
    from pyspark.sql.types import StructField, StructType

    return StructType(
        [
            StructField(
                field.source if by_source else field.name,
                _type(field.type, by_source=by_source),
                metadata={"comment": field.comment} if field.comment else None,
            )
            for field in columns
        ]
    )


def _type(type_: Type, *, by_source: bool) -> DataType:
    from pyspark.sql import types

    if isinstance(type_, Array):
        return types.ArrayType(_type(type_.item, by_source=by_source))
    if isinstance(type_, Map):
        return types.MapType(types.StringType(), _type(type_.value, by_source=by_source))
    if isinstance(type_, Struct):
        return _struct_type(type_.fields, by_source=by_source)
    scalars: dict[Kind, DataType] = {
        "boolean": types.BooleanType(),
        "integer": types.LongType(),
        "number": types.DoubleType(),
        "string": types.StringType(),
        "timestamp": types.TimestampType(),
        "json": types.StringType(),
    }
    return scalars[type_.kind]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the job; return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m jsonschema_tools.lake.spark")
    parser.add_argument("stream", help="a stream, or the title of a schema")
    parser.add_argument("--kafka", metavar="BROKERS", help="read the topics of the stream")
    parser.add_argument("--from", dest="folder", help="read a folder of JSON Lines")
    parser.add_argument("--to", required=True, help="folder of the table; for Iceberg its catalog")
    parser.add_argument(
        "--table-format", choices=["parquet", "delta", "iceberg"], default="parquet"
    )
    parser.add_argument("--checkpoint", required=True, help="folder of what was done")
    parser.add_argument("--valid-only", action="store_true", help="leave out invalid events")
    parser.add_argument(
        "--once", action="store_true", help="stop when all that is there is written"
    )
    given = parser.parse_args(arguments)
    if find_spec("pyspark") is None:
        hint = "pip install 'jsonschema-tools[spark]'"
        raise ConfigError("this needs pyspark, which is not installed", hint=hint)
    _run(given)
    return EXIT_OK


def _run(given: argparse.Namespace) -> None:
    from py4j.protocol import Py4JJavaError
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.appName("jsonschema-tools").getOrCreate()
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    table = table_name(given.stream)
    iceberg = given.table_format == "iceberg"
    try:
        events = read_stream(
            spark, given.stream, brokers=given.kafka, folder=given.folder,
            valid_only=given.valid_only,
        )  # fmt: skip
        write_stream(
            events,
            to=f"{given.to}.event.{table}" if iceberg else f"{given.to}/{table}",
            checkpoint=given.checkpoint,
            table_format=given.table_format,
            once=given.once,
        ).awaitTermination()
    except (PySparkException, Py4JJavaError) as error:
        java = error.java_exception.toString() if isinstance(error, Py4JJavaError) else None
        said = next((line for line in (java or str(error)).splitlines() if line.strip()), "")
        connectors = given.kafka or given.table_format != "parquet"
        hint = "are its connectors named with `spark-submit --packages`?" if connectors else None
        raise ConfigError(f"Spark: {said.strip() or type(error).__name__}", hint=hint) from error


if __name__ == "__main__":
    try:
        sys.exit(main())
    except SchemaToolsError as error:
        sys.stderr.write(printable(f"{error}\n"))
        sys.exit(error.exit_status)
