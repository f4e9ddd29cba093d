"""Change one string of a YAML or JSON document, and leave every other character as it is."""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import islice
from typing import TYPE_CHECKING

from jsonschema_tools.documents.document import Document, parse_document
from jsonschema_tools.errors import ReadError, SchemaError, SchemaToolsError
from jsonschema_tools.files import read_file
from jsonschema_tools.outputs import Output
from jsonschema_tools.pointers import follow, text_at
from jsonschema_tools.values import equal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jsonschema_tools.values import Json

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def replace_part(document: Document, pointer: str, part: str, by: str) -> Document:
    """Return a document in which the last occurrence of a part of a string is another.

    Comments, quotes, indentation and line ends stay. Where the value is a YAML anchor, what
    refers to it changes with it. The result is read again to prove that nothing else did.

    Args:
        document: what was read.
        pointer: JSON Pointer of the value.
        part: what to replace in it, such as a version.
        by: what to put there.

    Raises:
        SchemaError: the part is not written in the text as it is read, so no edit is safe.
    """
    value = text_at(document.data, pointer)
    before, _, after = value.rpartition(part)
    wanted = f"{before}{by}{after}"
    for index in _occurrences(document, pointer, part):
        text = f"{document.text[:index]}{by}{document.text[index + len(part) :]}"
        try:
            edited = parse_document(text, document.path)
        except SchemaToolsError:
            continue
        if _is_edit(document.data, edited.data, pointer, value, wanted):
            return edited
    raise SchemaError(
        f"cannot find {part!r} of this value in the text",
        at=document.locate(pointer),
        hint=f"write {wanted!r} there yourself",
    )


def write_back(path: Path, old: Document, new: Document) -> None:
    """Write an edited document to the file from which the old one was read.

    A byte order mark, the file's permissions, and a link that leads to it stay.

    Raises:
        ReadError: the file has changed since it was read.
        WriteError: it cannot be written.
    """
    content = read_file(path)
    mark = _BYTE_ORDER_MARK if content.startswith(_BYTE_ORDER_MARK) else b""
    if content != mark + old.text.encode():
        raise ReadError(
            "this file has changed since it was read", at=old.locate(""), hint="run this again"
        )
    Output(path.resolve(), mark + new.text.encode()).write(durable=True, tidy=True)


def _occurrences(document: Document, pointer: str, part: str) -> Iterator[int]:
    """Yield where a string occurs, first what follows the place of a value, then the rest."""
    text = document.text
    found = []
    index = text.find(part)
    while index >= 0:
        found.append(index)
        index = text.find(part, index + 1)
    first = bisect_left(found, _start_of(document, pointer))
    yield from found[first:]
    yield from reversed(found[:first])


def _start_of(document: Document, pointer: str) -> int:
    """Return the index of the place of a value; where to begin the search, no more than that."""
    at = document.locate(pointer)
    breaks = re.finditer(r"\r\n?|\n", document.text)
    last = next(islice(breaks, max((at.line or 1) - 2, 0), None), None)
    start = last.end() if last is not None and (at.line or 1) > 1 else 0
    return start + (at.column or 1) - 1


def _is_edit(old: Json, new: Json, pointer: str, before: str, after: str) -> bool:
    """Tell whether only one value, and what refers to it by an alias, changed as wanted."""
    try:
        arrived = follow(new, pointer) == after
    except KeyError:
        return False
    return arrived and _differ_only(old, new, (before, after), set())


def _differ_only(old: Json, new: Json, change: tuple[str, str], seen: set[tuple[int, int]]) -> bool:
    if (id(old), id(new)) in seen:  # aliases
        return True
    if isinstance(old, dict):
        seen.add((id(old), id(new)))
        return (
            isinstance(new, dict)
            and list(old) == list(new)
            and all(_differ_only(old[key], new[key], change, seen) for key in old)
        )
    if isinstance(old, list):
        seen.add((id(old), id(new)))
        return (
            isinstance(new, list)
            and len(old) == len(new)
            and all(_differ_only(a, b, change, seen) for a, b in zip(old, new, strict=True))
        )
    return equal(old, new) or (old, new) == change
