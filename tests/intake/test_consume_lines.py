"""What `consume` prints: a line for each event, with nothing in it that drives a terminal."""

from __future__ import annotations

import json

import pytest

from jsonschema_tools.commands.consume import _on_one_line


@pytest.mark.parametrize("character", ["\x7f", "\x85", "\x9b", "\u2028", "\u202e", "\u2066"])
def test_what_json_may_hold_is_escaped(character: str) -> None:
    text = json.dumps({"a": f"é{character}31m"}, ensure_ascii=False)
    line = _on_one_line(text.encode() + b"\n").decode()
    assert character not in line
    assert json.loads(line) == json.loads(text)


def test_json_on_several_lines_is_put_on_one() -> None:
    line = _on_one_line(b'{\r\n "a": 1\n}\n')
    assert line.count(b"\n") == 1
    assert json.loads(line) == {"a": 1}


def test_what_is_not_json_is_escaped_as_well() -> None:
    assert _on_one_line(b"a\x1b[31m\x9b31m\n") == b"a\\u001b[31m\\x9b31m\n"
