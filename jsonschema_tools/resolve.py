"""Dereferencing: every `$ref` of a schema replaced by what it points to.

The rules are those of json-schema-ref-parser 7, which existing repositories were written with:
any object with a text `$ref` is a reference, wherever it stands; keywords beside `$ref` win over
the target's; a target that is referred to twice is one object at two places.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from jsonschema_tools import pointers, uris
from jsonschema_tools.errors import (
    CircularRefError,
    ForbiddenRefError,
    SchemaError,
    SchemaToolsError,
    UnresolvedRefError,
)
from jsonschema_tools.origins import Origins
from jsonschema_tools.references import Resource, ref_of, tokens_of, too_deep, trail_tokens
from jsonschema_tools.values import deep_copy

if TYPE_CHECKING:
    from jsonschema_tools.documents import Document
    from jsonschema_tools.errors import Location
    from jsonschema_tools.references import Trail
    from jsonschema_tools.values import Json, Schema

_ARRAY_INDEX = re.compile(r"0|[1-9][0-9]*")


class Fetch(Protocol):
    """Where documents come from."""

    @property
    def base(self) -> str:
        """URL against which the relative references of the schema itself are resolved."""

    def __call__(self, url: str) -> Resource:
        """Return the document at a URL that has no fragment.

        Raises:
            SchemaToolsError: there is none, or it must not be read.
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
    _run: _Run

    def locate(self, pointer: str) -> Location:
        """Return where the value at a pointer into the schema was written."""
        return self._run.origins().at(self.schema, pointer)


def dereference(document: Document, fetch: Fetch) -> Dereferenced:
    """Replace every `$ref` in a schema by what it points to.

    The document itself stays as it is.

    Raises:
        UnresolvedRefError: a reference points to nothing.
        ForbiddenRefError: a reference leads out of the configured base URIs.
        CircularRefError: a reference leads back to where it stands.
        SchemaError: the result is no schema, or nested too deeply.
        SchemaToolsError: a document cannot be read.
    """
    try:
        run = _Run(Resource.of(document), fetch)
        schema = run.dereference()
    except RecursionError:
        raise too_deep(document) from None
    if not isinstance(schema, dict):
        raise SchemaError(
            "the schema is no mapping of keywords, but a "
            f"{'list' if isinstance(schema, list) else 'single value'}",
            at=document.locate(""),
        )
    return Dereferenced(schema, run.urls(), run)


@dataclass(slots=True, eq=False)
class _Opened:
    """A document in use: what was read, and our own copy, in which references are replaced."""

    document: Document
    data: Json
    plain: bool


@dataclass(slots=True, eq=False)
class _Place:
    """What a reference points to, and the address at which that stands."""

    value: Json
    url: str
    tokens: tuple[str, ...]
    itself: bool = False


class _Run:
    """Dereferences one schema, in place in copies of its documents."""

    def __init__(self, root: Resource, fetch: Fetch) -> None:
        self._fetch = fetch
        self._base = fetch.base
        self._opened: dict[str, _Opened] = {}
        self._lent: set[int] = set()
        self._finding: dict[tuple[str, tuple[str, ...]], None] = {}
        self._active: dict[int, Json] = {}
        self._done: dict[int, Json] = {}
        self._entered: list[tuple[int, _Place]] = []
        self._extended: dict[int, tuple[Json, Json]] = {}
        self._open(self._base, root)
        self._preload(self._base, root)

    def urls(self) -> tuple[str, ...]:
        return tuple(self._opened)[1:]

    def dereference(self) -> Json:
        root = self._opened[self._base]
        if root.plain:
            return root.data
        ref = ref_of(root.data)
        if ref is not None:
            return self._replacement(root.data, ref, self._base, None)
        self._crawl(root.data, self._base, None)
        return root.data

    # ------------------------------------------------------------------------ documents

    def _open(self, url: str, resource: Resource) -> _Opened:
        document = resource.document
        # a document without references is not changed, so it needs no copy; but under a second
        # URL it is a second object, as it would be if it had been read twice
        plain = not resource.references
        lend = plain and id(document.data) not in self._lent
        self._lent.add(id(document.data))
        data = document.data if lend else deep_copy(document.data)
        opened = self._opened[url] = _Opened(document, data, plain)
        return opened

    def _preload(self, url: str, resource: Resource) -> None:
        """Open all documents that are needed, so that a broken reference is told wherever it is."""
        beside = "\0"
        for reference in resource.references:
            if reference.local or reference.pointer.startswith(beside):
                continue
            beside = f"{reference.pointer}/"  # what stands beside a $ref is read from the target
            target = uris.resolve(url, reference.ref)[0]
            if target in self._opened:
                continue
            try:
                found = self._get(target, url, reference.ref)
            except SchemaToolsError as error:
                if error.at is None:
                    error.at = resource.document.locate(f"{reference.pointer}/$ref")
                raise
            self._open(target, found)
            self._preload(target, found)

    def _get(self, target: str, base: str, ref: str) -> Resource:
        try:
            return self._fetch(target)
        except UnresolvedRefError as error:
            if uris.climbs_out(base, ref):
                message = f"$ref {ref!r} leads out of its base URI"
                raise ForbiddenRefError(message, hint=error.hint) from None
            hint = error.hint
            if base == self._base and ref[0] != "/" and not uris.scheme(ref):
                hint = (
                    f"{hint}; a relative $ref in the schema itself starts at the working "
                    "directory: begin it with / to start at the base URIs"
                )
            raise UnresolvedRefError(f"nothing found for $ref {ref!r}", hint=hint) from None

    # ------------------------------------------------------------------------ replacing

    def _crawl(self, node: Json, base: str, trail: Trail) -> None:
        """Replace all references in a container that is no reference itself."""
        if id(node) in self._done:
            return
        self._active[id(node)] = node
        for key, value in node.items() if type(node) is dict else enumerate(node):
            kind = type(value)
            if kind is not dict and kind is not list:
                continue
            ref = ref_of(value) if kind is dict else None
            if ref is not None:
                node[key] = self._replacement(value, ref, base, (trail, key))
            elif id(value) in self._active:
                at = self.origins().of(value)
                raise self._cycle(value, str(at), at)
            else:
                self._crawl(value, base, (trail, key))
        del self._active[id(node)]
        self._done[id(node)] = node

    def _replacement(self, holder: Schema, ref: str, base: str, trail: Trail) -> Json:
        """Return what a reference is replaced by, dereferenced itself."""
        place = self._look_up(holder, ref, base)
        target = place.value
        value = self._extend(holder, target)
        if place.itself and isinstance(value, dict):
            value["$ref"] = f"#{_encoded(trail)}"  # stays, as the way from the result's root
            return value
        if place.itself:
            raise _circular([self._name(place)] * 2, self.origins().of(holder))
        if id(target) in self._active:
            if self._only_all_of_since(target):  # merging a schema with itself changes nothing
                return {key: item for key, item in holder.items() if key != "$ref"}
            raise self._cycle(target, self._name(place), self.origins().of(holder))
        if type(value) is not dict and type(value) is not list:
            return value
        if value is target and self._opened[place.url].plain:
            return value
        if isinstance(value, dict) and (inner := ref_of(value)) is not None:
            return self._replacement(value, inner, place.url, trail)
        self._entered.append((len(self._active), place))
        self._crawl(value, place.url, trail)
        self._entered.pop()
        return value

    def _extend(self, holder: Schema, target: Json) -> Json:
        """Return the target, with what stands beside the `$ref` put before it."""
        if len(holder) == 1 or not isinstance(target, (dict, list)):
            return target
        extended = {key: value for key, value in holder.items() if key != "$ref"}
        for key, value in target.items() if isinstance(target, dict) else enumerate(target):
            extended.setdefault(str(key), value)
        self._extended[id(extended)] = extended, target
        return extended

    # ------------------------------------------------------------------------ finding

    def _look_up(self, holder: Schema, ref: str, base: str) -> _Place:
        """Return what the `$ref` of a holder points to."""
        try:
            url, fragment = uris.resolve(base, ref)
            if url not in self._opened:
                self._open(url, self._get(url, base, ref))
            return self._find(url, tokens_of(ref, fragment))
        except SchemaToolsError as error:
            if error.at is None:
                error.at = self.origins().of(holder)
            raise

    def _find(self, url: str, tokens: tuple[str, ...]) -> _Place:
        """Return what stands at an address, where references on the way are followed."""
        address = url, tokens
        place = _Place(self._opened[url].data, url, tokens)
        if address in self._finding:
            way = [*self._finding]
            cycle = (*way[way.index(address) :], address)
            raise _circular([self._name(_Place(None, *step)) for step in cycle], None)
        self._finding[address] = None
        for index, token in enumerate(tokens):
            if self._follow(place):
                place.tokens += tokens[index:]
            place.value = self._child(place, token, tokens[:index])
        self._follow(place)
        del self._finding[address]
        return place

    def _follow(self, place: _Place) -> bool:
        """Go from a place that holds a reference to its target; tell whether the path changed."""
        ref = ref_of(place.value)
        if ref is None:
            return False
        holder = place.value
        url, fragment = uris.resolve(place.url, ref)
        if url == place.url and tokens_of(ref, fragment) == place.tokens:
            place.itself = True
            return False
        target = self._look_up(holder, ref, place.url)
        place.value = self._extend(holder, target.value)
        if len(holder) > 1:
            return False
        place.url, place.tokens = target.url, target.tokens
        return True

    def _child(self, place: _Place, token: str, parents: tuple[str, ...]) -> Json:
        parent = place.value
        if isinstance(parent, dict) and token in parent:
            return parent[token]
        if isinstance(parent, list) and _ARRAY_INDEX.fullmatch(token) and int(token) < len(parent):
            return parent[int(token)]
        raise UnresolvedRefError(
            f"there is no #{pointers.join((*parents, token))} in "
            f"{self._opened[place.url].document.path}",
            hint=_what_is_there(parent, token, pointers.join(parents)),
        )

    # ------------------------------------------------------------------------ cycles

    def _only_all_of_since(self, target: Json) -> bool:
        """Tell whether nothing but `allOf` lies between an active schema and here."""
        way = [*self._active.values()][self._depth(target) :]
        return len(way) % 2 == 0 and all(
            isinstance(schema, dict) and schema.get("allOf") is branches
            for schema, branches in zip(way[::2], way[1::2], strict=True)
        )

    def _depth(self, target: Json) -> int:
        return [*self._active].index(id(target))

    def _cycle(self, target: Json, name: str, at: Location | None) -> CircularRefError:
        depth = self._depth(target)
        between = [self._name(place) for entered, place in self._entered if entered > depth]
        return _circular([name, *between, name], at)

    def _name(self, place: _Place) -> str:
        url = "" if place.url == self._base else place.url
        if place.tokens:
            return f"{url}#{pointers.join(place.tokens)}"
        return url or self._opened[place.url].document.path

    def origins(self) -> Origins:
        documents = [(opened.document, opened.data) for opened in self._opened.values()]
        return Origins(documents, self._extended)


def _encoded(trail: Trail) -> str:
    """Return a trail as the fragment of a URL."""
    from urllib.parse import quote  # rarely needed

    return quote(pointers.join(trail_tokens(trail)), safe="/-_.!~*'()")


def _what_is_there(parent: Json, token: str, pointer: str) -> str:
    import json  # these are needed on failure only
    from difflib import get_close_matches

    where = f"#{pointer}"
    if isinstance(parent, list):
        return f"{where} is a list of {len(parent)}"
    if not isinstance(parent, dict):
        return (
            f"{where} is {'a text' if isinstance(parent, str) else json.dumps(parent, default=str)}"
        )
    if close := get_close_matches(token, parent, n=1):
        return f"{where} has {close[0]!r}"
    names = ", ".join(map(str, parent)) or "nothing"
    return f"{where} has {names if len(names) <= 200 else f'{names[:200]}...'}"


def _circular(names: list[str], at: Location | None) -> CircularRefError:
    return CircularRefError(
        f"circular $ref: {' → '.join(names)}",
        at=at,
        hint="a materialized schema is finite: write the inner levels out, without a $ref to what "
        "contains them",
    )
