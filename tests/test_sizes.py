"""Nothing is read or written that is larger than what can be read again, nor held in memory."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from test_bad_input import lay

from jsonschema_tools.documents.document import MAX_SIZE
from jsonschema_tools.errors import SchemaError
from jsonschema_tools.git.work_tree import open_work_tree
from jsonschema_tools.outputs import Output
from jsonschema_tools.serialization import ContentType, serialize
from jsonschema_tools.values import is_too_deep

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import RunTool

    from jsonschema_tools.values import Json

HEAD = "title: {0}\n$id: /{0}/1.0.0\n$schema: https://json-schema.org/draft-07/schema#\n"
MEMORY = 1 << 30  # bytes of address space


def limited(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program with little memory."""
    return subprocess.run(
        [sys.executable, "-m", "jsonschema_tools", *arguments],
        cwd=root,
        check=False,
        text=True,
        capture_output=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
    )


def nested(depth: int, leaf: Any) -> Any:
    for _ in range(depth):
        leaf = {"a": leaf}
    return leaf


LONG = "x" * 10_000
WIDE = dict.fromkeys(map(str, range(10_000)), 1)
TOO_LARGE: dict[str, Callable[[], Any]] = {
    "one long text at many places": lambda: [[LONG] for _ in range(20_000)],
    "one wide object at many places": lambda: nested(100, [WIDE] * 20_000),
    "a deep text of many lines": lambda: nested(180, "a\n" * 1_000_000),
    "a deep list": lambda: nested(180, [[1]] * 100_000),
    "many values": lambda: nested(100, [[1] * 1000] * 20_000),
    "many texts": lambda: [["x" * 200] * 1000 for _ in range(100)],
}


@pytest.mark.parametrize("kind", ["yaml", "json"])
@pytest.mark.parametrize("name", TOO_LARGE)
def test_what_is_written_has_a_limit(name: str, kind: ContentType) -> None:
    value = TOO_LARGE[name]()
    if kind == "yaml" and name in {"one wide object at many places", "many values"}:
        assert len(serialize(value, kind, limit=MAX_SIZE)) < MAX_SIZE  # with an anchor
        return
    if kind == "json" and name == "a deep text of many lines":
        assert len(serialize(value, kind, limit=MAX_SIZE)) < MAX_SIZE  # on one line
        return
    with pytest.raises(SchemaError, match="longer than 16,777,216 characters"):
        serialize(value, kind, limit=MAX_SIZE)


def test_the_limit_is_exact() -> None:
    value: Json = {"a": ["é" * 300, 1, {"b": True}]}
    for kind in ("yaml", "json"):
        text = serialize(value, kind)
        assert serialize(value, kind, limit=len(text)) == text
        with pytest.raises(SchemaError):
            serialize(value, kind, limit=len(text) - 2)


@pytest.mark.parametrize("command", ["materialize-all", "dereference a/current.yaml"])
def test_a_few_references_do_not_make_gigabytes(tmp_path: Path, command: str) -> None:
    references = "".join(f"  p{i}: {{$ref: /f/1.0.0}}\n" for i in range(1000))
    lay(
        tmp_path,
        {
            ".jsonschema-tools.yaml": "schemaBasePath: .\nrequiredFields: []\n",
            "f/1.0.0": f"type: object\ndescription: {'x' * 1_000_000}\n",
            "a/current.yaml": f"{HEAD.format('a')}type: object\nproperties:\n{references}",
        },
    )
    done = limited(tmp_path, *command.split())
    assert done.returncode == 1, done.stderr
    assert "longer than 16,777,216 characters" in done.stdout + done.stderr


DEEP: dict[str, Callable[[Any], dict[str, Any]]] = {
    "properties": lambda inner: {"properties": {"p": inner}},
    "not": lambda inner: {"not": inner},
    "default": lambda inner: {"default": inner},
}


@pytest.mark.parametrize("keyword", DEEP)
def test_references_do_not_write_what_is_too_deep_to_be_read(
    tmp_path: Path, run_tool: RunTool, keyword: str
) -> None:
    nest = DEEP[keyword]
    levels = 210 // len(json.dumps(nest(0)).split(":")[1:])
    schema = {
        "title": "a",
        "$id": "/a/1.0.0",
        "type": "object",
        **nest({"$ref": "#/definitions/d0"}),
        "definitions": {
            **{f"d{i}": nest({"$ref": f"#/definitions/d{i + 1}"}) for i in range(levels)},
            f"d{levels}": {"type": "object"},
        },
    }
    lay(
        tmp_path,
        {
            ".jsonschema-tools.yaml": "schemaBasePath: .\nrequiredFields: []\n",
            "a/current.yaml": json.dumps(schema),
            "b/current.yaml": f"{HEAD.format('b')}type: object\n",
        },
    )
    done = run_tool("materialize-all", cwd=tmp_path)
    assert done.returncode == 1
    assert "would be nested more than 200 levels deep" in done.stderr
    assert not (tmp_path / "a/1.0.0.yaml").exists()
    assert (tmp_path / "b/1.0.0.yaml").exists()


def test_depth_is_counted_where_everything_is_shared() -> None:
    value: Any = {}
    for _ in range(199):
        value = {"a": value, "b": value}
    assert not is_too_deep(value)
    assert is_too_deep([value])


def large_file(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(2 * MEMORY)


@pytest.mark.parametrize("name", ["a/1.0.0.yaml", "a/latest", "a/current.yaml"])
def test_large_files_are_not_held(tmp_path: Path, name: str) -> None:
    lay(
        tmp_path,
        {
            ".jsonschema-tools.yaml": "schemaBasePath: .\nrequiredFields: []\n",
            "a/current.yaml": f"{HEAD.format('a')}type: object\n",
        },
    )
    large_file(tmp_path / name)
    for command in ("materialize-all", "check"):
        done = limited(tmp_path, command)
        assert done.returncode in {0, 1}, done.stderr
        assert "MemoryError" not in done.stdout + done.stderr


def test_a_longer_file_differs(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"abc")
    assert Output(tmp_path / "a", b"ab").differs()
    assert not Output(tmp_path / "a", b"abc").differs()


def test_large_files_in_git_are_not_read(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=t", "-c", "user.email=t@t.invalid")
        subprocess.run(["git", *identity, *arguments], cwd=tmp_path, check=True)

    lay(
        tmp_path,
        {
            ".jsonschema-tools.yaml": "schemaBasePath: .\nrequiredFields: []\n",
            "a/current.yaml": f"{HEAD.format('a')}type: object\n",
            "a/1.0.0.yaml": f"{HEAD.format('a')}type: object\n# {'x' * MAX_SIZE * 2}\n",
        },
    )
    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "one")
    tree = open_work_tree(tmp_path)
    contents = tree.read(tree.entries_at("HEAD", [tmp_path]))
    assert len(contents[tmp_path / "a" / "1.0.0.yaml"].content) == MAX_SIZE + 1
    (tmp_path / "a" / "1.0.0.yaml").write_text(f"{HEAD.format('a')}type: object\n")
    done = limited(tmp_path, "check", "--against", "HEAD")
    assert done.returncode == 1
