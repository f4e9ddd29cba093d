"""URI references, as RFC 3986 has them."""

from __future__ import annotations

import pytest

from jsonschema_tools.dereferencing import uris


@pytest.mark.parametrize(
    ("base", "reference", "url", "fragment"),
    [
        ("/base/", "#/a", "/base/", "/a"),
        ("/base/", "./#/a", "/base/", "/a"),
        ("/base/", "/x/1.0.0", "/x/1.0.0", ""),
        ("/base/", "/x/1.0.0#", "/x/1.0.0", ""),
        ("/base/", "/x/1.0.0##", "/x/1.0.0", "#"),
        ("/base/", " /x/1.0.0\n", "/x/1.0.0", ""),
        ("/base/", "x", "/base/x", ""),
        ("/f/b/1.0.0", "../a/1.0.0#/x", "/f/a/1.0.0", "/x"),
        ("/f/b/1.0.0", "./1.1.0", "/f/b/1.1.0", ""),
        ("/f/b/1.0.0", "..\\a\\1.0.0", "/f/a/1.0.0", ""),
        ("/f/b/1.0.0", "/../../etc", "/etc", ""),
        ("/f/b/1.0.0", "/%2e%2E/./a/.", "/a/", ""),
        ("/f/b/1.0.0", "..", "/f/", ""),
        ("/f/b/1.0.0", "?q", "/f/b/1.0.0?q", ""),
        ("/tmp/x/", "../..//f/1.0.0", "//f/1.0.0", ""),
        ("/base/", "//f/1.0.0", "//f/1.0.0", ""),
        ("//f/1.0.0", "/g", "//f/g", ""),
        ("/base/", "HTTP://h.org/a/../b", "http://h.org/b", ""),
        ("http://h.org/a/b?q", "../c", "http://h.org/c", ""),
        ("http://h.org/a/b", "/c", "http://h.org/c", ""),
        ("http://h.org/a/b", "//i.org/c", "http://i.org/c", ""),
        ("http://h.org/a/b", "file:///c", "file:///c", ""),
    ],
)
def test_resolve(base: str, reference: str, url: str, fragment: str) -> None:
    assert uris.resolve(base, reference) == (url, fragment)


@pytest.mark.parametrize(
    ("url", "expected"),
    # the examples of RFC 3986, sections 5.4.1 and 5.4.2, without fragments
    [
        ("g:h", "g:h"),
        ("g", "http://a/b/c/g"),
        ("./g", "http://a/b/c/g"),
        ("g/", "http://a/b/c/g/"),
        ("/g", "http://a/g"),
        ("//g", "http://g"),
        ("?y", "http://a/b/c/d;p?y"),
        ("g?y", "http://a/b/c/g?y"),
        (";x", "http://a/b/c/;x"),
        ("g;x", "http://a/b/c/g;x"),
        ("", "http://a/b/c/d;p?q"),
        (".", "http://a/b/c/"),
        ("./", "http://a/b/c/"),
        ("..", "http://a/b/"),
        ("../g", "http://a/b/g"),
        ("../..", "http://a/"),
        ("../../g", "http://a/g"),
        ("../../../g", "http://a/g"),
        ("/./g", "http://a/g"),
        ("/../g", "http://a/g"),
        ("g.", "http://a/b/c/g."),
        ("..g", "http://a/b/c/..g"),
        ("./../g", "http://a/b/g"),
        ("./g/.", "http://a/b/c/g/"),
        ("g/./h", "http://a/b/c/g/h"),
        ("g/../h", "http://a/b/c/h"),
        ("g;x=1/../y", "http://a/b/c/y"),
        ("g?y/../x", "http://a/b/c/g?y/../x"),
    ],
)
def test_resolve_as_the_rfc_shows(url: str, expected: str) -> None:
    assert uris.resolve("http://a/b/c/d;p?q", url) == (expected, "")


@pytest.mark.parametrize(
    ("base", "reference", "expected"),
    [
        ("/f/a", "../x", False),
        ("/f/a", "../../x", True),
        ("/f/a", "/..", True),
        ("/f/a", "/x/../y", False),
        ("/f/a", "/x/%2E./../y", True),
        ("/f/a", "#/../..", False),
        ("/f/a", "/x?/../..", False),
    ],
)
def test_climbs_out(base: str, reference: str, *, expected: bool) -> None:
    assert uris.climbs_out(base, reference) is expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [("/a:b", ""), ("File:///x", "file"), ("urn:x", "urn"), ("a/b:c", ""), ("1a:b", "")],
)
def test_scheme(url: str, expected: str) -> None:
    assert uris.scheme(url) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a b", "a b"),
        ("%61%20%C3%A9", "a é"),
        ("a%2Fb%2fc", "a%2Fb%2fc"),
        ("100%", "100%"),
        ("%2561", "%61"),
    ],
)
def test_decode(text: str, expected: str) -> None:
    assert uris.decode(text) == expected
