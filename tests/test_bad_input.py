"""What bad input gets: a message, an exit status, and nothing written or lost."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from conftest import RunTool

CURRENT = "jsonschema/a/b/current.yaml"
GOOD = """\
title: a/b
description: A schema.
$id: /a/b/1.0.0
$schema: https://json-schema.org/draft-07/schema#
type: object
properties:
  name:
    type: string
"""
CONFIG = "schemaBasePath: ./jsonschema/\n"


def snapshot(folder: Path) -> dict[str, tuple[str, bytes]]:
    """Return everything below a folder: kind and content by path."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            found[name] = ("link", os.fsencode(path.readlink()))
        elif path.is_dir():
            found[name] = ("folder", b"")
        else:
            found[name] = ("file", path.read_bytes())
    return found


def lay(folder: Path, files: dict[str, str | bytes]) -> None:
    for name, content in {".jsonschema-tools.yaml": CONFIG, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


@dataclass(frozen=True)
class Case:
    """A repository, a call, and what it must say."""

    name: str
    files: dict[str, str | bytes]
    says: Sequence[str]
    status: int = 1
    call: Sequence[str] = ("materialize", CURRENT)
    links: dict[str, str] = field(default_factory=dict)


def current(text: str | bytes) -> dict[str, str | bytes]:
    return {CURRENT: text}


def with_ref(ref: str, **others: str) -> dict[str, str | bytes]:
    text = GOOD.replace("    type: string", f"    $ref: {ref}")
    return {CURRENT: text, **{f"jsonschema/{k}": v for k, v in others.items()}}


BOMB = "a0: &a0 [x, x]\n" + "".join(
    f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}, *a{n - 1}, *a{n - 1}]\n" for n in range(1, 30)
)

CASES = [
    Case("no $id", current(GOOD.replace("$id: /a/b/1.0.0\n", "")), [f"{CURRENT}:1:1", "no `$id`"]),
    Case("$id without version", current(GOOD.replace("/1.0.0", "/x")), [
        f"{CURRENT}:3:1", "no version found in `$id`: '/a/b/x'", "MAJOR.MINOR.PATCH"]),
    Case("$id is a number", current(GOOD.replace("/a/b/1.0.0", "3")), ["no version found"]),
    Case("no title", current(GOOD.replace("title: a/b\n", "")), [f"{CURRENT}:1:1", "no `title`"]),
    Case("empty", current(""), [CURRENT, "this document is empty"]),
    Case("a list", current("- a\n- b\n"), [f"{CURRENT}:1:1", "must be a mapping"]),
    Case("binary", current(b"\x00\x01\x02\xff" * 20), [CURRENT, "error["]),
    Case("not UTF-8", current(GOOD.encode().replace(b"schema.", b"sch\xe9ma.")), [
        CURRENT, "UTF-8"]),
    Case("broken YAML", current(GOOD + "  other: [1, 2\n"), [f"{CURRENT}:", "parse-error"]),
    Case("tab as indentation", current(GOOD + "  x:\n\ttype: string\n"), [f"{CURRENT}:10", "tab"]),
    Case("duplicate key", current(GOOD + "title: again\n"), [f"{CURRENT}:9:1", "title"]),
    Case("two documents", current(GOOD + "---\na: 1\n"), [f"{CURRENT}:9", "document"]),
    Case("unknown tag", current(GOOD + "x: !!python/none 1\n"), [f"{CURRENT}:9", "tag"]),
    Case("alias bomb", current(GOOD + BOMB), [CURRENT, "parse-error"]),
    Case("nested 10,000 deep", current("a:\n  - " + "[" * 10_000 + "]" * 10_000), [
        CURRENT, "200 levels"]),
    Case("nested 10,000 deep in JSON", {"jsonschema/a/b/current.json": "[" * 10_000 + "]" * 10_000},
         ["current.json", "levels"], call=("materialize", "jsonschema/a/b/current.json")),
    Case("20 MB", current(GOOD + "x:\n" + "  - " + "y" * 96 + "\n" * 1 +
                          ("  - " + "y" * 95 + "\n") * 200_000), [CURRENT, "16 MiB"]),
    Case("no such path", {}, ["nothing.yaml", "no such file"],
         call=("materialize", "nothing.yaml")),
    Case("a folder", current(GOOD), ["jsonschema/a/b", "folder"],
         call=("materialize", "jsonschema/a/b")),
    Case("missing reference", with_ref("/f/1.0.0"), [
        f"{CURRENT}:8:5", "unresolved-ref", "/f/1.0.0", "hint: tried"]),
    Case("missing pointer", with_ref("/f#/properties/nam", f="properties: {name: {}}"), [
        f"{CURRENT}:8:5", "unresolved-ref", "name"]),
    Case("a name that ends in a number", current(GOOD.replace("/1.0.0", "3")), ["no version"]),
    Case("broken fragment", with_ref("/f", f="a: [\n"), ["parse-error", "jsonschema/f:"]),
    Case("empty fragment", with_ref("/f", f=""), ["jsonschema/f", "empty"]),
    Case("circular references", with_ref("/f", f="properties: {g: {$ref: /g}}",
                                         g="properties: {f: {$ref: /f}}"),
         ["circular-ref", " → "]),
    Case("reference out of the base", with_ref("/../../outside"), ["forbidden-ref"]),
    Case("link out of the base", with_ref("/f"), ["forbidden-ref"],
         links={"jsonschema/f": "../outside.yaml"}),
    Case("absolute reference", with_ref("file:///etc/hostname"), [
        "forbidden-ref", "allowExternalRefs"]),
    Case("merge conflict", {
        CURRENT: GOOD + "allOf:\n  - $ref: /f\n",
        "jsonschema/f": "properties:\n  name:\n    type: integer\n"},
        ["merge-conflict", "`type`", "/properties/name", f"{CURRENT}:8:5", "jsonschema/f:3:5"]),
    Case("base URI refuses", {**with_ref("/f/1.0.0"),
         ".jsonschema-tools.yaml": "schemaBaseUris: ['http://127.0.0.1:9/']"},
         ["unresolved-ref", "http://127.0.0.1:9/"]),
    Case("unknown configuration key", {**current(GOOD), ".jsonschema-tools.yaml": "shoudGitAdd: 1"},
         [".jsonschema-tools.yaml:1:1", "did you mean 'shouldGitAdd'"], status=2),
    Case("configuration of a wrong type", {**current(GOOD),
         ".jsonschema-tools.yaml": "schemaBasePath: [1]"},
         [".jsonschema-tools.yaml:1:1", "schemaBasePath", "expected a string"], status=2),
    Case("broken configuration", {**current(GOOD), ".jsonschema-tools.yaml": "a: ["},
         [".jsonschema-tools.yaml:"], status=2),
    Case("no such configuration", current(GOOD), ["configuration file x.yaml not found"], status=2,
         call=("materialize", "-C", "x.yaml", CURRENT)),
    Case("unknown content type", current(GOOD), ["'xml' is not one of 'yaml', 'json'"], status=2,
         call=("materialize", "-c", "xml", CURRENT)),
    Case("unknown option", current(GOOD), ["--outputdir"], status=2,
         call=("materialize", "--outputdir", "x", CURRENT)),
    Case("current name with a folder", current(GOOD), ["a file name without folders"], status=2,
         call=("materialize-all", "-N", "a/b")),
    Case("standard input without a folder", {}, ["--output-dir"], status=2, call=("materialize",)),
    Case("a file where a link goes", {**current(GOOD), "jsonschema/a/b/latest": "precious"},
         ["jsonschema/a/b/latest", "a file where a symbolic link should go"]),
    Case("a folder where a link goes", {**current(GOOD), "jsonschema/a/b/1.0.0/x": "precious"},
         ["jsonschema/a/b/1.0.0", "a folder where a symbolic link should go"]),
    Case("a folder where a file goes", {**current(GOOD), "jsonschema/a/b/1.0.0.yaml/x": "precious"},
         ["jsonschema/a/b/1.0.0.yaml", "a folder where a file should go"]),
    Case("a file where the folder goes", {**current(GOOD), "out": "precious"},
         ["out"], call=("materialize", "-o", "out", CURRENT)),
    Case("escape sequences in names", current(GOOD.replace("/a/b/1.0.0", '"/a/\\e[31mred\\e[0m"')),
         ["no version"]),
    Case("no such base path", {}, ["folder nowhere not found"], status=2,
         call=("materialize-all", "nowhere")),
    Case("no git repository", current(GOOD), ["git-error"], call=("materialize-modified",)),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bad_input(case: Case, tmp_path: Path, run_tool: RunTool) -> None:
    (tmp_path / "outside.yaml").write_text("secret: 1\n")
    root = tmp_path / "repository"
    lay(root, case.files)
    for name, target in case.links.items():
        (root / name).symlink_to(target if target.startswith("/") else f"../{target}")
    before = snapshot(root)
    done = run_tool(*case.call, cwd=root, env={"GIT_CEILING_DIRECTORIES": str(tmp_path)})
    assert done.returncode == case.status, done.stderr
    for text in case.says:
        assert text in done.stderr
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stderr
    assert len(done.stderr) < 2000
    assert snapshot(root) == before


@pytest.mark.parametrize("text", ["\ufeff" + GOOD, GOOD.replace("\n", "\r\n")], ids=["BOM", "CRLF"])
def test_a_byte_order_mark_and_crlf_are_fine(text: str, tmp_path: Path, run_tool: RunTool) -> None:
    lay(tmp_path, current(text))
    assert run_tool("materialize", CURRENT).returncode == 0
    assert (tmp_path / "jsonschema/a/b/1.0.0.yaml").read_text().startswith("title: a/b\n")
    assert b"\r" not in (tmp_path / "jsonschema/a/b/1.0.0.yaml").read_bytes()


def test_one_bad_schema_does_not_stop_the_others(tmp_path: Path, run_tool: RunTool) -> None:
    lay(tmp_path, {**current("a: ["), "jsonschema/c/current.yaml": GOOD.replace("a/b", "c")})
    done = run_tool("materialize-all")
    assert done.returncode == 1
    assert f"{CURRENT}:" in done.stderr
    assert (tmp_path / "jsonschema/c/1.0.0.yaml").is_file()


def test_a_schema_waits_for_a_fragment_that_fails(tmp_path: Path, run_tool: RunTool) -> None:
    fragment = GOOD.replace("a/b", "f").replace("type: string", "$ref: /missing/1.0.0")
    lay(tmp_path, {**with_ref("/f/1.0.0"), "jsonschema/f/current.yaml": fragment})
    done = run_tool("materialize-all")
    assert done.returncode == 1
    assert "depends on jsonschema/f/current.yaml, which cannot be materialized" in done.stderr
    assert not list(tmp_path.rglob("1.0.0*"))


def without_capabilities(*names: str) -> list[str]:
    """Return a prefix that takes root's power over permissions away."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("root may read and write everything, and setpriv is missing")
    return ["setpriv", "--bounding-set", ",".join(f"-{name}" for name in names)]


def run_limited(command: list[str], root: Path, **options: Any) -> subprocess.CompletedProcess[str]:
    tool = [sys.executable, "-m", "jsonschema_tools"]
    return subprocess.run(
        [*command[: len(command) - 2], *tool, *command[-2:]],
        cwd=root, capture_output=True, text=True, check=False, timeout=60, **options,
    )  # fmt: skip


def test_unreadable_file(tmp_path: Path) -> None:
    lay(tmp_path, current(GOOD))
    (tmp_path / CURRENT).chmod(0)
    prefix = without_capabilities("dac_override", "dac_read_search")
    done = run_limited([*prefix, "materialize", CURRENT], tmp_path)
    assert done.returncode == 1
    assert CURRENT in done.stderr
    assert "ermission denied" in done.stderr
    assert "Traceback" not in done.stderr


def test_read_only_folder(tmp_path: Path) -> None:
    lay(tmp_path, current(GOOD))
    before = snapshot(tmp_path)
    (tmp_path / CURRENT).parent.chmod(0o555)
    try:
        prefix = without_capabilities("dac_override", "dac_read_search", "fowner")
        done = run_limited([*prefix, "materialize", CURRENT], tmp_path)
    finally:
        (tmp_path / CURRENT).parent.chmod(0o755)
    assert done.returncode == 1
    assert "write-error" in done.stderr
    assert "still there" in done.stderr
    assert snapshot(tmp_path) == before


def test_full_disk(tmp_path: Path) -> None:
    # a limit on the size of files fails in the middle of writing, as a full disk does
    lay(tmp_path, {**current(GOOD), "jsonschema/a/b/1.0.0.yaml": "old"})
    before = snapshot(tmp_path)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (50, 50))

    done = run_limited(["materialize", CURRENT], tmp_path, preexec_fn=limit)
    assert done.returncode == 1
    assert "jsonschema/a/b/1.0.0.yaml" in done.stderr
    assert "cannot write" in done.stderr
    assert snapshot(tmp_path) == before


def test_eight_processes_at_once(tmp_path: Path) -> None:
    lay(tmp_path, current(GOOD))
    command = [sys.executable, "-m", "jsonschema_tools", "materialize", CURRENT]
    processes = [
        subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL) for _ in range(8)
    ]
    assert [process.wait(60) for process in processes] == [0] * 8
    names = sorted(path.name for path in (tmp_path / CURRENT).parent.iterdir())
    assert names == [
        "1.0.0", "1.0.0.json", "1.0.0.yaml", "current.yaml", "latest", "latest.json", "latest.yaml",
    ]  # fmt: skip


def hear_interrupts() -> None:
    """Undo what a shell does to what it starts in the background: it would ignore interrupts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_interrupt(tmp_path: Path) -> None:
    lay(tmp_path, {f"jsonschema/s{n}/current.yaml": GOOD.replace("a/b", f"s{n}")
                   for n in range(400)})  # fmt: skip
    command = [sys.executable, "-m", "jsonschema_tools", "materialize-all"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        pipesize=4096,  # too small for all that it has to tell, so that it cannot end
        preexec_fn=hear_interrupts,  # noqa: PLW1509 - there are no threads here
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline()  # it has begun to write
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert errors.strip() == "interrupted"
    assert not list(tmp_path.rglob("*tmp*"))
    for path in tmp_path.rglob("1.0.0.*"):
        assert path.read_text().endswith(("}\n", "\n", "}")), path


def test_a_reader_that_goes_away_does_not_stop_the_work(tmp_path: Path) -> None:
    lay(tmp_path, {f"jsonschema/s{n}/current.yaml": GOOD.replace("a/b", f"s{n}")
                   for n in range(50)})  # fmt: skip
    command = f"{sys.executable} -m jsonschema_tools materialize-all | head -1"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert len(list(tmp_path.rglob("1.0.0.json"))) == 50
    assert done.stderr == "50 schemas, 300 changes written\n"


class _Server(BaseHTTPRequestHandler):
    """Answers as the first part of the path says."""

    def do_GET(self) -> None:
        match self.path.split("/")[1]:
            case "404" | "500" as status:
                self.send_error(int(status))
            case "html":
                self._send(b"<!DOCTYPE html><html><body>Log in</body></html>")
            case "for-ever":
                self.send_response(302)
                self.send_header("Location", "/for-ever/again")
                self.end_headers()
            case "hang":
                time.sleep(30)
            case "file":
                self.send_response(302)
                self.send_header("Location", "file:///etc/hostname")
                self.end_headers()

    def _send(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Be silent."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), _Server)
    httpd.daemon_threads = True
    thread = threading.Thread(target=httpd.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    httpd.server_close()
    thread.join()


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("404", "404"),
        ("500", "500"),
        ("html", "HTML"),
        ("for-ever", "redirect"),
        ("hang", "timed out"),
        ("file", "not allowed"),
    ],
)
def test_hostile_base_uri(
    kind: str, says: str, server: str, tmp_path: Path, run_tool: RunTool
) -> None:
    lay(tmp_path, {**with_ref("/f/1.0.0"),
                   ".jsonschema-tools.yaml": f"schemaBaseUris: ['{server}/{kind}']"})  # fmt: skip
    before = snapshot(tmp_path)
    cache = tmp_path.with_name(f"{tmp_path.name}-cache")
    done = run_tool("materialize", CURRENT, env={"JSONSCHEMA_TOOLS_CACHE_DIR": str(cache)})
    assert done.returncode == 1
    assert "unresolved-ref" in done.stderr
    assert f"{server}/{kind}/f/1.0.0" in done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert snapshot(tmp_path) == before


def test_no_git_no_node_no_network(tmp_path: Path, run_tool: RunTool) -> None:
    lay(tmp_path, current(GOOD))
    empty = tmp_path / "empty"
    empty.mkdir()
    assert run_tool("materialize", CURRENT, env={"PATH": str(empty)}).returncode == 0
    done = run_tool("materialize-modified", env={"PATH": str(empty)})
    assert done.returncode == 1
    assert "git" in done.stderr
    assert "Traceback" not in done.stderr


COMMAND = "x\n::error::forged\n ##[error]forged"
QUIET = (
    "list",
    "graph",
    "materialize-all -v",
    "check",
    "diff one/1.0.0.yaml one/1.1.0.yaml",
    "diff --format markdown one/1.0.0.yaml one/1.1.0.yaml",
)


@pytest.mark.parametrize("command", QUIET)
@pytest.mark.parametrize("place", ["title", "folder", "description", "property"])
def test_no_name_becomes_a_command_of_the_runner(
    tmp_path: Path, run_tool: RunTool, command: str, place: str
) -> None:
    names = {"title": "a", "description": "d", "property": "p", place: COMMAND}
    text = (
        f"title: {json.dumps(names['title'])}\n$id: /a/VERSION\ntype: object\n"
        f"description: {json.dumps(names['description'])}\n"
    )
    more = f"properties: {{{json.dumps(names['property'])}: {{type: string, enum: [a]}}}}\n"
    lay(
        tmp_path,
        {
            ".jsonschema-tools.yaml": "schemaBasePath: .\n",
            "one/1.0.0.yaml": text.replace("VERSION", "1.0.0"),
            "one/1.1.0.yaml": text.replace("VERSION", "1.1.0") + more,
            f"{COMMAND if place == 'folder' else 'two'}/current.yaml": text.replace(
                "VERSION", "2.0.0"
            ),
        },
    )
    done = run_tool(*command.split())
    assert done.returncode in {0, 1}
    for line in (done.stdout + done.stderr).splitlines():
        assert not line.lstrip().startswith("::")
        assert "##[" not in line
