"""Files that are read in blocks have the same events as when they are read line by line."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("duckdb")
pytest.importorskip("pyarrow")

from jsonschema_tools.errors import ReadError
from jsonschema_tools.events.reading import Lines, read_file
from jsonschema_tools.lake.blocks import Block
from jsonschema_tools.lake.files import read_files

if TYPE_CHECKING:
    from pathlib import Path

BLOCK = 2**19
LINE = b'{"a": 1}\n'


def padded(size: int) -> bytes:
    """Return a line of a size, its end included."""
    return b'{"a": "' + b"x" * (size - 10) + b'"}\n'


CONTENTS = {
    "two": LINE * 2,
    "no end": LINE + b'{"a": 2}',
    "byte order mark": b"\xef\xbb\xbf" + LINE * 3,
    "blank lines": LINE + b"\n \r\n" + LINE,
    "several blocks": LINE * (3 * BLOCK // len(LINE)),
    "a block to the byte": padded(BLOCK - len(LINE)) + LINE + LINE,
    "a block less its end": padded(BLOCK + 1) + LINE,
    "a line of blocks": LINE + padded(5 * BLOCK) + LINE * 2,
    "only a line of blocks": padded(3 * BLOCK)[:-1],
    "a line that is too long": LINE + padded(2**24 + 2) + LINE + padded(2**24 + 2) + LINE,
}


@pytest.mark.parametrize("is_pipe", [False, True], ids=["file", "pipe"])
@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS.keys())
def test_events_have_their_lines(tmp_path: Path, content: bytes, *, is_pipe: bool) -> None:
    (plain := tmp_path / "plain.jsonl").write_bytes(content)
    expected = []
    for part in read_file(plain, "plain"):
        records = part if isinstance(part, Lines) else [part]
        expected += [(one.number, one.text, one.problem) for one in records]
    path = tmp_path / "events.jsonl"
    if is_pipe:
        os.mkfifo(path)
        threading.Thread(target=path.write_bytes, args=[content], daemon=True).start()
    else:
        path.write_bytes(content)
    found = []
    for block in list(read_files([path])):  # all at once: none may change another
        events = block if isinstance(block, Block) else [block]
        found += [(event.offset, event.value, event.problem) for event in events]
        if isinstance(block, Block):
            assert block.kept().block().text == block.text
            assert is_pipe <= (block.place is None)
    assert found == expected


def test_what_was_replaced_is_not_taken_for_what_was_read(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(LINE * 2)
    [block] = read_files([path])
    assert isinstance(block, Block)
    path.rename(tmp_path / "old")
    path.write_bytes(LINE * 2)
    with pytest.raises(ReadError, match="it was replaced"):
        block.kept().block()
    path.unlink()
    with pytest.raises(ReadError, match="No such file"):
        block.kept().block()
    (tmp_path / "old").rename(path)
    path.write_bytes(b"\n" + LINE + b'{"a":1}\n')
    with pytest.raises(ReadError, match="it was changed"):
        block.kept().block()
