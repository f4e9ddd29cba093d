"""Make a repository of schemas like real ones, from a seed: `python benchmarks/generate.py FOLDER`.

Every title has several versions: fields are added by minor versions, and every third title has a
new major version. Every event schema uses the common fragment, and most use others too. All checks
pass, with this tool and with the reference.
"""

from __future__ import annotations

import argparse
import random
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jsonschema_tools.config import load_config
from jsonschema_tools.documents.document import read_document
from jsonschema_tools.materialization import Materializer, Source
from jsonschema_tools.serialization.serializer import serialize

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.values import Json

WORDS = (
    "account action agent amount article banner batch block cache campaign category change "
    "channel client cluster comment content country creator cursor device domain edit entity "
    "error event field filter flag format group header history host image index item job key "
    "label language latency layout level link list locale log message method model module name "
    "namespace node number object option order origin owner page parent part path payload "
    "performer platform position prefix price priority process profile project property query "
    "queue rank rate reason record region relation request response result revision role row "
    "rule schema score section segment server service session setting signal site size slot "
    "source stage state status step stream string style subject system table tag target task "
    "template text thread time title token topic total trace type unit update url user value "
    "variant vendor version view visit wiki window worker zone"
).split()

COMMON: dict[str, Any] = {
    "type": "object",
    "required": ["$schema", "dt", "meta"],
    "properties": {
        "$schema": {
            "type": "string",
            "description": "A URI identifying the JSONSchema for this event, its title and version",
        },
        "dt": {
            "type": "string",
            "format": "date-time",
            "maxLength": 128,
            "description": "ISO-8601 formatted timestamp of when the event occurred",
        },
        "meta": {
            "type": "object",
            "required": ["stream"],
            "properties": {
                "dt": {
                    "type": "string",
                    "format": "date-time",
                    "maxLength": 128,
                    "description": "Time the event was received by the system, in UTC",
                },
                "stream": {"type": "string", "minLength": 1, "description": "Name of the stream"},
                "id": {"type": "string", "description": "Unique ID of this event"},
                "uri": {
                    "type": "string",
                    "format": "uri-reference",
                    "maxLength": 8192,
                    "description": "Unique URI identifying the event or entity",
                },
                "domain": {"type": "string", "minLength": 1, "description": "Domain of the entity"},
                "request_id": {"type": "string", "description": "Unique ID of the request"},
            },
        },
    },
}


@dataclass(frozen=True, slots=True)
class Shape:
    """What a repository is made of."""

    titles: int = 150
    versions: int | None = None  # None: one to five, 2.9 on average, as in real repositories
    seed: int = 1
    fragments: int = 10


def sentence(rng: random.Random, low: int, high: int) -> str:
    """Return some words that look like a description."""
    words = [rng.choice(WORDS) for _ in range(rng.randint(low, high))]
    return " ".join(words).capitalize() + rng.choice(["", ".", ", e.g. 42.", " (see: T12345)."])


def a_field(rng: random.Random, depth: int = 0) -> dict[str, Any]:
    """Return the schema of one field."""
    kinds = ["string"] * 5 + ["integer"] * 3 + ["number", "boolean", "enum", "dt", "array", "map"]
    kind = rng.choice(kinds + ["object"] * (3 if depth < 2 else 0))
    schema: dict[str, Any] = {"description": sentence(rng, 4, 24)}
    if kind == "object":
        schema |= {"type": "object", "properties": fields(rng, rng.randint(2, 6), depth + 1)}
    elif kind == "array":
        schema |= {"type": "array", "items": {"type": rng.choice(["string", "integer"])}}
    elif kind == "map":
        schema |= {"type": "object", "additionalProperties": {"type": "string"}}
    elif kind == "enum":
        schema |= {"type": "string", "enum": sorted({rng.choice(WORDS) for _ in range(4)})}
    elif kind == "dt":
        schema |= {"type": "string", "format": "date-time", "maxLength": 128}
    elif kind == "integer":
        schema |= {"type": "integer", "minimum": rng.choice([0, 1])}
    else:
        schema |= {"type": kind}
    return schema


def fields(rng: random.Random, count: int, depth: int = 0, suffix: str = "") -> dict[str, Any]:
    """Return the properties of an object."""
    names = (f"{rng.choice(WORDS)}_{rng.choice(WORDS)}{suffix}" for _ in range(count))
    return {name: a_field(rng, depth) for name in names}


def schema(title: str, version: str, **keywords: Any) -> dict[str, Any]:
    """Return a schema as an author writes it."""
    return {
        "title": title,
        "description": keywords.pop("description"),
        "$id": f"/{title}/{version}",
        "$schema": "https://json-schema.org/draft-07/schema#",
        "type": "object",
        **keywords,
    }


def fragments(shape: Shape) -> Iterator[dict[str, Any]]:
    """Yield the shared fragments, one version each."""
    common = {key: value for key, value in COMMON.items() if key != "type"}
    yield schema("fragment/common", "1.0.0", description="Common fields of all events", **common)
    for number in range(1, shape.fragments):
        rng = random.Random(f"{shape.seed}/fragment/{number}")  # noqa: S311
        # the number in each name keeps the branches of an `allOf` from contradicting each other
        properties = fields(rng, 6, depth=1, suffix=f"_{number}")
        title = f"fragment/{rng.choice(WORDS)}_{number}"
        yield schema(title, "1.0.0", description=sentence(rng, 5, 20), properties=properties)


def history(shape: Shape, number: int, shared: list[str]) -> Iterator[dict[str, Any]]:
    """Yield the versions of one event schema, oldest first."""
    rng = random.Random(f"{shape.seed}/{number}")  # noqa: S311
    title = f"{rng.choice(WORDS)}/{rng.choice(WORDS)}_{rng.choice(WORDS)}_{number}"
    description, properties = sentence(rng, 8, 40), fields(rng, rng.randint(6, 18))
    refs = ["fragment/common", *rng.sample(shared, k=min(len(shared), rng.choice([0, 1, 1, 2])))]
    count = shape.versions or rng.choice([1, 2, 2, 3, 3, 3, 4, 5])
    required = [min(properties)]
    major, minor = 1, 0
    for step in range(count):
        if step:
            new_major = number % 3 == 0 and step == count // 2 + 1
            major, minor = (major + 1, 0) if new_major else (major, minor + 1)
            properties = {**properties, f"added_{step}": a_field(rng)}
        yield schema(
            title,
            f"{major}.{minor}.0",
            description=description,
            allOf=[{"$ref": f"/{ref}/1.0.0#"} for ref in refs],
            required=required,
            properties=properties,
        )


def write_repository(folder: Path, shape: Shape) -> None:
    """Write a repository: its configuration, current files, and all materialized versions."""
    folder.mkdir(parents=True, exist_ok=True)
    settings: Json = {
        "schemaBasePath": "./jsonschema/",
        "contentTypes": ["yaml"],
        "shouldGenerateExample": True,
        "logLevel": "warn",
    }
    (folder / ".jsonschema-tools.yaml").write_text(serialize(settings), encoding="utf-8")
    materializer = Materializer(load_config(folder))
    shared = []
    for fragment in fragments(shape):
        shared.append(fragment["title"])
        write_version(folder, fragment, materializer)
    for number in range(shape.titles - shape.fragments):
        for version in history(shape, number, shared[1:]):
            write_version(folder, version, materializer)


def write_version(folder: Path, version: dict[str, Any], materializer: Materializer) -> None:
    """Write a current file and what it materializes to."""
    current = folder / "jsonschema" / version["title"] / "current.yaml"
    current.parent.mkdir(parents=True, exist_ok=True)
    current.write_text(serialize(version), encoding="utf-8")
    source = Source(read_document(current, str(current)), current.parent)
    for output in materializer.outputs(source):
        output.write()


def main() -> None:
    """Read the command line and write a repository."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--titles", type=int, default=150)
    parser.add_argument("--versions", type=int)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    write_repository(options.folder, Shape(options.titles, options.versions, options.seed))


if __name__ == "__main__":
    main()
