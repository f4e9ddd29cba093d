"""Reads events from files and streams: JSON Lines, JSON or YAML, compressed or not."""

from __future__ import annotations

import io
import re
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from jsonschema_tools.errors import ConfigError, Location, ParseError
from jsonschema_tools.events.json_text import decode

if TYPE_CHECKING:
    from collections.abc import Iterator
    from gzip import GzipFile
    from pathlib import Path

    from jsonschema_tools.values import Json

#: bytes of one event; a longer line is a finding
LONGEST_LINE = 16 * 2**20
#: bytes of a document that is not JSON Lines, which is read as a whole
LARGEST_DOCUMENT = 256 * 2**20
_SNIFFED = 65536
#: bytes of JSON Lines that are read at a time
BLOCK = 2**20
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_YAML_START = re.compile(rb"(?:%|---|#|- |[\w$\"'./-]+ *:(?:\s|$))")


@dataclass(frozen=True, slots=True)
class Record:
    """One event of a file, or why there is none.

    Attributes:
        number: 1-based line, or number of the event in formats other than JSON Lines.
        text: its JSON, not parsed yet; empty where `event` or `problem` is set.
        event: what was parsed already.
        problem: why there is no event.
        is_end: whether nothing after it can be read, as in compressed data that is damaged.
    """

    number: int
    text: bytes = b""
    event: Json = None
    problem: str | None = None
    is_end: bool = False


@dataclass(frozen=True, slots=True)
class Lines:
    """Some whole lines of JSON Lines, not parsed yet.

    Attributes:
        number: 1-based number of the first one.
        text: the lines.
    """

    number: int
    text: bytes

    @property
    def count(self) -> int:
        """How many lines there are; the last one may lack its newline."""
        return self.text.count(b"\n") + (not self.text.endswith(b"\n"))

    def __iter__(self) -> Iterator[Record]:
        """Yield the events; blank lines are none."""
        for number, line in enumerate(self.text.split(b"\n"), self.number):
            if line and not line.isspace():
                yield Record(number, line)


def read_records(stream: IO[bytes], name: str) -> Iterator[Record | Lines]:
    """Yield the events of a stream; the format is recognized by its content.

    JSON Lines are read some at a time, so that memory does not grow with the file. A line that is
    too long is a record with a problem, and reading goes on.

    Args:
        stream: a binary stream.
        name: what to call it in messages.

    Raises:
        ConfigError: it is compressed in a way that this Python cannot read.
    """
    widen(stream)
    try:
        yield from _records(_decompressed(_peekable(stream), name), name)
    except ParseError as error:
        yield Record(1, problem=error.message, is_end=True)  # damaged early


def is_lines(stream: IO[bytes], name: str) -> bool:
    """Tell whether a stream holds JSON Lines that are not compressed.

    Args:
        stream: a buffered stream at its start, where it stays.
        name: what it is called.
    """
    start = _start(stream)
    return not start.startswith((_GZIP, _ZSTD)) and _kind(start, name) == "lines"


def _start(stream: IO[bytes]) -> bytes:
    start: bytes = stream.peek(_SNIFFED)  # type: ignore[attr-defined]
    return start[:_SNIFFED].removeprefix(BYTE_ORDER_MARK)


def _records(stream: IO[bytes], name: str) -> Iterator[Record | Lines]:
    kind = _kind(_start(stream), name)
    if kind == "lines":
        yield from _lines(stream)
        return
    content = stream.read(LARGEST_DOCUMENT + 1).removeprefix(BYTE_ORDER_MARK)
    if len(content) > LARGEST_DOCUMENT:
        yield Record(1, problem="larger than 256 MiB, and not JSON Lines: write an event on a line")
    elif kind == "yaml":
        yield from _yaml(content, name)
    else:
        yield from _document(content)


def read_file(path: Path, name: str) -> Iterator[Record | Lines]:
    """Yield the events of a file, which may be a pipe, as `read_records` does.

    Args:
        path: the file.
        name: what to call it in messages.

    Raises:
        ConfigError: it is a folder, or cannot be read.
    """
    with opened(path, name) as stream:
        yield from read_records(stream, name)


@contextmanager
def opened(path: Path, name: str, buffering: int | None = None) -> Iterator[IO[bytes]]:
    """Open a file for reading.

    Args:
        path: the file, which may be a pipe.
        name: what to call it in messages.
        buffering: bytes of its buffer; None: as many as are read at a time.

    Raises:
        ConfigError: it is a folder, or cannot be read.
    """
    try:
        with path.open("rb", buffering=BLOCK if buffering is None else buffering) as stream:
            yield stream
    except IsADirectoryError:
        hint = "name the files in it"
        raise ConfigError("this is a folder", at=Location(name), hint=hint) from None
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", at=Location(name)) from None


def widen(stream: IO[bytes]) -> None:
    """Let a pipe hold as much as is read at a time, where the system can (Linux)."""
    with suppress(ImportError, AttributeError, OSError, ValueError):
        import fcntl

        fcntl.fcntl(stream.fileno(), fcntl.F_SETPIPE_SZ, BLOCK)


def _peekable(stream: IO[bytes]) -> IO[bytes]:
    return stream if hasattr(stream, "peek") else io.BufferedReader(stream)  # type: ignore[type-var]


def _decompressed(stream: IO[bytes], name: str) -> IO[bytes]:
    start = stream.peek(4)[:4]  # type: ignore[attr-defined]
    if start.startswith(_GZIP):
        import gzip

        return io.BufferedReader(_Gzip(gzip.GzipFile(fileobj=stream)), 2**17)
    if start.startswith(_ZSTD):
        try:
            from compression import zstd  # type: ignore[import-not-found,unused-ignore]
        except ImportError:
            raise ConfigError(
                f"{name} is compressed with zstd, which this Python cannot read",
                hint="use Python 3.14 or newer, or `zstdcat FILE | jsonschema-tools validate`",
            ) from None
        return io.BufferedReader(zstd.ZstdFile(stream), 2**17)
    return stream


class _Gzip(io.RawIOBase):
    """A gzip stream whose damage ends it with a ParseError."""

    def __init__(self, stream: GzipFile) -> None:
        super().__init__()
        self._stream = stream

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read into a buffer."""
        import zlib

        try:
            data = self._stream.read(len(buffer))
        except (EOFError, OSError, zlib.error) as error:
            raise ParseError(f"the gzip data is damaged: {error}") from None
        buffer[: len(data)] = data
        return len(data)


def _kind(start: bytes, name: str) -> str:
    """Tell the format from the first bytes: `lines`, `document` or `yaml`."""
    text = start.lstrip()
    if name.endswith((".yaml", ".yml", ".yaml.gz", ".yml.gz")):
        return "yaml"
    if text[:1] in {b"{", b"["}:
        line, newline, rest = text.partition(b"\n")
        if not newline or (rest.lstrip()[:1] == b"{" and _is_json(line)):
            return "lines" if text[:1] == b"{" else "document"
        return "lines" if _is_json(line) and text[:1] == b"{" else "document"
    return "yaml" if _YAML_START.match(text) else "lines"


def _is_json(text: bytes) -> bool:
    try:
        decode(text)
    except ParseError:
        return False
    return True


def _lines(stream: IO[bytes]) -> Iterator[Record | Lines]:
    """Yield whole lines, some at a time; damage in compressed data ends them with a problem."""
    number = 1
    try:
        start = stream.read(len(BYTE_ORDER_MARK)).removeprefix(BYTE_ORDER_MARK)
        while text := start + stream.read1(BLOCK):  # type: ignore[attr-defined]
            start = b""
            for part in whole_lines(text, stream, number):
                yield part
                number += part.text.count(b"\n") if isinstance(part, Lines) else 1
    except ParseError as error:
        yield Record(number, problem=error.message, is_end=True)


def whole_lines(text: bytes, stream: IO[bytes], number: int) -> Iterator[Record | Lines]:
    """Yield lines that were begun, with what a stream has of the last one.

    Args:
        text: the lines; at least one byte.
        stream: continues them; it is then at the start of a line.
        number: of the first line.
    """
    if not text.endswith(b"\n"):
        text += stream.readline(LONGEST_LINE + 1)
    last = text.rfind(b"\n", 0, -1) + 1
    if len(text) - last <= LONGEST_LINE:
        yield Lines(number, text)
        return
    if last:
        yield Lines(number, text[:last])
    number += text.count(b"\n", 0, last)
    text = text[-1:]
    while text and not text.endswith(b"\n"):
        text = stream.readline(LONGEST_LINE)
    yield Record(number, problem="a line of more than 16 MiB")


def _document(content: bytes) -> Iterator[Record]:
    """Yield the event of a JSON object, or those of an array; else read it line by line."""
    try:
        value = decode(content)
    except ParseError as error:
        lines = content.splitlines()
        if content.lstrip()[:1] == b"{" and any(map(_is_json, lines[1:20])):
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield Record(number, line)
        else:
            yield Record(1, problem=error.message)
        return
    events = value if isinstance(value, list) else [value]
    for number, event in enumerate(events, 1):
        yield Record(number, event=event)


def _yaml(content: bytes, name: str) -> Iterator[Record]:
    from jsonschema_tools.documents import parse_document

    for number, text in enumerate(re.split(rb"(?m)^---(?=\s)[^\S\n]*", content), 1):
        if not _is_blank(text):
            try:
                data = parse_document(text, name).data
            except ParseError as error:
                yield Record(number, problem=error.message)
                continue
            for event in data if isinstance(data, list) else [data]:
                try:
                    record = Record(number, event=_json(event))
                except ParseError as error:
                    record = Record(number, problem=error.message)
                yield record


def _is_blank(text: bytes) -> bool:
    return all(not line.strip() or line.lstrip()[:1] in {b"#", b"%"} for line in text.splitlines())


def _json_text(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ParseError("not JSON: it holds half a surrogate pair") from None
    return text


def _json(value: Json) -> Json:
    """Return a value of YAML as JSON has it: an unquoted time is its text.

    Raises:
        ParseError: JSON has no such value.
    """
    from datetime import datetime

    if isinstance(value, dict):
        return {_json_text(key): _json(item) for key, item in value.items()}
    if isinstance(value, str):
        return _json_text(value)
    if isinstance(value, bytes):
        raise ParseError("not JSON: `!!binary` is not a value of JSON")
    if isinstance(value, list):
        return [_json(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value
