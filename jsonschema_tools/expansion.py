"""How much work a schema is for one value: what `$ref`s that double would make endless."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from jsonschema_tools.errors import Problem
from jsonschema_tools.keywords import IN_PLACE
from jsonschema_tools.pointers import follow
from jsonschema_tools.subschemas import parts, places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.values import Schema

#: subschemas that one value may be held to; a validator takes about 0.1 s for so many
LIMIT = 10**6


def endless(schema: Schema, limit: int = LIMIT) -> Iterator[Problem]:
    """Yield the references that make a schema more work for one value than a limit."""
    counts: dict[int, int] = {}
    for place in places(schema):
        if "$ref" in place.schema and too_large(schema, place.schema, counts, limit):
            yield Problem(
                "`$ref` leads to more than a million subschemas for one value", place.at("$ref")
            )


def too_large(
    root: Schema, schema: Schema, counts: dict[int, int] | None = None, limit: int = LIMIT
) -> bool:
    """Tell whether a value is held to more subschemas than a limit.

    Counted are the in-place applicators (JSON Schema core, section 10.2), each `$ref` in the schema
    followed: those through which a value meets several subschemas at the same place. A subschema
    that leads back to itself counts once.

    Args:
        root: the document, into which references point.
        schema: the subschema that a value is held to.
        counts: what was counted for other subschemas of the same document, by their identity.
        limit: how many are not too many.
    """
    counts = {} if counts is None else counts
    started: set[int] = set()
    waiting = [schema]
    while waiting:
        part = waiting[-1]
        if id(part) in counts:
            waiting.pop()
            continue
        inner = _in_place(part, root)
        if id(part) not in started:
            started.add(id(part))
            waiting += [one for one in inner if id(one) not in started]
            continue
        counts[id(part)] = 1 + sum(counts.get(id(one), 1) for one in inner)
        if counts[id(part)] > limit:
            return True
        waiting.pop()
    return counts[id(schema)] > limit


def _in_place(schema: Schema, root: Schema) -> list[Schema]:
    inner = [part for _, part in parts(schema, IN_PLACE)]
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith("#"):
        with suppress(KeyError):  # leads nowhere, which the validator says better
            inner.append(follow(root, reference[1:]))
    return [part for part in inner if isinstance(part, dict)]
