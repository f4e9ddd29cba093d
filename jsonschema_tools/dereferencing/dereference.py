"""Dereferencing: every `$ref` of a schema replaced by what it points to.

The rules are those of json-schema-ref-parser 7, which existing repositories were written with:
any object with a string `$ref` is a reference, wherever it is, except in `const` and `enum`, which
hold values; keywords beside `$ref` win over the target's; a target that is referred to twice is one
object at two places.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from jsonschema_tools import pointers
from jsonschema_tools.dereferencing.document_set import DocumentSet, Target, circular
from jsonschema_tools.dereferencing.references import (
    Resource,
    is_data,
    ref_of,
    too_deep,
    trail_tokens,
)
from jsonschema_tools.errors import SchemaError
from jsonschema_tools.values import entries

if TYPE_CHECKING:
    from jsonschema_tools.dereferencing.document_set import Fetch
    from jsonschema_tools.dereferencing.references import Trail
    from jsonschema_tools.documents import Document
    from jsonschema_tools.errors import CircularRefError, Location
    from jsonschema_tools.values import Container, Json, Schema

MAX_PARTS: Final = 200_000
"""How many objects and lists a schema may become: stops references that multiply each other."""


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
    try:
        linked = DocumentSet(Resource.of(document), fetch)
        schema = _Replacer(linked).root()
    except RecursionError:
        raise too_deep(document) from None
    if not isinstance(schema, dict):
        raise SchemaError(
            "the schema is not a mapping of keywords, but a "
            f"{'list' if isinstance(schema, list) else 'single value'}",
            at=document.locate(""),
        )
    return Dereferenced(schema, tuple(linked.opened)[1:], linked)


class _Replacer:
    """Replaces references in place, in our own copies of the documents.

    What was written in one place is replaced once and then shared, wherever it is referred to.
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
        replaced = self._replacement(root.data, ref, linked.base, None)
        linked.opened[linked.base] = replace(root, data=replaced)  # where its parts are looked for
        return replaced

    def _replace_in(self, node: Container, base: str, trail: Trail) -> None:
        """Replace all references in a container that is not a reference itself."""
        if id(node) in self._done:
            return
        size = 1
        self._active[id(node)] = node
        holder: Any = node  # an object takes keys, a list indexes: those that it gives here
        for key, value in entries(node):
            if (type(value) is not dict and type(value) is not list) or is_data(key, trail):
                continue
            replaced: Json = value
            if type(value) is dict and (ref := ref_of(value)) is not None:
                holder[key] = replaced = self._replacement(value, ref, base, (trail, key))
            elif id(value) in self._active:
                raise self._reentered(value)
            else:
                self._replace_in(value, base, (trail, key))
            size += self._done.get(id(replaced), (None, 1))[1]
        if size > MAX_PARTS:
            raise self._too_large()
        del self._active[id(node)]
        self._done[id(node)] = node, size

    def _replacement(self, holder: Schema, ref: str, base: str, trail: Trail) -> Json:
        """Return what a reference is replaced by, dereferenced itself."""
        linked = self._linked
        place = linked.look_up(holder, ref, base)
        target = place.value
        value = linked.extend(holder, target)
        if place.itself and isinstance(value, dict):
            value["$ref"] = f"#{_encoded(trail)}"  # stays, as the way from the result's root
            return value
        if place.itself:
            raise circular([linked.name(place)] * 2, linked.origins().of(holder))
        if id(target) in self._active:
            if self._only_all_of_since(target):  # merging a schema with itself changes nothing
                return {key: item for key, item in holder.items() if key != "$ref"}
            raise self._cycle(target, linked.name(place), linked.origins().of(holder))
        if not isinstance(value, (dict, list)):
            return value
        if value is target and linked.opened[place.url].plain:
            return value
        if isinstance(value, dict) and (inner := ref_of(value)) is not None:
            return self._replacement(value, inner, place.url, trail)
        self._entered.append((len(self._active), place, holder))
        self._replace_in(value, place.url, trail)
        self._entered.pop()
        return value

    def _only_all_of_since(self, target: Json) -> bool:
        """Tell whether nothing but `allOf` is between an active schema and here."""
        way = [*self._active.values()][self._depth(target) :]
        return len(way) % 2 == 0 and all(
            isinstance(schema, dict) and schema.get("allOf") is branches
            for schema, branches in zip(way[::2], way[1::2], strict=True)
        )

    def _too_large(self) -> SchemaError:
        places = map(self._linked.origins().of, reversed(self._active.values()))
        return SchemaError(
            f"the schema becomes larger than {MAX_PARTS:,} objects and lists",
            at=next(filter(None, places), None),
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
