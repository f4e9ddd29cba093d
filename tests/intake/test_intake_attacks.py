"""What a client sends costs an intake about as much as the client, and never its life."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from support.event_repository import lay
from support.running_intake import Intake, running

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest.importorskip("uvicorn", reason="the extra `serve` is not installed")
pytestmark = pytest.mark.xdist_group("attacks")

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


@pytest.fixture(scope="module")
def intake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Intake]:
    folder = lay(tmp_path_factory.mktemp("repository"))
    with (folder / "streams.yaml").open("a") as streams:
        for name, text in (("free", FREE), ("choice", CHOICE)):
            streams.write(f"  thing.{name}: {{schema_title: thing/{name}}}\n")
            (folder / "schemas/thing" / name).mkdir()
            (folder / "schemas/thing" / name / "1.0.0").write_text(text)
    with running(folder) as started:
        yield started


def free(name: str = "free", **more: Any) -> dict[str, Any]:
    return {"$schema": f"/thing/{name}/1.0.0", "meta": {"stream": f"thing.{name}"}, **more}


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
