"""Where the fields of a schema were taken from: the references of its current file, followed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from jsonschema_tools import pointers
from jsonschema_tools.dereferencing.references import ref_of
from jsonschema_tools.site.fields import fields_of, flat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from jsonschema_tools.site.model import Field, Origin
    from jsonschema_tools.values import Json

_DEEPEST = 24  # levels; as the fields
_MOST_STEPS = 30_000  # references in one schema can multiply each other without end


class Source(NamedTuple):
    """The schema that a reference leads to.

    Attributes:
        origin: which one it is.
        data: the version that the reference names, or a part of it.
        inside: raw tokens that lead from that version to the part.
    """

    origin: Origin
    data: Json
    inside: tuple[str, ...] = ()


class Taken(NamedTuple):
    """A field that was taken from another schema.

    Attributes:
        origin: that schema.
        path: the field's path there; None where a part of that schema was taken, not the whole.
    """

    origin: Origin
    path: tuple[str, ...] | None


@dataclass(slots=True)
class _Walk:
    root: Json
    follow: Callable[[str], Source | None]
    """Returns what the `$ref` in the object at a pointer leads to, where that is another schema."""
    left: int = _MOST_STEPS

    def taken(
        self, node: Json, pointer: str, path: tuple[str, ...], depth: int
    ) -> Iterator[tuple[tuple[str, ...], Taken | None]]:
        """Yield each field below a node, with where it was taken from; None: declared here."""
        self.left -= 1
        if not isinstance(node, dict) or depth > _DEEPEST or self.left < 0:
            return
        reference = ref_of(node)
        if reference is not None:
            yield from self._referenced(reference, pointer, path, depth)
        for step, part, place in _parts(node):
            below = (*path, *step)
            if step and not (isinstance(part, dict) and ref_of(part) and len(part) == 1):
                yield below, None
            yield from self.taken(part, pointer + place, below, depth + 1)

    def _referenced(
        self, reference: str, pointer: str, path: tuple[str, ...], depth: int
    ) -> Iterator[tuple[tuple[str, ...], Taken | None]]:
        source = self.follow(pointer)
        if source is not None:
            if path:
                yield path, Taken(source.origin, None)
            for field in flat(fields_of(source.data)) if isinstance(source.data, dict) else ():
                self.left -= 1
                there = None if source.inside else field.path
                yield (*path, *field.path), Taken(source.origin, there)
        elif reference.startswith("#"):
            target = reference[1:]
            try:
                part = pointers.follow(self.root, target)
            except KeyError:
                return
            yield from self.taken(part, target, path, depth + 1)


def taken_from(
    document: Json, follow: Callable[[str], Source | None]
) -> Mapping[tuple[str, ...], Taken]:
    """Return by path which fields of a current file were taken from another schema.

    A field that the file itself declares is not among them, even if it adds to one that it takes.

    Args:
        document: the current file.
        follow: returns what the `$ref` in the object at a JSON Pointer leads to; None where that
            is not another schema, or one that is not known.
    """
    found: dict[tuple[str, ...], Taken | None] = {}
    for path, taken in _Walk(document, follow).taken(document, "", (), 0):
        if taken is None or path not in found:
            found[path] = taken
    return {path: taken for path, taken in found.items() if taken is not None}


def same_declarations(
    fields: tuple[Field, ...],
    taken: Mapping[tuple[str, ...], Taken],
    declared: Callable[[str], Mapping[str, Mapping[tuple[str, ...], Field]]],
) -> Mapping[tuple[str, ...], Origin]:
    """Return by path where the fields of an older version are likely to come from.

    What its author referred to is known no more. Where the schema takes a field from another one
    today, and versions of that one declare it just as this version has it, it is one of those.

    Args:
        fields: those of the older version.
        taken: what the current file takes from where.
        declared: returns the fields of each version of the schema in a folder, by their paths.
    """
    found = {}
    for field in flat(fields):
        now = taken.get(field.path)
        if now is None or now.path is None:
            continue
        bare = _bare(field)
        versions = tuple(
            version
            for version, known in declared(now.origin.name).items()
            if (there := known.get(now.path)) is not None and _bare(there) == bare
        )
        if versions:
            found[field.path] = replace(now.origin, versions=versions, is_certain=False)
    return found


def _bare(field: Field) -> tuple[object, ...]:
    return field.type, field.description, field.constraints


def _parts(node: Mapping[str, Json]) -> Iterator[tuple[tuple[str, ...], Json, str]]:
    """Yield the schemas in a schema: the way to their fields, themselves, the pointer to them."""
    properties = node.get("properties")
    for name, part in properties.items() if isinstance(properties, dict) else ():
        yield (str(name),), part, pointers.join(["properties", name])
    for keyword, step in (("items", "[]"), ("additionalProperties", "{}")):
        if isinstance(node.get(keyword), dict):
            yield (step,), node[keyword], pointers.join([keyword])
    branches = node.get("allOf")
    for index, part in enumerate(branches if isinstance(branches, list) else ()):
        yield (), part, pointers.join(["allOf", index])
