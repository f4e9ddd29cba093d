"""Files that several processes read, each some ranges of bytes: the same as one process reads."""

from __future__ import annotations

import gzip
import json
import os
from contextlib import closing
from dataclasses import replace
from multiprocessing import active_children
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from jsonschema_tools.commands.validate import validate_command
from jsonschema_tools.config import load_config
from jsonschema_tools.errors import ConfigError
from jsonschema_tools.events import ranges, reading
from jsonschema_tools.events.processes import validate_in_processes
from jsonschema_tools.events.ranges import Range, RangeReader, read_in_ranges
from jsonschema_tools.events.reading import Lines, Record, read_file
from jsonschema_tools.events.run import Options
from support import event_repository
from support.effort import examples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import RunTool

GOOD = {"$schema": "/thing/seen/1.0.0", "meta": {"stream": "thing.seen"}, "dt": "2021-01-01T00:00:00Z"}  # fmt: skip # noqa: E501
MARK = b"\xef\xbb\xbf"
ENDS = st.sampled_from([b"\n", b"\n", b"\n", b"\r\n", b"\n\n", b"\n \n"])
LINES = st.sampled_from(
    [
        json.dumps(GOOD).encode(),
        json.dumps({**GOOD, "thing_id": "1"}).encode(),
        json.dumps({**GOOD, "label": "日本語 ü" * 3}, ensure_ascii=False).encode(),
        b"{",
        b"1",
        b"\xff\xfe",
        b"\r",
        b"",
        b'{"a": "' + b"x" * 500 + b'"}',
        MARK,
    ]
)


@st.composite
def texts(draw: st.DrawFn) -> bytes:
    """Make JSON Lines, many of them damaged."""
    pairs = draw(st.lists(st.tuples(LINES, ENDS), max_size=30))
    text = draw(st.sampled_from([b"", MARK])) + b"".join(map(b"".join, pairs))
    return text.rstrip(b"\n") if draw(st.booleans()) else text


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(reading, "BLOCK", 64)
    monkeypatch.setattr(reading, "LONGEST_LINE", 300)
    monkeypatch.setattr(ranges, "_LARGE", 1000)
    return monkeypatch


def together(path: Path) -> Iterator[Lines | Record]:
    """Read a file in ranges, and number the lines as one reader does."""
    before = 0
    with closing(RangeReader()) as reader:
        for found in read_in_ranges(path, path.name):
            if not isinstance(found, Range):
                yield found
                continue
            count = 0
            for item, lines in reader.read(found, path.name):
                assert item.number == count + 1
                yield replace(item, number=before + item.number)
                count += lines
            before += count


@pytest.mark.parametrize("block", [4, 7, 64, 1000])
def test_the_same_is_read(block: int, small: pytest.MonkeyPatch, tmp_path: Path) -> None:
    small.setattr(reading, "BLOCK", block)
    path = tmp_path / "events"

    @given(texts())
    @settings(max_examples=examples(50), deadline=None)
    def check(text: bytes) -> None:
        path.write_bytes(text)
        assert list(together(path)) == list(read_file(path, "events"))

    check()


def test_what_a_file_grows_by_is_read_too(small: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Also where the last line was not complete when the file was looked at."""
    path = tmp_path / "events"
    path.write_bytes(b"{}\n" * 30 + b'{"a":')
    found = read_in_ranges(path, "events")
    first = [next(found), next(found)]
    with path.open("ab") as file:
        file.write(b"1}\n{}\n")
    with closing(RangeReader()) as reader:
        parts = [
            item for part in (*first, *found) for item, _ in reader.read(cast("Range", part), "")
        ]
    read = b"".join(cast("Lines", item).text for item in parts)
    assert read == path.read_bytes()


def test_a_file_that_is_cut_off_meanwhile(small: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "events"
    path.write_bytes(b"{}\n" * 100)
    wanted = list(read_in_ranges(path, "events"))
    os.truncate(path, 70)
    with closing(RangeReader()) as reader:
        read = [item for part in wanted for item, _ in reader.read(cast("Range", part), "")]
    assert b"".join(cast("Lines", item).text for item in read) == path.read_bytes()


def test_another_file_took_its_place(small: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "events"
    path.write_bytes(b"{}\n")
    (tmp_path / "other").write_bytes(b"[]\n")
    (wanted,) = read_in_ranges(path, "events")
    (tmp_path / "other").replace(path)
    with closing(RangeReader()) as reader, pytest.raises(ConfigError, match="took its place"):
        list(reader.read(cast("Range", wanted), "events"))


def test_only_files_are_read_in_ranges(small: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What is compressed, is no JSON Lines or can be read only once is read by one process."""
    path = tmp_path / "events"
    for content in (gzip.compress(b"{}\n"), b"[{}, {}]", b"a: 1\n"):
        path.write_bytes(content)
        assert list(read_in_ranges(path, "events")) == list(read_file(path, "events"))
    reader, writer = os.pipe()
    os.write(writer, b"{}\n")
    os.close(writer)
    assert list(read_in_ranges(Path(f"/dev/fd/{reader}"), "pipe")) == [Lines(1, b"{}\n")]
    os.close(reader)


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(validate_command, arguments, standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return result.return_value, result.stdout, result.stderr


@pytest.mark.parametrize("limit", [(), ("--max-errors", "3")])
@pytest.mark.parametrize("shape", [("--format", "json"), ("--verbose",)])
def test_the_number_of_processes_does_not_matter(
    shape: tuple[str, ...], limit: tuple[str, ...], small: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    small.chdir(event_repository.lay(tmp_path))

    @given(st.lists(texts(), min_size=1, max_size=2))
    @settings(max_examples=examples(2), deadline=None)
    def check(contents: list[bytes]) -> None:
        names = [f"events{number}.jsonl" for number in range(len(contents))]
        for name, text in zip(names, contents, strict=True):
            Path(name).write_bytes(text)
        seen: list[Any] = []
        for jobs in ("1", "2", "3"):
            found = run(
                *names, "--valid", "valid", "--invalid", "bad", "--jobs", jobs, *shape, *limit
            )
            bad = [json.loads(line) for line in Path("bad").read_text().splitlines()]
            raw = [(event["raw_event"], event["message"]) for event in bad]
            seen.append((found, Path("valid").read_bytes(), raw))
        assert seen[0] == seen[1] == seen[2]

    check()


def test_a_schema_that_is_not_found(tmp_path: Path, run_tool: RunTool) -> None:
    root = event_repository.lay(tmp_path)
    (root / "events.jsonl").write_text("{}\n")
    done = [
        run_tool("validate", "events.jsonl", "--schema", "no/such", "--jobs", jobs, cwd=root)
        for jobs in "12"
    ]
    assert "title not found: 'no/such'" in done[0].stderr
    assert done[0].stderr == done[1].stderr
    assert done[0].returncode == done[1].returncode == 2


def test_a_process_that_is_killed(tmp_path: Path) -> None:
    root = event_repository.lay(tmp_path)
    path = root / "events.jsonl"
    path.write_bytes(json.dumps(GOOD).encode() + b"\n")
    sources = [("events.jsonl", list(read_in_ranges(path, "events.jsonl")))] * 20
    parts = validate_in_processes(sources, Options(config=load_config(root)), 2)
    next(parts)
    for process in active_children():
        process.kill()
    with pytest.raises(ConfigError, match="was killed"):
        list(parts)
