"""Dereferencing: every `$ref` of a schema replaced by what it points to.

The rules are those of json-schema-ref-parser 7, which existing repositories were written with:
any object with a string `$ref` is a reference, wherever it is, except in `const` and `enum`, which
hold values; keywords beside `$ref` win over the target's; a target that is referred to twice is one
object at two places.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from jsonschema_tools import pointers
from jsonschema_tools.dereferencing.document_set import DocumentSet, Target, circular
from jsonschema_tools.dereferencing.references import (
    Resource,
    is_data,
    ref_of,
    trail_tokens,
)
from jsonschema_tools.errors import SchemaError
from jsonschema_tools.values import MAX_DEPTH, TOO_DEEP, entries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.dereferencing.document_set import Fetch
    from jsonschema_tools.dereferencing.references import Trail
    from jsonschema_tools.documents import Document
    from jsonschema_tools.errors import CircularRefError, Location
    from jsonschema_tools.values import Container, Json, Schema

MAX_PARTS: Final = 200_000
"""How many objects and lists a schema may become: stops references that multiply each other."""

_MAX_LEVELS: Final = 2 * MAX_DEPTH
"""Levels after which there are too many, even if half of them are `allOf`, which merging removes.

This ends a `$ref` with keywords beside it to what contains it, which is a new object each time.
"""


@dataclass(frozen=True, slots=True)
class Dereferenced:
    """A schema without references.

    Attributes:
        schema: the schema. It shares objects with the documents that it was made of: copy before
            changing it.
        documents: URLs of the other documents that it was made of, in the order of discovery.
    """

    schema: Schema
    documents: tuple[str, ...]
    _linked: DocumentSet

    def locate(self, pointer: str) -> Location:
        """Return where the value at a pointer into the schema was written."""
        return self._linked.origins().at(self.schema, pointer)


def dereference(document: Document, fetch: Fetch) -> Dereferenced:
    """Replace every `$ref` in a schema by what it points to.

    The document itself stays as it is.

    Raises:
        UnresolvedRefError: a reference points to nothing.
        ForbiddenRefError: a reference leads out of the configured base URIs.
        CircularRefError: a reference leads back to where it is.
        SchemaError: the result is not a schema, too large, or nested too deeply.
        SchemaToolsError: a document cannot be read.
    """
    linked = DocumentSet(Resource.of(document), fetch)
    schema = _Replacer(linked).root()
    if not isinstance(schema, dict):
        raise SchemaError(
            "the schema is not a mapping of keywords, but a "
            f"{'list' if isinstance(schema, list) else 'single value'}",
            at=document.locate(""),
        )
    return Dereferenced(schema, tuple(linked.opened)[1:], linked)


class _Around(NamedTuple):
    """A container of which a part is being replaced: where to go on with it after that.

    Attributes:
        node: the container.
        rest: the entries that come after the part.
        base: URL of the document that it is in.
        trail: the way to it.
        size: how many objects and lists are in the parts that are done.
        is_target: whether a reference led to it.
        key: the place of the part.
    """

    node: Container
    rest: Iterator[tuple[str | int, Json]]
    base: str
    trail: Trail
    size: int
    is_target: bool
    key: str | int


class _Replacer:
    """Replaces references in place, in our own copies of the documents.

    What was written in one place is replaced once and then shared, wherever it is referred to. The
    walk keeps its own stack: so the limits are ours, not that of Python's frames.
    """

    def __init__(self, linked: DocumentSet) -> None:
        self._linked = linked
        self._active: dict[int, Json] = {}  # the containers around the current one, by id
        self._done: dict[int, tuple[Json, int]] = {}  # those replaced, with their sizes
        # the references we went through: depth, target, and the object that has the `$ref`
        self._entered: list[tuple[int, Target, Schema]] = []

    def root(self) -> Json:
        linked = self._linked
        root = linked.opened[linked.base]
        if root.plain:
            return root.data
        if not isinstance(root.data, dict) or (ref := ref_of(root.data)) is None:
            if isinstance(root.data, (dict, list)):
                self._replace_in(root.data, linked.base, None)
            return root.data
        replaced, target = self._replacement(root.data, ref, linked.base, None)
        if target is not None:
            self._entered.append((0, target, root.data))
            self._replace_in(replaced, target.url, None)
            self._entered.pop()
        linked.opened[linked.base] = replace(root, data=replaced)  # where its parts are looked for
        return replaced

    def _replace_in(self, node: Any, base: str, trail: Trail) -> None:
        """Replace all references in a container that is not a reference itself.

        Args:
            node: the container. Any: an object takes keys, a list indexes, those that it gives.
            base: URL of the document that it is in.
            trail: the way to it.
        """
        active, done = self._active, self._done
        if id(node) in done:
            return
        stack: list[_Around] = []
        self._enter(node)
        rest, size, is_target = iter(entries(node)), 1, False
        while True:
            for key, value in rest:
                if (type(value) is not dict and type(value) is not list) or is_data(key, trail):
                    continue
                part: Any = value
                target = None
                if type(value) is dict and (ref := ref_of(value)) is not None:
                    part, target = self._replacement(value, ref, base, (trail, key))
                    if target is None or id(part) in done:
                        node[key] = part
                        size += done.get(id(part), (None, 1))[1]
                        continue
                    self._entered.append((len(active), target, value))
                elif id(value) in active:
                    raise self._reentered(value)
                elif id(value) in done:
                    size += done[id(value)][1]
                    continue
                stack.append(_Around(node, rest, base, trail, size, is_target, key))
                self._enter(part)
                trail = trail, key
                base = base if target is None else target.url
                node, rest, size, is_target = part, iter(entries(part)), 1, target is not None
                break
            else:
                if size > MAX_PARTS:
                    raise self._too_large()
                del active[id(node)]
                done[id(node)] = node, size
                if is_target:
                    self._entered.pop()
                if not stack:
                    return
                part, part_size = node, size
                node, rest, base, trail, size, is_target, key = stack.pop()
                node[key] = part  # not earlier: errors tell what is replaced already
                size += part_size

    def _replacement(
        self, holder: Schema, ref: str, base: str, trail: Trail
    ) -> tuple[Json, Target | None]:
        """Return what a reference is replaced by, and where it is if it may hold references."""
        linked = self._linked
        for _ in range(MAX_DEPTH):
            place = linked.look_up(holder, ref, base)
            target = place.value
            value = linked.extend(holder, target)
            if place.itself and isinstance(value, dict):
                value["$ref"] = f"#{_encoded(trail)}"  # stays, as the way from the result's root
                return value, None
            if place.itself:
                raise circular([linked.name(place)] * 2, linked.origins().of(holder))
            if id(target) in self._active:
                if self._only_all_of_since(target):  # merging a schema with itself changes nothing
                    return {key: item for key, item in holder.items() if key != "$ref"}, None
                raise self._cycle(target, linked.name(place), linked.origins().of(holder))
            if not isinstance(value, (dict, list)):
                return value, None
            if value is target and linked.opened[place.url].plain:
                return value, None
            if not isinstance(value, dict) or (inner := ref_of(value)) is None:
                return value, place
            holder, ref, base = value, inner, place.url  # of a target that refers to itself
        raise circular([linked.name(place)] * 2, self._closest())

    def _only_all_of_since(self, target: Json) -> bool:
        """Tell whether nothing but `allOf` is between an active schema and here."""
        way = [*self._active.values()][self._depth(target) :]
        return len(way) % 2 == 0 and all(
            isinstance(schema, dict) and schema.get("allOf") is branches
            for schema, branches in zip(way[::2], way[1::2], strict=True)
        )

    def _enter(self, node: Container) -> None:
        if len(self._active) >= _MAX_LEVELS:
            raise self._too_deep()
        self._active[id(node)] = node

    def _closest(self) -> Location | None:
        """Return where the innermost container was written of which that is known."""
        places = map(self._linked.origins().of, reversed(self._active.values()))
        return next(filter(None, places), None)

    def _too_deep(self) -> SchemaError:
        return SchemaError(
            f"written out, the schema would be {TOO_DEEP}",
            at=self._closest(),
            hint="each $ref adds the levels of what it leads to: make the schema flatter, without "
            "a $ref to what contains it",
        )

    def _too_large(self) -> SchemaError:
        return SchemaError(
            f"the schema becomes larger than {MAX_PARTS:,} objects and lists",
            at=self._closest(),
            hint="references to parts that hold many references themselves multiply",
        )

    def _cycle(self, target: Json, name: str, at: Location | None) -> CircularRefError:
        depth = self._depth(target)
        entered = self._entered_since(depth)
        between = [self._linked.name(place) for place, _ in entered]
        return circular([name, *between, name], at, self._written_at(entered))

    def _reentered(self, target: Json) -> CircularRefError:
        """Return the error about a container in itself: by references, else by an alias."""
        entered = self._entered_since(self._depth(target))
        if not entered:
            return self._cycle(target, "an alias", self._linked.origins().of(target))
        names = [self._linked.name(place) for place, _ in entered]
        at = self._linked.origins().of(entered[-1][1])
        return circular([*names, names[0]], at, self._written_at(entered[:-1]))

    def _written_at(self, entered: list[tuple[Target, Schema]]) -> list[Location]:
        """Return where the references that were followed are."""
        places = (self._linked.origins().of(holder) for _, holder in entered)
        return [place for place in places if place is not None]

    def _entered_since(self, depth: int) -> list[tuple[Target, Schema]]:
        return [(place, holder) for entered, place, holder in self._entered if entered > depth]

    def _depth(self, target: Json) -> int:
        return [*self._active].index(id(target))


def _encoded(trail: Trail) -> str:
    """Return a trail as the fragment of a URL."""
    from urllib.parse import quote  # rarely needed

    return quote(pointers.join(trail_tokens(trail)), safe="/-_.!~*'()")
