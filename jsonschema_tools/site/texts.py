"""Markdown and code of schemas as HTML that can do no harm."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from markdown_it import MarkdownIt
from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping, Sequence
    from typing import Any

    from markdown_it.renderer import RendererHTML
    from markdown_it.token import Token
    from markdown_it.utils import OptionsDict
    from pygments.formatter import Formatter
    from pygments.lexer import Lexer

_SUMMARY: Final = 180  # characters
_UNPRINTABLE: Final = re.compile(
    "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f"  # controls (C0 but tab and newlines, DEL, C1)
    "\\u202a-\\u202e\\u2066-\\u2069"  # overrides of the writing direction
    "\\ud800-\\udfff]"  # lone surrogates
)


@cache
def _renderer() -> MarkdownIt:
    # HTML is shown as text; no image is loaded, as nothing may be fetched when a page is viewed
    markdown = MarkdownIt("commonmark", {"html": False, "linkify": True})
    markdown.enable(["linkify", "table"]).disable("image")
    assert markdown.linkify is not None  # noqa: S101 - comes with the extra
    markdown.linkify.set({"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
    markdown.add_render_rule("link_open", _link_open)
    for level in ("heading_open", "heading_close"):
        markdown.add_render_rule(level, _heading)
    return markdown


def _link_open(
    renderer: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    options: OptionsDict,
    env: MutableMapping[str, Any],
) -> str:
    tokens[index].attrSet("rel", "noopener noreferrer nofollow")
    return renderer.renderToken(tokens, index, options, env)


def _heading(
    renderer: RendererHTML,
    tokens: Sequence[Token],
    index: int,
    options: OptionsDict,
    env: MutableMapping[str, Any],
) -> str:
    """Turn headings into bold paragraphs: those of a description are none of the page."""
    return "<p><strong>" if tokens[index].nesting == 1 else "</strong></p>\n"


@lru_cache(maxsize=8192)
def markdown(text: str) -> Markup:
    """Return Markdown as HTML; raw HTML in it is shown as text, and images are links."""
    return Markup(_renderer().render(visible(text)))  # noqa: S704 - html is off: it is escaped


@lru_cache(maxsize=4096)
def summary(text: str) -> str:
    """Return the first paragraph of a Markdown text, plain and short."""
    first = re.split(r"\n\s*\n", visible(text).strip(), maxsplit=1)[0]
    plain = " ".join(re.sub(r"[*`#>]|\[(?=[^\]]*\]\()|\]\([^)]*\)", "", first).split())
    if len(plain) <= _SUMMARY:
        return plain
    return f"{plain[:_SUMMARY].rsplit(' ', 1)[0].rstrip(',;:.')}…"


def visible(text: str) -> str:
    """Return text with characters that no page may hold replaced: lone surrogates, controls.

    Overrides of the writing direction are replaced as well: they make code look like other code.
    """
    return _UNPRINTABLE.sub("\ufffd", text)


@cache
def _lexer(language: str) -> Lexer:
    return get_lexer_by_name(language, stripnl=False)


@cache
def _formatter() -> Formatter[str]:
    return HtmlFormatter(nowrap=True)


@lru_cache(maxsize=2048)
def code(text: str, language: str) -> Markup:
    """Return code as HTML with classes of Pygments, to stand in a `pre`."""
    return Markup(highlight(visible(text), _lexer(language), _formatter()))  # noqa: S704 - escaped


def diff_lines(unified: str) -> list[Mapping[str, str]]:
    """Return the lines of a unified diff, each with what it is: `add`, `del`, `hunk` or `same`."""
    kinds = {"+": "add", "-": "del", "@": "hunk", "\\": "note"}
    lines = visible(unified).splitlines()[2:]
    return [{"kind": kinds.get(line[:1], "same"), "text": line} for line in lines]
