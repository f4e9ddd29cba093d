"""What is filled into an event for its producer."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from jsonschema_tools.events import fill


def test_what_is_missing_is_filled_in() -> None:
    event: dict[str, Any] = {"n": 1}
    filled: Any = fill(event, schema="/a/1.0.0", stream="a", domain="example.org")
    assert event == {"n": 1}
    assert next(iter(filled)) == "$schema"
    assert filled["$schema"] == "/a/1.0.0"
    assert filled["n"] == 1
    assert filled["meta"]["stream"] == "a"
    assert filled["meta"]["domain"] == "example.org"
    assert UUID(filled["meta"]["id"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", filled["dt"])
    assert "dt" not in filled["meta"]  # the intake knows when it received the event


def test_what_is_there_is_kept() -> None:
    meta = {"stream": "b", "id": None, "domain": "", "dt": "x"}
    event: dict[str, Any] = {"$schema": "/b/1.0.0", "dt": None, "meta": meta}
    assert fill(event, schema="/a/1.0.0", stream="a", domain="c", dt="y") == event
    assert fill({"meta": "text"}) == {"meta": "text"}
