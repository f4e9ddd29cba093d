"""The site as files: its pages, links and bytes, and what is left when something goes wrong."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import sys
from datetime import date
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

pytest.importorskip("jinja2", reason="the extra `site` is not installed")
pytest.importorskip("markdown_it", reason="the extra `site` is not installed")

from jsonschema_tools.config import load_config
from jsonschema_tools.errors import ConfigError, WriteError
from jsonschema_tools.site import Options, build_site
from jsonschema_tools.site.health import findings
from support.site_repository import HOSTILE, lay_long_history, lay_site_repository, write

if TYPE_CHECKING:
    from conftest import GitRepository, RunTool

_URL_ATTRIBUTES = {"href", "src", "action", "data-schema"}
_SCRIPTS = {"script", "style", "iframe", "object", "embed", "img", "base"}


class Page(HTMLParser):
    """What a page refers to, and the ids in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        for name, value in attrs:
            if name in _URL_ATTRIBUTES and value is not None:
                self.links.append(value)
            if name == "id" and value is not None:
                self.ids.append(value)


def build(root: Path, folder: Path, options: Options | None = None) -> dict[str, bytes]:
    build_site(load_config(root), folder, options)
    return contents(folder)


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay_site_repository(tmp_path_factory.mktemp("laid"))


@pytest.fixture(scope="module")
def site(laid: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "public"
    build_site(load_config(laid), folder)
    return folder


@pytest.fixture
def repository(laid: Path, tmp_path: Path) -> Path:
    shutil.copytree(laid, tmp_path / "repository", symlinks=True)
    return tmp_path / "repository"


def text(site: Path, name: str) -> str:
    return (site / name).read_text(encoding="utf-8")


class TestPages:
    def test_every_link_leads_to_a_file_and_a_place_in_it(self, site: Path) -> None:
        pages = {path: Page(path.read_text()) for path in site.rglob("*.html")}
        assert len(pages) > 15
        followed = 0
        for path, page in pages.items():
            for link in page.links:
                if re.match(r"https?://|javascript:", link):
                    continue
                target, _, anchor = link.partition("#")
                place = (path.parent / unquote(target)).resolve() if target else path
                assert place.is_file(), f"{path}: {link}"
                assert place.is_relative_to(site), f"{path}: {link}"
                if anchor:
                    assert unquote(anchor) in pages[place].ids, f"{path}: {link}"
                followed += 1
        assert followed > 200

    def test_no_id_stands_twice_on_a_page(self, site: Path) -> None:
        for path in site.rglob("*.html"):
            ids = Page(path.read_text()).ids
            assert len(ids) == len(set(ids)), path

    def test_texts_of_schemas_are_never_markup(self, site: Path) -> None:
        for path in site.rglob("*.html"):
            page = Page(path.read_text())
            assert HOSTILE not in path.read_text()
            for tag, attributes in page.tags:
                assert tag not in _SCRIPTS or (tag == "script" and "src" in attributes), path
                assert not any(name.startswith("on") for name in attributes), path
                assert "style" not in attributes, path
            assert not any(link.startswith("javascript:") for link in page.links), path

    def test_every_page_has_the_policy(self, site: Path) -> None:
        for path in site.rglob("*.html"):
            assert "Content-Security-Policy" in path.read_text()
            assert "default-src &#39;none&#39;" in path.read_text()

    def test_a_field_says_what_it_is_and_where_it_comes_from(self, site: Path) -> None:
        page = re.sub(r"\s+", " ", text(site, "shop/order/2.0.0.html"))
        order_id = page[page.index('id="field-order_id"') :].partition("</li>")[0]
        assert "integer" in order_id
        assert "required" in order_id
        assert "at least" in order_id
        assert "since 1.0.0" in order_id
        assert "fragment" not in order_id
        stream = page[page.index('id="field-meta.stream"') :].partition("</li>")[0]
        assert "from <a" in stream
        assert "../../fragment/common/1.0.0.html" in stream
        assert 'id="field-lines[].article"' in page

    def test_older_versions_say_which_fragments_declare_the_same(self, site: Path) -> None:
        page = re.sub(r"\s+", " ", text(site, "shop/order/1.0.0.html"))
        stream = page[page.index('id="field-meta.stream"') :].partition("</li>")[0]
        assert "as in" in stream
        assert "fragment/common 1.0.0 to 1.1.0" in stream

    def test_the_latest_version_stands_under_the_folder(self, site: Path) -> None:
        schema, latest = text(site, "shop/order/index.html"), text(site, "shop/order/2.0.0.html")
        for page in (schema, latest):
            fields = page[page.index('id="fields"') : page.index('id="produce"')]
            assert 'id="field-lines[].article"' in fields
        assert '<h3><a href="1.0.0.html">' in schema
        assert '<h3><a href="1.0.0.html">' not in latest
        assert "<summary>Hive</summary>" in schema
        assert "<summary>Hive</summary>" not in latest
        assert "latest is 2.0.0" in text(site, "shop/order/1.1.0.html")

    def test_a_broken_schema_has_a_page_that_says_what_is_wrong(self, site: Path) -> None:
        page = text(site, "broken/thing/index.html")
        assert "This version cannot be shown" in page
        assert "broken/thing/1.0.0.yaml:2" in page
        assert "broken" in text(site, "index.html")

    def test_uses_streams_and_waivers(self, site: Path) -> None:
        page = text(site, "shop/order/index.html")
        assert ">fragment/common</a>" in page
        assert "latest 1.1.0" in page
        assert "shop.order</a>" in page
        assert "no meta yet" in page
        assert "2999-01-31" in page
        assert ">shop/order</a>" in text(site, "fragment/common/index.html")
        assert "deprecated" in text(site, "odd/names/index.html")

    def test_a_comparison_has_words_verdict_fields_and_text(self, site: Path) -> None:
        page = text(site, "-/compare/shop/order/1.1.0...2.0.0.html")
        assert "incompatible: a major change, as the version says" in page
        assert "By the compatibility policy <code>additive</code>." in page
        assert re.search(r'<tr class="changed"><th scope="row">note</th>', page)
        assert re.search(r'<tr class="removed"><th scope="row">meta.id</th>', page)
        assert '<span class="del">' in page
        minor = text(site, "-/compare/shop/order/1.0.0...1.1.0.html")
        assert "compatible: a minor change" in minor
        schema = text(site, "shop/order/index.html")
        assert '<span class="badge good">compatible: a minor change</span>' in schema
        assert "By the compatibility policy <code>additive</code>." in schema

    def test_a_comparison_says_what_diff_says(
        self, site: Path, laid: Path, run_tool: RunTool
    ) -> None:
        page = html.unescape(text(site, "-/compare/shop/order/1.0.0...2.0.0.html"))
        words = re.sub(r"</?code>", "`", page)
        said = run_tool("diff", "/shop/order/1.0.0", "/shop/order/2.0.0", cwd=laid).stdout
        lines = [line.strip().removeprefix("- ") for line in said.splitlines()[1:]]
        assert len(lines) > 4
        assert [line for line in lines if f">{line}<" not in words] == []

    def test_many_versions_are_compared_in_the_browser(self, tmp_path: Path) -> None:
        files = build(lay_long_history(tmp_path, 7), tmp_path / "public")
        folder = "-/compare/long/history"
        names = {name.removeprefix(f"{folder}/") for name in files if name.startswith(folder)}
        neighbours = {f"1.{n}.0...1.{n + 1}.0.html" for n in range(6)}
        assert names == {*neighbours, "index.html", "versions.js"}
        few = build(lay_long_history(tmp_path / "few", 6), tmp_path / "few" / "public")
        assert len([name for name in few if name.startswith(folder)]) == 15

    def test_a_page_has_the_table_by_dialect_or_why_there_is_none(
        self, site: Path, laid: Path, run_tool: RunTool
    ) -> None:
        page = html.unescape(text(site, "shop/order/index.html"))
        for dialect in ("hive", "clickhouse"):
            printed = run_tool("table", "shop/order", "--dialect", dialect, cwd=laid)
            assert f"<code>{printed.stdout}</code>" in page, printed.stderr
        odd = html.unescape(text(site, "odd/names/index.html"))
        assert "This version cannot become a table" in odd
        assert "has no column type" in odd
        assert 'id="table"' not in text(site, "fragment/common/index.html")
        assert "--since 1.0.0" in text(site, "shop/order/1.0.0.html")
        stream = text(site, "-/streams/shop.order.html")
        assert "<code>shop_order</code>, with the columns of" in stream

    def test_a_long_table_does_not_make_a_page_too_large(self, tmp_path: Path) -> None:
        fields = "".join(
            f"  field_{n}: {{type: string, description: '{'words ' * 20}'}}\n" for n in range(90)
        )
        head = "title: long/one\n$id: /long/one/1.0.0\ntype: object\nproperties:\n"
        write(tmp_path, "jsonschema/long/one/1.0.0.yaml", head + fields)
        write(tmp_path, ".jsonschema-tools.yaml", "schemaBasePath: ./jsonschema\n")
        files = build(tmp_path, tmp_path / "public")
        page = files["long/one/index.html"]
        assert len(page) < 150_000
        assert b"<summary>Hive</summary>" in page
        assert b"<summary>Snowflake</summary>" not in page
        assert b"name one of" in page

    def test_streams(self, site: Path) -> None:
        table = text(site, "-/streams/index.html")
        assert "eqiad.shop.order" in table
        assert "not found" in table
        assert len(list((site / "-/streams").glob("*.html"))) == 4

    def test_graph_and_health(self, site: Path) -> None:
        graph = text(site, "-/graph.html")
        assert '<path d="M' in graph
        assert 'class="old"' in graph
        assert "schema-required-fields" in text(site, "-/health.html")

    def test_health_says_what_check_says(self, laid: Path, run_tool: RunTool) -> None:
        done = run_tool("check", "--format", "json", "--no-cache", cwd=laid)
        summary = json.loads(done.stdout)["summary"]
        total, _ = findings(load_config(laid), date.today())
        assert total == sum(summary.values())


class TestMachines:
    def test_schema_files_lie_under_their_ids(self, site: Path, laid: Path) -> None:
        written = (laid / "jsonschema/shop/order/1.0.0.yaml").read_bytes()
        for name in ("1.0.0", "1.0.0.yaml"):
            assert (site / "shop/order" / name).read_bytes() == written
        latest = (laid / "jsonschema/shop/order/2.0.0.json").read_bytes()
        assert (site / "shop/order/latest.json").read_bytes() == latest
        assert not any(path.is_symlink() for path in site.rglob("*"))

    def test_index(self, site: Path) -> None:
        index = json.loads(text(site, "index.json"))
        order = next(one for one in index["schemas"] if one["title"] == "shop/order")
        assert order["latest"] == "2.0.0"
        assert order["streams"] == ["shop.order", "/^shop\\.job\\..+/"]
        files = [name for one in index["schemas"] for v in one["versions"] for name in v["files"]]
        assert files
        assert all((site / unquote(name)).is_file() for name in files)

    def test_sitemap_and_feed_are_xml_with_the_address(self, laid: Path, tmp_path: Path) -> None:
        files = build(laid, tmp_path / "out", Options(url="https://example.org/s"))
        sitemap = ElementTree.fromstring(files["sitemap.xml"])  # noqa: S314 - our own
        addresses = [loc.text for loc in sitemap.iter() if loc.tag.endswith("loc")]
        assert "https://example.org/s/shop/order/1.0.0.html" in addresses
        feed = ElementTree.fromstring(files["-/changelog.atom"])  # noqa: S314 - our own
        titles = [one.text for one in feed.iter("{http://www.w3.org/2005/Atom}title")]
        assert "shop/order 2.0.0" in titles

    def test_llms_txt(self, site: Path) -> None:
        assert "- [shop/order 2.0.0](shop/order/2.0.0)" in text(site, "llms.txt")

    def test_dates_come_from_git(self, laid: Path, git_repository: GitRepository) -> None:
        shutil.copytree(laid, git_repository.root, symlinks=True, dirs_exist_ok=True)
        git_repository.commit()
        files = build(git_repository.root, git_repository.root / "public")
        today = git_repository.git("log", "-1", "--format=%cd", "--date=format:%Y").strip()
        assert f'<time datetime="{today}-'.encode() in files["-/changelog.html"]


class TestWriting:
    def test_the_same_repository_gives_the_same_bytes_anywhere(
        self, laid: Path, repository: Path, tmp_path: Path
    ) -> None:
        assert build(laid, tmp_path / "a") == build(repository, tmp_path / "elsewhere" / "b")

    def test_nothing_is_written_where_nothing_changed(
        self, repository: Path, tmp_path: Path
    ) -> None:
        config, folder = load_config(repository), tmp_path / "out"
        assert build_site(config, folder) is not None
        assert build_site(config, folder) is None
        (folder / "index.html").write_text("spoiled")
        mended = build_site(config, folder)
        assert mended is not None
        assert mended.written == 1

    def test_only_what_changed_is_written_and_what_went_is_removed(
        self, repository: Path, tmp_path: Path
    ) -> None:
        folder = tmp_path / "out"
        before = build(repository, folder)
        write(folder, "CNAME", "example.org\n")
        shutil.rmtree(repository / "jsonschema/odd")
        done = build_site(load_config(repository), folder)
        assert done is not None
        after = contents(folder)
        assert done.written < len(before) / 2
        assert not any(name.startswith("odd/") for name in after)
        assert not (folder / "odd").exists()
        assert after.pop("CNAME") == b"example.org\n"
        assert after == build(repository, tmp_path / "fresh")

    def test_a_folder_with_other_things_is_refused(self, repository: Path, tmp_path: Path) -> None:
        write(tmp_path, "home/letter.txt", "dear")
        with pytest.raises(ConfigError, match="is not empty"):
            build_site(load_config(repository), tmp_path / "home")
        assert contents(tmp_path / "home") == {"letter.txt": b"dear"}

    def test_a_site_that_cannot_be_written_leaves_the_old_one(
        self, repository: Path, tmp_path: Path
    ) -> None:
        folder = tmp_path / "out"
        build(repository, folder)
        before = contents(folder)
        limited = (
            "import resource, sys; from pathlib import Path;"
            "from jsonschema_tools.config import load_config;"
            "from jsonschema_tools.site import build_site, Options;"
            "from jsonschema_tools.errors import WriteError\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))\n"
            "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
            "try: build_site(load_config(Path(sys.argv[1])), Path(sys.argv[2]), Options('New'))\n"
            "except WriteError: sys.exit(7)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", limited, repository, folder], check=False, capture_output=True
        )
        assert done.returncode == 7, done.stderr
        assert contents(folder) == before
        assert not list(tmp_path.glob(".out.*"))
        assert WriteError.exit_status == 1

    def test_a_link_in_the_folder_removes_nothing_outside(
        self, repository: Path, tmp_path: Path
    ) -> None:
        folder, precious = tmp_path / "public", tmp_path / "elsewhere" / "precious"
        precious.parent.mkdir()
        precious.write_text("mine")
        build(repository, folder)
        (folder / "away").symlink_to(precious.parent)
        manifest = json.loads((folder / "-/manifest.json").read_text())
        manifest["files"]["away/precious"] = "0"
        (folder / "-/manifest.json").write_text(json.dumps(manifest))
        build(repository, folder)
        assert precious.read_text() == "mine"

    @pytest.mark.parametrize("name", ["-", "-/static"])
    def test_a_link_in_the_folder_takes_no_page_out(
        self, repository: Path, tmp_path: Path, name: str
    ) -> None:
        folder, elsewhere = tmp_path / "public", tmp_path / "elsewhere"
        build(repository, folder)
        shutil.move(folder / name, elsewhere)
        (folder / name).symlink_to(elsewhere)
        for file in elsewhere.glob("*.*"):
            file.write_text("{}")
        before = contents(elsewhere)
        with pytest.raises(WriteError, match="a link leads out of the site's folder"):
            build(repository, folder)
        assert contents(elsewhere) == before

    def test_a_manifest_that_was_tampered_with_removes_nothing_outside(
        self, repository: Path, tmp_path: Path
    ) -> None:
        folder = tmp_path / "out"
        build(repository, folder)
        write(tmp_path, "precious", "p")
        manifest = json.loads((folder / "-/manifest.json").read_text())
        manifest["files"] |= {"../precious": "0", str(tmp_path / "precious"): "0"}
        (folder / "-/manifest.json").write_text(json.dumps(manifest))
        build_site(load_config(repository), folder)
        assert (tmp_path / "precious").exists()

    def test_an_empty_repository_has_a_site(self, tmp_path: Path) -> None:
        write(tmp_path, "repository/README", "")
        files = build(tmp_path / "repository", tmp_path / "public")
        assert b"has no schemas yet" in files["index.html"]

    def test_no_schema_takes_the_place_of_the_own_pages(self, tmp_path: Path) -> None:
        for folder in ("-", "-/static", "."):
            schema = f"title: {folder}\n$id: /{folder}/1.0.0\ntype: object\n"
            write(tmp_path / "repository", f"{folder}/1.0.0.yaml", schema)
            write(tmp_path / "repository", f"{folder}/current.yaml", schema)
        files = build(tmp_path / "repository", tmp_path / "public")
        assert b"--paper" in files["-/static/site.css"]
        assert "~-/static/index.html" in files
        assert all(".." not in PurePosixPath(name).parts for name in files)


class TestCommand:
    def test_it_says_what_it_did(self, repository: Path, run_tool: RunTool) -> None:
        done = run_tool("site", "public", cwd=repository)
        assert done.returncode == 0, done.stderr
        assert re.search(r"public: \d+ files, [\d.]+ MB; \d+ written", done.stderr)
        again = run_tool("site", "public", cwd=repository)
        assert (again.returncode, again.stderr) == (0, "public is up to date\n")

    def test_without_the_extra_it_says_what_to_install(
        self, repository: Path, run_tool: RunTool
    ) -> None:
        blocker = "import sys\nsys.modules['jinja2'] = None\n"
        write(repository, "blocked/sitecustomize.py", blocker)
        env = {"PYTHONPATH": str(repository / "blocked")}
        done = run_tool("site", "public", cwd=repository, env=env)
        assert done.returncode == 2
        assert "pip install 'jsonschema-tools[site]'" in done.stderr
        assert "Traceback" not in done.stderr
        assert run_tool("list", cwd=repository, env=env).returncode == 0
