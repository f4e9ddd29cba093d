"""Where each part of a dereferenced schema was written; asked only when something is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jsonschema_tools import pointers
from jsonschema_tools.dereferencing.references import ref_of
from jsonschema_tools.values import child, entries

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jsonschema_tools.documents import Document
    from jsonschema_tools.errors import Location
    from jsonschema_tools.values import Json


class Origins:
    """The document and pointer of each container.

    Args:
        documents: each document, with the copy of its data in which references were replaced.
        extended: by id, each object that was made of a `$ref` with other keywords beside it, with
            the target of that `$ref`.
    """

    def __init__(
        self,
        documents: Iterable[tuple[Document, Json]],
        extended: Mapping[int, tuple[Json, Json]],
    ) -> None:
        self._extended = extended
        self._origins: dict[int, tuple[Document, str]] = {}
        for document, data in documents:
            self._collect(document, document.data, data, "")

    def of(self, node: Json) -> Location | None:
        """Return where a container was written; for a reference, where its `$ref` is."""
        if id(node) not in self._origins:
            return None
        document, pointer = self._origins[id(node)]
        return document.locate(pointer if ref_of(node) is None else f"{pointer}/$ref")

    def at(self, schema: Json, pointer: str) -> Location:
        """Return where the value at a pointer into the result was written."""
        node = schema
        document, place = self._written(node)
        for token in pointers.split(pointer):
            while id(node) in self._extended and not self._has(document, place, token):
                node = self._extended[id(node)][1]  # it was not written beside the $ref
                document, place = self._written(node)
            node = child(node, int(token) if isinstance(node, list) else token)
            place = f"{place}/{pointers.escape(token)}"
            document, place = self._origins.get(id(node), (document, place))
        return document.locate(place)

    @staticmethod
    def _has(document: Document, place: str, token: str) -> bool:
        holder = pointers.follow(document.data, place)
        return isinstance(holder, dict) and token in holder

    def _written(self, node: Json) -> tuple[Document, str]:
        """Return where a container was written; of one that was extended again, its target."""
        while id(node) not in self._origins:
            node = self._extended[id(node)][1]
        return self._origins[id(node)]

    def _collect(self, document: Document, written: Json, node: Json, pointer: str) -> None:
        """Compare a document with its copy; what replaces a `$ref` was written elsewhere."""
        replaced = ref_of(written) is not None and ref_of(node) is None
        if (replaced and id(node) not in self._extended) or id(node) in self._origins:
            return
        self._origins[id(node)] = document, pointer
        for key, item in entries(written) if isinstance(written, (dict, list)) else ():
            if isinstance(item, (dict, list)):
                place = f"{pointer}/{pointers.escape(str(key))}"
                self._collect(document, item, child(node, key), place)
