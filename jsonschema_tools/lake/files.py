"""Events of files, as records and blocks.

The topic of a file is its path with a digest of its first event, so that a file that was replaced
is another one; the offset of an event is its line.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import IO, TYPE_CHECKING

from jsonschema_tools.errors import Location, ParseError
from jsonschema_tools.events.json_text import encode
from jsonschema_tools.events.reading import (
    BYTE_ORDER_MARK,
    Lines,
    is_lines,
    opened,
    read_records,
    whole_lines,
    widen,
)
from jsonschema_tools.lake.blocks import Block, FilePart, inode_of
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
    """Yield what is in JSON Lines that are not compressed."""
    widen(stream)
    inode = inode_of(stream)
    rest = stream.read(len(BYTE_ORDER_MARK)).removeprefix(BYTE_ORDER_MARK)
    topic, number, buffers = "", 1, _Buffers()
    while text := _filled(buffers.free(), rest, stream):
        end = text.obj.rfind(b"\n", 0, len(text)) + 1  # type: ignore[attr-defined]
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
        place = FilePart(path, inode, stream.tell() - len(text), end) if inode else None
        topic = topic or _topic(path, _first(bytes(text[:end])))
        yield (block := Block(topic, number, text[:end], place))
        number += len(block)


class _Buffers:
    """Memory for blocks, used again once nothing looks into it any more.

    Memory that was never used before costs more time than what is read into it.
    """

    def __init__(self) -> None:
        self._all: list[bytearray] = []

    def free(self) -> bytearray:
        """Return some memory that nothing looks into."""
        for buffer in self._all:
            with suppress(BufferError):  # something looks into it, so that its size is fixed
                buffer.append(0)
                buffer.pop()
                return buffer
        self._all.append(bytearray(_BLOCK))
        return self._all[-1]


def _filled(buffer: bytearray, start: bytes, stream: IO[bytes]) -> memoryview:
    """Return a start and what a stream has after it, as much as there is room for."""
    text = memoryview(buffer)
    text[: len(start)] = start
    size: int = stream.readinto(text[len(start) :])  # type: ignore[attr-defined]
    return text[: len(start) + size]


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


def _topic(path: Path, first: bytes) -> str:
    return f"{path.resolve()}#{hashlib.sha256(first).hexdigest()[:16]}"


def _first(text: bytes) -> bytes:
    """Return the first event of some lines."""
    return text.lstrip().partition(b"\n")[0]
