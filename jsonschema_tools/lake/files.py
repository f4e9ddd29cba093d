"""Events of files, as records and blocks.

The topic of a file is its path with a digest of its first event, so that a file that was replaced
is another one; the offset of an event is its line.
"""

from __future__ import annotations

import hashlib
from typing import IO, TYPE_CHECKING

from jsonschema_tools.errors import Location, ParseError
from jsonschema_tools.events.reading import (
    BYTE_ORDER_MARK,
    Lines,
    encode,
    is_lines,
    opened,
    read_records,
    whole_lines,
    widen,
)
from jsonschema_tools.lake.blocks import Block, Place, inode_of
from jsonschema_tools.lake.records import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path


_BLOCK = 2**19  # bytes that are read at a time; with their rows, they fit a processor's cache
_BUFFER = 2**16  # smaller than a block, which is then read without it


def read_files(paths: Iterable[Path]) -> Iterator[Record | Block]:
    """Yield the events of files: JSON Lines, JSON or YAML, compressed with gzip or not.

    Raises:
        SchemaToolsError: a file cannot be read.
    """
    for path in paths:
        with opened(path, str(path), _BUFFER) as stream:
            lines = is_lines(stream, str(path))
            yield from (_blocks if lines else _others)(stream, path)


def _blocks(stream: IO[bytes], path: Path) -> Iterator[Record | Block]:
    """Yield what is in JSON Lines that are not compressed.

    Each block has memory of its own, which is free for others as soon as the block is dropped:
    memory that was never used before costs more time than what is read into it.
    """
    widen(stream)
    inode = inode_of(stream)
    rest = stream.read(len(BYTE_ORDER_MARK)).removeprefix(BYTE_ORDER_MARK)
    topic, number = "", 1
    while text := _filled(stream, rest):
        end = text.rfind(b"\n") + 1
        rest = bytes(text[end:])
        if not end:  # a long line, or the last one
            [part] = whole_lines(rest, stream, number)
            topic = topic or _topic(path, _first(part.text))
            if isinstance(part, Lines):
                yield Block(topic, number, part.text)
            else:
                yield Record(topic, 0, number, None, b"", part.problem)
            number, rest = number + 1, b""
            continue
        place = Place(path, inode, stream.tell() - len(text), end) if inode else None
        del text[end:]
        topic = topic or _topic(path, _first(text))
        yield (block := Block(topic, number, text, place))
        number += len(block)


def _filled(stream: IO[bytes], start: bytes) -> bytearray:
    """Return a block with a start, and what a stream has for the rest of it."""
    text = bytearray(_BLOCK)
    with memoryview(text) as view:
        view[: len(start)] = start
        size: int = stream.readinto(view[len(start) :])  # type: ignore[attr-defined]
    del text[len(start) + size :]
    return text


def _others(stream: IO[bytes], path: Path) -> Iterator[Record | Block]:
    topic = ""
    for part in read_records(stream, str(path)):
        if isinstance(part, Lines):
            topic = topic or _topic(path, _first(part.text))
            yield Block(topic, part.number, part.text)
            continue
        if part.is_end:
            raise ParseError(part.problem or "", at=Location(str(path)))
        value = part.text or (b"" if part.problem else encode(part.event))
        topic = topic or _topic(path, value)
        yield Record(topic, 0, part.number, None, value, part.problem)


def _topic(path: Path, first: bytes | bytearray) -> str:
    return f"{path.resolve()}#{hashlib.sha256(first).hexdigest()[:16]}"


def _first(text: bytes | bytearray) -> bytes | bytearray:
    """Return the first event of some lines."""
    return text.lstrip().partition(b"\n")[0]
