"""Versions in names and `$id`s."""

import pytest

from jsonschema_tools import versions


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.2.3", "1.2.3"),
        ("v1.2.3", "1.2.3"),
        ("2.0.0-beta.1", "2.0.0-beta.1"),
        ("1.0.0+build.5", "1.0.0+build.5"),
        ("1.2", None),
        ("01.0.0", None),
        ("latest", None),
        ("1.0.0-01", None),
        ("1" * 300 + ".0.0", None),
    ],
)
def test_parse(text: str, expected: str | None) -> None:
    version = versions.parse(text)
    assert (version and version.text) == expected


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        ("/user/created/1.0.0", "1.0.0"),
        ("/user/created/1.0.0#", "1.0.0"),
        ("/user/created/2.0.0-beta.1", "2.0.0-beta.1"),
        ("/user/3", "3.0.0"),
        ("/user/v3.1", "3.1.0"),
        ("/user/2.0.0/", "2.0.0"),
        ("/user2/created", None),
        ("", None),
    ],
)
def test_of_id(identifier: str, expected: str | None) -> None:
    version = versions.of_id(identifier)
    assert (version and version.text) == expected


@pytest.mark.parametrize(
    ("identifier", "meant"),
    [("/x/1.0.0#", True), ("/x/3", True), ("/x/1.0.0.yaml", True), ("/x/thing3", False)],
)
def test_is_meant(identifier: str, meant: bool) -> None:
    assert versions.is_meant(identifier) is meant


def test_order_is_semver_precedence() -> None:
    # SemVer 2.0.0, section 11.4, and numbers by value
    ordered = [
        "0.9.0", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2",
        "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "1.9.0", "1.10.0", "2.0.0",
    ]  # fmt: skip
    backwards = [versions.parse(text) for text in reversed(ordered)]
    assert [str(version) for version in sorted(filter(None, backwards))] == ordered
