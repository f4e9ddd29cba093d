"""How fast the intake takes events, beside a bare echo of the same body and `validate`.

usage: python benchmarks/intake.py [--seconds N] [--rounds N] [--memory N] [--kafka]
           [--repository DIR --schema URI --stream NAME]

The server has one core, the client another. Rates are events for each second that the server's core
worked, so that what else the machine does counts little; `wall` beside them are those that the
client saw. The intake and the echo take turns, and the best round of each counts: read the ratios,
not the figures. With --kafka a broker is started, which needs
Java and Maven; it shares the client's core.

EVENTGATE=FOLDER puts EventGate beside them, from a checkout after `npm install`, with its default
factory: it validates and appends lines to a file, and does not wait for the disk. EventGate is not
on npm, so this part follows its documentation and has not been run.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jsonschema_tools.config import load_config
from jsonschema_tools.events import Registry
from jsonschema_tools.events.reading import read_records
from jsonschema_tools.events.run import Options, validate_parts
from jsonschema_tools.pointers import follow
from jsonschema_tools.values import get_field

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
TOOL = [sys.executable, "-m", "jsonschema_tools", "serve", "--port", "0"]
ECHO = """
import msgspec, sys, uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

async def echo(request):
    body = msgspec.json.encode(msgspec.json.decode(await request.body()))
    return Response(body, 201, media_type="application/json")

app = Starlette(routes=[Route("/v1/events", echo, methods=["POST"])])
print("listening on http://127.0.0.1:8971", flush=True)
uvicorn.run(app, port=8971, log_level="error", http="httptools", loop="uvloop")
"""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is sent.

    Attributes:
        repository: folder of a schema repository whose schemas are in `jsonschema`.
        uri: `$schema` of the event.
        event: the event, of about 1 KB.
    """

    repository: Path
    uri: str
    event: dict[str, Any]


def subject(repository: Path, uri: str, stream: str) -> Subject:
    """Return the first example of a schema, with a note to make it 1 KB where it takes one."""
    schema = Registry(repository, ["jsonschema"]).get(uri)
    example = follow(schema.data, "/examples/0")
    event: dict[str, Any] = json.loads(json.dumps(example, default=str))
    event["meta"]["stream"] = stream
    if get_field(schema.data, "properties.note") is not None:
        event["note"] = "x" * (1000 - len(json.dumps(event)))
    return Subject(repository, event["$schema"], event)


def validate_rate(sent: Subject, seconds: float) -> float:
    """Return how many events a second `validate` gets through in process."""
    options = Options(config=load_config(sent.repository))
    lines = (json.dumps(sent.event).encode() + b"\n") * 5000
    count, begin = 0, time.process_time()
    while (now := time.process_time()) < begin + seconds:
        for part in validate_parts(
            [("events", read_records(io.BytesIO(lines), "events"))], options
        ):
            count += part.summary.total("valid")
    assert count
    return count / (now - begin)


async def load(
    port: int, body: bytes, connections: int, seconds: float, every: float = 0.0
) -> list[float]:
    """Post a body again and again, and return the seconds that each answer took, sorted.

    Args:
        port: of the server.
        body: what is posted.
        connections: how many post side by side.
        seconds: for how long.
        every: seconds between two posts of a connection; 0: as fast as answers come.
    """
    head = b"POST /v1/events HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
    request = head + b"content-length: %d\r\n\r\n" % len(body) + body
    taken: list[float] = []
    begin = time.perf_counter()
    until = begin + seconds

    async def one(number: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        start = begin + every * number / connections
        while start < until:
            await asyncio.sleep(max(0.0, start - time.perf_counter()) if every else 0)
            # a post that had to wait for the one before it is late from when it was due
            start = start if every else time.perf_counter()
            writer.write(request)
            answer = await reader.readuntil(b"\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 201"), answer
            fields = answer.lower().split(b"\r\n")
            lengths = [field for field in fields if field.startswith(b"content-length:")]
            if lengths:
                await reader.readexactly(int(lengths[0][15:]))
            elif b"transfer-encoding: chunked" in fields:
                await reader.readuntil(b"0\r\n\r\n")
            now = time.perf_counter()
            taken.append(now - start)
            start = start + every if every else now
        writer.close()

    await asyncio.gather(*(one(number) for number in range(connections)))
    return sorted(taken)


@contextlib.contextmanager
def started(command: list[str], repository: Path) -> Iterator[tuple[int, int]]:
    """Run a server on the first core, and yield its port and process id."""
    with tempfile.TemporaryDirectory() as folder:
        config = {"schemaBasePath": str(repository / "jsonschema")}
        (Path(folder) / ".jsonschema-tools.yaml").write_text(json.dumps(config))
        pin = ["taskset", "-c", "0"] if shutil.which("taskset") else []
        server = subprocess.Popen(
            [*pin, *command], cwd=folder, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        assert server.stdout is not None
        try:
            line = server.stdout.readline()
            time.sleep(1)
            yield int(line.strip().rpartition(":")[2]), server.pid
        finally:
            server.terminate()
            server.wait()
            server.stdout.close()


def eventgate_checkout() -> Path | None:
    """Return the folder that the environment variable EVENTGATE names; None without it."""
    name = os.environ.get("EVENTGATE")
    if not name:
        return None
    folder = Path(name).resolve()
    missing = [
        part for part in ("server.js", "app.js", "node_modules") if not (folder / part).exists()
    ]
    if missing:
        sys.exit(
            f"EVENTGATE={name} is not a checkout of EventGate: {' and '.join(missing)} not found"
            "\n  hint: name a folder of https://github.com/wikimedia/eventgate after `npm install`"
        )
    return folder


@contextlib.contextmanager
def started_eventgate(checkout: Path, repository: Path) -> Iterator[tuple[int, int]]:
    """Run EventGate on the first core, and yield its port and process id."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        conf = {
            "port": port,
            "interface": "127.0.0.1",
            "max_body_size": "10mb",
            "schema_uri_field": "$schema",
            "schema_base_uris": [(repository / "jsonschema").as_uri()],
            "schema_file_extension": ".yaml",
            "stream_field": "meta.stream",
            "output_path": f"{folder}/events.json",
        }
        service = {"name": "eventgate", "module": str(checkout / "app.js"), "conf": conf}
        config = Path(folder) / "config.yaml"  # JSON is YAML
        # no workers: all in one process, whose time is measured
        settings = {"num_workers": 0, "logging": {"level": "error"}, "services": [service]}
        config.write_text(json.dumps(settings))
        pin = ["taskset", "-c", "0"] if shutil.which("taskset") else []
        command = [*pin, "node", str(checkout / "server.js"), "-c", str(config)]
        server = subprocess.Popen(command, cwd=checkout, stdout=subprocess.DEVNULL)
        try:
            wait_for(port, server)
            yield port, server.pid
        finally:
            server.terminate()
            server.wait()


def wait_for(port: int, server: subprocess.Popen[bytes], patience: float = 30) -> None:
    """Wait until a server listens."""
    until = time.monotonic() + patience
    while time.monotonic() < until and server.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    sys.exit("EventGate did not start; its messages are above")


def rate(
    server: tuple[int, int], event: dict[str, Any], count: int, seconds: float
) -> tuple[float, float]:
    """Return how many events are acknowledged: in a second of work, and in one by the wall.

    Args:
        server: its port and process id.
        event: what is posted.
        count: events of a post.
        seconds: for how long.
    """
    port, process = server
    body = json.dumps([event] * count if count > 1 else event).encode()
    connections = 64 if count == 1 else 16
    asyncio.run(load(port, body, connections, 0.5))
    before = worked(process)
    events = len(asyncio.run(load(port, body, connections, seconds))) * count
    return events / (worked(process) - before), events / seconds


def worked(process: int) -> float:
    """Return the seconds of processor time that a process has used."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def half_load(port: int, event: dict[str, Any], full: float, seconds: float) -> tuple[float, float]:
    """Return median and 99th percentile, in ms, of single posts at half of the full rate."""
    connections = 64
    body = json.dumps(event).encode()
    taken = asyncio.run(load(port, body, connections, seconds, every=connections * 2 / full))
    return taken[len(taken) // 2] * 1000, taken[len(taken) * 99 // 100] * 1000


def growth(port: int, process: int, event: dict[str, Any], seconds: float) -> float:
    """Return by how many MiB the server grows under batches at full rate, once it is warm."""
    body = json.dumps([event] * 100).encode()
    asyncio.run(load(port, body, 16, 5))
    before = resident(process)
    asyncio.run(load(port, body, 16, seconds))
    return resident(process) - before


def resident(process: int) -> float:
    """Return the MiB of memory that a process has."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def kafka_rate(sent: Subject, seconds: float) -> tuple[float, float]:
    """Return how many events Kafka acknowledges through the intake, in batches; see `rate`."""
    sys.path.insert(0, str(ROOT / "tests"))
    from support.real_kafka import running_kafka, why_not

    reason = why_not()
    if reason is not None:
        sys.exit(reason)
    with (
        tempfile.TemporaryDirectory() as folder,
        running_kafka(Path(folder)) as kafka,
        started([*TOOL, "--kafka", kafka.brokers], sent.repository) as server,
    ):
        return rate(server, sent.event, 100, seconds)


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=3, help="of each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", type=float, default=0, help="seconds of watching the memory")
    parser.add_argument("--kafka", action="store_true")
    parser.add_argument("--repository", type=Path, default=ROOT)
    parser.add_argument("--schema", default="/shop/order_placed/latest")
    parser.add_argument("--stream", default="shop.order_placed")
    chosen = parser.parse_args()
    eventgate = eventgate_checkout()
    if hasattr(os, "sched_setaffinity") and len(os.sched_getaffinity(0)) > 1:
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    sent = subject(chosen.repository.resolve(), chosen.schema, chosen.stream)
    event, seconds = sent.event, chosen.seconds
    best: defaultdict[str, float] = defaultdict(float)
    wall: defaultdict[str, float] = defaultdict(float)

    def note(name: str, figures: tuple[float, float]) -> None:
        best[name] = max(best[name], figures[0])
        wall[name] = max(wall[name], figures[1])

    for _ in range(chosen.rounds):
        best["validate"] = max(best["validate"], validate_rate(sent, seconds))
        for server, command in (("echo", [sys.executable, "-c", ECHO]), ("intake", TOOL)):
            with started(command, sent.repository) as running:
                note(f"{server}, single", rate(running, event, 1, seconds))
                note(f"{server}, batch", rate(running, event, 100, seconds))
        if eventgate is not None:
            with started_eventgate(eventgate, sent.repository) as running:
                note("eventgate, single", rate(running, event, 1, seconds))
                note("eventgate, batch", rate(running, event, 100, seconds))
    if chosen.kafka:
        note("kafka, batch", kafka_rate(sent, seconds))
    size = len(json.dumps(event))
    print(f"an event of {size} bytes; events a second of work, best of {chosen.rounds}")
    for name, figure in best.items():
        seen = f"{wall[name]:12,.0f} wall" if name in wall else ""
        print(f"{name:24}{figure:12,.0f}{seen}")
    print(f"single / echo           {best['intake, single'] / best['echo, single']:12.2f}  (0.45)")
    print(f"batch / validate        {best['intake, batch'] / best['validate']:12.2f}  (0.6)")
    if chosen.kafka:
        print(f"kafka / validate        {best['kafka, batch'] / best['validate']:12.2f}  (0.35)")
    if eventgate is not None:
        for kind in ("single", "batch"):
            ratio = best[f"intake, {kind}"] / best[f"eventgate, {kind}"]
            print(f"{kind} / EventGate".ljust(24) + f"{ratio:12.2f}")
    with started(TOOL, sent.repository) as (port, process):
        _, full = rate((port, process), event, 1, seconds)
        median, slow = half_load(port, event, full, seconds)
        print(f"single at half load: p50 {median:.2f} ms, p99 {slow:.2f} ms  (at most 5 x p50)")
        if chosen.memory:
            print(f"grew by {growth(port, process, event, chosen.memory):.1f} MiB", end=" ")
            print(f"in {chosen.memory:.0f} s of batches  (at most 20)")


if __name__ == "__main__":
    main()
