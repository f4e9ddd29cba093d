"""Measures `validate` beside a Node program that does the same with ajv 6; prints ratios.

python benchmarks/events.py SCHEMAS [EVENTS]

SCHEMAS is the base path of a schema repository that has `mediawiki/page/change`, EVENTS how many
events are made from its example by a seed (default 500,000). Both programs read JSON Lines, parse,
validate and write the valid events. ajv 6.12.6 comes from npm, into a scratch folder.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from jsonschema_tools.documents.document import read_document
from jsonschema_tools.pointers import follow

RUNS = 3
# an installed program has bytecode
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
TITLE = "mediawiki/page/change"
NODE = """
const Ajv = require(process.argv[2] + '/node_modules/ajv'), fs = require('fs');
const schema = JSON.parse(fs.readFileSync(process.argv[3]));
const ajv = new Ajv({useDefaults: true, schemaId: 'auto', allErrors: true});
const meta = require(process.argv[2] + '/node_modules/ajv/lib/refs/json-schema-draft-07.json');
ajv.addMetaSchema(Object.assign({}, meta, {$id: 'https://json-schema.org/draft-07/schema#'}));
const validate = ajv.compile(schema), out = fs.createWriteStream(process.argv[5]);
const lines = require('readline').createInterface({input: fs.createReadStream(process.argv[4])});
lines.on('line', line => {
  const event = JSON.parse(line);
  if (validate(event)) out.write(JSON.stringify(event) + '\\n');
});
lines.on('close', () => out.end());
"""


def write_events(example: dict[str, Any], count: int, path: Path) -> None:
    """Write events of about 1 KB that differ in some fields."""
    rnd = random.Random(1)  # noqa: S311 - not for secrets
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            page = {**example["page"], "page_id": rnd.randrange(1, 10**7)}
            meta = {**example["meta"], "id": str(number)}
            file.write(json.dumps({**example, "page": page, "meta": meta}) + "\n")


def seconds(*command: str) -> float:
    """Return how long a command took."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def peak_memory(*command: str) -> int:
    """Return the peak memory of a command, in KiB."""
    program = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True,"
        " stdout=subprocess.DEVNULL);"
        " print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *command], check=True, capture_output=True, text=True
    )
    return int(done.stdout)


def main() -> None:
    """Measure and print."""
    base = Path(sys.argv[1]).resolve()
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 500_000
    document = read_document(max((base / TITLE).glob("[0-9]*.yaml")))
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        npm = ("npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", name)
        subprocess.run([*npm, "ajv@6.12.6"], check=True)
        (scratch / "schema.json").write_text(json.dumps(document.data))
        (scratch / "program.js").write_text(NODE)
        (scratch / "config.yaml").write_text(f"schemaBasePath: {base}\n")
        example: Any = follow(document.data, "/examples/0")
        write_events(example, count, scratch / "events.jsonl")
        write_events(example, 1, scratch / "one.jsonl")
        report(scratch, count)


def report(scratch: Path, count: int) -> None:
    """Run both programs in turn, and print medians and ratios."""
    events, out = str(scratch / "events.jsonl"), str(scratch / "out.jsonl")
    tool = (
        sys.executable,
        "-m",
        "jsonschema_tools",
        "validate",
        "-C",
        str(scratch / "config.yaml"),
    )
    node = ("node", str(scratch / "program.js"), str(scratch), str(scratch / "schema.json"))
    ours, theirs, two, single = [], [], [], []
    for _ in range(RUNS):
        ours.append(seconds(*tool, events, "--valid", out))
        theirs.append(seconds(*node, events, out))
        two.append(seconds(*tool, events, "--valid", out, "--jobs", "2"))
        single.append(seconds(*tool, str(scratch / "one.jsonl")))
    one, other, both, start = map(median, (ours, theirs, two, single))
    print(f"{count:,} events, medians of {RUNS} runs in turn")
    print(f"one process      {count / one:>10,.0f} events/s")
    print(f"Node, ajv 6      {count / other:>10,.0f} events/s   ours {other / one:.2f} x")
    print(f"two processes    {count / both:>10,.0f} events/s   {one / both:.2f} x one")
    print(f"one event        {start:.3f} s")
    few = scratch / "few.jsonl"
    with Path(events).open("rb") as source:
        few.write_bytes(b"".join(source.readline() for _ in range(1000)))
    small, large = peak_memory(*tool, str(few)), peak_memory(*tool, events)
    print(
        f"peak memory      {small / 1024:.0f} MiB for 1,000 events, {large / 1024:.0f} MiB for all"
    )


if __name__ == "__main__":
    main()
