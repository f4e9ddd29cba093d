"""Formats; the verdicts are those of ajv 6.15 in its default mode."""

from __future__ import annotations

import pytest

from jsonschema_tools.validation.formats import FORMATS

ACCEPTED = {
    "date": ["2020-01-02", "2020-19-39"],
    "time": ["10:11:12", "23:59:60Z", "10:11:12.5+01:00", "29:00:00"],
    "date-time": ["2020-01-01T10:11:12Z", "2020-01-01 10:11:12.345+0100", "2020-01-01t23:59:60z"],
    "uri": ["http://a.b/c", "urn:x", "a:"],
    "uri-reference": ["/a/b#c", "http://x/y", "#a", "", "//x", "?q"],
    "uri-template": ["/a/{b}", "{+x,y*}{z:12}%20"],
    "url": ["http://example.com/x", "ftp://user:pw@a.co:80/", "http://1.2.3.4"],
    "email": ["a@b", "a.b+c@d-e.f"],
    "hostname": ["a.b", "a-b.c.", "a" * 63],
    "ipv4": ["1.2.3.4", "255.255.255.255", "01.002.3.4"],
    "ipv6": ["::", "::1", "1:2:3:4:5:6:7:8", "fe80::1%eth0", "::ffff:1.2.3.4", " ::1 "],
    "regex": ["^a$", r"\Z", "a{1"],
    "uuid": ["12345678-1234-1234-1234-123456789ABC"],
    "json-pointer": ["/a~1b/", ""],
    "json-pointer-uri-fragment": ["#/a%20/~0", "#"],
    "relative-json-pointer": ["0#", "1/a", "10"],
}
REFUSED = {
    "date": ["2020-1-2", "2020-40-01", "2020-01-02\n"],
    "time": ["10:11", "30:00:00"],
    "date-time": ["2020-01-01", "2020-01-01T10:11:12", "2020-01-01T10:11:12Zx"],
    "uri": ["/a", "a b:c", ""],
    "uri-reference": ["a b", "\\x", "#a b"],
    "uri-template": ["{", "a b"],
    "url": ["http://localhost", "https://10.0.0.1", "mailto:a@b"],
    "email": ["a", "a@b.", "a@-b"],
    "hostname": ["-a", "a" * 64, ".".join(["a" * 60] * 5)],
    "ipv4": ["256.1.1.1", "1.2.3"],
    "ipv6": ["1:2", "::1.02.3.4", ":::", "fe80::1%"],
    "regex": ["(", r"a\Z"],
    "uuid": ["12345678"],
    "json-pointer": ["a", "/~2"],
    "json-pointer-uri-fragment": ["/a"],
    "relative-json-pointer": ["01", "/a"],
}


@pytest.mark.parametrize("name", FORMATS)
def test_format(name: str) -> None:
    assert [text for text in ACCEPTED[name] if not FORMATS[name](text)] == []
    assert [text for text in REFUSED[name] if FORMATS[name](text)] == []


@pytest.mark.parametrize("name", FORMATS)
def test_no_format_takes_long(name: str) -> None:
    for part in ("a", "0", "-", ".", ":", "%20", "/a", "a-", "1.", "{a}", "~0", "@a", "(a+)+"):
        assert FORMATS[name](part * 3000 + "\n") in {True, False}
