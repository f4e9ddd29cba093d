"""How fast the intake takes events, beside a bare echo of the same body and `validate`.

usage: python benchmarks/intake.py [SECONDS]

The server has one core, the client another. All figures are of one run: read the ratios.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from jsonschema_tools.events import Registry
from jsonschema_tools.events.reading import decode

ROOT = Path(__file__).resolve().parent.parent
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


def example() -> dict[str, Any]:
    """Return an event of about 1 KB of this repository's own schema."""
    path = ROOT / "jsonschema/shop/order_placed/latest.yaml"
    schema = Registry(ROOT, ["jsonschema"]).get("/shop/order_placed/latest")
    assert path.exists()
    event: dict[str, Any] = json.loads(json.dumps(schema.data["examples"][0], default=str))
    event["meta"]["stream"] = "shop.order_placed"
    event["note"] = "x" * (1000 - len(json.dumps(event)))
    return event


def validate_rate(event: dict[str, Any], seconds: float) -> float:
    """Return how many events a second are parsed and validated in process."""
    schema = Registry(ROOT, ["jsonschema"]).get(event["$schema"])
    text = json.dumps(event).encode()
    count, until = 0, time.perf_counter() + seconds
    while time.perf_counter() < until:
        for _ in range(100):
            assert schema.is_valid(decode(text))
        count += 100
    return count / seconds


async def load(port: int, body: bytes, connections: int, seconds: float) -> list[float]:
    """Post a body again and again, and return the seconds that each answer took."""
    head = b"POST /v1/events HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
    request = head + b"content-length: %d\r\n\r\n" % len(body) + body
    taken: list[float] = []
    until = time.perf_counter() + seconds

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (start := time.perf_counter()) < until:
            writer.write(request)
            answer = await reader.readuntil(b"\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 201"), answer
            lengths = [x for x in answer.lower().split(b"\r\n") if x.startswith(b"content-length:")]
            if lengths:
                await reader.readexactly(int(lengths[0][15:]))
            taken.append(time.perf_counter() - start)
        writer.close()

    await asyncio.gather(*(one() for _ in range(connections)))
    return sorted(taken)


def measure(command: list[str], event: dict[str, Any], seconds: float) -> dict[str, float]:
    """Run a server on the first core, and return its rates."""
    with tempfile.TemporaryDirectory() as folder:
        config = {"schemaBasePath": str(ROOT / "jsonschema")}
        (Path(folder) / ".jsonschema-tools.yaml").write_text(json.dumps(config))
        pin = ["taskset", "-c", "0"]
        server = subprocess.Popen(
            [*pin, *command], cwd=folder, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        assert server.stdout is not None
        try:
            line = server.stdout.readline()
            port = int(line.strip().rpartition(":")[2])
            time.sleep(1)
            rates = {}
            for name, count, connections in (("single", 1, 64), ("batch", 100, 16)):
                body = json.dumps([event] * count if count > 1 else event).encode()
                asyncio.run(load(port, body, connections, 1))
                taken = asyncio.run(load(port, body, connections, seconds))
                rates[name] = len(taken) * count / seconds
                rates[f"{name} p50 ms"] = taken[len(taken) // 2] * 1000
                rates[f"{name} p99 ms"] = taken[len(taken) * 99 // 100] * 1000
            return rates
        finally:
            server.terminate()
            server.wait()
            server.stdout.close()


def main() -> None:
    """Measure, and print a table."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 5.0
    if hasattr(os, "sched_setaffinity") and len(os.sched_getaffinity(0)) > 1:
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    event = example()
    validated = validate_rate(event, seconds)
    tool = [sys.executable, "-m", "jsonschema_tools", "serve", "--port", "0"]
    ours = measure(tool, event, seconds)
    echo = measure([sys.executable, "-c", ECHO], event, seconds)
    print(f"an event of {len(json.dumps(event))} bytes; events a second")
    print(f"validate, in process      {validated:10,.0f}")
    for name in ("single", "batch"):
        print(f"bare echo, {name:8}       {echo[name]:10,.0f}")
        print(f"intake, {name:8}          {ours[name]:10,.0f}  p50 {ours[f'{name} p50 ms']:.1f} ms")
    print(f"single posts / bare echo  {ours['single'] / echo['single']:10.2f}  (at least 0.45)")
    print(f"batches / validate        {ours['batch'] / validated:10.2f}  (at least 0.6)")


if __name__ == "__main__":
    main()
