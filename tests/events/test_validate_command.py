"""`validate` as users run it: formats of files, reports, filters, bad input."""

from __future__ import annotations

import gzip
import json
import os
import re
import select
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import click
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from jsonschema_tools.events.json_text import decode, encode
from jsonschema_tools.events.summary import Summary
from support import event_repository

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import RunTool

GOOD = {"$schema": "/thing/seen/1.0.0", "meta": {"stream": "thing.seen"}, "dt": "2021-01-01T00:00:00Z"}  # fmt: skip # noqa: E501
BAD = {**GOOD, "thing_id": "12"}


def lines(*events: Any) -> bytes:
    return b"".join(json.dumps(event).encode() + b"\n" for event in events)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return event_repository.lay(tmp_path)


@pytest.fixture
def validate(repository: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the command in this process; return its exit status, stdout and stderr."""
    from jsonschema_tools.commands.validate import validate_command
    from jsonschema_tools.errors import SchemaToolsError

    monkeypatch.chdir(repository)

    def run(*arguments: str, stdin: bytes = b"") -> tuple[int, str, str]:
        runner = CliRunner()
        result = runner.invoke(validate_command, arguments, input=stdin, standalone_mode=False)
        error = result.exception
        if isinstance(error, SchemaToolsError):
            return error.exit_status, result.stdout, str(error)
        if error is not None:
            raise error
        return result.return_value, result.stdout, result.stderr

    return run


def report(validate: Any, *arguments: str, stdin: bytes = b"") -> dict[str, Any]:
    _, output, _ = validate("--format", "json", *arguments, stdin=stdin)
    loaded: dict[str, Any] = json.loads(output)
    return loaded


YAML = b"$schema: /thing/seen/1.0.0\nmeta: {stream: thing.seen}\ndt: '2021-01-01T00:00:00Z'\n"
FORMS = {
    "JSON Lines": lines(GOOD, BAD),
    "without the last newline": lines(GOOD, BAD).rstrip(b"\n"),
    "blank lines": b"\n" + lines(GOOD) + b"\n \n" + lines(BAD),
    "CRLF": lines(GOOD, BAD).replace(b"\n", b"\r\n"),
    "byte order mark": b"\xef\xbb\xbf" + lines(GOOD, BAD),
    "array": json.dumps([GOOD, BAD]).encode(),
    "indented array": json.dumps([GOOD, BAD], indent=2).encode(),
    "gzip": gzip.compress(lines(GOOD, BAD)),
    "YAML": YAML + b"---\n" + YAML + b"thing_id: '12'\n",
}


@pytest.mark.parametrize("form", FORMS)
def test_forms(form: str, validate: Any, repository: Path) -> None:
    (repository / "events").write_bytes(FORMS[form])
    for found in (report(validate, "events"), report(validate, stdin=FORMS[form])):
        assert found["summary"] == {"valid": 1, "invalid": 1, "error": 0}
        assert found["findings"][0]["pointer"] == "/thing_id"


def test_an_object_over_several_lines(validate: Any) -> None:
    status, output, _ = validate(stdin=json.dumps(GOOD, indent=2).encode())
    assert (status, output.splitlines()[-1]) == (0, "1 event: 1 valid, 0 invalid, 0 in error")


def test_text_report(validate: Any, repository: Path) -> None:
    (repository / "events.jsonl").write_bytes(lines(GOOD, BAD, BAD, {"a": 1}))
    status, output, _ = validate("events.jsonl")
    assert status == 1
    assert output == (
        "(no schema): 1 error\n"
        "/thing/seen/1.0.0 in thing.seen: 1 valid, 2 invalid\n"
        "\n"
        '/thing/seen/1.0.0 /thing_id: type: should be integer, not "12" (2 events, 50.0%)\n'
        "  first at events.jsonl:2, events.jsonl:3\n"
        "  schema: schemas/thing/seen/1.0.0.yaml:17:14\n"
        f"  event: {json.dumps(BAD)}\n"
        "\n"
        "(no schema): error: Field(s) $schema were missing from event and could not be extracted."
        " (1 event, 25.0%)\n"
        "  first at events.jsonl:4\n"
        '  hint: name the schema, such as "$schema": "/test/event/1.0.0"\n'
        '  event: {"a": 1}\n'
        "\n"
        "4 events: 1 valid, 2 invalid, 1 in error\n"
    )


def test_verbose_lists_all(validate: Any, repository: Path) -> None:
    (repository / "events.jsonl").write_bytes(lines(BAD, BAD))
    _, output, _ = validate("events.jsonl", "--verbose")
    assert output.count("/thing/seen/1.0.0 /thing_id: type:") == 3


def test_github(validate: Any, repository: Path) -> None:
    (repository / "events.jsonl").write_bytes(lines(GOOD, BAD))
    _, output, _ = validate("events.jsonl", "--format", "github")
    assert output.startswith("::error file=events.jsonl,line=2,title=type::/thing_id: should be")


BAD_LINES = {
    "not UTF-8": b'{"a": "\xff"}',
    "NUL": b'{"a": "\0"}',
    "lone surrogate": rb'{"a": "\ud800"}',
    "NaN": b'{"a": NaN}',
    "beyond doubles": b'{"a": 1e400}',
    "5,000 digits": b'{"a": ' + b"9" * 5000 + b"}",
    "depth": b'{"a":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "cut off": b'{"a": 1',
    "not JSON": b"}{",
    "scalar": b"1",
    "null": b"null",
    "list": b"[1]",
}


@pytest.mark.parametrize("name", BAD_LINES)
def test_a_bad_line_is_a_finding_and_the_rest_goes_on(name: str, validate: Any) -> None:
    found = report(validate, stdin=lines(GOOD) + BAD_LINES[name] + b"\n" + lines(GOOD))
    assert found["summary"] == {"valid": 2, "invalid": 0, "error": 1}
    assert found["findings"][0]["places"] == ["<stdin>:2"]


def test_integers_keep_their_digits_and_the_last_of_equal_names_counts() -> None:
    number = 10**399 + 7
    assert decode(b'{"a": 1, "a": %d}' % number) == {"a": number}


def test_a_line_that_is_too_long(validate: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from jsonschema_tools.events import reading

    monkeypatch.setattr(reading, "LONGEST_LINE", 2000)
    monkeypatch.setattr(reading, "BLOCK", 1000)
    long = lines({**GOOD, "x": "y" * 7000})
    found = report(validate, stdin=lines(GOOD) * 20 + long + lines(GOOD, BAD))
    assert found["summary"] == {"valid": 21, "invalid": 1, "error": 1}
    places = [place for finding in found["findings"] for place in finding["places"]]
    assert sorted(places) == ["<stdin>:21", "<stdin>:23"]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_100_mb_in_one_line(jobs: str, repository: Path, run_tool: RunTool) -> None:
    with (repository / "events.jsonl").open("wb") as file:
        file.write(lines(GOOD) + b'{"a": "')
        for _ in range(100):
            file.write(b"x" * 10**6)
        file.write(b'"}\n' + lines(GOOD, BAD))
    done = run_tool(
        "validate", "events.jsonl", "--format", "json", "--jobs", jobs, cwd=repository, timeout=60
    )
    found = json.loads(done.stdout)
    assert found["summary"] == {"valid": 2, "invalid": 1, "error": 1}
    places = {finding["keyword"]: finding["places"] for finding in found["findings"]}
    assert places == {"error": ["events.jsonl:2"], "type": ["events.jsonl:4"]}


def test_a_folder(repository: Path, validate: Any) -> None:
    (repository / "events").mkdir()
    status, _, error = validate("events")
    assert status == 2
    assert "this is a folder" in error


@pytest.mark.parametrize(
    "schema",
    [
        None,
        True,
        1,
        1.5,
        [],
        ["/thing/seen/1.0.0"],
        {},
        {"a": 1},
        "",
        "/",
        "/thing/../thing/seen/1.0.0",
        "/../../etc/passwd",
        "//thing/seen/1.0.0",
        "file:///etc/passwd",
        "http://127.0.0.1:1/thing/seen/1.0.0",
        "/thing/seen/1.0.0\0",
        "/thing/seen/1.0.0/../../../../etc/passwd",
        "/" + "x" * 5000,
    ],
)
def test_what_schema_may_be(schema: object, validate: Any) -> None:
    found = report(validate, stdin=lines(GOOD, {**GOOD, "$schema": schema}))
    assert found["summary"] == {"valid": 1, "invalid": 0, "error": 1}
    assert found["findings"][0]["places"] == ["<stdin>:2"]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_file_that_grows(jobs: str, repository: Path) -> None:
    """Whole lines only: what is half written is completed, or told as the last line."""
    path = repository / "events.jsonl"
    path.write_bytes(b"")
    stop = threading.Event()
    written = 0

    def grow() -> None:
        nonlocal written
        with path.open("ab", buffering=0) as file:
            while not stop.is_set():
                text = lines(GOOD)
                file.write(text[:50])
                file.write(text[50:])
                written += 1

    writer = threading.Thread(target=grow)
    writer.start()
    try:
        time.sleep(0.3)
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "jsonschema_tools",
                "validate",
                "events.jsonl",
                "--jobs",
                jobs,
                "--format",
                "json",
                "--max-errors",
                "1",
            ],
            cwd=repository,
            capture_output=True,
            timeout=60,
            check=False,
        )
    finally:
        stop.set()
        writer.join()
    summary = json.loads(done.stdout)["summary"]
    assert 0 < summary["valid"] <= written
    assert summary["invalid"] + summary["error"] <= 1


def test_progress_on_a_terminal(repository: Path) -> None:
    terminal, slave = os.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "jsonschema_tools", "validate"],
        cwd=repository,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=slave,
    ) as process:
        assert process.stdin
        shown = b""
        while b"events" not in shown:
            process.stdin.write(lines(GOOD, BAD))
            process.stdin.flush()
            while select.select([terminal], [], [], 0.05)[0]:
                shown += os.read(terminal, 1000)
        output, _ = process.communicate(timeout=20)
    os.close(slave)
    os.close(terminal)
    assert re.search(rb"\r\d+ events, \d+ of them refused", shown)
    assert b"refused" not in output


def test_empty(validate: Any) -> None:
    assert validate()[0] == 0
    assert report(validate)["summary"] == {"valid": 0, "invalid": 0, "error": 0}


def test_damaged_gzip(validate: Any) -> None:
    many = b"".join(
        lines({**GOOD, "meta": {"stream": "thing.seen", "id": str(n)}}) for n in range(50_000)
    )
    found = report(validate, stdin=gzip.compress(many)[:-20])
    assert found["summary"]["error"] == 1
    assert 40_000 < found["summary"]["valid"] <= 50_000
    assert "the gzip data is damaged" in found["findings"][0]["message"]


@pytest.mark.parametrize("cut", [12, 40])
def test_gzip_damaged_at_its_start(cut: int, validate: Any) -> None:
    found = report(validate, stdin=gzip.compress(lines(GOOD))[:cut])
    assert found["summary"] == {"valid": 0, "invalid": 0, "error": 1}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.jsonl"], "nowhere.jsonl: error[config-error]: cannot be read: No such file"),
        (["schemas"], "this is a folder"),
        (["--schema", "no/such"], "title not found: 'no/such'"),
        (["--schema", "/no/such/1.0.0"], "failed loading schema"),
        (["--valid", "no/such/file"], "cannot write no/such/file"),
    ],
)
def test_wrong_calls(arguments: list[str], message: str, validate: Any) -> None:
    status, _, error = validate(*arguments, stdin=lines(GOOD))
    assert status in {1, 2}
    assert message in error


def test_split(validate: Any, repository: Path) -> None:
    text = lines(GOOD, BAD, GOOD) + b"{\n"
    status, output, error = validate("--valid", "-", "--invalid", "bad.jsonl", stdin=text)
    assert status == 1
    assert output.encode() == lines(GOOD, GOOD)
    assert "4 events: 2 valid, 1 invalid, 1 in error" in error
    told = [json.loads(line) for line in (repository / "bad.jsonl").read_text().splitlines()]
    assert [event["error_type"] for event in told] == ["ValidationError", "Error"]
    assert json.loads(told[0]["raw_event"]) == BAD
    assert told[0]["errored_schema_uri"] == "/thing/seen/1.0.0"
    assert told[0]["errored_stream_name"] == "thing.seen"
    assert told[0]["message"] == "'.thing_id' should be integer, not \"12\""
    assert told[1]["raw_event"] == "{"


@pytest.mark.parametrize("option", ["--valid", "--invalid"])
@pytest.mark.parametrize("name", ["events.jsonl", "./events.jsonl", "link", "hard"])
def test_what_is_read_is_not_written(
    option: str, name: str, validate: Any, repository: Path
) -> None:
    file = repository / "events.jsonl"
    file.write_bytes(lines(GOOD, BAD))
    (repository / "link").symlink_to("events.jsonl")
    (repository / "hard").hardlink_to(file)
    with pytest.raises(click.UsageError, match="cannot be written as well"):
        validate(option, name, "events.jsonl")
    assert file.read_bytes() == lines(GOOD, BAD)


def test_valid_and_invalid_events_need_two_files(validate: Any) -> None:
    with pytest.raises(click.UsageError, match="same file"):
        validate("--valid", "out.jsonl", "--invalid", "./out.jsonl", stdin=lines(GOOD))


def test_no_event_adds_a_line_to_the_report(validate: Any) -> None:
    forged = "/no/such\n9 events: 9 valid, 0 invalid, 0 in error\n"
    text = lines({**GOOD, "$schema": forged}, {**GOOD, "meta": {"stream": forged}})
    for arguments in ([], ["--verbose"]):
        _, output, _ = validate(*arguments, stdin=text)
        assert output.count("9 events") >= 2
        assert not re.search("^9 events", output, re.MULTILINE)


def test_schemas_without_end_are_counted_together() -> None:
    total = Summary()
    for part in range(3):
        summary = Summary()
        for number in range(900):
            summary.count(f"/no/{part}/{number}", None, "error")
        total.merge(summary)
    assert len(total.counts) <= 1001
    assert total.events == 2700


def test_max_errors(validate: Any) -> None:
    _, output, error = validate("--max-errors", "1", stdin=lines(BAD) * 2000)
    assert "stopped after" in error
    assert "(no schema)" not in output


def test_streams(validate: Any) -> None:
    wrong = {**GOOD, "meta": {"stream": "thing.kept"}}
    unknown = {**GOOD, "meta": {"stream": "thing.else"}}
    found = report(validate, "--streams", stdin=lines(GOOD, wrong, unknown))
    assert found["summary"] == {"valid": 1, "invalid": 0, "error": 2}
    messages = {finding["message"].partition("stream; ")[2] for finding in found["findings"]}
    assert messages == {"schema title must be thing/kept.", "thing.else is not configured."}


def test_strict_formats(validate: Any) -> None:
    odd = lines({**GOOD, "dt": "2021-13-01 00:00:00Z"})
    assert validate(stdin=odd)[0] == 0
    assert validate("--formats", "strict", stdin=odd)[0] == 1


@pytest.mark.parametrize(
    ("schema", "valid"),
    [
        ("thing/seen", 0),
        ("/thing/seen/1.0.0", 0),
        ("thing/seen/1.0.0", 0),
        ("thing/seen/latest", 0),
        ("thing/seen/current", 1),
    ],
)
def test_replay(schema: str, valid: int, validate: Any, repository: Path) -> None:
    current = repository / "schemas/thing/seen/current.yaml"
    current.write_text(current.read_text().replace("1.0.0", "1.1.0") + "  colour: {type: string}\n")
    event = {**GOOD, "$schema": "/not/there/1.0.0", "colour": "red"}
    found = report(validate, "--schema", schema, stdin=lines(event))
    assert found["summary"]["valid"] == valid


def test_several_processes_say_the_same(validate: Any, repository: Path) -> None:
    events = [GOOD, BAD, {**GOOD, "x": 1}, {"a": 1}] * 3000
    (repository / "events.jsonl").write_bytes(lines(*events))
    alone = validate("events.jsonl", "--valid", "one", "--invalid", "bad", "--format", "json")
    together = validate("events.jsonl", "--valid", "two", "--jobs", "2", "--format", "json")
    assert alone == together
    assert (
        (repository / "one").read_bytes()
        == (repository / "two").read_bytes()
        == lines(*([GOOD] * 3000))
    )


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=5), inner, max_size=3
    ),
    max_leaves=8,
)  # fmt: skip


@given(value=_JSON)
@settings(max_examples=200)
def test_what_is_written_is_read_again(value: Any) -> None:
    assert decode(encode(value)) == value


def test_what_passes_passes_again(validate: Any, repository: Path) -> None:
    kept = {"$schema": "/thing/kept/1.0.0", "meta": {"stream": "thing.kept"}}
    text = lines(GOOD, BAD, kept)
    validate("--valid", "once.jsonl", stdin=text)
    status, output, _ = validate("once.jsonl", "--valid", "-")
    assert status == 0
    assert output.encode() == (repository / "once.jsonl").read_bytes() == lines(GOOD, kept)


def test_a_reader_that_goes_away_ends_it_quietly(repository: Path) -> None:
    (repository / "events.jsonl").write_bytes(lines(GOOD) * 50_000)
    tool = f"{sys.executable} -m jsonschema_tools"
    done = subprocess.run(
        ["sh", "-c", f"{tool} validate events.jsonl --valid - | head -n 1"],
        cwd=repository,
        capture_output=True,
        check=False,
    )
    assert done.stdout == lines(GOOD)
    assert b"Traceback" not in done.stderr
    assert b"Broken pipe" not in done.stderr


def test_a_pipe_is_read(repository: Path, run_tool: RunTool) -> None:
    os.mkfifo(repository / "pipe")
    with subprocess.Popen(["sh", "-c", "cat > pipe"], cwd=repository, stdin=subprocess.PIPE) as cat:
        assert cat.stdin
        cat.stdin.write(lines(GOOD))
        cat.stdin.close()
        done = run_tool("validate", "pipe", cwd=repository, timeout=20)
    assert done.stdout.endswith("1 event: 1 valid, 0 invalid, 0 in error\n")


def test_from_standard_input(repository: Path, run_tool: RunTool) -> None:
    done = run_tool("validate", cwd=repository, stdin=lines(BAD).decode())
    assert done.returncode == 1
    assert "first at <stdin>:1" in done.stdout


def test_long_names_are_not_kept(validate: Any) -> None:
    events = [
        {"$schema": f"/{number}{'a' * 100_000}", "meta": {"stream": f"{number}{'b' * 100_000}"}}
        for number in range(30)
    ]
    keys = {**GOOD, f"{'c' * 100_000}": 1}
    status, out, _ = validate(stdin=lines(*events, keys))
    assert status == 1
    assert "30 in error" in out
    assert len(out) < 30 * 8000
    status, out, _ = validate("--format", "json", stdin=lines(*events, keys))
    assert max(map(len, out.splitlines())) < 3000


@pytest.mark.parametrize("depth", [260, 500, 900])
def test_deep_events(validate: Any, depth: int) -> None:
    deep = b'{"a":' * depth + b"1" + b"}" * depth
    text = json.dumps(GOOD).encode()[:-1] + b', "thing_id": ' + deep + b"}\n"
    status, out, _ = validate(stdin=text)
    assert status == 1
    assert "is not valid, and nested too deeply to tell where" in out


def test_an_event_with_ever_so_many_problems(validate: Any) -> None:
    event = {**GOOD, **{f"undeclared{number}": 1 for number in range(3000)}}
    status, out, _ = validate(stdin=lines(event))
    assert status == 1
    assert out.count("which the schema does not declare") == 1000
