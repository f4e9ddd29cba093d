"""The site of a repository that somebody hostile wrote: it ends, stays bounded and in its place."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("jinja2", reason="the extra `site` is not installed")
pytest.importorskip("markdown_it", reason="the extra `site` is not installed")

from jsonschema_tools.config import load_config
from jsonschema_tools.errors import ConfigError, WriteError
from jsonschema_tools.site import build_site
from support.site_repository import write

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import RunTool

_LARGE = 1_000_000  # characters, in which what is quadratic takes minutes
_SECONDS = 120


def lay(root: Path, name: str, version: str, **more: object) -> None:
    """Write a version of a schema, in a repository with settings."""
    write(root, ".jsonschema-tools.yaml", "schemaBasePath: ./jsonschema\nrequiredFields: []\n")
    schema = {"title": name, "$id": f"/{name}/{version}", "type": "object", **more}
    write(root, f"jsonschema/{name}/{version}.yaml", json.dumps(schema))


def built(root: Path, folder: Path) -> dict[str, bytes]:
    build_site(load_config(root), folder)
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


class TestItEnds:
    @pytest.mark.parametrize("unit", ["[", "](", "://", "a://", "*a ", "`", "a|", "&", "mailto:"])
    def test_a_description_that_is_quadratic_to_render(
        self, unit: str, tmp_path: Path, run_tool: RunTool
    ) -> None:
        text = (unit * _LARGE)[:_LARGE]
        fields = {"a": {"type": "string", "description": f"see {text}"}}
        lay(tmp_path, "a", "1.0.0", description=text, properties=fields)
        done = run_tool("site", "public", cwd=tmp_path, timeout=_SECONDS)
        assert done.returncode == 0, done.stderr
        page = (tmp_path / "public/a/index.html").read_bytes()
        assert 1_000 < len(page) < _LARGE

    def test_types_that_double(self, tmp_path: Path, run_tool: RunTool) -> None:
        field: dict[str, object] = {"type": "string"}
        for _ in range(90):
            field = {"type": ["array", "array"], "items": field}
        lay(tmp_path, "a", "1.0.0", properties={"a": field})
        done = run_tool("site", "public", cwd=tmp_path, timeout=_SECONDS)
        assert done.returncode == 0, done.stderr
        assert "list of list of" in (tmp_path / "public/a/index.html").read_text("utf-8")

    def test_references_of_the_current_file_that_double(
        self, tmp_path: Path, run_tool: RunTool
    ) -> None:
        parts = {}
        for number in range(20):
            reference = {"$ref": f"#/definitions/d{number + 1}"}
            parts[f"d{number}"] = {"properties": {f"p{n}": reference for n in range(9)}}
        lay(tmp_path, "a", "1.0.0")
        current: dict[str, object] = {"title": "a", "$id": "/a/1.0.0", "definitions": parts}
        current["properties"] = {"x": {"$ref": "#/definitions/d0"}}
        write(tmp_path, "jsonschema/a/current.yaml", json.dumps(current))
        done = run_tool("site", "public", cwd=tmp_path, timeout=_SECONDS)
        assert done.returncode == 0, done.stderr

    def test_texts_that_keep_a_search_for_common_lines_busy(
        self, tmp_path: Path, run_tool: RunTool
    ) -> None:
        for version, own in (("1.0.0", "y"), ("1.1.0", "z")):
            lay(tmp_path, "a", version)
            lines = (f"# {n % 150}\n# {own}{n}\n" for n in range(100_000))
            with (tmp_path / f"jsonschema/a/{version}.yaml").open("a") as file:
                file.write("\n" + "".join(lines))
        done = run_tool("site", "public", cwd=tmp_path, timeout=_SECONDS)
        assert done.returncode == 0, done.stderr
        names = [f"jsonschema/a/{version}.yaml" for version in ("1.0.0", "1.1.0")]
        done = run_tool("diff", "--unified", *names, cwd=tmp_path, timeout=_SECONDS)
        assert "\n+# z99999\n" in done.stdout, done.stderr

    def test_long_names_around_many_fields(self, tmp_path: Path) -> None:
        inside = {f"f{number}": {"type": "string"} for number in range(3_000)}
        around = {"x" * 100_000: {"type": "object", "properties": inside}}
        lay(tmp_path, "a", "1.0.0", properties=around)
        page = built(tmp_path, tmp_path / "public")["a/index.html"]
        assert len(page) < 20 * 100_000
        assert b"There are more fields than a page holds" in page

    def test_many_versions(self, tmp_path: Path) -> None:
        for number in range(300):
            lay(tmp_path, "a", f"1.{number}.0", properties={f"f{number}": {"type": "string"}})
        files = built(tmp_path, tmp_path / "public")
        pages = [content for name, content in files.items() if name.startswith("a/1.")]
        assert max(map(len, pages)) < 40_000
        assert len(files["-/compare/a/versions.js"]) < 500_000
        assert b'<li><a href="1.0.0.html">1.0.0</a>' in files["a/index.html"]
        assert b'<li><a href="1.0.0.html">1.0.0</a>' not in files["a/1.299.0.html"]
        assert b'href="1.0.0.html" aria-current="page"' in files["a/1.0.0.html"]

    def test_what_versions_refer_to_is_not_added_to_each_without_end(self, tmp_path: Path) -> None:
        lay(tmp_path, "big", "1.0.0", enum=["x" * 3_000_000])
        lay(tmp_path, "a", "1.0.0", properties={"b": {"$ref": "/big/1.0.0"}})
        files = built(tmp_path, tmp_path / "public")
        assert b"too large for this page" in files["-/try/a/1.0.0.js"]


class TestNames:
    @pytest.mark.parametrize(
        "name",
        [
            *("index.html", "index.json", "llms.txt", "sitemap.xml", "a/1.0.0.html", "a/1.0.0"),
            *("a/latest", "a/latest/b", "a/index.html/b", "a/2.0.0.json", "a/versions.js"),
            *("a/1.0.0.js", "a/1.0.0...1.1.0.html", "-", "~-", "con", "%2e%2e", "search"),
            *("javascript:alert(1)", "\\\\host", "a\nb", "a\u2028b\u202e", "x" * 250),
        ],
    )
    def test_no_folder_takes_the_place_of_a_page(self, name: str, tmp_path: Path) -> None:
        for version in ("1.0.0", "1.1.0"):
            lay(tmp_path, "a", version)
            lay(tmp_path, name, version)
        folder = tmp_path / "out" / "public"
        files = built(tmp_path, folder)
        index = json.loads(files["index.json"])
        assert len({schema["page"] for schema in index["schemas"]}) == 2
        assert b"</html>" in files["a/1.0.0.html"]
        assert [path.name for path in folder.parent.iterdir()] == ["public"]

    def test_a_name_that_is_not_text(self, tmp_path: Path) -> None:
        lay(tmp_path, "a", "1.0.0")
        (tmp_path / "jsonschema/a").rename(tmp_path / "jsonschema" / os.fsdecode(b"a\xff"))
        assert "a?/1.0.0.html" in built(tmp_path, tmp_path / "public")

    def test_versions_with_long_names(self, tmp_path: Path) -> None:
        for letter in "abc":
            lay(tmp_path, "a", f"1.0.0-{letter * 240}")
        files = built(tmp_path, tmp_path / "public")
        assert f"a/1.0.0-{'a' * 240}.html" in files
        assert not [name for name in files if name.startswith("-/compare/")]


class TestPlace:
    @pytest.mark.parametrize("name", [".", "jsonschema", "jsonschema/public"])
    def test_the_folder_is_none_of_the_schemas(self, name: str, tmp_path: Path) -> None:
        lay(tmp_path, "a", "1.0.0")
        write(tmp_path, "README", "mine")
        manifest = {"format": 1, "inputs": "", "files": {"README": "0", "jsonschema/a": "0"}}
        write(tmp_path, f"{name}/-/manifest.json", json.dumps(manifest))
        with pytest.raises(ConfigError, match="schemas are read in"):
            build_site(load_config(tmp_path), tmp_path / name)
        assert (tmp_path / "README").read_text() == "mine"

    def test_what_is_not_as_the_site_wrote_it_is_not_removed(self, tmp_path: Path) -> None:
        lay(tmp_path, "a", "1.0.0")
        folder = tmp_path / "public"
        built(tmp_path, folder)
        path = folder / "-/manifest.json"
        manifest = json.loads(path.read_text())
        own = manifest["files"]["llms.txt"]
        manifest["files"] |= {"CNAME": "0", ".git/config": own, "old.txt": own}
        path.write_text(json.dumps(manifest))
        write(folder, "CNAME", "example.org")
        for name in (".git/config", "old.txt"):
            write(folder, name, (folder / "llms.txt").read_text())
        files = built(tmp_path, folder)
        assert files["CNAME"] == b"example.org"
        assert ".git/config" in files
        assert "old.txt" not in files

    def test_the_folder_is_no_link_out_of_the_repository(self, tmp_path: Path) -> None:
        root, elsewhere = tmp_path / "repository", tmp_path / "elsewhere"
        lay(root, "a", "1.0.0")
        elsewhere.mkdir()
        (root / "public").symlink_to(elsewhere)
        with pytest.raises(WriteError, match="a symbolic link leads out of the repository"):
            build_site(load_config(root), root / "public")
        assert not list(elsewhere.iterdir())


def test_the_feed_is_xml_whatever_names_hold(tmp_path: Path) -> None:
    from xml.etree import ElementTree

    name = "a\ufffe\uffff\ud800\0\x1b&<>\"']]>"
    lay(tmp_path, "a", "1.0.0")
    lay(tmp_path, "a", "1.1.0", properties={name: {"type": "string"}})
    feed = built(tmp_path, tmp_path / "public")["-/changelog.atom"]
    ElementTree.fromstring(feed)  # noqa: S314 - of our own making
    assert "&amp;&lt;&gt;" in feed.decode()
    assert not {"\ufffe", "\uffff", "\0"} & set(feed.decode())
