"""The documents that a schema is made of, and what the addresses in its references mean there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Protocol, TypeAlias

from jsonschema_tools import pointers
from jsonschema_tools.dereferencing import uris
from jsonschema_tools.dereferencing.origins import Origins
from jsonschema_tools.dereferencing.references import ref_of, tokens_of
from jsonschema_tools.errors import (
    CircularRefError,
    ForbiddenRefError,
    SchemaError,
    SchemaToolsError,
    UnresolvedRefError,
)
from jsonschema_tools.messages import MANY, closest
from jsonschema_tools.values import MAX_DEPTH, deep_copy, entries

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from jsonschema_tools.dereferencing.references import Reference, Resource
    from jsonschema_tools.documents import Document
    from jsonschema_tools.errors import Location
    from jsonschema_tools.values import Json, Schema

# Patterns are strings, which `re` compiles when they are first used: not at start-up.
_ARRAY_INDEX = r"0|[1-9][0-9]*"


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
class Opened:
    """A document in use.

    Attributes:
        document: what was read.
        data: our own copy of its data, in which references are replaced.
        plain: whether there are none in it; then the data is not a copy.
    """

    document: Document
    data: Json
    plain: bool


@dataclass(slots=True, eq=False)
class Target:
    """What a reference points to.

    Attributes:
        value: the value.
        url: document that it is in.
        tokens: raw tokens of the pointer to it.
        itself: whether the way to it led back to where it began.
    """

    value: Json
    url: str
    tokens: tuple[str, ...]
    itself: bool = False


_Asked: TypeAlias = "tuple[Schema, str, str]"
"""The object that holds a `$ref`, the text of that, and the URL against which it is resolved."""

_Looking: TypeAlias = "Generator[_Asked, Target | None, Target]"
"""A look-up that asks for the targets of other references on its way."""


class DocumentSet:
    """The documents of one schema: itself, and all that its references lead to.

    Raises:
        SchemaToolsError: one of them cannot be read.
    """

    def __init__(self, root: Resource, fetch: Fetch) -> None:
        self.base = fetch.base
        self.opened: dict[str, Opened] = {}
        self._fetch = fetch
        self._lent: set[int] = set()
        self._finding: dict[tuple[str, tuple[str, ...]], None] = {}
        self._extended: dict[int, tuple[Json, Json]] = {}
        self._open(self.base, root)
        self._open_all(self.base, root)

    def look_up(self, holder: Schema, ref: str, base: str) -> Target:
        """Return what a `$ref` points to.

        Args:
            holder: the object in which it is.
            ref: its text.
            base: URL of the document against which it is resolved.

        Raises:
            SchemaToolsError: it points to nothing, to itself through others, or through too many.
        """
        # one generator for each reference on the way
        looking = [(holder, self._target(ref, base))]
        found: Target | None = None
        while True:
            try:
                holder, ref, base = looking[-1][1].send(found)
            except StopIteration as done:
                looking.pop()
                found = done.value
                if found is not None and not looking:
                    return found
            except SchemaToolsError as error:
                places = (self.origins().of(holder) for holder, _ in reversed(looking))
                at = error.at or next(filter(None, places), None)
                raise error.placed(at) from None
            else:
                if len(looking) >= MAX_DEPTH:
                    raise self._too_long(holder)
                looking.append((holder, self._target(ref, base)))
                found = None

    def _too_long(self, holder: Schema) -> SchemaError:
        return SchemaError(
            f"more than {MAX_DEPTH} `$ref`s lead from one to the next",
            at=self.origins().of(holder),
            hint="refer to what the last one leads to",
        )

    def extend(self, holder: Schema, target: Json) -> Json:
        """Return the target, with what is beside the `$ref` put before it."""
        if len(holder) == 1 or not isinstance(target, (dict, list)):
            return target
        extended = {key: value for key, value in holder.items() if key != "$ref"}
        for key, value in entries(target):
            extended.setdefault(str(key), value)
        self._extended[id(extended)] = extended, target
        return extended

    def name(self, place: Target) -> str:
        """Return the address of a place, as a reference in the schema itself would have it."""
        url = "" if place.url == self.base else place.url
        if place.tokens:
            return f"{url}#{pointers.join(place.tokens)}"
        return url or self.opened[place.url].document.path

    def origins(self) -> Origins:
        """Return where each container in use was written."""
        documents = [(opened.document, opened.data) for opened in self.opened.values()]
        return Origins(documents, self._extended)

    # -------------------------------------------------------------------------- documents

    def _open(self, url: str, resource: Resource) -> None:
        document = resource.document
        # a document without references is not changed, so it needs no copy; but under a second
        # URL it is a second object, as it would be if it had been read twice
        plain = not resource.references
        lend = plain and id(document.data) not in self._lent
        self._lent.add(id(document.data))
        data = document.data if lend else deep_copy(document.data)
        self.opened[url] = Opened(document, data, plain)

    def _open_all(self, url: str, resource: Resource) -> None:
        """Open what a document refers to, so that a broken reference is reported wherever it is."""
        waiting = [(url, resource, _leading_out(resource))]
        while waiting:
            url, resource, references = waiting[-1]
            for reference in references:
                target = uris.resolve(url, reference.ref)[0]
                if target in self.opened:
                    continue
                try:
                    found = self._read(target, url, reference.ref)
                except SchemaToolsError as error:
                    if error.at is None:
                        at = resource.document.locate(f"{reference.pointer}/$ref")
                        raise error.placed(at) from None
                    raise
                self._open(target, found)
                waiting.append((target, found, _leading_out(found)))
                break
            else:
                waiting.pop()

    def _read(self, target: str, base: str, ref: str) -> Resource:
        try:
            return self._fetch(target)
        except UnresolvedRefError as error:
            if uris.climbs_out(base, ref):
                message = f"$ref {ref!r} leads out of its base URI"
                raise ForbiddenRefError(message, hint=error.hint) from None
            hint = error.hint
            if ref[0] != "/" and not uris.scheme(ref):
                start = f"{base.rpartition('/')[0]}/"
                which = ", the folder of the configuration" if base == self.base else ""
                hint = (
                    f"{hint}; a relative $ref here starts at {start}{which}: begin it with / to "
                    "start at the base URIs"
                )
            raise UnresolvedRefError(f"nothing found for $ref {ref!r}", hint=hint) from None

    # -------------------------------------------------------------------------- addresses

    def _target(self, ref: str, base: str) -> _Looking:
        """Find what a reference points to, where references on the way are followed."""
        url, fragment = uris.resolve(base, ref)
        if url not in self.opened:
            self._open(url, self._read(url, base, ref))
        tokens = tokens_of(ref, fragment)
        address = url, tokens
        if address in self._finding:
            way = [*self._finding]
            cycle = (*way[way.index(address) :], address)
            raise circular([self.name(Target(None, *step)) for step in cycle], None)
        self._finding[address] = None
        place = Target(self.opened[url].data, url, tokens)
        for index, token in enumerate(tokens):
            # what is beside a `$ref` is found there, also where the `$ref` leads to it
            if not _has_beside(place.value, token) and (yield from self._follow(place)):
                place.tokens += tokens[index:]
            place.value = self._child(place, token, tokens[:index])
        yield from self._follow(place)
        del self._finding[address]
        return place

    def _follow(self, place: Target) -> Generator[_Asked, Target | None, bool]:
        """Go from a place that holds a reference to its target; tell whether the path changed."""
        holder = place.value
        if not isinstance(holder, dict) or (ref := ref_of(holder)) is None:
            return False
        url, fragment = uris.resolve(place.url, ref)
        if url == place.url and tokens_of(ref, fragment) == place.tokens:
            place.itself = True
            return False
        target = yield holder, ref, place.url
        if target is None:
            raise TypeError  # what asks is sent an answer
        place.value = self.extend(holder, target.value)
        if len(holder) > 1:
            return False
        place.url, place.tokens = target.url, target.tokens
        return True

    def _child(self, place: Target, token: str, parents: tuple[str, ...]) -> Json:
        parent = place.value
        if isinstance(parent, dict) and token in parent:
            return parent[token]
        if (
            isinstance(parent, list)
            and re.fullmatch(_ARRAY_INDEX, token)
            and int(token) < len(parent)
        ):
            return parent[int(token)]
        raise UnresolvedRefError(
            f"#{pointers.join((*parents, token))} not found in "
            f"{self.opened[place.url].document.path}",
            hint=f"#{pointers.join(parents)} {_what_is_there(parent, token)}",
        )


def _leading_out(resource: Resource) -> Iterator[Reference]:
    """Yield the references in a document that lead to others."""
    beside = "\0"
    for reference in resource.references:
        if not (reference.local or reference.pointer.startswith(beside)):
            beside = f"{reference.pointer}/"  # what is beside a $ref is read from the target
            yield reference


def _has_beside(value: Json, token: str) -> bool:
    return isinstance(value, dict) and token in value


def circular(
    names: list[str], at: Location | None, others: Sequence[Location] = ()
) -> CircularRefError:
    """Return the error about references that lead from one name to the next, and back.

    Args:
        names: what they lead to, in their order.
        at: where the one is that closes the circle.
        others: where the other ones are.
    """
    also = "".join(f"; a $ref of the cycle is at {place}" for place in others)
    return CircularRefError(
        f"circular $ref: {' → '.join(names)}",
        at=at,
        hint="a materialized schema is finite: write the inner levels out, without a $ref to what "
        f"contains them{also}",
    )


def _what_is_there(parent: Json, token: str) -> str:
    if isinstance(parent, list):
        return f"is a list of {len(parent)}"
    if isinstance(parent, str):
        return "is a string"
    if not isinstance(parent, dict):
        return "is a single value"
    first = list(islice(map(str, parent), MANY))
    if close := closest(token, first):
        return f"has {close!r}"
    names = ", ".join(first) or "nothing"
    return f"has {names if len(names) <= 200 else f'{names[:200]}...'}"
