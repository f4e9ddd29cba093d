"""Markdown of descriptions as HTML."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("markdown_it", reason="the extra `site` is not installed")

from markdown_it import MarkdownIt

from jsonschema_tools.site.texts import markdown

_REL = ' rel="noopener noreferrer nofollow"'
_PARTS = ("https://x.org/a", "http://", "://", "a" * 40, "A sentence of more than 32 characters. ")


@pytest.mark.parametrize("before", ["", "See ", "A sentence that has more than 32 characters: "])
def test_a_link_stays_where_it_is(before: str) -> None:
    link = f'<a href="https://x.org"{_REL}>https://x.org</a>'
    assert markdown(f"{before}https://x.org and more.") == f"<p>{before}{link} and more.</p>\n"


@given(st.lists(st.sampled_from((*_PARTS, " ", "*", "[", "](", ")"))).map("".join))
def test_links_are_those_of_the_library(text: str) -> None:
    library = MarkdownIt("commonmark", {"html": False, "linkify": True})
    library.enable(["linkify", "table"]).disable("image")
    assert library.linkify is not None
    library.linkify.set({"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
    assert markdown(text).replace(_REL, "") == library.render(text)
