"""Where documents are found, what may be read, and what is said when nothing is there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from jsonschema_tools.dereferencing.loader import Loader
from jsonschema_tools.documents.document import Document, parse_document
from jsonschema_tools.errors import (
    ConfigError,
    ForbiddenRefError,
    ParseError,
    ReadError,
    SchemaError,
    SchemaToolsError,
    UnresolvedRefError,
)
from jsonschema_tools.values import get_field

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files = {
        "jsonschema/f/x/1.0.0.yaml": "title: x",
        "jsonschema/f/y/1.0.0": "title: y",
        "jsonschema/f/a b/é/1.0.0.json": '{"title": "spaces"}',
        "jsonschema/f/notes.txt": "title: text",
        "jsonschema/f/empty/1.0.0": "# nothing\n",
        "jsonschema/f/broken/1.0.0": "a: [",
        "jsonschema/f/latin/1.0.0": "",
        "other/f/x/1.0.0": "title: other x",
        "other/f/z/1.0.0": "title: other z",
        "secret/1.0.0": "title: secret",
    }
    for name, text in files.items():
        path = tmp_path / "work" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    work = tmp_path / "work"
    (work / "jsonschema/f/x/1.0.0").symlink_to("1.0.0.yaml")
    (work / "jsonschema/f/latin/1.0.0").write_bytes(b"title: \xe9")
    return work


def title(load: Loader, url: str) -> str:
    return str(get_field(load(url).document.data, "title"))


@pytest.mark.parametrize(
    "base",
    ["jsonschema", "./jsonschema", "jsonschema/", "./other/../jsonschema//", "jsonschema/f/.."],
)
def test_a_base_uri_is_put_before_the_url(root: Path, base: str) -> None:
    assert title(Loader(root, [base]), "/f/x/1.0.0") == "x"


@pytest.mark.parametrize(
    "base", ["{root}/jsonschema", "file://{root}/jsonschema/", "FILE://{root}/jsonschema"]
)
def test_absolute_base_uris(root: Path, base: str) -> None:
    assert title(Loader(root, [base.format(root=root)]), "/f/x/1.0.0") == "x"


def test_the_first_base_uri_that_has_it_wins(root: Path) -> None:
    load = Loader(root, ["missing", "jsonschema", "other"])
    assert [title(load, f"/f/{name}/1.0.0") for name in "xyz"] == ["x", "y", "other z"]


@pytest.mark.parametrize(
    "url", ["/f/a b/é/1.0.0.json", "/f/a%20b/%C3%A9/1.0.0.json", "//f/a b/é/1.0.0.json"]
)
def test_urls_are_decoded(root: Path, url: str) -> None:
    assert title(Loader(root, ["jsonschema"]), url) == "spaces"


@pytest.mark.parametrize("name", ["100%", "a%41b", "what?", "a#b", "ä ö"])
def test_any_working_directory_will_do(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name / "jsonschema"
    folder.mkdir(parents=True)
    (folder / "1.0.0").write_text("title: x")
    load = Loader(tmp_path / name, ["jsonschema"])
    assert title(load, "/1.0.0") == "x"
    assert load.base.endswith("/")


def test_text_files_are_texts(root: Path) -> None:
    assert Loader(root, ["jsonschema"])("/f/notes.txt").document.data == "title: text"


def test_files_are_named_as_users_know_them(root: Path) -> None:
    assert Loader(root, ["jsonschema"])("/f/x/1.0.0").document.path == "jsonschema/f/x/1.0.0.yaml"


def test_each_file_is_read_once(root: Path) -> None:
    load = Loader(root, ["jsonschema"])
    first = load("/f/x/1.0.0")
    (root / "jsonschema/f/x/1.0.0.yaml").write_text("title: changed")
    assert load("/f/x/1.0.0") is first
    assert load("/f/x/1.0.0.yaml") is first


def test_failures_are_reported_again(root: Path) -> None:
    load = Loader(root, ["jsonschema"])
    errors = []
    for _ in range(2):
        with pytest.raises(UnresolvedRefError) as caught:
            load("/f/none")
        errors.append(caught.value)
        (root / "jsonschema/f/none").write_text("title: too late")
    assert str(errors[0]) == str(errors[1])
    assert errors[0] is not errors[1]


def test_tried_names_all_that_decided(root: Path) -> None:
    load = Loader(root, ["missing", "jsonschema", "other"])
    load("/f/x/1.0.0")
    assert load.tried("/f/x/1.0.0") == (
        str(root / "missing/f/x/1.0.0"),
        str(root / "jsonschema/f/x/1.0.0"),
    )
    assert load.tried("/f/y/1.0.0") == ()


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("/f/x/1.0.1", "did you mean jsonschema/f/x/1.0.0?"),
        ("/f/xx", "did you mean jsonschema/f/x?"),
        ("/f/x", "jsonschema/f/x (a folder)"),
        ("/f/x/1.0.0/more", "jsonschema/f/x/1.0.0/more (no such file)"),
        ("/f/zzzzzz", "`schemaBaseUris` in the configuration says where to look"),
        ("/f/%00", "null byte"),
        (f"/{'x' * 300}", "File name too long"),
    ],
)
def test_nothing_found(root: Path, url: str, hint: str) -> None:
    with pytest.raises(UnresolvedRefError) as caught:
        Loader(root, ["jsonschema", "other"])(url)
    assert hint in (caught.value.hint or "")
    assert "other/" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("name", "error", "message"),
    [
        ("empty", ParseError, "the document is empty"),
        ("broken", ParseError, "expected"),
        ("latin", SchemaToolsError, "UTF-8"),
    ],
)
def test_a_document_that_is_there_must_be_good(
    root: Path, name: str, error: type[SchemaToolsError], message: str
) -> None:
    (root / "other/f" / name).mkdir()
    (root / "other/f" / name / "1.0.0").write_text("title: hidden behind the bad one")
    load = Loader(root, ["jsonschema", "other"])
    for _ in range(2):
        with pytest.raises(error, match=message) as caught:
            load(f"/f/{name}/1.0.0")
        assert caught.value.at is not None
        assert caught.value.at.path == f"jsonschema/f/{name}/1.0.0"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read anything")
def test_unreadable_file(root: Path) -> None:
    (root / "jsonschema/f/y/1.0.0").chmod(0)
    with pytest.raises(ReadError, match="ermission"):
        Loader(root, ["jsonschema"])("/f/y/1.0.0")


def test_a_pipe_is_not_read(root: Path) -> None:
    os.mkfifo(root / "jsonschema/f/pipe")
    with pytest.raises(UnresolvedRefError) as caught:
        Loader(root, ["jsonschema"])("/f/pipe")
    assert "not a regular file" in (caught.value.hint or "")


def test_a_loop_of_links(root: Path) -> None:
    (root / "jsonschema/f/loop").symlink_to("loop")
    with pytest.raises(UnresolvedRefError) as caught:
        Loader(root, ["jsonschema"])("/f/loop")
    assert "symbolic links" in (caught.value.hint or "")


@pytest.mark.parametrize(
    "url", ["/../secret/1.0.0", "/%2e%2e/secret/1.0.0", "/f/%2e./..%2f../%2E%2E/secret/1.0.0"]
)
def test_no_way_out_of_the_base(root: Path, url: str) -> None:
    with pytest.raises((ForbiddenRefError, UnresolvedRefError)) as caught:
        Loader(root, ["jsonschema"])(url)
    assert "leads out" in caught.value.message or "%2f" in url


@pytest.mark.parametrize("allow_external", [False, True])
def test_no_link_out_of_the_base(root: Path, *, allow_external: bool) -> None:
    (root / "jsonschema/f/link").symlink_to(root / "secret")
    with pytest.raises(ForbiddenRefError, match=r"leads out of the base URIs, to .*secret/1\.0\.0"):
        Loader(root, ["jsonschema"], allow_external=allow_external)("/f/link/1.0.0")


def test_a_link_may_lead_to_another_base(root: Path) -> None:
    (root / "jsonschema/f/link").symlink_to(root / "other/f/z")
    assert title(Loader(root, ["jsonschema", "other"]), "/f/link/1.0.0") == "other z"


def test_a_base_may_be_a_link(root: Path) -> None:
    (root / "linked").symlink_to("jsonschema")
    assert title(Loader(root, ["linked"]), "/f/x/1.0.0") == "x"


def test_the_whole_disk_as_a_base(root: Path) -> None:
    assert title(Loader(root, ["jsonschema", "/"]), str(root / "secret/1.0.0")) == "secret"


def test_file_urls_below_a_base(root: Path) -> None:
    load = Loader(root, ["jsonschema"])
    assert title(load, f"file://{root}/jsonschema/f/x/1.0.0") == "x"


@pytest.mark.parametrize(
    "url",
    [
        "file://{root}/secret/1.0.0",
        "file://{root}/jsonschema/../secret/1.0.0",
        "file://{root}/jsonschema-too/1.0.0",
        "http://example.org/1.0.0",
        "https://example.org/1.0.0",
    ],
)
def test_absolute_urls_elsewhere(root: Path, url: str) -> None:
    with pytest.raises(ForbiddenRefError, match="is not below a base URI") as caught:
        Loader(root, ["jsonschema"])(url.format(root=root))
    assert "allowExternalRefs" in (caught.value.hint or "")


def test_absolute_urls_elsewhere_can_be_allowed(root: Path) -> None:
    load = Loader(root, ["jsonschema"], allow_external=True)
    assert title(load, f"file://{root}/secret/1.0.0") == "secret"


@pytest.mark.parametrize("url", ["ftp://example.org/1.0.0", "data://x"])
def test_other_schemes(root: Path, url: str) -> None:
    with pytest.raises(ForbiddenRefError, match="cannot read"):
        Loader(root, ["jsonschema"], allow_external=True)(url)
    with pytest.raises(ConfigError, match="schemaBaseUris: cannot read"):
        Loader(root, [url])


def test_the_overlay_comes_first(root: Path) -> None:
    asked = []

    def overlay(path: Path) -> Document | None:
        asked.append(path)
        new = {"1.0.0.yaml", "2.0.0"}
        return parse_document("title: new", "overlay") if path.name in new else None

    load = Loader(root, ["jsonschema"], overlay=overlay)
    assert title(load, "/f/x/1.0.0") == "new"  # a link to what will be written
    assert title(load, "/f/x/2.0.0") == "new"  # not kept yet
    assert title(load, "/f/y/1.0.0") == "y"
    assert asked == [
        root / "jsonschema/f/x/1.0.0",
        root / "jsonschema/f/x/1.0.0.yaml",
        root / "jsonschema/f/x/2.0.0",
        root / "jsonschema/f/y/1.0.0",
    ]


def test_failures_of_the_overlay_are_not_kept(root: Path) -> None:
    def overlay(path: Path) -> Document | None:
        raise SchemaError(f"asked {len(asked)} times")

    asked: list[None] = []
    load = Loader(root, ["jsonschema"], overlay=overlay)
    for times in range(2):
        with pytest.raises(SchemaError, match=f"asked {times} times"):
            load("/f/x/1.0.0")
        asked.append(None)


def test_the_overlay_is_not_asked_for_what_is_forbidden(root: Path) -> None:
    def overlay(path: Path) -> Document | None:
        raise AssertionError(path)

    with pytest.raises(ForbiddenRefError):
        Loader(root, ["jsonschema"], overlay=overlay)("/%2e%2e/secret/1.0.0")


def test_the_name_of_a_file_stands_for_a_link(tmp_path: Path) -> None:
    # as git checks links out where core.symlinks is false
    (tmp_path / "1.0.0.yaml").write_text("a: 1")
    (tmp_path / "1.0.0").write_text("1.0.0.yaml")
    (tmp_path / "loop").write_text("loop")
    (tmp_path / "text").write_text("no file")
    load = Loader(tmp_path, ["./"])
    assert load("/1.0.0").document.data == {"a": 1}
    assert load("/loop").document.data == "loop"
    assert load("/text").document.data == "no file"
