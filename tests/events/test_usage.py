"""What streams and events say to other commands: list, graph, outdated, bump, check."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from support import event_repository

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import GitRepository, RunTool

COMMON = """\
title: fragment/common
$id: /fragment/common/{0}
type: object
properties: {{a: {{}}}}
"""


@pytest.fixture
def repository(git_repository: GitRepository) -> Path:
    root = event_repository.lay(git_repository.root)
    for version in ("1.0.0", "1.1.0"):
        git_repository.write(f"schemas/fragment/common/{version}.yaml", COMMON.format(version))
    git_repository.write("schemas/fragment/common/current.yaml", COMMON.format("1.1.0"))
    kept = root / "schemas/thing/kept/current.yaml"
    kept.write_text(kept.read_text() + "allOf: [{$ref: /fragment/common/1.0.0.yaml}]\n")
    git_repository.commit()
    return root


def test_list_shows_streams(repository: Path, run_tool: RunTool) -> None:
    done = run_tool("list", "--streams", cwd=repository)
    lines = [line.split()[0::3] for line in done.stdout.splitlines()]
    assert ["thing/seen", "thing.seen"] in lines
    assert "no stream" in done.stdout
    done = run_tool("list", "--streams", "--format", "json", cwd=repository)
    by_title = {title["title"]: title["streams"] for title in json.loads(done.stdout)["titles"]}
    assert by_title["thing/kept"] == ["thing.kept"]
    assert by_title["fragment/common"] == []


def test_graph_shows_the_streams_that_a_fragment_reaches(
    repository: Path, run_tool: RunTool
) -> None:
    done = run_tool("graph", "--of", "fragment/common", "--streams", cwd=repository)
    assert done.stdout == "thing.kept  thing/kept\n"
    done = run_tool(
        "graph", "--of", "fragment/common", "--streams", "--format", "json", cwd=repository
    )
    assert json.loads(done.stdout)["streams"] == [{"stream": "thing.kept", "title": "thing/kept"}]
    assert run_tool("graph", "--streams", cwd=repository).returncode == 2


def test_outdated_shows_streams(repository: Path, run_tool: RunTool) -> None:
    done = run_tool("outdated", "--streams", cwd=repository)
    assert done.stdout.rstrip().endswith("1.0.0 -> 1.1.0  thing.kept")
    done = run_tool("outdated", "--streams", "--format", "json", cwd=repository)
    assert json.loads(done.stdout)["outdated"][0]["streams"] == ["thing.kept"]


@pytest.fixture
def events(repository: Path) -> str:
    good = {
        "$schema": "/thing/seen/1.0.0",
        "meta": {"stream": "thing.seen"},
        "dt": "2021-01-01T00:00:00Z",
    }
    texts = [good, {**good, "kind": "large"}, {**good, "kind": "small"}, {"$schema": "/x/1.0.0"}]
    (repository / "events.jsonl").write_text("".join(f"{json.dumps(text)}\n" for text in texts))
    return "events.jsonl"


def test_bump_replays_events(repository: Path, events: str, run_tool: RunTool) -> None:
    current = repository / "schemas/thing/seen/current.yaml"
    current.write_text(current.read_text().replace("[large, small]", "[large]"))
    done = run_tool("bump", "--check", "thing/seen", "--events", events, cwd=repository)
    assert (
        "  thing/seen: 33.3% of 3 events would be refused, "
        'first: /kind should be one of "large", not "small"\n' in done.stdout
    )


def test_check_replays_events(repository: Path, events: str, run_tool: RunTool) -> None:
    current = repository / "schemas/thing/seen/current.yaml"
    text = current.read_text().replace("1.0.0", "1.1.0")
    current.write_text(text + "  colour: {type: string}\n")
    done = run_tool("check", "--against", "HEAD", "--events", events, cwd=repository)
    assert "thing/seen: 0.0% of 3 events would be refused\n" in done.stderr
    assert run_tool("check", "--events", events, cwd=repository).returncode == 2
    done = run_tool("check", "--against", "HEAD", "--events", "nowhere", cwd=repository)
    assert done.returncode == 2
    assert "nowhere: error[config-error]: cannot be read: No such file" in done.stderr
