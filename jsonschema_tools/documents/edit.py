"""Change strings of a YAML or JSON document, and leave every other character as it is."""

from __future__ import annotations

import re
from bisect import bisect_left
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from jsonschema_tools.documents.document import Document, parse_document
from jsonschema_tools.errors import ReadError, SchemaError, SchemaToolsError
from jsonschema_tools.files import read_file
from jsonschema_tools.outputs import Output
from jsonschema_tools.pointers import follow, text_at, unescape
from jsonschema_tools.values import equal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from jsonschema_tools.values import Json

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_READ_AGAIN = 2_000_000  # characters that are read to look whether an edit was the right one
_LEAST_TRIES = 10


class Replacement(NamedTuple):
    """A string that is to have another part.

    Attributes:
        pointer: JSON Pointer of the string.
        part: what to replace in it, such as a version: the last occurrence.
        by: what to put there.
    """

    pointer: str
    part: str
    by: str

    def of(self, value: str) -> str:
        """Return the string as it is to be."""
        before, _, after = value.rpartition(self.part)
        return f"{before}{self.by}{after}"


def replace_parts(document: Document, changes: Sequence[Replacement]) -> Document:
    """Return a document in which parts of some strings are others.

    Comments, quotes, indentation and line ends stay. Where a value is a YAML anchor, what refers
    to it changes with it; of several replacements in what is one value, the first counts. The
    result is read again to prove that nothing else changed.

    Args:
        document: what was read.
        changes: what is to be changed.

    Raises:
        SchemaError: a part is not written in the text as it is read, so no edit is safe, or it is
            not among the first places that look like it.
    """
    values = [text_at(document.data, change.pointer) for change in changes]
    tries = _Tries(document)
    document = _plain_changes(document, changes) or document
    for change, value in zip(changes, values, strict=True):
        if text_at(document.data, change.pointer) == value:
            document = _search(document, change, tries)
    return document


class _Tries:
    """How often a document may be read again, to see whether an edit was the right one."""

    def __init__(self, document: Document) -> None:
        self.left = max(_LEAST_TRIES, _READ_AGAIN // (len(document.text) + 1))


def _plain_changes(document: Document, changes: Sequence[Replacement]) -> Document | None:
    """Return a document with those changes of it that need no search; None if there are none.

    Those are of strings that are written as they are read, right behind their keys.
    """
    text = document.text
    lines = [0, *(found.end() for found in re.finditer(r"\r\n?|\n", text))]
    edits: dict[int, Replacement] = {}
    pairs = set()
    for change in changes:
        value = text_at(document.data, change.pointer)
        at = document.locate(change.pointer)
        if at.line is None or at.column is None or at.line > len(lines):
            continue
        key = re.escape(unescape(change.pointer.rpartition("/")[2]))
        start = re.compile(rf"""(["']?){key}\1[ \t]*:\s*(?:&\S+\s+)?["']?""").match(
            text, lines[at.line - 1] + at.column - 1
        )
        if start is None:
            continue
        for written in (value, value.replace("/", "\\/")):
            if text.startswith(written, start.end()) and change.part in written:
                edits[start.end() + written.rindex(change.part)] = change
                pairs.add((value, change.of(value)))
                break
    if not edits:
        return None
    parts = []
    end = 0
    for index in sorted(edits):
        parts += [text[end:index], edits[index].by]
        end = index + len(edits[index].part)
    return _edited("".join((*parts, text[end:])), document, edits.values(), pairs)


def _search(document: Document, change: Replacement, tries: _Tries) -> Document:
    """Return a document with a change, which is made at each place that looks like it in turn."""
    pointer, part, by = change
    value = text_at(document.data, pointer)
    why = ""
    for index in _occurrences(document, pointer, part):
        if not tries.left:
            why = ": too many other places look like it"
            break
        tries.left -= 1
        text = f"{document.text[:index]}{by}{document.text[index + len(part) :]}"
        edited = _edited(text, document, [change], {(value, change.of(value))})
        if edited is not None:
            return edited
    raise SchemaError(
        f"cannot find {part!r} of this value in the text{why}",
        at=document.locate(pointer),
        hint=f"write {change.of(value)!r} there yourself",
    )


def _edited(
    text: str,
    document: Document,
    changes: Collection[Replacement],
    pairs: Collection[tuple[str, str]],
) -> Document | None:
    """Return an edited text, read; None if it does not differ just as wanted.

    Args:
        text: the text.
        document: as it was before.
        changes: what was changed.
        pairs: their values before and after: what refers to them by an alias changes too.
    """
    try:
        edited = parse_document(text, document.path)
        for change in changes:
            wanted = change.of(text_at(document.data, change.pointer))
            if follow(edited.data, change.pointer) != wanted:
                return None
    except (SchemaToolsError, KeyError):
        return None
    return edited if _differ_only(document.data, edited.data, pairs, set()) else None


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


def _differ_only(
    old: Json, new: Json, pairs: Collection[tuple[Json, Json]], seen: set[tuple[int, int]]
) -> bool:
    if (id(old), id(new)) in seen:  # aliases
        return True
    if isinstance(old, dict):
        seen.add((id(old), id(new)))
        return (
            isinstance(new, dict)
            and list(old) == list(new)
            and all(_differ_only(old[key], new[key], pairs, seen) for key in old)
        )
    if isinstance(old, list):
        seen.add((id(old), id(new)))
        return (
            isinstance(new, list)
            and len(old) == len(new)
            and all(_differ_only(a, b, pairs, seen) for a, b in zip(old, new, strict=True))
        )
    return equal(old, new) or (old, new) in pairs
