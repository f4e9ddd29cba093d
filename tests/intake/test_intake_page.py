"""The page of the intake, and the whole way of an event."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING

import pytest

from support.event_repository import lay
from support.running_intake import event, running

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import GitRepository, RunTool

pytest.importorskip("uvicorn", reason="the extra `serve` is not installed")

CURRENT = """\
title: shop/sold
description: Something was sold.
$id: /shop/sold/{version}
$schema: https://json-schema.org/draft-07/schema#
type: object
additionalProperties: false
required: [$schema, meta, dt]
properties:
  $schema: {{type: string}}
  meta:
    type: object
    properties:
      stream: {{type: string}}
      dt: {{type: string, format: date-time, maxLength: 128}}
      id: {{type: string}}
  dt: {{type: string, format: date-time, maxLength: 128}}
"""


def test_description_and_page(tmp_path: Path) -> None:
    with running(lay(tmp_path)) as intake:
        paths = intake.request("GET", "/openapi.json").json()["paths"]
        for path in ("/_info", "/healthz", "/metrics", "/v1/stream-configs"):
            assert path in paths
            assert intake.request("GET", path).status == 200
        page = intake.request("GET", "/").body.decode()
        assert "http:" not in page
        assert "https:" not in page
        links = re.findall(r'(?:href|src)="(/[^"]*)"', page)
        assert len(links) > 5
        assert [link for link in links if intake.request("GET", link).status != 200] == []
        assert intake.request("GET", "/static/..%2fpage.py").status == 404
        intake.post(event("no"))
        [refused] = intake.request("GET", "/_refused?after=0").json()
        assert refused["item"]["status"] == "invalid"
        assert intake.request("GET", f"/_refused?after={refused['id']}").json() == []


def test_story(git_repository: GitRepository, run_tool: RunTool) -> None:
    """An event is refused for a field; the schema gains it; the event is accepted, no restart."""
    root = git_repository.root
    assert run_tool("init", cwd=root).returncode == 0
    config = (root / ".jsonschema-tools.yaml").read_text()
    (root / ".jsonschema-tools.yaml").write_text(
        "\n".join(line for line in config.splitlines() if not line.startswith("streamConfigs"))
        + "\nstreamConfigs: streams.yaml\n"
    )
    (root / "streams.yaml").write_text("shop.sold: {schema_title: shop/sold}\n")
    current = git_repository.write(
        "jsonschema/shop/sold/current.yaml", CURRENT.format(version="1.0.0")
    )
    assert run_tool("build-modified", cwd=root).returncode == 0
    sold = {
        "$schema": "/shop/sold/latest",
        "meta": {"stream": "shop.sold"},
        "dt": "2026-01-01T00:00:00Z",
        "price": 7,
    }
    with running(root) as intake:
        problem = intake.post(sold).json()["invalid"][0]["context"]["errors"][0]
        assert problem["params"] == {"additionalProperty": "price"}
        current.write_text(CURRENT.format(version="1.1.0") + "  price: {type: integer}\n")
        done = run_tool("build-modified", cwd=root)
        assert done.returncode == 0, done.stderr
        time.sleep(0.6)
        assert intake.post(sold).status == 201
        done = run_tool("consume", "--url", intake.url, "shop.sold", cwd=root)
        assert json.loads(done.stdout)["price"] == 7
