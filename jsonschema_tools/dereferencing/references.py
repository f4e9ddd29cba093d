"""The references in a document: what is one, and what it says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from jsonschema_tools import pointers
from jsonschema_tools.errors import UnresolvedRefError
from jsonschema_tools.keywords import CONSTRAINTS, MAPS
from jsonschema_tools.values import entries

if TYPE_CHECKING:
    from jsonschema_tools.documents import Document
    from jsonschema_tools.values import Container, Json, Schema

Trail: TypeAlias = "tuple[Trail, str | int] | None"
"""The way from a root to a value, as linked pairs; cheap to extend."""

# Patterns are strings, which `re` compiles when they are first used: not at start-up.
_MALFORMED_ESCAPE = "%(?![0-9A-Fa-f]{2})"


@dataclass(frozen=True, slots=True)
class Reference:
    """A `$ref` in a document.

    Attributes:
        pointer: JSON Pointer of the object that holds it.
        ref: its text.
    """

    pointer: str
    ref: str

    @property
    def local(self) -> bool:
        """Whether it points into the document in which it is."""
        return self.ref[0] == "#"


@dataclass(frozen=True, slots=True)
class Resource:
    """A document and the references in it."""

    document: Document
    references: tuple[Reference, ...]

    @classmethod
    def of(cls, document: Document) -> Resource:
        """Find the references in a document."""
        return cls(document, references(document))


def references(document: Document) -> tuple[Reference, ...]:
    """Return every `$ref` in a document, in the order in which they appear."""
    found: list[Reference] = []
    if isinstance(document.data, (dict, list)):
        _find(document.data, None, found, set())
    return tuple(found)


def ref_of(value: Json) -> str | None:
    """Return the text of a reference, or None where the value is not one that is followed."""
    if type(value) is not dict:
        return None
    ref = value.get("$ref")
    if type(ref) is not str or not ref or (ref[0] == "#" and ref != "#" and ref[1] != "/"):
        return None  # "#name" is left alone: it has never been an anchor in draft-07's `$ref`
    return ref


def constraints_beside(schema: Schema) -> list[str]:
    """Return the keywords beside a schema's `$ref` that refuse events; none where it has no `$ref`.

    Draft-07 ignores them, later drafts add them, and materializing puts them in the place of the
    target's (section 8.3 of draft-07's core; 8.2.3.1 of 2020-12's).
    """
    if not isinstance(schema.get("$ref"), str):
        return []
    return [key for key in schema if key in CONSTRAINTS and key != "$ref"]


def is_data(key: str | int, trail: Trail) -> bool:
    """Tell whether what a key holds is a value, not a schema: that of `const` or `enum`.

    Args:
        key: the key.
        trail: the way to the object that has it.
    """
    return (key == "const" or key == "enum") and not _holds_names(trail)  # noqa: PLR1714 - a hot loop


def _holds_names(trail: Trail) -> bool:
    """Tell whether the keys of an object are names, as below `properties`, not keywords."""
    return trail is not None and trail[1] in MAPS and not _holds_names(trail[0])


def tokens_of(ref: str, fragment: str) -> tuple[str, ...]:
    """Return the raw tokens of the JSON Pointer in a fragment (RFC 6901, section 6)."""
    if not fragment:
        return ()
    if fragment[0] != "/":
        raise UnresolvedRefError(
            f"$ref {ref!r} does not end in a JSON Pointer",
            hint="what follows the # begins with /, as in #/properties/name",
        )
    tokens = pointers.split(fragment)
    if "%" not in fragment:
        return tuple(tokens)
    from urllib.parse import unquote  # rarely needed

    try:
        if re.search(_MALFORMED_ESCAPE, fragment):
            raise ValueError
        return tuple(unquote(token, errors="strict") for token in tokens)
    except ValueError:
        raise UnresolvedRefError(
            f"$ref {ref!r} is not percent-encoded properly", hint="a percent sign itself is %25"
        ) from None


def trail_tokens(trail: Trail) -> list[str]:
    """Return the raw tokens of a trail, from the root on."""
    tokens = []
    while trail is not None:
        trail, token = trail
        tokens.append(str(token))
    return tokens[::-1]


def _find(value: Container, trail: Trail, found: list[Reference], seen: set[int]) -> None:
    """Find the references in a part of a document, of which reading has limited the depth."""
    if id(value) in seen:  # an alias
        return
    seen.add(id(value))
    if (ref := ref_of(value)) is not None:
        found.append(Reference(pointers.join(trail_tokens(trail)), ref))
    for key, item in entries(value):
        if (type(item) is dict or type(item) is list) and not is_data(key, trail):
            _find(item, (trail, key), found, seen)
