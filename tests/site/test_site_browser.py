"""The site in a real browser, from the disk: nothing is fetched, and all of it works."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jsonschema_tools.authoring.diff import between
from jsonschema_tools.config import load_config
from jsonschema_tools.documents.document import parse_document
from jsonschema_tools.events.schema import EventSchema
from support.every_case import every_case
from support.site_repository import lay_long_history, lay_site_repository, write

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytest.importorskip("jinja2", reason="the extra `site` is not installed")
_WIDTHS = (390, 820, 1400)


def build(root: Path, folder: Path) -> None:
    from jsonschema_tools.site import build_site

    build_site(load_config(root), folder)


def _beside(name: str) -> Path | None:
    """Return what lies beside a checkout of this project, such as the public vectors."""
    places = (parent / "shared" / name for parent in Path(__file__).resolve().parents)
    return next((place for place in places if place.exists()), None)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = lay_site_repository(tmp_path_factory.mktemp("repository"))
    folder = tmp_path_factory.mktemp("site") / "a folder #1"
    build(root, folder)
    return folder


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[Page]:
    """A page that tests use after each other: to open one takes longer than most of them."""
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(10_000)
    yield page
    context.close()


@pytest.fixture
def page(tab: Page, site: Path) -> Iterator[Page]:
    """A page that may ask for nothing but files of the site, and must not complain."""
    asked: list[str] = []
    complaints: list[str] = []
    listeners: dict[Any, Any] = {
        "request": lambda request: asked.append(request.url),
        "console": lambda message: complaints.append(message.text),
        "pageerror": lambda error: complaints.append(str(error)),
    }
    tab.set_viewport_size({"width": 1200, "height": 900})
    for event, listener in listeners.items():
        tab.on(event, listener)
    yield tab
    tab.goto("about:blank")  # what the last page still does is seen
    for event, listener in listeners.items():
        tab.remove_listener(event, listener)
    assert [url for url in asked if not url.startswith((f"{site.as_uri()}/", "about:blank"))] == []
    assert complaints == []


def visit(page: Page, site: Path, name: str) -> None:
    page.goto(f"{site.as_uri()}/{name}")


class TestReading:
    def test_every_page_loads_and_fits_the_window(self, page: Page, site: Path) -> None:
        for path in sorted(site.rglob("*.html")):
            page.goto(path.as_uri())
            assert page.evaluate("document.querySelectorAll('h1').length") == 1, path
            for width in _WIDTHS:
                page.set_viewport_size({"width": width, "height": 900})
                needed = page.evaluate("document.documentElement.scrollWidth")
                assert needed <= width, (path, width)

    def test_the_version_picker(self, page: Page, site: Path) -> None:
        visit(page, site, "shop/order/index.html")
        page.locator(".versions a", has_text="1.0.0").click()
        assert page.url.endswith("/shop/order/1.0.0.html")
        assert page.locator(".versions a[aria-current]").inner_text() == "1.0.0"

    def test_any_two_versions_are_compared(self, page: Page, site: Path) -> None:
        visit(page, site, "shop/order/index.html")
        page.locator(".pick [name=old]").select_option("2.0.0")
        page.locator(".pick [name=new]").select_option("1.0.0")
        page.get_by_role("button", name="Compare").click()
        page.wait_for_url("**/1.0.0...2.0.0.html")
        assert page.locator("h1").inner_text() == "1.0.0 to 2.0.0"

    def test_any_two_of_many_versions_are_compared(self, browser: Browser, tmp_path: Path) -> None:
        root, folder = lay_long_history(tmp_path, 20), tmp_path / "site"
        build(root, folder)
        page = browser.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto((folder / "long/history/index.html").as_uri())
        page.locator(".pick [name=old]").select_option("1.12.0")
        page.locator(".pick [name=new]").select_option("1.3.0")
        page.get_by_role("button", name="Compare").click()
        page.wait_for_url("**/compare/long/history/index.html#1.3.0...1.12.0")
        assert page.locator("h1").inner_text() == "1.3.0 to 1.12.0"
        for old, new in [(3, 12), (0, 19), (18, 19), (0, 1), (7, 9)]:
            names = f"1.{old}.0", f"1.{new}.0"
            page.goto(
                (folder / "-/compare/long/history/index.html").as_uri() + f"#{'...'.join(names)}"
            )
            page.get_by_role("heading", name=" to ".join(names)).wait_for()
            assert self._shown(page) == self._told(root, *names)
        page.locator(".pick [name=old]").select_option("1.5.0")
        page.get_by_role("heading", name="1.5.0 to 1.9.0").wait_for()
        assert page.locator("tr.added").count() == 4
        page.close()
        assert complaints == []

    def _shown(self, page: Page) -> tuple[Any, ...]:
        words = page.locator("#changes li").all_inner_texts()
        fields = page.locator("tbody tr").evaluate_all(
            "(rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent))"
        )
        return (
            page.locator(".badge").inner_text(),
            words,
            fields,
            page.locator(".udiff").inner_text(),
        )

    def _told(self, root: Path, old: str, new: str) -> tuple[Any, ...]:
        """Return the same as the static page of these versions would have it."""
        diff = between(f"long/history/{old}", f"long/history/{new}", load_config(root))
        words = [*(change.message for change in diff.changes), *diff.table]
        first, last = (int(name.split(".")[1]) for name in (old, new))
        added = [[f"field_{n}", "", "string", "added"] for n in range(first + 1, last + 1)]
        same = [[f"field_{n}", "string", "same"] for n in range(first + 1)]
        text = "".join(diff.unified.splitlines(keepends=True)[2:]).rstrip("\n")
        return (
            "compatible: a minor change",
            [word.replace("`", "") for word in words],
            added + same,
            text,
        )

    def test_without_scripts_it_can_be_read(self, browser: Browser, site: Path) -> None:
        context = browser.new_context(java_script_enabled=False)
        page = context.new_page()
        visit(page, site, "index.html")
        page.get_by_role("link", name="shop/order", exact=True).click()
        assert page.locator(".fields > li").count() > 5
        assert not page.locator(".pick").is_visible()
        context.close()


#: the rules of axe for each color scheme: all, and those that look at colors
_SCHEMES: dict[Any, dict[str, Any]] = {
    "light": {},
    "dark": {"runOnly": ["color-contrast", "link-in-text-block"]},
}
# the whole result is large, and takes longer to bring over than to find
_AXE = """
async (options) => {
  const found = await axe.run(options);
  return [found.passes.length, found.violations.map((one) => [one.id, one.nodes[0].html])];
}
"""


class TestAccessibility:
    """axe-core (npm): JSONSCHEMA_TOOLS_AXE is the path of its `axe.min.js`."""

    def test_axe_finds_nothing(self, browser: Browser, site: Path) -> None:
        if "JSONSCHEMA_TOOLS_AXE" not in os.environ:
            pytest.skip("JSONSCHEMA_TOOLS_AXE does not say where axe.min.js is")
        context = browser.new_context(bypass_csp=True)
        context.add_init_script(path=os.environ["JSONSCHEMA_TOOLS_AXE"])
        page = context.new_page()
        found = []
        for path in of_each_kind(site):
            page.goto(path.as_uri())
            for scheme, rules in _SCHEMES.items():
                page.emulate_media(color_scheme=scheme)
                passes, violations = page.evaluate(_AXE, rules)
                assert passes, (path, scheme)
                found += [(path.relative_to(site).as_posix(), scheme, *one) for one in violations]
        context.close()
        assert found == []


def of_each_kind(site: Path) -> list[Path]:
    """Return pages that together have all that any page has: elements, classes, orders of headings.

    axe takes a quarter of a second for each; most pages differ in their texts only.
    """
    kinds: dict[Path, set[object]] = {}
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        headings = re.findall(r"<(h\d)", text)
        kinds[path] = {*itertools.pairwise(headings)} | {
            (name, *re.findall(r' class="[^"]*"| [\w-]+=', attributes))
            for name, attributes in re.findall(r"<(\w+)([^>]*)>", text)
        }
    chosen, seen = [], set[object]()
    for path in sorted(kinds, key=lambda path: (-len(kinds[path]), path)):
        if not kinds[path] <= seen:
            chosen.append(path)
            seen |= kinds[path]
    return chosen


class TestSearch:
    def test_it_finds_as_one_types(self, page: Page, site: Path) -> None:
        visit(page, site, "index.html")
        page.locator("#q").press_sequentially("artic")
        assert page.locator("#results .name").all_inner_texts() == ["shop/order"]
        assert page.locator("#status").inner_text() == "1 schema found"
        page.locator("#results a", has_text="lines[].article").click()
        page.wait_for_url("**/shop/order/index.html#field-lines*")
        assert page.locator(":target .line a").first.inner_text() == "article"

    def test_from_another_page(self, page: Page, site: Path) -> None:
        visit(page, site, "shop/order/index.html")
        page.locator("#q").fill("common")
        page.locator("#q").press("Enter")
        page.wait_for_url("**/index.html?q=common")
        assert "fragment/common" in page.locator("#results .name").all_inner_texts()

    def test_filters(self, page: Page, site: Path) -> None:
        visit(page, site, "index.html")
        page.get_by_label("fragments").uncheck()
        assert not page.get_by_role("link", name="fragment/common").is_visible()
        page.get_by_label("only with streams").check()
        assert page.locator(".group .row:visible").count() == 1

    def test_nothing_found(self, page: Page, site: Path) -> None:
        visit(page, site, "index.html")
        page.locator("#q").fill("zzzzqqq")
        assert page.locator("#status").inner_text() == "0 schemas found"

    def test_hostile_texts_stay_texts(self, page: Page, site: Path) -> None:
        visit(page, site, "index.html")
        page.locator("#q").fill("bold")
        assert "<b>bold</b>" in page.locator("#results").inner_text()
        assert page.locator("#results b").count() == 0


class TestTryAnEvent:
    def test_the_example_is_valid(self, page: Page, site: Path) -> None:
        visit(page, site, "shop/order/index.html")
        page.get_by_role("button", name="Validate").click()
        page.get_by_text("This event is valid.").wait_for()

    def test_an_invalid_event(self, page: Page, site: Path) -> None:
        visit(page, site, "shop/order/index.html")
        page.locator("#event").fill('{"$schema": "/shop/order/2.0.0", "order_id": "<b>x</b>"}')
        page.get_by_role("button", name="Validate").click()
        page.locator("#verdict li").wait_for()
        assert page.locator("#verdict li").all_inner_texts() == ["/order_id should be integer"]

    def test_no_json(self, page: Page, site: Path) -> None:
        visit(page, site, "shop/order/index.html")
        page.locator("#event").fill("{")
        page.get_by_role("button", name="Validate").click()
        page.get_by_text("This is not JSON").wait_for()


KEYWORDS: list[tuple[Any, list[Any]]] = [
    ({"type": "integer"}, [1, 1.0, 1.5, "1", None, True, 1e300]),
    (
        {"type": ["string", "null"], "maxLength": 2},
        ["ab", "abc", "😀😀", "😀😀😀", 1],
    ),
    ({"minimum": 1, "exclusiveMaximum": 3}, [1, 0.5, 3, 2.9, "x"]),
    ({"multipleOf": 0.1}, [0.3, 1.1, 0.2, 7]),
    ({"multipleOf": 3}, [9, 10, 0, -3]),
    ({"enum": [1, "a", {"b": [1]}]}, [1, "a", {"b": [1]}, {"b": [2]}, True]),
    ({"const": {"a": 1}}, [{"a": 1}, {"a": 1, "b": 2}, None]),
    ({"items": [{"type": "string"}], "additionalItems": False}, [[], ["a"], ["a", 1], [1]]),
    ({"items": {"type": "string"}, "minItems": 1, "uniqueItems": True}, [[], ["a", "a"]]),
    ({"contains": {"const": 5}}, [[1, 5], [1], []]),
    ({"required": ["toString", "__proto__"]}, [{}, {"toString": 1, "__proto__": 2}]),
    ({"properties": {"constructor": {"type": "string"}}}, [{}, {"constructor": 1}]),
    (
        {
            "patternProperties": {"^a": {"type": "string"}},
            "additionalProperties": False,
            "propertyNames": {"maxLength": 9},
        },
        [{"ab": "x"}, {"ab": 1}, {"b": 1}],
    ),
    ({"propertyNames": {"maxLength": 2}}, [{"ab": 1}, {"abc": 1}]),
    ({"dependencies": {"a": ["b"], "c": {"required": ["d"]}}}, [{"a": 1}, {"c": 1}, {}]),
    ({"oneOf": [{"type": "integer"}, {"minimum": 2}]}, [1, 3, 2.5, 1.5]),
    ({"anyOf": [{"type": "string"}, {"minimum": 2}]}, ["a", 3, 1]),
    ({"not": {"type": "string"}}, ["a", 1]),
    (
        {"if": {"type": "string"}, "then": {"minLength": 2}, "else": {"minimum": 2}},
        ["a", "ab", 1, 2],
    ),
    (
        {"definitions": {"d": {"type": "string"}}, "items": {"$ref": "#/definitions/d"}},
        [["a"], [1]],
    ),
    (
        {"properties": {"a": {"type": "integer", "default": "no"}}},
        [{}, {"a": 1}, {"a": "x"}],
    ),
    ({"pattern": r"^\d+$", "maxLength": 9}, ["12", "1a", "", "\u0661"]),
    (False, [1]),
]
FORMATS: list[tuple[str, list[Any]]] = [
    ("date-time", ["2020-01-01T00:00:00Z", "2020-01-01 00:00:00z", "2020-01-01T00:00:00"]),
    ("date", ["2020-19-39", "2020-20-01", "20200101"]),
    ("time", ["12:00:00", "24:00:00", "23:59:60Z"]),
    ("uri", ["http://a", "a", "urn:x:y", "http://a b"]),
    ("uri-reference", ["/a", "", "a b", "//x/y#z", "\\"]),
    ("email", ["a@b", "a@b.c", "a", "\u017f@b"]),
    ("hostname", ["a.b", "-a", "a" * 64, "a." * 130]),
    ("ipv4", ["1.2.3.4", "256.1.1.1", "1.2.3"]),
    ("ipv6", ["::1", "1::2::3", "::ffff:1.2.3.4", "1:2:3:4:5:6:7:8", "1:2:3", "fe80::1%a"]),
    ("uuid", ["00000000-0000-0000-0000-000000000000", "0"]),
    ("regex", ["a", "(", "a\\Z", "[a-"]),
    ("json-pointer", ["/a/~0", "/~2", "a", ""]),
    ("uri-template", ["/{a}", "/{a", "{+x,y*}"]),
    ("url", ["https://example.org/x", "http://10.0.0.1", "ftp://a", "http://é.fr"]),
]
# cases come as text: `__proto__` stays a property
_VERDICTS = """
(text) => JSON.parse(text).map(([schema, events]) => events.map((event) => {
  try {
    return SchemaValidator.problems(schema, event, SCHEMA_FORMATS).length ? "invalid" : "valid";
  } catch (error) {
    if (error instanceof SchemaValidator.UnusableSchema) return "error";
    return String(error);
  }
}))
"""
# what the page says of each event that is typed into it
_TRY = """
async (events) => {
  const verdict = document.getElementById("verdict");
  const said = [];
  for (const event of events) {
    document.getElementById("event").value = event;
    document.getElementById("validate").click();
    while (!verdict.querySelector("p")) await new Promise((resolve) => setTimeout(resolve));
    said.push(verdict.querySelector(":scope > p").innerText);
  }
  return said;
}
"""


class TestVerdicts:
    """The validator in the page against the one in Python."""

    def test_keywords_and_formats(self, page: Page, site: Path) -> None:
        visit(page, site, "shop/order/index.html")
        schemas = [*KEYWORDS, *(({"format": n, "maxLength": 300}, v) for n, v in FORMATS)]
        verdicts = page.evaluate(_VERDICTS, json.dumps(schemas))

        def check(case: tuple[Any, list[Any], list[str]]) -> None:
            schema, values, got = case
            document = parse_document(json.dumps(schema), "x")
            python = EventSchema("x", document, lambda url: document)
            for value, verdict in zip(values, got, strict=True):
                event = json.loads(json.dumps(value))
                python.fill(event)
                wanted = "valid" if python.is_valid(event) else "invalid"
                assert verdict == wanted, value

        cases = zip(schemas, verdicts, strict=True)
        every_case(
            [(json.dumps(schema), (schema, *rest, got)) for (schema, *rest), got in cases], check
        )

    def test_public_vectors(self, browser: Browser, tmp_path: Path) -> None:
        vectors = _beside("vectors/intake/validate.jsonl")
        primary = _beside("repositories/primary")
        if vectors is None or primary is None:
            pytest.skip("the public vectors do not lie beside this checkout")
        cases: dict[str, list[dict[str, Any]]] = {}
        for line in vectors.read_text(encoding="utf-8").split("\n")[:-1]:
            case = json.loads(line)
            with contextlib.suppress(ValueError, TypeError, KeyError, AttributeError):
                name = json.loads(case["event"])["$schema"]  # else no event that names a schema
                name = name.strip("/").removesuffix("#").removesuffix(".yaml")
                cases.setdefault(name, []).append(case)
        root, folder = tmp_path / "repository", tmp_path / "site"
        shutil.copytree(vectors.parent / "schemas", root / "probes")
        for plain in (root / "probes").rglob("1.0.0"):  # only files with an extension are found
            if plain.is_file():
                shutil.copy(plain, plain.with_name("1.0.0.yaml"))
        for title in {"fragment/common", *(name.rpartition("/")[0] for name in cases)}:
            if (primary / "jsonschema" / title).is_dir():
                shutil.copytree(primary / "jsonschema" / title, root / "jsonschema" / title)
        write(root, ".jsonschema-tools.yaml", "schemaBasePath: [jsonschema, probes]\n")
        build(root, folder)
        page = browser.new_page()
        wrong, count = [], 0
        for name, tried in cases.items():
            if not (folder / "-/try" / f"{name}.js").is_file():
                continue  # a schema that is not there
            count += len(tried)
            page.goto((folder / f"{name}.html").as_uri())
            verdicts = page.evaluate(_TRY, [case["event"] for case in tried])
            for case, said in zip(tried, verdicts, strict=True):
                got = next(
                    verdict
                    for words, verdict in (
                        ("is valid", "valid"),
                        ("is not valid", "invalid"),
                        ("No event can use", "error"),
                        ("", said),
                    )
                    if words in said
                )
                if got != case["verdict"]:
                    wrong.append((case["feature"], case["verdict"], got))
        page.close()
        assert wrong == []
        assert count > 60


_PAYLOADS = (
    "<script>pwned()</script>",
    "</script><script>pwned()</script>",
    "<!--<script>pwned()//",
    "--><img src=x onerror=pwned()>",
    "\"'><svg onload=pwned()>",
    "javascript:pwned()",
    "[a](javascript:pwned()) <javascript:pwned()> [b](data:text/html,<script>pwned()</script>)",
    '![x](x"onerror="pwned()) [c](https://x/\'"onmouseover=pwned())',
    "{{ 7*7 }}{% raw %}${pwned()}`${pwned()}`",
    "\u2028pwned()\u2029\u202epwned()\u0000\ud800\ufffe",
    "]]>*/;pwned();//",
)


#: what is on a page once an event was validated: in one call, as each costs as much as the page
_LOOK = """async () => {
  const button = document.querySelector('#validate');
  const all = words => [...document.querySelectorAll(words)];
  const end = Date.now() + 10000;
  button?.click();
  while (button && !all('#verdict *').length && Date.now() < end) {
    await new Promise(resolve => setTimeout(resolve, 5));
  }
  return {
    headings: all('main h1').length,
    verdicts: !button || all('#verdict *').length > 0,
    foreign: all('img, iframe, object, embed, svg [onload], [onerror]').length,
    protocols: all('[href]').map(a => a.protocol),
  };
}"""


def _lay_hostile(root: Path) -> None:
    """Lay a repository in which every text that a page may show is hostile."""
    write(root, ".jsonschema-tools.yaml", "schemaBasePath: ./jsonschema\nstreamConfigs: s.json\n")
    streams = {}
    for number, text in enumerate(_PAYLOADS):
        folder = f"n{number}/" + text.replace("\0", "").encode("utf-8", "replace").decode()
        for version in ("1.0.0", "1.1.0"):
            part = {
                "type": "string", "description": text, "enum": [text], "pattern": text,
                "format": text, "default": text, "const": text, "title": text,
            }  # fmt: skip
            schema = {
                "title": text, "$id": f"/{folder}/{version}", "description": text,
                "$comment": text, "type": "object", "examples": [{text: text}], "required": [text],
                "properties": {text: part, "x": {"type": text}, version: {"$ref": text}},
            }  # fmt: skip
            write(root, f"jsonschema/{folder}/{version}.json", json.dumps(schema))
        plain = text.replace("\ud800", "")  # a configuration with half a pair is refused
        streams[plain] = {"schema_title": plain, plain: plain, "owner": plain, "topics": [plain]}
    write(root, "s.json", json.dumps({"streams": streams}))


def test_nothing_in_a_repository_runs_on_its_site(browser: Browser, tmp_path: Path) -> None:
    root, folder = tmp_path / "repository", tmp_path / "site"
    _lay_hostile(root)
    build(root, folder)
    context = browser.new_context()
    ran: list[str] = []
    context.expose_function("pwned", lambda: ran.append("pwned"))
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.on("dialog", lambda dialog: ran.append(dialog.message))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    pages = sorted(folder.rglob("*.html"))
    assert len(pages) > 4 * len(_PAYLOADS)
    for path in pages:
        page.goto(f"{path.as_uri()}?q=<img src=x onerror=pwned()>#<img src=x onerror=pwned()>")
        found = page.evaluate(_LOOK)
        assert found["headings"] == 1, path
        assert found["verdicts"], path
        assert found["foreign"] == 0, path
        assert set(found["protocols"]) <= {"file:", "https:", "http:", ":", None}, path
    page.goto((folder / "index.html").as_uri())
    for text in ("pwned", *_PAYLOADS):
        page.locator("#q").fill(text.replace("\ud800", ""))
    context.close()
    assert ran == []
    assert [url for url in asked if not url.startswith(f"{folder.as_uri()}/")] == []
    assert complaints == []
