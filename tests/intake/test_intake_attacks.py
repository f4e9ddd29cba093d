"""What a client sends costs an intake about as much as the client, and never its life."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from support.event_repository import lay
from support.running_intake import Intake, running

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest.importorskip("uvicorn", reason="the extra `serve` is not installed")
FREE = """\
title: thing/free
$id: /thing/free/1.0.0
$schema: https://json-schema.org/draft-07/schema#
type: object
properties:
  words: {type: array, items: {type: string}}
"""
CHOICE = """\
title: thing/choice
$id: /thing/choice/1.0.0
$schema: https://json-schema.org/draft-07/schema#
type: object
properties:
  words: {anyOf: [{items: {type: string}}, {items: {type: boolean}}]}
"""


ENDLESS = r"  /^(x+)+$/: {schema_title: thing/free}"


@pytest.fixture(scope="module")
def intake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Intake]:
    folder = lay(tmp_path_factory.mktemp("repository"))
    with (folder / "streams.yaml").open("a") as streams:
        streams.write(f"{ENDLESS}\n")
        for name, text in (("free", FREE), ("choice", CHOICE)):
            streams.write(f"  thing.{name}: {{schema_title: thing/{name}}}\n")
            (folder / "schemas/thing" / name).mkdir()
            (folder / "schemas/thing" / name / "1.0.0").write_text(text)
    with running(folder) as started:
        yield started


def free(name: str = "free", **more: Any) -> dict[str, Any]:
    return {"$schema": f"/thing/{name}/1.0.0", "meta": {"stream": f"thing.{name}"}, **more}


def forget_memory(intake: Intake) -> None:
    """Let the most memory that an intake had so far be what it has now (proc(5), clear_refs)."""
    Path(f"/proc/{intake.process.pid}/clear_refs").write_text("5", encoding="ascii")


def memory(intake: Intake) -> int:
    """Return the most memory that an intake had so far, in MB."""
    with open(f"/proc/{intake.process.pid}/status", encoding="ascii") as status:  # noqa: PTH123
        return next(int(line.split()[1]) // 1024 for line in status if line.startswith("VmHWM"))


def test_too_many_events(intake: Intake) -> None:
    answer = intake.post(b"[" + b",".join([b"1"] * 100_001) + b"]")
    assert answer.status == 413
    assert "100,000 events" in answer.json()["detail"]


@pytest.mark.parametrize("name", ["free", "choice"])
def test_an_event_with_ten_thousands_of_problems(intake: Intake, name: str) -> None:
    few, many = [1] * 3000, [1] * 100_000
    told = intake.post(free(name, words=few)).json()["invalid"][0]["context"]["errors"]
    assert len(told) == 1000
    assert "more problems" in told[-1]["hint"]
    forget_memory(intake)
    before = memory(intake)
    answer = intake.post(free(name, words=many))
    assert answer.status == 400
    (told,) = answer.json()["invalid"][0]["context"]["errors"]
    if name == "free":
        assert told["dataPath"] == ".words[0]"
        assert "more problems" in told["hint"]
    else:  # one error of `anyOf` holds all those of its branches
        assert told["message"] == "is not valid, and too large to tell where"
    assert memory(intake) - before < 30


def test_many_events_with_many_problems(intake: Intake) -> None:
    answer = intake.post([free(words=[1] * 900) for _ in range(1000)])
    told = [len(item["context"]["errors"]) for item in answer.json()["invalid"]]
    assert told[0] == 900
    assert told[-1] == 1
    assert sum(told) < 60_000


def test_an_invalid_event_that_is_deep(intake: Intake) -> None:
    deep = b'{"a":' * 500 + b"1" + b"}" * 500
    text = json.dumps(free()).encode()[:-1] + b', "words": ' + deep + b"}"
    answer = intake.post(text)
    assert answer.status == 400
    (problem,) = answer.json()["invalid"][0]["context"]["errors"]
    assert problem["message"] == "is not valid, and nested too deeply to tell where"


@pytest.mark.parametrize(
    "path", ["a" * 300, "a/" * 3000, "\0", "%00", "a%0ab", "%ff", ".%2f..%2fx"]
)
def test_paths_that_are_no_names_of_files(intake: Intake, path: str) -> None:
    assert intake.request("GET", f"/schemas/{quote(path, safe='%/')}").status == 404


def test_no_name_of_a_stream_keeps_its_pattern_busy(intake: Intake) -> None:
    for name in ("x" * 200 + "!", "x" * 9_000_000, "x" * 40 + "\n"):
        answer = intake.post({**free(), "meta": {"stream": name}})
        assert answer.status == 500
        assert "is not configured" in answer.json()["error"][0]["context"]["message"]
        assert len(answer.body) < len(name) + 2000
    assert intake.request("GET", f"/v1/stream-configs/{'x' * 200}!").json() == {}
    assert intake.request("GET", f"/v2/stream/{'x' * 200}!").status == 400
    assert intake.post({**free(), "meta": {"stream": "x" * 200}}).status == 201


def test_one_request_names_a_thousand_streams_at_most(intake: Intake) -> None:
    names = [f"x{number}" for number in range(1001)]
    api = "/w/api.php?action=streamconfigs&streams="
    for path, separator in (("/v1/stream-configs/", ","), ("/v2/stream/", ","), (api, "%7C")):
        assert intake.request("GET", path + separator.join(names)).status == 400
    assert intake.request("GET", api + "%7C".join(names[1:])).json() == {"streams": {}}


def test_long_names_are_neither_kept_nor_repeated(intake: Intake) -> None:
    forget_memory(intake)
    before = memory(intake)
    for number in range(40):
        name = f"/{number}" + "a" * 5_000_000
        answer = intake.post({**free(), "$schema": name})
        assert answer.status == 500
        assert len(answer.body) < len(name) + 2000
    assert memory(intake) - before < 60
    assert len(intake.request("GET", "/metrics").body) < 50_000


def test_names_of_refused_events_do_not_take_the_place_of_others_in_the_metrics(
    intake: Intake,
) -> None:
    for start in range(0, 2100, 700):
        names = range(start, start + 700)
        intake.post([{**free(), "meta": {"stream": f"none.{number}"}} for number in names])
    assert intake.post({**free(), "meta": {"stream": "xxxxx"}}).status == 201
    text = intake.request("GET", "/metrics").body.decode()
    assert 'produced_total{schema_uri="/thing/free/1.0.0",stream="xxxxx"} 1.0' in text
    assert 'stream="other"' in text


def test_no_event_is_too_deep_for_those_who_read_it(intake: Intake) -> None:
    start = len(intake.records())
    text = json.dumps(free()).encode()[:-1] + b', "deep": '
    statuses = []
    for depth in (400, 499, 500, 900, *range(940, 990)):
        answer = intake.post(text + b"[" * depth + b"]" * depth + b"}")
        statuses.append(answer.status)
        if answer.status == 500:
            assert b"more than 500 levels" in answer.body
        if answer.status == 400:
            assert answer.json()["detail"] == "nested too deeply"
    assert statuses[:4] == [201, 201, 500, 500]
    assert set(statuses[4:]) == {500, 400}
    assert intake.post(free()).status == 201
    assert len(intake.records()) == start + 3
    assert len(intake.records("--url", intake.url)) == start + 3
