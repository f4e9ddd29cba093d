"""Stream configuration: how it is read, and the checks of it."""

from __future__ import annotations

import json
import threading
import time
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from jsonschema_tools.checks import CHECKS, select
from jsonschema_tools.config import load_config
from jsonschema_tools.errors import ConfigError
from jsonschema_tools.events import load_streams
from jsonschema_tools.events.constraints import parse_constraints
from jsonschema_tools.runner.check_run import CheckRun, check_files
from jsonschema_tools.runner.selection import select_files
from support import event_repository

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import RunTool

    from jsonschema_tools.events import StreamConfigs


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return event_repository.lay(tmp_path)


def streams(folder: Path, text: str) -> StreamConfigs:
    (folder / "streams.yaml").write_text(text)
    config = folder / ".jsonschema-tools.yaml"
    if not config.exists():
        config.write_text("streamConfigs: streams.yaml\n")
    return load_streams(load_config(folder))


@pytest.mark.parametrize(
    "text",
    [
        "streams: {a: {schema_title: x}}",
        "a: {schema_title: x}",
        "streams: [{stream: a, schema_title: x}]",
        '{"streams": {"a": {"schema_title": "x", "stream": "a", "topics": ["a"]}}}',
    ],
)
def test_forms(text: str, tmp_path: Path) -> None:
    found = streams(tmp_path, text).select()
    assert found == {"a": {"schema_title": "x", "stream": "a", "topics": ["a"]}}


def test_defaults_are_merged_as_array_replace_recursive(tmp_path: Path) -> None:
    text = """
defaults: {topic_prefixes: [eqiad., codfw.], consumers: {x: {enabled: true, job_name: d}}, n: 1}
streams:
  a: {topic_prefixes: [z.], consumers: {x: {job_name: own}}}
  b: {topic_prefixes: null}
  c: {topics: [fixed]}
"""
    found = streams(tmp_path, text)
    a = found.streams["a"].settings
    assert a["topics"] == ["z.a", "codfw.a"]
    assert a["consumers"] == {"x": {"enabled": True, "job_name": "own"}}
    assert found.streams["b"].settings["topics"] == ["b"]
    assert found.streams["c"].settings["topics"] == ["fixed"]
    assert found.warnings == (
        "stream 'a': `topic_prefixes` keeps the last 1 of the defaults: lists are merged item by"
        " item",
    )


def test_a_pattern_stands_for_streams(tmp_path: Path) -> None:
    text = r"""
defaults: {topic_prefixes: [eqiad., codfw.]}
streams: {'/^mediawiki\.job\..+/': {schema_title: job}, mediawiki.job.x: {schema_title: x}}
"""
    found = streams(tmp_path, text)
    assert found.select(["mediawiki.job.a", "no.such"]) == {
        "mediawiki.job.a": {
            "topic_prefixes": ["eqiad.", "codfw."],
            "schema_title": "job",
            "stream": r"/^mediawiki\.job\..+/",
            "topics": ["eqiad.mediawiki.job.a", "codfw.mediawiki.job.a"],
        }
    }
    exact = found.find("mediawiki.job.x")
    assert exact is not None
    assert exact.schema_title == "x"
    pattern = found.find(r"/^mediawiki\.job\..+/")
    assert pattern is not None
    assert pattern.settings["topics"] == [r"/^(eqiad\.|codfw\.)mediawiki\.job\..+/"]
    assert pattern.pattern is not None
    assert not pattern.pattern.search(r"/^mediawiki\.job\..+/")


SETTINGS = "{n: 0.1, yes: true, no: false, nested: {a: {b: c}}, list: [x, y], null_: null, s: v}"


@pytest.mark.parametrize(
    ("constraint", "expected"),
    [
        ("s=v", True),
        ("s=w", False),
        ("yes=1", True),
        ("yes=true", False),
        ("no=", True),
        ("n=0.1", True),
        ("nested[a][b]=c", True),
        ("nested[a][b]=d", False),
        ("nested=c", False),
        ("nope=1", False),
        ("null_=", False),
        ("s[a]=v", False),
    ],
)
def test_constraints(constraint: str, expected: bool, tmp_path: Path) -> None:
    found = streams(tmp_path, f"streams: {{a: {SETTINGS}}}")
    assert bool(found.select([], parse_constraints([constraint]))) is expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("{}", "is empty"),
        ("- 1", "holds a list"),
        ("text", "holds a str"),
        ("streams: [{schema_title: x}]", "needs `stream`"),
        ("streams: {a: 1}", "expected a mapping of settings"),
        ("streams: {a: {topics: x}}", "`topics` of stream 'a' must be a list"),
        ("streams: {'/nonya/BADREGEX': {}}", "not a regular expression"),
        ("streams: {'/(/': {}}", "not a regular expression"),
        ("streams: {a: {x: 1}, a: {}}", "stream configuration"),
    ],
)
def test_what_is_no_stream_configuration(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=message):
        streams(tmp_path, text)


def test_null_settings_are_none(tmp_path: Path) -> None:
    assert streams(tmp_path, "streams: {a: null}").select() == {
        "a": {"stream": "a", "topics": ["a"]}
    }


def test_an_address_that_does_not_answer(tmp_path: Path) -> None:
    (tmp_path / ".jsonschema-tools.yaml").write_text("streamConfigs: http://127.0.0.1:9/x\n")
    with pytest.raises(ConfigError, match="stream configuration cannot be read from"):
        load_streams(load_config(tmp_path))


@pytest.fixture
def api(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Serve a stream configuration that `tmp_path` is set to; yield the paths that are asked."""
    asked: list[str] = []

    class Api(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            answer = b'{"streams": {"a": {"schema_title": "x"}}}'
            self.send_response(200)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("JSONSCHEMA_TOOLS_CACHE_DIR", str(tmp_path / "cache"))
    with HTTPServer(("127.0.0.1", 0), Api) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/api"
        (tmp_path / ".jsonschema-tools.yaml").write_text(f"streamConfigs: {url}\n")
        yield asked
        server.shutdown()
        thread.join()


def test_the_answer_of_a_server_is_used_for_ten_minutes(
    api: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = load_config(tmp_path)
    for _ in range(2):
        assert load_streams(config).streams["a"].schema_title == "x"
    assert api == ["/api"]
    in_eleven_minutes = time.time() + 660
    monkeypatch.setattr(
        "jsonschema_tools.dereferencing.remote_cache.time.time", lambda: in_eleven_minutes
    )
    load_streams(config)
    load_streams(config)
    assert api == ["/api"] * 2


def test_what_was_downloaded_is_shown_and_cleared(
    api: list[str], tmp_path: Path, run_tool: RunTool
) -> None:
    load_streams(load_config(tmp_path))
    shown = run_tool("cache", "show", "--remote", cwd=tmp_path).stdout.splitlines()
    assert shown[0].endswith("/api")
    assert shown[1].startswith(f"{tmp_path}/cache/documents: 1 entry")
    cleared = run_tool("cache", "clear", "--remote", cwd=tmp_path).stdout
    assert "removed 1 entry" in cleared
    load_streams(load_config(tmp_path))
    assert api == ["/api"] * 2


#: check, whether it passes, settings of the stream `thing.seen`, part of the finding
CASES: list[tuple[str, bool, str, str]] = [
    ("stream-has-schema", True, "{schema_title: thing/seen}", ""),
    ("stream-has-schema", False, "{}", "no `schema_title`"),
    ("stream-has-schema", False, "{schema_title: thing/seem}", "schema not found: 'thing/seem'"),
    ("stream-has-schema", False, "{schema_title: fragment/x}", "is a fragment"),
    ("stream-settings-known", True, "{canary_events_enabled: true, own: 1}", ""),
    ("stream-settings-known", False, "{canary_events_enabed: true}", "`canary_events_enabed`"),
    ("stream-settings-known", False, '{sample: {rate: "1"}}', "`sample.rate` should be number"),
    ("stream-settings-known", False, "{own: x}", "`own` should be integer"),
    ("stream-name-valid", True, "{topic_prefixes: [eqiad.]}", ""),
    ("stream-name-valid", False, "{topic_prefixes: ['a b.']}", "not a legal Kafka topic"),
    ("stream-name-valid", False, f"{{topics: [{'x' * 250}]}}", "not a legal Kafka topic"),
    (
        "stream-message-key-fields-exist",
        True,
        "{schema_title: thing/seen, message_key_fields: {a: dt, b: meta.stream}}",
        "",
    ),
    (
        "stream-message-key-fields-exist",
        False,
        "{schema_title: thing/seen, message_key_fields: {a: thing_id}}",
        "`thing_id` is optional",
    ),
    (
        "stream-message-key-fields-exist",
        False,
        "{schema_title: thing/seen, message_key_fields: {a: meta.page}}",
        "`meta.page` is not declared",
    ),
    ("stream-destination-known", True, "{destination_event_service: main}", ""),
    ("stream-destination-known", False, "{destination_event_service: mian}", "'mian'"),
    ("stream-example-valid", True, "{schema_title: thing/good}", ""),
    ("stream-example-valid", False, "{schema_title: thing/bad}", "should be integer"),
]


def lay_schemas(folder: Path) -> None:
    (folder / ".jsonschema-tools.yaml").write_text(
        "schemaBasePath: ./schemas\nstreamConfigs: streams.yaml\neventServices: [main]\n"
    )
    for title, more in (
        ("fragment/x", ""),
        ("thing/good", "  n: {type: integer}\nexamples: [{n: 1, meta: {}}]\n"),
        ("thing/bad", "  n: {type: integer}\nexamples: [{n: x}]\n"),
    ):
        text = f"title: {title}\n$id: /{title}/1.0.0\ntype: object\nproperties:\n"
        path = folder / "schemas" / title
        path.mkdir(parents=True)
        (path / "1.0.0.yaml").write_text(text + (more or "  a: {type: string}\n"))
        (path / "1.0.0").symlink_to("1.0.0.yaml")


@pytest.mark.parametrize(("check", "passes", "settings", "message"), CASES)
def test_check(check: str, passes: bool, settings: str, message: str, repository: Path) -> None:
    lay_schemas(repository)
    (repository / "streams.yaml").write_text(
        f"settings: {{own: {{type: integer}}}}\nstreams:\n  thing.seen: {settings}\n"
    )
    config = load_config(repository)
    check_run = CheckRun(config, select(select=[check]), date(2026, 1, 1))
    (result,) = check_files(select_files(config).found, check_run, jobs=1).streams
    assert result.outcome == ("passed" if passes else "failed")
    assert result.subject.title == "thing.seen"
    if not passes:
        assert message in result.findings[0].message
        assert result.findings[0].at.path == "streams.yaml"
        assert result.findings[0].at.line == 3


def test_every_check_has_a_case_that_passes_and_one_that_fails() -> None:
    ids = {check.id for check in CHECKS if check.suite == "streams"}
    assert {(check, passes) for check, passes, *_ in CASES} == {
        (check, passes) for check in ids for passes in (True, False)
    }


def test_two_streams_with_one_table(repository: Path, run_tool: RunTool) -> None:
    (repository / "streams.yaml").write_text("streams: {a.b: {}, A_b: {}}\n")
    done = run_tool("check", "--select", "stream-name-valid", "--format", "json", cwd=repository)
    results = json.loads(done.stdout)["results"]
    assert [result["outcome"] for result in results] == ["failed", "failed"]
    assert "would have the same table, a_b" in results[0]["message"]


def test_of_many_streams_with_one_table_some_are_named(repository: Path, run_tool: RunTool) -> None:
    names = ["".join(parts) for parts in product("aA", "bB", "cC", "dD", "eE")]
    (repository / "streams.yaml").write_text(json.dumps({"streams": {name: {} for name in names}}))
    done = run_tool("check", "--select", "stream-name-valid", "--format", "json", cwd=repository)
    results = json.loads(done.stdout)["results"]
    assert len(results) == 32
    assert results[0]["message"].startswith("stream 'abcdE' would have the same table, abcde")
    assert done.stdout.count("11 more streams would have the same table, abcde") == 32


def test_a_waiver_names_the_stream(repository: Path, run_tool: RunTool) -> None:
    (repository / "streams.yaml").write_text("streams: {a: {}, b: {}}\n")
    config = repository / ".jsonschema-tools.yaml"
    config.write_text(config.read_text() + "skipSchemaTestCases: {^a$: [stream-has-schema]}\n")
    done = run_tool("check", "--suite", "streams", cwd=repository)
    assert "1 skipped" in done.stdout
    assert "skips nothing" not in done.stderr


def test_the_suite_is_part_of_every_check(repository: Path, run_tool: RunTool) -> None:
    done = run_tool("check", "--format", "json", cwd=repository)
    suites = {result["suite"] for result in json.loads(done.stdout)["results"]}
    assert "streams" in suites
    assert run_tool("explain", "stream-has-schema", cwd=repository).returncode == 0
    (repository / "streams.yaml").write_text("- 1\n")
    done = run_tool("check", cwd=repository)
    assert done.returncode == 2
    assert "streams.yaml:1:1: error[config-error]: stream configuration holds a list" in done.stderr


def test_streams_command(repository: Path, run_tool: RunTool) -> None:
    done = run_tool("streams", cwd=repository)
    assert done.stdout == (
        "thing.seen  thing/seen  thing.seen\nthing.kept  thing/kept  thing.kept\n"
    )
    shown = run_tool("streams", "thing.seen", "--format", "json", cwd=repository)
    settings: Any = {"schema_title": "thing/seen", "stream": "thing.seen", "topics": ["thing.seen"]}
    assert json.loads(shown.stdout) == {"streams": {"thing.seen": settings}}
    unknown = run_tool("streams", "thing.sen", cwd=repository)
    assert unknown.returncode == 1
    assert "stream not found: thing.sen" in unknown.stderr
    some = run_tool("streams", "--constraints", "schema_title=thing/kept", cwd=repository)
    assert some.stdout == "thing.kept  thing/kept  thing.kept\n"


def test_no_name_adds_a_line_to_the_list(repository: Path, run_tool: RunTool) -> None:
    config = {"a\nforged": {"schema_title": "b\nforged", "topics": ["c\nforged"]}}
    (repository / "streams.yaml").write_text(json.dumps({"streams": config}))
    done = run_tool("streams", cwd=repository)
    assert done.stdout == "a\\nforged  b\\nforged  c\\nforged\n"


def test_unused(repository: Path, run_tool: RunTool) -> None:
    (repository / "streams.yaml").write_text("streams: {thing.kept: {schema_title: thing/kept}}\n")
    path = repository / "schemas/thing/kept/current.yaml"
    path.write_text("description: DEPRECATED, see thing/seen\n" + path.read_text())
    done = run_tool("streams", "--unused", cwd=repository)
    assert done.stdout == (
        "thing/kept  thing.kept  its description says deprecated\n"
        "thing/seen              no stream has it\n"
    )


def test_half_a_surrogate_pair_in_stream_configuration(tmp_path: Path, run_tool: RunTool) -> None:
    (tmp_path / ".jsonschema-tools.yaml").write_text("streamConfigs: s.json\n")
    (tmp_path / "s.json").write_text('{"streams": {"a": {\n"x": ["\\ud800"]}}}')
    for command in ("streams", "check", "list"):
        done = run_tool(command, cwd=tmp_path)
        assert "Traceback" not in done.stderr, command
    done = run_tool("check", cwd=tmp_path)
    assert done.returncode == 2
    assert "s.json:2:7: error[config-error]: stream configuration: half a surrogate" in done.stderr
