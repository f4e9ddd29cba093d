"""The names under which an intake answers: no page of another site reads it by DNS rebinding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jsonschema_tools.intake.hosts import host_names
from support.event_repository import lay
from support.running_intake import Intake, event, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import RunTool

pytest.importorskip("uvicorn", reason="the extra `serve` is not installed")
OWN = [
    "localhost",
    "LOCALHOST:8192",
    "localhost.",
    "a.localhost:1",
    "127.0.0.1",
    "127.0.0.1:8192",
    "10.1.2.3:1",
    "[::1]",
    "[::1]:8192",
    "[fe80::1%25eth0]:1",
]
FOREIGN = [
    "evil.example",
    "evil.example:8192",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "xlocalhost",
    "2130706433",
    "0x7f.1",
    "[evil.example]",
    "[::1].evil.example",
    "127.0.0.1@evil.example",
    "127.0.0.1:80:evil",
    "::1",
    "",
    "\xe9.example",
    "localhost, evil.example",
]


@pytest.fixture(scope="module")
def intake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Intake]:
    with running(lay(tmp_path_factory.mktemp("repository"))) as started:
        yield started


def test_no_page_of_another_site_reaches_an_intake_on_loopback(intake: Intake) -> None:
    paths = ["/v1/events", "/", "/v2/stream", "/_refused", "/schemas/x", "/healthz", "/metrics"]
    for path in paths:
        for method in ("GET", "POST", "OPTIONS", "PATCH"):
            answer = intake.request(method, path, headers={"host": "evil.example:8192"})
            assert answer.status == 421, (method, path)
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["title"] == "Misdirected Request"
            assert "evil.example" in answer.json()["detail"]
    assert intake.post(event(), headers={"host": "evil.example"}).status == 421
    assert intake.records() == []
    assert intake.request("GET", "/healthz", headers={"host": "localhost"}).status == 200


@pytest.mark.parametrize("host", ["localhost", "evil.example"])
def test_each_of_several_host_headers_counts(intake: Intake, host: str) -> None:
    link = intake.connect()
    link.putrequest("GET", "/healthz", skip_host=True)
    link.putheader("Host", "127.0.0.1")
    link.putheader("Host", host)
    link.endheaders()
    assert link.getresponse().status == (200 if host == "localhost" else 421)
    link.close()


def test_names() -> None:
    names = host_names("127.0.0.1", ())
    assert names is not None
    taken = [host for host in OWN + FOREIGN if names.take(host.encode("latin-1"))]
    assert taken == OWN


def test_other_names_are_allowed_by_name() -> None:
    names = host_names("127.0.0.1", ["Intake.example.org", "*.dev.example"])
    assert names is not None
    hosts = ["intake.example.org:1", "INTAKE.example.org", "a.dev.example", "x.a.dev.example"]
    assert all(names.take(host.encode()) for host in hosts + OWN)
    others = ["x.intake.example.org", "dev.example", "evildev.example"]
    assert not any(names.take(host.encode("latin-1")) for host in others + FOREIGN)


def test_elsewhere_any_name_is_good_but_where_some_are_named() -> None:
    assert host_names("0.0.0.0", ()) is None  # noqa: S104 - only looked at
    assert host_names("::", ()) is None
    assert host_names("::1", ()) is not None
    assert host_names("127.0.0.9", ()) is not None
    assert host_names("127.0.0.1", ["*"]) is None
    names = host_names("192.0.2.1", ["intake.example.org"])
    assert names is not None
    assert names.take(b"intake.example.org")
    assert names.take(b"192.0.2.1:80")
    assert not names.take(b"evil.example")


def test_the_option(tmp_path: Path, run_tool: RunTool) -> None:
    folder = lay(tmp_path)
    with running(folder, "--allowed-host", "intake.test") as intake:
        assert intake.request("GET", "/healthz", headers={"host": "intake.test"}).status == 200
        assert intake.request("GET", "/healthz", headers={"host": "evil.test"}).status == 421
    done = run_tool("serve", "--allowed-host", "http://x", cwd=folder, timeout=30)
    assert done.returncode == 2
    assert "not the name of a host: 'http://x'" in done.stderr
