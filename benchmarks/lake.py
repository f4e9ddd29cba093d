"""Events into tables, compared with duckdb where somebody wrote the columns by hand.

    python benchmarks/lake.py [EVENTS] [--formats parquet,delta,iceberg]   # 100,000 events of 1 KB

For each format: `load` and duckdb reading the same file with the same columns into the same
partitions of the same format, in turns, each in a process of its own, after its imports. Of the
time that passed and of the processor time, which is the same on a busy machine, the best of each is
shown, and the median of the ratios (the goal: at most 1.3); then the peak of memory of `load`,
which does not grow with the number of events.
"""

from __future__ import annotations

import argparse
import gc
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

_START = datetime(2026, 1, 1, tzinfo=UTC)
_FORMATS = ("parquet", "delta", "iceberg")
_HOURS = 14  # that the events are of, however many there are
_PADDING = "x" * 480

_TEXT = {"type": "string"}
_TIME = {"type": "string", "format": "date-time"}
_PERSON = {
    "user_id": {"type": "integer"},
    "user_text": _TEXT,
    "groups": {"type": "array", "items": _TEXT},
}
_SCHEMA = {
    "title": "page/change",
    "$id": "/page/change/1.0.0",
    "$schema": "https://json-schema.org/draft-07/schema#",
    "type": "object",
    "required": ["$schema", "meta", "dt"],
    "properties": {
        "$schema": _TEXT,
        "meta": {
            "type": "object",
            "properties": {"dt": _TIME, "id": _TEXT, "stream": _TEXT, "domain": _TEXT},
        },
        "dt": _TIME,
        "page": {"type": "object", "properties": {"page_id": {"type": "integer"}, "title": _TEXT}},
        "performer": {"type": "object", "properties": _PERSON},
        "slots": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "properties": {"sha1": _TEXT, "size": {"type": "integer"}, "origin": _TIME},
            },
        },
        "score": {"type": "number"},
        "minor": {"type": "boolean"},
        "comment": _TEXT,
    },
}
_BY_HAND = {
    "$schema": "VARCHAR",
    "meta": "STRUCT(dt TIMESTAMPTZ, id VARCHAR, stream VARCHAR, domain VARCHAR)",
    "dt": "TIMESTAMPTZ",
    "page": "STRUCT(page_id BIGINT, title VARCHAR)",
    "performer": "STRUCT(user_id BIGINT, user_text VARCHAR, groups VARCHAR[])",
    "slots": "MAP(VARCHAR, STRUCT(sha1 VARCHAR, size BIGINT, origin TIMESTAMPTZ))",
    "score": "DOUBLE",
    "minor": "BOOLEAN",
    "comment": "VARCHAR",
}
_PARTITIONS = ["datacenter", "year", "month", "day", "hour"]


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("events", type=int, nargs="?", default=100_000)
    parser.add_argument("--formats", default=",".join(_FORMATS))
    options = parser.parse_args()
    count = options.events
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        _lay(root, count)
        size = (root / "events.jsonl").stat().st_size
        print(f"{count:,} events, {size / 2**20:.0f} MiB")
        print("          seconds               processor time")
        print("format     load  by hand  ratio   load  by hand  ratio  peak MiB")
        rounds = 5 if count <= 500_000 else 1
        for kind in options.formats.split(","):
            pairs = [
                [_run(what, kind, root, index) for what in ("load", "hand")]
                for index in range(rounds)
            ]
            cells = [cell for measured in (0, 1) for cell in _compared(pairs, measured)]
            peak = max(ours[2] for ours, _ in pairs)
            print(
                "{:8} {:6.2f} {:8.2f} {:6.2f} {:6.2f} {:8.2f} {:6.2f}".format(kind, *cells), end=""
            )
            print(f" {peak:9.0f}", flush=True)


def _compared(pairs: list[list[tuple[float, ...]]], measured: int) -> tuple[float, float, float]:
    """Return the best of ours, the best by hand, and the median of the ratios."""
    ours, theirs = ([pair[side][measured] for pair in pairs] for side in (0, 1))
    ratios = [one / other for one, other in zip(ours, theirs, strict=True)]
    return min(ours), min(theirs), statistics.median(ratios)


def _lay(root: Path, count: int) -> None:
    (root / "schemas/page/change").mkdir(parents=True)
    (root / "schemas/page/change/1.0.0.json").write_text(json.dumps(_SCHEMA))
    (root / ".jsonschema-tools.yaml").write_text(
        "schemaBasePath: ./schemas\ncontentTypes: [json]\n"
    )
    step = timedelta(hours=_HOURS) / count
    with (root / "events.jsonl").open("w") as file:
        for number in range(count):
            file.write(json.dumps(_event(number, _START + step * number), separators=(",", ":")))
            file.write("\n")


def _event(number: int, moment: datetime) -> dict[str, Any]:
    text = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    slot = {"sha1": f"{number:040x}", "size": number, "origin": text}
    return {
        "$schema": "/page/change/1.0.0",
        "meta": {"dt": text, "id": f"{number:032x}", "domain": "example.org"},
        "dt": text,
        "page": {"page_id": number, "title": f"Page_{number}"},
        "performer": {"user_id": number % 999, "user_text": "Somebody", "groups": ["bot", "user"]},
        "slots": {"main": slot, "other": slot},
        "score": number / 7,
        "minor": number % 2 == 0,
        "comment": _PADDING,
    }


def _run(what: str, kind: str, root: Path, index: int) -> tuple[float, ...]:
    """Return seconds, processor time and MiB of one run in a process of its own."""
    name = f"{what}-{kind}-{index}"
    arguments = [sys.executable, __file__, "--run", what, kind, str(root), name]
    done = subprocess.run(arguments, check=True, capture_output=True, text=True, cwd=root)
    shutil.rmtree(root / name)
    return tuple(map(float, done.stdout.split()[-3:]))


def _run_here(what: str, kind: str, root: Path, name: str) -> None:
    started, processor = (_load if what == "load" else _by_hand)(kind, root, root / name)
    seconds, used = time.perf_counter() - started, time.process_time() - processor
    print(seconds, used, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _load(kind: str, root: Path, folder: Path) -> tuple[float, float]:
    from jsonschema_tools.config import load_config
    from jsonschema_tools.lake import sinks
    from jsonschema_tools.lake.files import read_files
    from jsonschema_tools.lake.load import TableLoader, load
    from jsonschema_tools.lake.plan import plan
    from jsonschema_tools.lake.subjects import Subjects

    sinks.open_sink(folder / "warm", "x", kind, partitioned=True)  # type: ignore[arg-type]
    gc.disable()  # as the command does
    started = time.perf_counter(), time.process_time()
    config = load_config(root)
    one = plan("page/change", Subjects(config).entry("page/change"), config)
    loader = TableLoader(one, folder, kind, 200_000)  # type: ignore[arg-type]
    load(read_files([root / "events.jsonl"]), {"page/change": loader})
    assert not loader.result.counts["refused"]
    return started


def _by_hand(kind: str, root: Path, folder: Path) -> tuple[float, float]:
    import duckdb
    from deltalake import write_deltalake
    from pyiceberg.catalog.sql import SqlCatalog

    started = time.perf_counter(), time.process_time()
    folder.mkdir()
    connection = duckdb.connect()
    connection.execute("SET TimeZone='UTC'")
    parts = ", ".join(f"{part}(meta.dt)::BIGINT AS {part}" for part in _PARTITIONS[1:])
    rows = connection.sql(
        f"SELECT *, NULL::VARCHAR AS datacenter, {parts} FROM "  # noqa: S608
        "read_json($file, format='newline_delimited', columns=$columns)",
        params={"file": str(root / "events.jsonl"), "columns": _BY_HAND},
    )
    if kind == "parquet":
        rows.write_parquet(str(folder / "t"), compression="zstd", partition_by=_PARTITIONS)
    elif kind == "delta":
        write_deltalake(folder / "t", rows.to_arrow_reader(), partition_by=_PARTITIONS)
    else:
        catalog = SqlCatalog("l", uri=f"sqlite:///{folder}/c.db", warehouse=folder.as_uri())
        catalog.create_namespace("event")
        reader: Any = rows.to_arrow_reader()
        table = catalog.create_table("event.t", schema=reader.schema)
        with table.update_spec() as spec:
            for part in _PARTITIONS:
                spec.add_identity(part)
        table.append(reader.read_all())
    return started


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        _run_here(sys.argv[2], sys.argv[3], Path(sys.argv[4]), sys.argv[5])
    else:
        main()
