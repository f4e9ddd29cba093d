"""Versions of schemas: read from a file name or an `$id`, ordered by SemVer 2.0.0."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

_PLAIN = re.compile(r"v?(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)")
# Patterns are strings, which `re` compiles when they are first used: not at start-up.
_EXTENDED = r"(?s)v?[0-9]+\.[0-9]+\.[0-9]+[-+].*"
_COERCIBLE = r"(?:^|[^0-9])([0-9]{1,16})(?:\.([0-9]{1,16}))?(?:\.([0-9]{1,16}))?(?:$|[^0-9])"
_SHORT = r"v?[0-9]+(\.[0-9]+){0,2}(\.yaml|\.json)?"
_MAX_LENGTH = 256  # as node-semver; nobody writes longer ones, and parsing stays cheap


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A semantic version; comparison is precedence (SemVer 2.0.0, section 11).

    Attributes:
        text: as it is in file names, `1.2.0` or `2.0.0-beta.1`.
        major: the major version.
    """

    _key: tuple[Any, ...] = field(repr=False)
    text: str = field(compare=False)
    major: int = field(compare=False)

    def __str__(self) -> str:
        """Return the text."""
        return self.text

    @property
    def is_prerelease(self) -> bool:
        """Whether it is one before a release, such as 2.0.0-beta.1, which promises nothing yet.

        Source of the rule: SemVer 2.0.0, section 9.
        """
        return "-" in self.text.partition("+")[0]


def latest(versions: Iterable[Version]) -> Version | None:
    """Return the latest of some versions; a prerelease only where there is no release."""
    return max(versions, key=lambda version: (not version.is_prerelease, version), default=None)


@lru_cache(maxsize=4096)
def parse(text: str) -> Version | None:
    """Return the version that a string is, or None: `1.2.0`, `2.0.0-beta.1`, also `v1.2.0`."""
    if len(text) > _MAX_LENGTH:
        return None
    if plain := _PLAIN.fullmatch(text):
        major, minor, patch = map(int, plain.groups())
        return Version((major, minor, patch, 1, (), ""), f"{major}.{minor}.{patch}", major)
    return _parse_extended(text.removeprefix("v")) if re.fullmatch(_EXTENDED, text) else None


def _parse_extended(text: str) -> Version | None:
    import semver  # 18 ms that plain versions need not pay

    try:
        full = semver.Version.parse(text)
    except ValueError:
        return None
    # A prerelease comes before its release; numbers before words; build has no precedence,
    # and breaks ties here only to keep the order stable.
    prerelease = tuple(
        (0, int(part), "") if part.isdecimal() else (1, 0, part)
        for part in (full.prerelease or "").split(".")
        if part
    )
    key = (full.major, full.minor, full.patch, 0 if prerelease else 1, prerelease)
    return Version((*key, full.build or ""), str(full), full.major)


def coerce(text: str) -> Version | None:
    """Return the first thing in a string that looks like a version: `/x/3` is 3.0.0.

    As node-semver's `coerce`, except that a string which is a whole version keeps its prerelease
    and build.
    """
    if (whole := parse(text)) is not None:
        return whole
    if (found := re.search(_COERCIBLE, text)) is None:
        return None
    return parse(".".join(part or "0" for part in found.groups()))


def of_id(identifier: str) -> Version | None:
    """Return the version in the last path segment of an `$id`, such as `/user/created/1.0.0`."""
    return coerce(_last_segment(identifier))


def is_meant(identifier: str) -> bool:
    """Tell whether the last path segment of an `$id` is a version, perhaps a short one.

    `/user/3` and `/user/1.0.0.yaml` are; `/user/thing3`, of which `coerce` makes 3.0.0, is not.
    """
    segment = _last_segment(identifier)
    return parse(segment) is not None or re.fullmatch(_SHORT, segment) is not None


def _last_segment(identifier: str) -> str:
    return identifier.removesuffix("#").rstrip("/").rpartition("/")[2]
