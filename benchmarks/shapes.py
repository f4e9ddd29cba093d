"""Measure how time grows with input that is made to take long: `python benchmarks/shapes.py`.

Each shape is a repository of some size, and a command. The size doubles until the command takes
some seconds of processor time, or is refused because a limit is reached. What is printed, a
Markdown table, is the ratio of the last two times, without what an empty run takes: 2 is linear,
4 quadratic. Words on the command line choose the shapes that hold one of them in their names.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from measure import ENVIRONMENT, FailedError, measure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

Files: TypeAlias = dict[str, str]
Make: TypeAlias = "Callable[[int], Files]"

SETTINGS = "schemaBasePath: ./jsonschema/\nrequiredFields: []\n"
LARGEST = 16 * 2**20  # bytes of a file
MOST = 64_000  # files
LARGEST_N = 10_000_000  # where files hardly grow
LEAST = 0.15  # seconds; a ratio of less is chance
MATERIALIZE = "materialize-all"
CHECK = "check --no-cache --jobs 1"
COMPATIBILITY = f"{CHECK} --suite compatibility"
DIFF = "diff jsonschema/a/1.0.0.yaml jsonschema/a/1.1.0.yaml"


@dataclass(frozen=True, slots=True)
class Shape:
    """Input that grows.

    Attributes:
        name: what there are n of.
        command: what is run.
        start: the first n.
        make: the files for an n.
        git: whether they are committed before.
        grows: whether what is written grows faster than n; the ratio is that for twice as much.
    """

    name: str
    command: str
    start: int
    make: Make
    git: bool = False
    grows: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """What one size took, and wrote in bytes; `end` says why there is no larger one."""

    n: int
    seconds: float
    written: int = 0
    end: str = ""


def schema(title: str, version: str = "1.0.0", **more: Any) -> str:
    """Return a schema as JSON, which YAML is too."""
    head = {"title": title, "$id": f"/{title}/{version}", "type": "object"}
    uri = "https://json-schema.org/draft-07/schema#"
    return json.dumps({**head, "$schema": uri, **more}, indent=1)


def current(keyword: Callable[[int], dict[str, Any]]) -> Make:
    """One current file."""
    return lambda n: {"jsonschema/a/current.yaml": schema("a", **keyword(n))}


def version(keyword: Callable[[int], dict[str, Any]]) -> Make:
    """One version."""
    return lambda n: {"jsonschema/a/1.0.0.yaml": schema("a", **keyword(n))}


def pair(old: Callable[[int], dict[str, Any]], new: Callable[[int], dict[str, Any]]) -> Make:
    """Two versions of a title."""
    return lambda n: {
        "jsonschema/a/1.0.0.yaml": schema("a", **old(n)),
        "jsonschema/a/1.1.0.yaml": schema("a", "1.1.0", **new(n)),
    }


def lines(old: Callable[[int], str], new: Callable[[int], str]) -> Make:
    """Two versions with lines of text."""
    return lambda n: {
        "jsonschema/a/1.0.0.yaml": schema("a") + "\n" + old(n),
        "jsonschema/a/1.1.0.yaml": schema("a", "1.1.0") + "\n" + new(n),
    }


def many(one: Callable[[int, int], Files]) -> Make:
    """Files for each number below n."""
    return lambda n: {name: text for i in range(n) for name, text in one(i, n).items()}


def properties(n: int, name: str = "p", kind: str = "string") -> dict[str, Any]:
    return {"properties": {f"{name}{i}": {"type": kind} for i in range(n)}}


def nested(n: int, name: str) -> dict[str, Any]:
    return {"properties": {f"o{i}": properties(1, name) for i in range(n)}}


def names(n: int, name: str = "p") -> list[str]:
    return [f"{name}{i}" for i in range(n)]


def below(depth: int, inner: dict[str, Any]) -> dict[str, Any]:
    """Return a value below so many levels of required properties."""
    for _ in range(depth):
        inner = {"type": "object", "properties": {"p": inner}, "required": ["p"]}
    return inner


def wide(depth: int, width: int, leaf: Any) -> Any:
    if not depth:
        return leaf
    inner = {f"p{i}": wide(depth - 1, width, leaf) for i in range(width)}
    return {"type": "object", "properties": inner, "required": [*inner]}


def in_p(**keywords: Any) -> dict[str, Any]:
    return {"properties": {"p": keywords}}


def branches(n: int, m: int, name: str) -> dict[str, Any]:
    """Return n alternatives with m properties in common and one of their own."""
    common = {f"s{i}": {"type": "string", "maxLength": 9} for i in range(m)}
    alternatives = [{"properties": {**common, f"{name}{i}": {}}} for i in range(n)]
    return {"anyOf": alternatives}


def dependencies(n: int, name: str) -> dict[str, Any]:
    return {"dependencies": {f"a{i}": names(20, name) for i in range(n)}}


def doubled(n: int, **last: Any) -> dict[str, Any]:
    """Return definitions each of which refers to the next one twice."""
    twice = {f"d{i}": {"anyOf": [{"$ref": f"#/definitions/d{i + 1}"}] * 2} for i in range(n)}
    return {"definitions": {**twice, f"d{n}": last}}


def referred(n: int) -> dict[str, Any]:
    return {"anyOf": [{"$ref": f"#/definitions/properties/p{i}"} for i in range(n)]}


def patterns(n: int, pattern: str) -> dict[str, Any]:
    found = {pattern.format(i): {"type": "string"} for i in range(n)}
    return {"patternProperties": found, "additionalProperties": {"type": "string"}}


def with_settings(make: Make, settings: Callable[[int], str]) -> Make:
    return lambda n: {**make(n), ".jsonschema-tools.yaml": SETTINGS + settings(n)}


def titles(folder: str = "jsonschema") -> Make:
    return many(lambda i, _: {f"{folder}/s{i}/1.0.0.yaml": schema(f"s{i}")})


def referring(to: Callable[[int, int], str | None]) -> Make:
    """N current files that each refer to another one."""

    def one(i: int, n: int) -> Files:
        ref = to(i, n)
        more: dict[str, Any] = {"allOf": [{"$ref": ref}]} if ref else {}
        own = {f"p{i}": {"type": "string"}}
        return {f"jsonschema/s{i:05}/current.yaml": schema(f"s{i:05}", properties=own, **more)}

    return many(one)


def hidden_version(n: int) -> Files:
    """The version is written with an escape, so that n other places look more like it."""
    rest = "x: [" + ", ".join(["1.0.0"] * n) + "]\n"
    return {
        "jsonschema/a/current.yaml": 'title: a\n"$id": "/a/\\x31.0.0"\ntype: object\n'
        f"properties: {{n: {{type: string}}}}\n{rest}",
        "jsonschema/a/1.0.0.yaml": f'title: a\n"$id": /a/1.0.0\ntype: object\n{rest}',
    }


def tabs(n: int) -> Files:
    """Tabs that have to be repaired, after what takes long to read."""
    base = "base: &a {" + ", ".join(f"k{i}: 1" for i in range(3000)) + "}\n"
    merged = "x:\n" + "  - <<: *a\n" * 300
    return {
        "jsonschema/a/current.yaml": f"{base}{merged}t:\n"
        + "".join(f"  -\ta{i}: {i}\n" for i in range(n))
    }


def pins(n: int) -> Files:
    return {
        **{f"jsonschema/f/1.{i}.0.yaml": schema("f", f"1.{i}.0") for i in range(2)},
        "jsonschema/f/current.yaml": schema("f", "1.1.0"),
        "jsonschema/a/current.yaml": schema("a", allOf=[{"$ref": "/f/1.0.0"}] * n),
    }


def fragments(n: int) -> Files:
    refs = [{"$ref": f"/f{i}.yaml"} for i in range(n)]
    return {
        "jsonschema/a/current.yaml": schema("a", allOf=refs),
        **{f"jsonschema/f{i}.yaml": "x: 1\n" for i in range(n)},
    }


def similar_names(n: int) -> Files:
    refs = [{"$ref": f"/{'ab' * 100}"}]
    return {
        "jsonschema/a/current.yaml": schema("a", allOf=refs),
        **{f"jsonschema/{'ab' * 90}{'ba' * 8}{i:08}": "x" for i in range(n)},
    }


def link(i: int, n: int) -> Files:
    """A schema whose one property is that of the next schema."""
    of_next = {"$ref": f"/s{i + 1:05}/1.0.0#/properties/p"}
    text = schema(f"s{i:05}", **in_p(**(of_next if i < n - 1 else {"type": "string"})))
    return {f"jsonschema/s{i:05}/current.yaml": text}


def into_one(n: int) -> Files:
    """Schemas each of which refers to another part of a file, whose parts refer to its first."""
    first = {"$ref": "#/definitions/d0"}
    parts = {f"d{i}": first if i else {"type": "string"} for i in range(n)}
    return {
        "jsonschema/f.yaml": json.dumps({"definitions": parts}),
        **many(
            lambda i, _: {
                f"jsonschema/s{i}/current.yaml": schema(
                    f"s{i}", **in_p(**{"$ref": f"/f.yaml#/definitions/d{i}"})
                )
            }
        )(n),
    }


def stream_patterns(n: int) -> Files:
    """As many streams, each a pattern, as events of streams that none of them matches."""
    events = [{"$schema": "/a/1.0.0", "meta": {"stream": f"x{i}"}} for i in range(n)]
    return {
        "jsonschema/a/1.0.0": schema("a"),
        "streams.json": json.dumps({rf"/^s{i}\./": {"schema_title": "a"} for i in range(n)}),
        "events.jsonl": "".join(f"{json.dumps(event)}\n" for event in events),
    }


def waivers(n: int) -> str:
    checks = ("schema-is-valid", "schema-is-secure", "structure-latest-symlink")
    return "skipSchemaTestCases:\n" + "".join(
        f"  '^/zz{i}/':\n" + "".join(f"    - {check}\n" for check in checks) for i in range(n)
    )


VERSIONS = many(lambda i, _: {f"jsonschema/a/1.{i}.0.yaml": schema("a", f"1.{i}.0")})
EXAMPLE = "shouldGenerateExample: true\n"
PROPERTIES = (
    Shape("properties, all new", MATERIALIZE, 1000, current(properties)),
    Shape("properties", CHECK, 1000, version(properties)),
    Shape("properties with bad names", CHECK, 1000, version(lambda n: properties(n, "BAD"))),
    Shape("properties added", DIFF, 1000, pair(lambda _: {}, properties)),
    Shape("properties removed", CHECK, 1000, pair(properties, lambda _: {})),
    Shape(
        "properties of another type",
        CHECK,
        100,
        pair(properties, lambda n: properties(n, kind="integer")),
    ),
    Shape("required", CHECK, 1000, version(lambda n: {**properties(n), "required": names(n)})),
    Shape(
        "required, others",
        DIFF,
        1000,
        pair(lambda n: {"required": names(n)}, lambda n: {"required": names(n, "q")}),
    ),
    Shape(
        "required, in another order",
        DIFF,
        1000,
        pair(lambda n: {"required": names(n)}, lambda n: {"required": names(n)[::-1]}),
    ),
    Shape(
        "required, and properties removed",
        DIFF,
        1000,
        pair(lambda n: {**properties(n), "required": names(n)}, lambda _: {"properties": {}}),
    ),
    Shape(
        "properties removed, and alternatives",
        DIFF,
        250,
        pair(lambda n: {**properties(n), **branches(n, 0, "a")}, lambda n: branches(n, 0, "a")),
    ),
    Shape(
        "properties that change, and alternatives",
        DIFF,
        250,
        pair(
            lambda n: {**nested(n, "p"), **branches(n, 0, "a")},
            lambda n: {**nested(n, "q"), **branches(n, 0, "a")},
        ),
    ),
    Shape(
        "alternatives in a property, each of another property",
        DIFF,
        250,
        pair(lambda n: in_p(**branches(n, 0, "a")), lambda n: in_p(**branches(n, 0, "b"))),
    ),
    Shape(
        "properties removed, and a map with as many",
        DIFF,
        20,
        pair(lambda n: nested(n, "p"), lambda n: {"additionalProperties": properties(n)}),
    ),
    Shape(
        "definitions added, and references",
        DIFF,
        250,
        pair(referred, lambda n: {**referred(n), "definitions": properties(n)}),
    ),
    Shape(
        "required in two branches",
        MATERIALIZE,
        1000,
        current(lambda n: {"allOf": [{"required": names(n)}, {"required": names(n, "q")}]}),
    ),
)
VALUES = (
    Shape("texts in an enum", CHECK, 1000, version(lambda n: {"enum": names(n)})),
    Shape(
        "objects in an enum",
        CHECK,
        1000,
        version(lambda n: {"enum": [{"a": i} for i in range(n)]}),
    ),
    Shape(
        "texts in an enum, one more",
        DIFF,
        1000,
        pair(lambda n: {"enum": names(n)}, lambda n: {"enum": names(n + 1)}),
    ),
    Shape(
        "objects in an enum, one more",
        DIFF,
        250,
        pair(
            lambda n: {"enum": [{"a": i} for i in range(n)]},
            lambda n: {"enum": [{"a": i} for i in range(n + 1)]},
        ),
    ),
    Shape(
        "texts in an enum, one less",
        COMPATIBILITY,
        1000,
        pair(lambda n: in_p(enum=names(n)), lambda n: in_p(enum=names(n)[1:])),
    ),
    Shape(
        "texts in enums of two branches",
        MATERIALIZE,
        1000,
        current(lambda n: {"allOf": [{"enum": names(n)}, {"enum": names(n + 1)[1:]}]}),
    ),
    Shape("equal types", CHECK, 1000, version(lambda n: in_p(type=["string"] * n))),
    Shape(
        "types in two branches",
        MATERIALIZE,
        500,
        current(lambda n: in_p(allOf=[{"type": names(n)}, {"type": names(n)[::-1]}])),
    ),
    Shape(
        "valid examples",
        CHECK,
        1000,
        version(lambda n: {**properties(1, "a", "integer"), "examples": [{"a0": 1}] * n}),
    ),
    Shape(
        "invalid examples",
        CHECK,
        1000,
        version(lambda n: {**properties(1, "a", "integer"), "examples": [{"a0": "x"}] * n}),
    ),
    Shape(
        "errors in one example",
        CHECK,
        1000,
        version(
            lambda n: {
                "additionalProperties": {"type": "integer"},
                "examples": [dict.fromkeys(names(n), "x")],
            }
        ),
    ),
    Shape(
        "patterns that backtrack, and names in an example",
        CHECK,
        2,
        version(
            lambda n: {
                "patternProperties": {f"^(a|aa|\\1b)+{i}$": {} for i in range(n)},
                "examples": [{f"{'a' * 40}q{i}": i for i in range(n)}],
            }
        ),
    ),
    Shape(
        "required names that an example lacks",
        CHECK,
        1000,
        version(
            lambda n: {"required": names(n), "examples": [dict.fromkeys(names(n, "q"), 1)]},
        ),
    ),
    Shape(
        "unique objects in an example",
        CHECK,
        1000,
        version(
            lambda n: {
                **in_p(type="array", maxItems=10**8, uniqueItems=True),
                "examples": [{"p": [{"k": i} for i in range(n)]}],
            }
        ),
    ),
)
BRANCHES = (
    Shape(
        "branches of one property",
        MATERIALIZE,
        250,
        current(lambda n: {"allOf": [{"properties": {f"p{i}": {}}} for i in range(n)]}),
    ),
    Shape(
        "branches of one property, the same",
        MATERIALIZE,
        250,
        current(lambda n: {"allOf": [in_p(type="string", maxLength=i) for i in range(n)]}),
    ),
    Shape(
        "branches of one keyword",
        MATERIALIZE,
        250,
        current(lambda n: {"allOf": [{f"x{i}": i} for i in range(n)]}),
    ),
    Shape("empty branches", MATERIALIZE, 250, current(lambda n: {"allOf": [{}] * n})),
    Shape(
        "equal references",
        MATERIALIZE,
        250,
        current(
            lambda n: {
                "allOf": [{"$ref": "#/definitions/d"}] * n,
                "definitions": {"d": in_p(type="string")},
            }
        ),
    ),
    Shape(
        "branches of 100 equal properties",
        MATERIALIZE,
        25,
        current(lambda n: {"allOf": branches(n, 100, "p")["anyOf"]}),
    ),
    Shape(
        "dependencies in two branches",
        MATERIALIZE,
        250,
        current(lambda n: {"allOf": [dependencies(n, "b"), dependencies(n, "c")]}),
    ),
    Shape(
        "alternatives in two branches",
        MATERIALIZE,
        10,
        current(lambda n: {"allOf": [branches(n, 0, "a"), branches(n, 0, "b")]}),
    ),
    Shape(
        "alternatives of 100 properties in two branches",
        MATERIALIZE,
        5,
        current(lambda n: {"allOf": [branches(n, 100, "a"), branches(n, 100, "b")]}),
    ),
    Shape(
        "alternatives of 100 properties by reference in two branches",
        MATERIALIZE,
        5,
        current(
            lambda n: {
                "definitions": {"c": properties(100)},
                "allOf": [
                    {
                        "anyOf": [
                            {"allOf": [{"$ref": "#/definitions/c"}, properties(1, f"{name}{i}x")]}
                            for i in range(n)
                        ]
                    }
                    for name in "ab"
                ],
            }
        ),
    ),
    Shape(
        "alternatives, in another order in the other branch",
        MATERIALIZE,
        250,
        current(
            lambda n: {
                "allOf": [
                    {"anyOf": [{"const": i} for i in order]}
                    for order in (range(n), range(n - 1, -1, -1))
                ]
            }
        ),
    ),
    Shape(
        "alternatives",
        CHECK,
        500,
        version(lambda n: {"oneOf": [{"type": "object", "required": [p]} for p in names(n)]}),
    ),
    Shape(
        "items in two branches",
        MATERIALIZE,
        250,
        current(
            lambda n: {
                "allOf": [
                    {"items": [{"type": "string", "maxLength": i} for i in range(n)]},
                    {"items": [{"minLength": i} for i in range(n)]},
                ]
            }
        ),
    ),
)
DIFFERENCES = (
    Shape(
        "objects changed in a keyword of one's own",
        DIFF,
        250,
        pair(
            lambda n: {"x": [{"a": i} for i in range(n)]},
            lambda n: {"x": [{"a": i + 1} for i in range(n)]},
        ),
    ),
    Shape(
        "texts shuffled in a keyword of one's own",
        DIFF,
        250,
        pair(
            lambda n: {"x": names(n)},
            lambda n: {"x": [f"p{i * 7919 % n}" for i in range(n)]},
        ),
    ),
    Shape(
        "equal texts, half of them changed",
        DIFF,
        250,
        pair(
            lambda n: {"x": ["t"] * n},
            lambda n: {"x": ["t"] * (n // 2) + ["u"] * (n // 2)},
        ),
    ),
    Shape(
        "texts in a keyword of one's own, every second one changed",
        DIFF,
        250,
        pair(
            lambda n: {"x": names(n)},
            lambda n: {"x": [f"q{i}" if i % 2 else f"p{i}" for i in range(n)]},
        ),
    ),
    Shape(
        "entries changed in a keyword of one's own",
        DIFF,
        250,
        pair(
            lambda n: {"x": dict.fromkeys(names(n), 1)},
            lambda n: {"x": dict.fromkeys(names(n), 2)},
        ),
    ),
    Shape(
        "numbers in a default, reversed",
        CHECK,
        250,
        pair(
            lambda n: in_p(type="array", default=[*range(n)]),
            lambda n: in_p(type="array", default=[*range(n)][::-1]),
        ),
    ),
    Shape(
        "characters of two texts",
        DIFF,
        10_000,
        pair(lambda n: {"x": "a" * n}, lambda n: {"x": "b" * n}),
    ),
    Shape(
        "lines of a few kinds",
        f"{DIFF} --unified",
        1000,
        lines(
            lambda n: "".join(f"# a{i % 50}\n" for i in range(n)),
            lambda n: "".join(f"# a{i * 7 % 53}\n" for i in range(n)),
        ),
    ),
    Shape(
        "equal lines",
        f"{DIFF} --unified",
        1000,
        lines(lambda n: "# a\n# b\n" * n, lambda n: "# b\n# b\n# a\n" * n),
    ),
    Shape(
        "lines in another order",
        f"{DIFF} --unified",
        1000,
        lines(
            lambda n: "".join(f"# a{i}\n" for i in range(n)),
            lambda n: "".join(f"# a{i * 7919 % n}\n" for i in range(n)),
        ),
    ),
)
FILES = (
    Shape("versions of a title", CHECK, 250, VERSIONS),
    Shape("versions of a title", "list", 1000, VERSIONS),
    Shape(
        "versions of a title",
        "bump --check",
        1000,
        lambda n: {**VERSIONS(n), "jsonschema/a/current.yaml": schema("a", f"1.{n - 1}.0")},
    ),
    Shape(
        "titles that fail",
        "check --write-skips",
        50,
        many(lambda i, _: {f"jsonschema/s{i}/1.0.0.yaml": schema(f"s{i}", **properties(1, "BAD"))}),
    ),
    Shape("titles and waivers", CHECK, 50, with_settings(titles(), waivers)),
    Shape(
        "titles and ignored patterns",
        "list",
        100,
        with_settings(
            many(lambda i, _: {f"jsonschema/s{i}/current.yaml": schema(f"s{i}")}),
            lambda n: f"ignoreSchemas: {json.dumps([f'^/zz{i}/' for i in range(n)])}\n",
        ),
    ),
    Shape(
        "base URIs and references",
        MATERIALIZE,
        25,
        with_settings(
            fragments,
            lambda n: (
                "schemaBaseUris: "
                + json.dumps([*(f"./no{i}/" for i in range(min(n, 249))), "./jsonschema/"])
                + "\n"
            ),
        ),
    ),
    Shape(
        "schemas that refer by path",
        "graph",
        100,
        referring(lambda i, n: f"jsonschema/s{(i + 1) % n:05}/1.0.0"),
    ),
    Shape(
        "schemas that refer by URL",
        "graph",
        100,
        referring(lambda i, n: f"https://x.invalid/s{(i + 1) % n:05}/1.0.0"),
    ),
    Shape("references in a schema", "graph", 1000, pins),
    Shape("files with similar names, a broken reference", MATERIALIZE, 250, similar_names),
    Shape(
        "broken references",
        MATERIALIZE,
        50,
        referring(lambda i, _: f"/schema_numbe_{i}/1.0.0"),
    ),
    Shape(
        "schemas in a chain, first to last",
        MATERIALIZE,
        25,
        referring(lambda i, n: f"/s{i + 1:05}/1.0.0" if i < n - 1 else None),
        grows=True,
    ),
    Shape(
        "schemas in a chain, last to first",
        MATERIALIZE,
        25,
        referring(lambda i, _: f"/s{i - 1:05}/1.0.0" if i else None),
        grows=True,
    ),
    Shape("schemas in a chain, of one property", MATERIALIZE, 100, many(link)),
    Shape("schemas that refer into one file, with as many references", MATERIALIZE, 100, into_one),
    Shape("places like a hidden version", "bump", 25, hidden_version),
    Shape("pins in a schema", "outdated --update .", 10, pins),
    Shape(
        "schemas changed",
        "diff",
        50,
        many(
            lambda i, _: {
                f"jsonschema/s{i}/1.0.0.yaml": schema(f"s{i}"),
                f"jsonschema/s{i}/1.1.0.yaml": schema(f"s{i}", "1.1.0", **properties(1)),
            }
        ),
        git=True,
    ),
    Shape("titles", "check --against HEAD --all", 100, titles(), git=True),
    Shape(
        "base paths inside each other",
        CHECK,
        100,
        lambda n: {
            **titles()(n),
            ".jsonschema-tools.yaml": "schemaBasePath: [./jsonschema/, ., ./jsonschema]\n"
            "requiredFields: []\n",
        },
    ),
    Shape(
        "folders of one title",
        CHECK,
        50,
        many(lambda i, _: {f"jsonschema/s{i}/1.0.0.yaml": schema("same")}),
    ),
    Shape(
        "base paths and titles",
        CHECK,
        25,
        lambda n: {
            **many(lambda i, _: {f"b{i}/s{i}/1.0.0.yaml": schema(f"s{i}")})(n),
            ".jsonschema-tools.yaml": "requiredFields: []\nschemaBasePath: "
            + json.dumps([f"b{i}" for i in range(n)]),
        },
    ),
    Shape("tabs to be repaired", "list", 10, tabs),
    Shape(
        "properties in an example",
        MATERIALIZE,
        500,
        with_settings(
            current(lambda n: {**properties(n), "required": names(n)}), lambda _: EXAMPLE
        ),
    ),
    Shape(
        "dependencies in an example",
        MATERIALIZE,
        100,
        with_settings(
            current(
                lambda n: {
                    **properties(n),
                    "dependencies": {p: {"required": [p]} for p in names(n)},
                }
            ),
            lambda _: EXAMPLE,
        ),
    ),
    Shape(
        "patterns and properties in an example",
        MATERIALIZE,
        50,
        with_settings(
            current(lambda n: {**patterns(n, "^p{}x*$"), **properties(n)}), lambda _: EXAMPLE
        ),
    ),
)
EVENTS = (
    Shape(
        "patterns of streams, events of other streams",
        "validate --jobs 1 --streams events.jsonl",
        1000,
        with_settings(stream_patterns, lambda _: "streamConfigs: streams.json\n"),
    ),
    Shape(
        "streams of one schema",
        f"{CHECK} --suite streams",
        1000,
        with_settings(
            lambda n: {
                "jsonschema/a/1.0.0.yaml": schema("a"),
                "streams.json": json.dumps({f"s{i}": {"schema_title": "a"} for i in range(n)}),
            },
            lambda _: "streamConfigs: streams.json\n",
        ),
    ),
)
TABLES = (
    Shape("columns", "table a", 1000, version(properties)),
    Shape(
        "columns that a table would lose",
        "table a --since 1.0.0",
        1000,
        pair(properties, lambda n: properties(n, "q")),
    ),
)
COUNTEREXAMPLES = (
    Shape(
        "letters that a pattern counts",
        COMPATIBILITY,
        4,
        pair(
            lambda n: in_p(type="string", pattern=f"^(a|b)*a(a|b){{{n}}}$"),
            lambda n: in_p(type="string", pattern=f"^(a|b)*b(a|b){{{n}}}$"),
        ),
    ),
    Shape(
        "letters that a pattern repeats",
        COMPATIBILITY,
        4,
        pair(
            lambda n: in_p(type="string", pattern=f"^[a-z]{{0,{n}}}$"),
            lambda n: in_p(type="string", pattern=f"^.{{1,{n}}}x$"),
        ),
    ),
    Shape(
        "alternatives, all tightened",
        COMPATIBILITY,
        2,
        pair(
            lambda n: {"anyOf": [{"required": [a]} for a in names(n)]},
            lambda n: {"anyOf": [{"required": [a, "z"]} for a in names(n)]},
        ),
    ),
    Shape(
        "alternatives of two kinds, all tightened",
        COMPATIBILITY,
        2,
        pair(
            lambda n: {
                "anyOf": [{"required": [a]} for a in names(n)],
                "oneOf": [{"required": [b]} for b in names(n, "b")],
            },
            lambda n: {
                "anyOf": [{"required": [a, "z"]} for a in names(n)],
                "oneOf": [{"required": [b, "y"]} for b in names(n, "b")],
            },
        ),
    ),
    Shape(
        "properties in `not`",
        COMPATIBILITY,
        4,
        pair(
            lambda n: {"not": properties(n)},
            lambda n: {"not": {"anyOf": [{"required": [a]} for a in names(n)]}},
        ),
    ),
    Shape(
        "levels of required properties",
        COMPATIBILITY,
        4,
        pair(
            lambda n: below(min(n, 60), {"type": "string"}),
            lambda n: below(min(n, 60), {"type": "string", "maxLength": 3}),
        ),
    ),
    Shape(
        "required properties, each with n of them",
        COMPATIBILITY,
        4,
        pair(
            lambda n: wide(2, n, {"type": "string"}),
            lambda n: wide(2, n, {"type": "string", "maxLength": 3}),
        ),
    ),
    Shape(
        "patterns and new properties",
        COMPATIBILITY,
        10,
        pair(
            lambda n: patterns(n, "^(x?){{20}}a{}"),
            lambda n: {**patterns(n, "^(x?){{20}}a{}"), **properties(n, "q", "integer")},
        ),
    ),
    Shape(
        "patterns that backtrack",
        COMPATIBILITY,
        1,
        pair(
            lambda n: patterns(n, "^(?=a)(a+)+{}$"),
            lambda n: {
                **patterns(n, "^(?=a)(a+)+{}$"),
                **properties(n, "a" * 40, "integer"),
            },
        ),
    ),
    Shape(
        "references that double",
        COMPATIBILITY,
        5,
        pair(
            lambda n: {**doubled(n, required=["q"]), **in_p(**{"$ref": "#/definitions/d0"})},
            lambda n: {
                **doubled(n, required=["q"]),
                **in_p(**{"$ref": "#/definitions/d0"}),
                "required": ["p"],
            },
        ),
    ),
)
SHAPES = (
    *PROPERTIES,
    *VALUES,
    *BRANCHES,
    *DIFFERENCES,
    *FILES,
    *EVENTS,
    *TABLES,
    *COUNTEREXAMPLES,
)


def lay(root: Path, files: Files, *, git: bool) -> bool:
    """Write files below a folder; False if one is larger than what is read."""
    for name, text in {".jsonschema-tools.yaml": SETTINGS, **files}.items():
        if len(text) > LARGEST:
            return False
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    if git:
        identity = ("-c", "user.name=t", "-c", "user.email=t@t.invalid", "-c", "gc.auto=0")
        for words in (("init", "-q"), ("add", "."), ("commit", "-q", "--allow-empty", "-m", "x")):
            subprocess.run(["git", *identity, *words], cwd=root, check=True, env=ENVIRONMENT)
    return True


def written_in(root: Path) -> int:
    """Return the bytes of the files in a folder."""
    return sum(path.lstat().st_size for path in root.rglob("*") if path.is_file())


def steps(shape: Shape, tool: str, longest: float) -> Iterator[Step]:
    """Yield what each size takes, until one takes too long or is refused."""
    n = shape.start
    files: Files = {}
    while n <= LARGEST_N:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
            last, files = files, shape.make(n)
            if len(files) > MOST or files == last or not lay(Path(name), files, git=shape.git):
                return
            try:
                run = measure(
                    [tool, *shape.command.split()],
                    Path(name),
                    sound=lambda status: status in {0, 1},
                    limit=20 * longest,
                )
            except FailedError as error:
                yield Step(n, 0, end=str(error))
                return
            written = written_in(Path(name)) if shape.grows else 0
        yield Step(n, run.processor, written)
        if run.processor > longest:
            return
        n *= 2


def row(shape: Shape, tool: str, longest: float, empty: float) -> str:
    """Measure a shape and return its row of the table."""
    taken = [*steps(shape, tool, longest)]
    failed = taken.pop().end if taken and taken[-1].end else ""
    ratio = ""
    if len(taken) > 1 and taken[-2].seconds - empty > LEAST:
        grown = (taken[-1].seconds - empty) / (taken[-2].seconds - empty)
        if shape.grows:
            grown *= 2 * taken[-2].written / taken[-1].written
            failed = failed or f"{taken[-1].written / 1e6:.0f} MB written"
        ratio = f"{grown:.1f}"
    times = f"{taken[-1].n:,} | {taken[-1].seconds:.2f} s" if taken else " | "
    return f"| {shape.name} | `{shape.command}` | {times} | {ratio or '-'} | {failed} |"


def chosen(words: Sequence[str]) -> Iterable[Shape]:
    return [shape for shape in SHAPES if not words or any(word in shape.name for word in words)]


def main() -> None:
    """Read the command line, measure, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", help="words of names of shapes")
    parser.add_argument("--longest", type=float, default=3, help="seconds of the last run")
    parser.add_argument("--python", type=Path, help="interpreter that has this tool installed")
    options = parser.parse_args()
    python = options.python or Path(sys.executable)
    tool = str(python.absolute().with_name("jsonschema-tools"))
    with tempfile.TemporaryDirectory() as name:
        lay(Path(name), {"jsonschema/a/current.yaml": schema("a")}, git=False)
        empty = min(measure([tool, "list"], Path(name)).processor for _ in range(5))
    print("| n | command | largest n | processor | ratio | |")
    print("| --- | --- | ---: | ---: | ---: | --- |")
    for shape in chosen(options.words):
        print(row(shape, tool, options.longest, empty), flush=True)


if __name__ == "__main__":
    main()
