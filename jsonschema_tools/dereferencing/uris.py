"""URI references (RFC 3986): resolved against a base, taken apart, decoded."""

from __future__ import annotations

import re

# Patterns are strings, which `re` compiles when they are first used: not at start-up.
_SCHEME = r"([A-Za-z][A-Za-z0-9+.-]*):"
_PARTS = r"(?s)(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?://([^/?]*))?([^?]*)(\?.*)?"
_DOTS = r"(?i)(?:^|/)(?:\.|%2e){1,2}(?:/|$)"
_ENCODED_DOT = "(?i)%2e"
_ENCODED_SLASH = "(?i)(%2f)"


def resolve(base: str, reference: str) -> tuple[str, str]:
    """Return the absolute URL that a reference means, and its fragment (RFC 3986, section 5.2).

    Args:
        base: URL of the document that holds the reference, without a fragment. It may lack a
            scheme: `/fragment/common/1.0.0` is a path below any of the base URIs.
        reference: what is in the document.
    """
    url, _, fragment = reference.strip().partition("#")
    if not url:
        return base, fragment
    # browsers and Node take a backslash for a slash, and authors on Windows write it
    url = url.replace("\\", "/")
    if url[0] == "/" and url[1:2] != "/" and base[0] == "/" and base[1:2] != "/":
        return (_without_dots(url)[0] if re.search(_DOTS, url) else url), fragment
    return _join(base, url)[0], fragment


def climbs_out(base: str, reference: str) -> bool:
    """Tell whether a reference has more `..` than there are folders above it."""
    url = reference.strip().partition("#")[0].replace("\\", "/")
    return bool(url) and _join(base, url)[1]


def scheme(url: str) -> str:
    """Return the scheme in lower case, or "" if there is none."""
    match = re.match(_SCHEME, url)
    return match[1].lower() if match else ""


def decode(text: str) -> str:
    """Return text with its percent-encoded characters decoded, except for the slash.

    A slash that is encoded is part of a name; decoded, it would lead into another folder.
    """
    if "%" not in text:
        return text
    from urllib.parse import unquote  # rarely needed

    parts = re.split(_ENCODED_SLASH, text)
    return "".join(part if i % 2 else unquote(part) for i, part in enumerate(parts))


def _join(base: str, url: str) -> tuple[str, bool]:
    """Return the absolute URL, and whether its path led above the root."""
    base_scheme, base_authority, base_path, _ = _split(base)
    url_scheme, authority, path, query = _split(url)
    if not url_scheme:
        url_scheme = base_scheme
        if authority is None:
            authority = base_authority
            if not path:
                path = base_path
            elif path[0] != "/":
                path = base_path[: base_path.rfind("/") + 1] + path
    path, climbed = _without_dots(path)
    start = f"{url_scheme}:" if url_scheme else ""
    middle = f"//{authority}" if authority is not None else ""
    return f"{start}{middle}{path}{query}", climbed


def _split(url: str) -> tuple[str, str | None, str, str]:
    match = re.fullmatch(_PARTS, url)
    assert match is not None, url  # noqa: S101 -- the pattern takes any text
    return (match[1] or "").lower(), match[2], match[3], match[4] or ""


def _without_dots(path: str) -> tuple[str, bool]:
    """Return a path without `.` and `..` (RFC 3986, section 5.2.4), and whether it led above /."""
    kept: list[str] = []
    climbed = False
    name = ""
    for segment in path.split("/"):
        # an encoded dot is a dot (section 6.2.2.2), also to those who try to hide it
        name = re.sub(_ENCODED_DOT, ".", segment)
        if name == "..":
            if len(kept) > 1:
                kept.pop()
            else:
                climbed = True
        elif name != ".":
            kept.append(segment)
    if name in {".", ".."}:
        kept.append("")
    return "/".join(kept), climbed
