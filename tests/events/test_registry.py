"""Events name schemas, and anyone can make up names: what is kept of them, and what they cost."""

from __future__ import annotations

import contextlib
import os
import resource
from typing import TYPE_CHECKING

import pytest

from jsonschema_tools.config import load_config
from jsonschema_tools.events import registry as module
from jsonschema_tools.events.registry import Registry
from jsonschema_tools.events.schema import UnusableSchemaError
from support.answering_server import answering
from support.event_repository import lay

if TYPE_CHECKING:
    from pathlib import Path

SEEN = "/thing/seen/1.0.0"


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry.of(load_config(lay(tmp_path)))


def refused(registry: Registry, uri: str) -> str:
    """Return why a schema is not usable."""
    with pytest.raises(UnusableSchemaError) as error:
        registry.get(uri)
    return error.value.message


def test_names_of_no_schema_do_not_drive_out_schemas(registry: Registry) -> None:
    seen = registry.get(SEEN)
    for number in range(1200):
        refused(registry, f"/no/such/{number}")
    assert registry.peek(SEEN) is seen
    assert registry.peek("/no/such/1199") is not None
    assert registry.peek("/no/such/0") is None  # forgotten


def test_a_schema_is_compiled_once_whatever_follows_its_name(registry: Registry) -> None:
    seen = registry.get(SEEN)
    for number in range(3):
        assert registry.get(f"{SEEN}#{number}") is seen
        assert registry.peek(f"{SEEN}?{number}#") is seen


def test_a_long_name_is_not_looked_for(registry: Registry) -> None:
    message = refused(registry, "/" + "a" * 1000)
    assert message.endswith("has more than 1,000 characters")
    assert len(message) < 150


def test_a_file_that_could_not_be_opened_for_a_moment(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_FAILED", 0.0)
    monkeypatch.setattr(module, "_FRESH", 0.0)
    limit, hardest = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(256, limit), hardest))
    opened = []
    try:
        with contextlib.suppress(OSError):  # too many open files
            while True:
                opened.append(os.open(os.devnull, os.O_RDONLY))
        assert "Too many open files" in refused(registry, SEEN)
    finally:
        for descriptor in opened:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hardest))
    assert registry.get(SEEN).title == "thing/seen"


def test_servers_are_not_asked_for_every_name_that_is_made_up(tmp_path: Path) -> None:
    with answering([b"HTTP/1.0 404 Not Found\r\n\r\n"]) as (address, requests):
        registry = Registry(lay(tmp_path), ["./schemas", address])
        for number in range(400):
            refused(registry, f"/no/such/{number}")
        assert 50 < len(requests) < 200
        count = len(requests)
        with pytest.raises(UnusableSchemaError) as error:
            registry.get("/no/such/another")
        assert "no server was asked" in str(error.value.hint)
        assert registry.get(SEEN).title == "thing/seen"  # a file
        assert len(requests) == count
