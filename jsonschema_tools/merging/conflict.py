"""What is said when `allOf` cannot be merged: where, which values, and where they come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from jsonschema_tools.errors import MergeConflictError
from jsonschema_tools.keywords import DRAFT_7
from jsonschema_tools.messages import format_value
from jsonschema_tools.pointers import join
from jsonschema_tools.values import child

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from jsonschema_tools.values import Json, Schema

Path: TypeAlias = tuple[str | int, ...]
"""Raw tokens of a JSON Pointer into the merged schema."""


class AllOfConflictError(MergeConflictError):
    """Two branches of an `allOf` contradict each other.

    Attributes:
        path: tokens of the place in the merged schema that has no value; see `contributions`.
    """

    def __init__(self, message: str, path: Path, *, hint: str) -> None:
        super().__init__(message, hint=hint)
        self.path = path


@dataclass(frozen=True, slots=True)
class Contribution:
    """A value that goes into one place of the merged schema.

    Attributes:
        pointer: JSON Pointer of the value in the schema before merging.
        value: the value itself.
    """

    pointer: str
    value: Json


def disagreement(path: Path, values: Sequence[Json]) -> AllOfConflictError:
    """Return the error about a keyword on which branches do not agree."""
    *place, keyword = path
    listed = _listed([format_value(value) for value in values])
    return AllOfConflictError(
        f"allOf branches disagree on `{keyword}` of {where(place)}: {listed}",
        path,
        hint=_advice(str(keyword), values),
    )


def no_schema(path: Path, value: Json) -> AllOfConflictError:
    """Return the error about a value that is not a schema, but would have to be merged with one."""
    return AllOfConflictError(
        f"{format_value(value)} is not a schema, but is in the place of one, in {where(path)}",
        path,
        hint="write an object, true or false there",
    )


def contributions(schema: Schema, path: Path) -> list[Contribution]:
    """Return the values that merging finds for one place, in the order in which it takes them.

    Args:
        schema: the schema before merging.
        path: the `path` of the error that merging raised.
    """
    parts = [Contribution("", schema)]
    for keyword, name in _steps(path):
        branches = [branch for part in parts for branch in _branches(part)]
        parts = [found for branch in branches for found in _follow(branch, keyword, name)]
    return parts


def _steps(path: Path) -> Iterator[tuple[str, str | int | None]]:
    """Yield what leads from schema to schema: a keyword, and a name or index if it has one."""
    tokens = list(path)
    while tokens:
        keyword = str(tokens.pop(0))
        has_name = tokens and (keyword in DRAFT_7.maps or isinstance(tokens[0], int))
        yield keyword, tokens.pop(0) if has_name else None


def _branches(side: Contribution) -> Iterator[Contribution]:
    """Yield a schema and, at any depth, the members of its `allOf`."""
    yield side
    branches = side.value.get("allOf") if isinstance(side.value, dict) else None
    if isinstance(branches, list):
        all_of = _child(side, "allOf")
        for index in range(len(branches)):
            yield from _branches(_child(all_of, index))


def _follow(side: Contribution, keyword: str, name: str | int | None) -> Iterator[Contribution]:
    """Yield what one schema says about a keyword, or about one name or index in it."""
    schema = side.value
    if not isinstance(schema, dict):
        return
    items = schema.get("items")
    if isinstance(items, dict) and keyword in ("items", "additionalItems"):
        keyword, name = "items", None
    elif keyword == "items" and isinstance(name, int) and not _has(items, name):
        keyword, name = "additionalItems", None
    if keyword in schema:
        found = _child(side, keyword)
        if name is None:
            yield found
        elif _has(found.value, name):
            yield _child(found, name)


def _has(value: Json, token: str | int) -> bool:
    if isinstance(value, list):
        return isinstance(token, int) and token < len(value)
    return isinstance(value, dict) and token in value


def _child(side: Contribution, token: str | int) -> Contribution:
    return Contribution(side.pointer + join([token]), child(side.value, token))


def _advice(keyword: str, values: Sequence[Json]) -> str:
    if keyword == "enum":
        return "the lists need at least one value in common"
    if keyword in ("anyOf", "oneOf"):
        return "no choice of one branch goes together with a choice of the other"
    return f"leave `{keyword}` to one branch, or write the same in each"


def where(path: Iterable[str | int]) -> str:
    """Return how a place in the merged schema is called in a message."""
    return join(path) or "the schema"


def _listed(texts: Sequence[str]) -> str:
    return " and ".join([", ".join(texts[:-1]), texts[-1]]) if len(texts) > 1 else "".join(texts)
