"""`serve --site`: the site of the working tree at `/`, and events on a page of it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING

import pytest

from support.event_repository import SCHEMA, lay
from support.running_intake import event, running

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("uvicorn", reason="the extra `serve` is not installed")
pytest.importorskip("jinja2", reason="the extra `site` is not installed")

WITHOUT_JINJA = (
    "import sys; sys.modules['jinja2'] = None; import runpy; sys.argv[0] = 'jsonschema-tools'; "
    "runpy.run_module('jsonschema_tools', run_name='__main__')"
)


def test_site_is_served_and_follows_the_schemas(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", None)
    folder = lay(tmp_path / "repository")
    first = SCHEMA + f"examples:\n  - {json.dumps(event(1))}\n"
    (folder / "schemas/thing/seen/1.0.0.yaml").write_text(first)
    with running(folder, "--site") as intake:
        home = intake.request("GET", "/")
        assert home.status == 200
        assert home.headers["content-type"] == "text/html; charset=utf-8"
        assert 'href="-/events.html"' in home.body.decode()
        page = intake.request("GET", "/thing/seen/").body.decode()
        assert f"{intake.url}/v1/events" in page
        assert 'href="../../-/events.html"' in page
        events = intake.request("GET", "/-/events.html").body.decode()
        assert '<a class="home" href="/">Schemas</a>' in events
        links = re.findall(r'(?:href|src)="(/[^"]*)"', events)
        assert len(links) > 8
        assert [link for link in links if intake.request("GET", link).status != 200] == []
        style = intake.request("GET", "/-/static/site.css").body
        assert intake.request("GET", "/static/site.css").body == style
        moved = intake.request("GET", "/thing/seen")
        assert (moved.status, moved.headers["location"]) == (307, "/thing/seen/")
        raw = intake.request("GET", "/thing/seen/1.0.0")
        assert (raw.status, raw.body.decode()) == (200, first)
        assert raw.headers["content-type"] == "application/yaml"
        tag = raw.headers["etag"]
        again = intake.request("GET", "/thing/seen/1.0.0", None, {"if-none-match": tag})
        assert (again.status, again.body) == (304, b"")
        for path in ("/none", "/thing/seen/none/", "//thing/seen/", "/..%2f..%2fetc/passwd"):
            assert intake.request("GET", path).status == 404, path
        assert intake.request("GET", "/_info").status == 200
        assert intake.post(event(1)).status == 201

        text = SCHEMA.replace("1.0.0", "1.1.0") + "  weight_kg: {type: number}\n"
        (folder / "schemas/thing/seen/1.1.0.yaml").write_text(text)
        time.sleep(1.1)
        assert "weight_kg" in intake.request("GET", "/thing/seen/").body.decode()
        assert intake.request("GET", "/thing/seen/1.1.0.html").status == 200
        assert intake.stop() == 0
    assert list(temporary.iterdir()) == []


def test_without_it_the_page_of_events_is_the_root(tmp_path: Path) -> None:
    with running(lay(tmp_path)) as intake:
        assert "<h1>Events</h1>" in intake.request("GET", "/").body.decode()
        assert "links" not in intake.request("GET", "/").body.decode()
        assert intake.request("GET", "/-/events.html").status == 404


def test_a_missing_extra_is_named(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_JINJA, "serve", "--site"],
        cwd=lay(tmp_path), capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 2
    assert "`serve --site` needs jinja2" in done.stderr
    assert "pip install 'jsonschema-tools[site]'" in done.stderr


def test_a_site_that_cannot_be_built_is_an_error(tmp_path: Path) -> None:
    folder = lay(tmp_path)
    with (folder / ".jsonschema-tools.yaml").open("a") as stream:
        stream.write("schemaBaseUris: 3\n")
    done = subprocess.run(
        [sys.executable, "-m", "jsonschema_tools", "serve", "--site", "--port", "0"],
        cwd=folder, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
