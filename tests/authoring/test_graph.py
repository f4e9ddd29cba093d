"""list, graph and outdated: what stands in a repository, who uses what, and pins that can move."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from support.materializing import materialize_all

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import RunTool

CONFIG = "schemaBasePath: [./schemas/, ./shared/]\n"


def write(root: Path, name: str, content: str) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def schema(title: str, version: str, *refs: str, fields: str = "a") -> str:
    lines = [f"title: {title}", f"$id: /{title}/{version}", "type: object"]
    if refs:
        lines += ["allOf:", *(f"  - $ref: {ref}" for ref in refs)]
    lines += ["properties:", *(f"  {name}:\n    type: string" for name in fields.split())]
    return "\n".join(lines) + "\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two base paths: events use fragments, one fragment uses another, and some pins are old.

    `common` stands at 1.0.0, 1.1.0 and 2.0.0, `user` uses `common` 1.0.0 and is used by `shop/b`.
    """
    root = tmp_path_factory.mktemp("made")
    write(root, ".jsonschema-tools.yaml", CONFIG)
    (root / "schemas").mkdir()
    common = "shared/fragment/common/current.yaml"
    for version, fields in (("1.0.0", "x"), ("1.1.0", "x y"), ("2.0.0", "z")):
        write(root, common, schema("fragment/common", version, fields=fields))
        materialize_all(root)
    user = schema("fragment/user", "1.0.0", "/fragment/common/1.0.0#", fields="u")
    write(root, "shared/fragment/user/current.yaml", user)
    refs = ("/fragment/common/1.0.0#", "/fragment/user/1.0.0.yaml")
    write(root, "schemas/shop/b/current.yaml", schema("shop/b", "1.0.0", *refs))
    text = schema("shop/a", "3.1.0", "/fragment/common/2.0.0")
    write(root, "schemas/shop/a/current.yaml", text)
    materialize_all(root)
    return root


@pytest.fixture
def repository(made: Path, tmp_path: Path) -> Path:
    """A copy of `made`."""
    shutil.copytree(made, tmp_path, symlinks=True, dirs_exist_ok=True)
    return tmp_path


class TestList:
    def test_text(self, repository: Path, run_tool: RunTool) -> None:
        write(repository, "schemas/new/current.yaml", schema("new/", "1.0.0"))
        done = run_tool("list")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.splitlines() == [
            "fragment/common  1.0.0, 1.1.0, 2.0.0  shared/fragment/common",
            "fragment/user    1.0.0                shared/fragment/user",
            "new/             none yet             schemas/new",
            "shop/a           3.1.0                schemas/shop/a",
            "shop/b           1.0.0                schemas/shop/b",
        ]

    def test_json(self, repository: Path, run_tool: RunTool) -> None:
        write(repository, "schemas/gone/1.0.0.yaml", "")
        write(repository, "schemas/broken/current.yaml", "a: [")
        report = json.loads(run_tool("list", "--format", "json").stdout)
        assert report["version"] == 1
        by_title = {item["title"]: item for item in report["titles"]}
        assert list(by_title) == sorted(by_title)
        assert by_title["shop/a"] == {
            "title": "shop/a",
            "fragment": False,
            "path": "schemas/shop/a",
            "current": {"version": "3.1.0", "path": "schemas/shop/a/current.yaml"},
            "latest": "3.1.0",
            "versions": [
                {
                    "version": "3.1.0",
                    "paths": ["schemas/shop/a/3.1.0.json", "schemas/shop/a/3.1.0.yaml"],
                }
            ],
        }
        assert by_title["fragment/user"]["fragment"] is True
        assert by_title["gone"]["current"] is None
        assert by_title["broken"]["current"]["version"] is None

    def test_ignored_and_none(self, repository: Path, run_tool: RunTool) -> None:
        write(repository, ".jsonschema-tools.yaml", f"{CONFIG}ignoreSchemas: ['^/shop/']\n")
        assert "shop" not in run_tool("list").stdout
        write(repository, ".jsonschema-tools.yaml", "schemaBasePath: ./nothing/\n")
        (repository / "nothing").mkdir()
        assert run_tool("list").stdout == ""


class TestGraph:
    def test_text(self, repository: Path, run_tool: RunTool) -> None:
        done = run_tool("graph")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.splitlines() == [
            "fragment/user 1.0.0",
            "  fragment/common 1.0.0 (latest: 2.0.0)",
            "shop/a 3.1.0",
            "  fragment/common 2.0.0",
            "shop/b 1.0.0",
            "  fragment/common 1.0.0 (latest: 2.0.0)",
            "  fragment/user 1.0.0",
        ]

    def test_json(self, repository: Path, run_tool: RunTool) -> None:
        report = json.loads(run_tool("graph", "--format", "json").stdout)
        assert report["version"] == 1
        assert [item["title"] for item in report["schemas"]] == [
            "fragment/common",
            "fragment/user",
            "shop/a",
            "shop/b",
        ]
        assert report["uses"][-1] == {
            "title": "shop/b",
            "uses": "fragment/user",
            "version": "1.0.0",
            "path": "schemas/shop/b/current.yaml",
            "line": 6,
            "pointer": "/allOf/1/$ref",
        }

    def test_dot(self, repository: Path, run_tool: RunTool) -> None:
        assert run_tool("graph", "--format", "dot").stdout == (
            "digraph schemas {\n"
            "  rankdir=LR;\n"
            "  node [shape=box];\n"
            '  "fragment/common" [label="fragment/common 2.0.0", shape=ellipse];\n'
            '  "fragment/user" [label="fragment/user 1.0.0", shape=ellipse];\n'
            '  "shop/a" [label="shop/a 3.1.0"];\n'
            '  "shop/b" [label="shop/b 1.0.0"];\n'
            '  "fragment/user" -> "fragment/common" [label="1.0.0"];\n'
            '  "shop/a" -> "fragment/common" [label="2.0.0"];\n'
            '  "shop/b" -> "fragment/common" [label="1.0.0"];\n'
            '  "shop/b" -> "fragment/user" [label="1.0.0"];\n'
            "}\n"
        )

    def test_mermaid(self, repository: Path, run_tool: RunTool) -> None:
        assert run_tool("graph", "--format", "mermaid").stdout == (
            "flowchart LR\n"
            '  s0("fragment/common 2.0.0")\n'
            '  s1("fragment/user 1.0.0")\n'
            '  s2["shop/a 3.1.0"]\n'
            '  s3["shop/b 1.0.0"]\n'
            '  s1 -->|"1.0.0"| s0\n'
            '  s2 -->|"2.0.0"| s0\n'
            '  s3 -->|"1.0.0"| s0\n'
            '  s3 -->|"1.0.0"| s1\n'
        )

    @pytest.mark.parametrize("format_", ["dot", "mermaid", "text"])
    def test_titles_cannot_break_out(self, tmp_path: Path, run_tool: RunTool, format_: str) -> None:
        text = """title: "a\\"];\\nb\\e[31m#<script>"\n$id: /a/1.0.0\n$ref: /b/1.0.0\n"""
        write(tmp_path, "a/current.yaml", text)
        out = run_tool("graph", "--format", format_).stdout
        assert "\x1b" not in out
        if format_ == "mermaid":
            assert "<script>" not in out
            assert re.search(r'^  s0\["[^"\n]*"\]$', out, re.MULTILINE)
        if format_ == "dot":
            assert all(
                re.fullmatch(r'(?:[^"]|"(?:[^"\\]|\\.)*")*', line) for line in out.split("\n")
            )

    @pytest.mark.parametrize(
        ("title", "label"),
        [
            (
                "%%{init: {'themeCSS': '*{display:none}'}}%%",
                "#37;#37;{init: {'themeCSS': '*{display:none}'}}#37;#37; 1.0.0",
            ),
            ("`**b** [x](http://evil.invalid)", "#96;**b** [x](http://evil.invalid) 1.0.0"),
            ("&lt;b&#62;", "#38;lt;b#38;#35;62; 1.0.0"),
        ],
    )
    def test_titles_are_no_directives_of_mermaid(
        self, tmp_path: Path, run_tool: RunTool, title: str, label: str
    ) -> None:
        write(tmp_path, "a/current.yaml", f'title: "{title}"\n$id: /a/1.0.0\n$ref: /b/1.0.0\n')
        out = run_tool("graph", "--format", "mermaid").stdout
        assert f'["{label}"]\n' in out

    @pytest.mark.parametrize(
        ("of", "lines"),
        [
            (
                "fragment/common",
                [
                    "fragment/user 1.0.0 pins 1.0.0",
                    "shop/a 3.1.0 pins 2.0.0",
                    "shop/b 1.0.0 pins 1.0.0",
                ],
            ),
            ("fragment/common/2.0.0", ["shop/a 3.1.0 pins 2.0.0"]),
            ("/fragment/user", ["shop/b 1.0.0 pins 1.0.0"]),
            ("fragment/common/1.1.0", ["nothing uses fragment/common/1.1.0"]),
            ("shop/b", ["nothing uses shop/b"]),
        ],
    )
    def test_of(self, repository: Path, run_tool: RunTool, of: str, lines: list[str]) -> None:
        assert run_tool("graph", "--of", of).stdout.splitlines() == lines

    def test_of_goes_on_through_those_who_use_it(self, repository: Path, run_tool: RunTool) -> None:
        refs = ("/fragment/user/1.0.0", "/shop/c/1.0.0")  # and a circle
        write(repository, "schemas/shop/c/current.yaml", schema("shop/c", "1.0.0", *refs))
        write(repository, "schemas/shop/d/current.yaml", schema("shop/d", "1.0.0", "/shop/c/1.0.0"))
        assert run_tool("graph", "--of", "fragment/common").stdout.splitlines()[3:] == [
            "shop/c 1.0.0 through fragment/user 1.0.0",
            "shop/d 1.0.0 through fragment/user 1.0.0, shop/c 1.0.0",
        ]
        found = run_tool("graph", "--of", "fragment/common", "--format", "json").stdout
        last = json.loads(found)["touched"][-1]
        assert (last["title"], last["through"]) == ("shop/d", ["fragment/user", "shop/c"])
        dot = run_tool("graph", "--of", "fragment/user", "--format", "dot").stdout
        assert ('"shop/d" -> "shop/c"' in dot, "shop/a" in dot) == (True, False)

    def test_of_nothing_known(self, repository: Path, run_tool: RunTool) -> None:
        done = run_tool("graph", "--of", "fragment/comon")
        assert done.returncode == 2
        assert "schema 'fragment/comon' not found. Did you mean" in done.stderr

    @pytest.mark.parametrize(
        ("ref", "line"),
        [
            ("/fragment/common/latest", "fragment/common latest"),
            ("/elsewhere/1.0.0#/properties/a", "elsewhere 1.0.0"),
            (
                "https://example.org/x/fragment/common/1.0.0.json",
                "fragment/common 1.0.0 (latest: 2",
            ),
            ("https://example.org/other/2.0.0", "https://example.org/other 2.0.0"),
            ("./shared/fragment/common/2.0.0.yaml", "fragment/common 2.0.0"),
            ("/my/fragment/common/1.0.0", "my/fragment/common 1.0.0"),
            ("/fragment%2Fcommon/v2.0.0", "fragment%2Fcommon v2.0.0"),
            ("/fragment/comm%6Fn/2.0.0", "fragment/common 2.0.0"),
        ],
    )
    def test_ways_to_refer(self, repository: Path, run_tool: RunTool, ref: str, line: str) -> None:
        write(repository, "schemas/shop/a/current.yaml", schema("shop/a", "3.1.0", ref))
        lines = run_tool("graph").stdout.splitlines()
        assert lines[lines.index("shop/a 3.1.0") + 1].startswith(f"  {line}")

    @pytest.mark.parametrize("ref", ["'#/properties/a'", "/x", "'./#/definitions/a'", "1.0.0"])
    def test_what_is_no_version_of_a_schema(
        self, repository: Path, run_tool: RunTool, ref: str
    ) -> None:
        write(repository, "schemas/shop/a/current.yaml", schema("shop/a", "3.1.0", ref))
        assert "shop/a" not in run_tool("graph").stdout

    def test_a_broken_file_is_reported_and_the_rest_shown(
        self, repository: Path, run_tool: RunTool
    ) -> None:
        write(repository, "schemas/broken/current.yaml", "a: [")
        done = run_tool("graph")
        assert (done.returncode, "shop/b 1.0.0\n" in done.stdout) == (1, True)
        assert "schemas/broken/current.yaml:2:1: error[parse-error]" in done.stderr


class TestOutdated:
    def test_text(self, repository: Path, run_tool: RunTool) -> None:
        done = run_tool("outdated")
        assert (done.returncode, done.stderr) == (0, "")
        note = "1.0.0 -> 2.0.0 (another major version; 1.1.0 is compatible)"
        assert done.stdout.splitlines() == [
            f"shared/fragment/user/current.yaml:5:5  fragment/common  {note}",
            f"schemas/shop/b/current.yaml:5:5        fragment/common  {note}",
        ]
        assert run_tool("outdated", "--check").returncode == 1
        assert run_tool("outdated", "--check", "shop/a").returncode == 0

    def test_json(self, repository: Path, run_tool: RunTool) -> None:
        report = json.loads(run_tool("outdated", "--format", "json", "shop").stdout)
        assert report == {
            "version": 1,
            "outdated": [
                {
                    "title": "shop/b",
                    "path": "schemas/shop/b/current.yaml",
                    "line": 5,
                    "pointer": "/allOf/0/$ref",
                    "fragment": "fragment/common",
                    "pinned": "1.0.0",
                    "latest": "2.0.0",
                    "latest_compatible": "1.1.0",
                }
            ],
        }

    def test_update_moves_within_the_major_and_bumps(
        self, repository: Path, run_tool: RunTool
    ) -> None:
        path = repository / "schemas/shop/b/current.yaml"
        before = path.read_bytes().replace(b"title", b"# /fragment/common/1.0.0\r\ntitle", 1)
        path.write_bytes(before)
        done = run_tool("outdated", "--update", "shop/b")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.splitlines() == [
            "schemas/shop/b/current.yaml:6:5: fragment/common 1.0.0 -> 1.1.0",
            "schemas/shop/b/current.yaml: bumped 1.0.0 -> 1.1.0 (minor), policy additive",
            "  optional property `y` was added to the schema",
        ]
        after = before.replace(b"$ref: /fragment/common/1.0.0", b"$ref: /fragment/common/1.1.0")
        assert path.read_bytes() == after.replace(b"/shop/b/1.0.0", b"/shop/b/1.1.0")
        again = run_tool("outdated", "--update", "shop/b").stdout
        assert "stays at 1.1.0: 2.0.0 is another major version (--major moves there)" in again
        assert run_tool("outdated", "--update", "shop/a").stdout == "nothing is outdated\n"

    def test_update_to_another_major(self, repository: Path, run_tool: RunTool) -> None:
        path = repository / "schemas/shop/b/current.yaml"
        user = repository / "shared/fragment/user/current.yaml"
        untouched = user.read_text()
        done = run_tool("outdated", "--update", "--major", "schemas/shop/b")
        assert (done.returncode, done.stderr) == (0, "")
        assert "fragment/common 1.0.0 -> 2.0.0\n" in done.stdout
        assert "- $ref: /fragment/common/2.0.0#\n" in path.read_text()
        assert user.read_text() == untouched

    def test_update_refuses_what_breaks(self, repository: Path, run_tool: RunTool) -> None:
        common = repository / "shared/fragment/common"
        text = schema("fragment/common", "1.2.0", fields="x y") + "required: [x]\n"
        write(common, "1.2.0.yaml", text)
        (common / "1.2.0").symlink_to("1.2.0.yaml")
        path = repository / "schemas/shop/b/current.yaml"
        before = path.read_text()
        done = run_tool("outdated", "--update", ".")
        assert done.returncode == 1
        assert "needs a major version" in done.stderr
        assert "`jsonschema-tools outdated --update --major shop/b` does it anyway" in done.stderr
        assert path.read_text() == before
        assert run_tool("outdated", "--update", "--major", ".").returncode == 0

    def test_aliases_move_together(self, repository: Path, run_tool: RunTool) -> None:
        text = schema("shop/b", "1.0.0", fields="a u").replace(
            "type: object",
            "allOf:\n  - &c\n    $ref: &r /fragment/common/1.0.0#\n  - *c\n  - $ref: *r",
        )
        path = write(repository, "schemas/shop/b/current.yaml", text)
        assert run_tool("outdated", "--update", "shop/b").returncode == 0
        assert "&r /fragment/common/1.1.0#\n  - *c\n  - $ref: *r" in path.read_text()

    def test_prereleases_are_for_those_who_pin_one(
        self, repository: Path, run_tool: RunTool
    ) -> None:
        common = repository / "shared/fragment/common"
        write(common, "3.0.0-beta.2.yaml", schema("fragment/common", "3.0.0-beta.2"))
        assert "beta" not in run_tool("outdated").stdout
        text = schema("shop/a", "3.1.0", "/fragment/common/3.0.0-beta.1")
        write(repository, "schemas/shop/a/current.yaml", text)
        assert "3.0.0-beta.1 -> 3.0.0-beta.2\n" in run_tool("outdated", "shop/a").stdout

    def test_fragments_of_another_repository(self, repository: Path, run_tool: RunTool) -> None:
        write(repository, "other/fragment/o/latest", schema("fragment/o", "1.5.0"))
        config = f"{CONFIG}schemaBaseUris: [./schemas/, ./shared/, ./other/]\n"
        write(repository, ".jsonschema-tools.yaml", config)
        refs = ("/fragment/o/1.4.0", "/fragment/unknown/1.0.0")
        write(repository, "schemas/shop/a/current.yaml", schema("shop/a", "3.1.0", *refs))
        done = run_tool("outdated", "shop/a")
        assert done.stdout == "schemas/shop/a/current.yaml:5:5  fragment/o  1.4.0 -> 1.5.0\n"
        assert "the latest version of /fragment/unknown is not known: nothing found" in done.stderr

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["--update"], "--update takes the schemas to update"),
            (["--update", "shop/x"], "schema shop/x not found"),
        ],
    )
    def test_wrong_calls(
        self, repository: Path, run_tool: RunTool, arguments: list[Any], message: str
    ) -> None:
        done = run_tool("outdated", *arguments)
        assert (done.returncode, message in done.stderr) == (2, True), done.stderr


def test_no_title_becomes_more_than_a_label(tmp_path: Path, run_tool: RunTool) -> None:
    directive = "%%{init: {'theme': 'dark', 'themeCSS': '*{}'}}%%`**x**`&lt;b&gt; a\r\0\u2028b\\"
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "b/current.yaml").write_text("title: b\n$id: /b/1.0.0\ntype: object\n")
    schema = {"title": directive, "$id": "/a/1.0.0", "allOf": [{"$ref": "/b/1.0.0"}]}
    (tmp_path / "a/current.yaml").write_text(json.dumps(schema))
    mermaid = run_tool("graph", "--format", "mermaid", cwd=tmp_path).stdout
    assert not set("%`&\r\0\u2028") & set(mermaid)
    assert "#37;#37;{init: {'theme'" in mermaid
    dot = run_tool("graph", "--format", "dot", cwd=tmp_path).stdout
    assert not {"\r", "\0", "\u2028"} & set(dot)
    assert 'b\\\\"' in dot
