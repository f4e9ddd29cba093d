"""Markdown and code of schemas as HTML that can do no harm."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING, Final

from markdown_it import MarkdownIt
from markdown_it.rules_inline.linkify import linkify
from markupsafe import Markup
from pygments.lexers import get_lexer_by_name
from pygments.token import Token as Syntax

if TYPE_CHECKING:
    from collections.abc import MutableMapping, Sequence
    from typing import Any

    from markdown_it.renderer import RendererHTML
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token
    from markdown_it.utils import OptionsDict
    from pygments.lexer import Lexer
    from pygments.token import _TokenType

_SUMMARY: Final = 180  # characters
_MOST_MARKDOWN: Final = 20_000  # characters; what is quadratic in the renderer takes a second then
_MOST_COLOURED: Final = 50_000  # characters of code; a lexer can be quadratic
_MOST_SUMMARIZED: Final = 2_000  # characters that are looked at for a summary
_LONGEST_SCHEME: Final = 32  # characters
_UNPRINTABLE: Final = re.compile(
    "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f"  # controls (C0 but tab and newlines, DEL, C1)
    "\\u202a-\\u202e\\u2066-\\u2069"  # overrides of the writing direction
    "\\ud800-\\udfff"  # lone surrogates
    "\\ufffe\\uffff]"  # what XML does not allow either (XML 1.0, section 2.2)
)
_CLASSES: Final = {
    Syntax.Literal.String: "s",
    Syntax.Literal.Number: "m",
    Syntax.Keyword: "k",
    Syntax.Keyword.Constant: "m",
    Syntax.Name.Tag: "n",
    Syntax.Name.Function: "n",
    Syntax.Name.Builtin: "n",
}
"""The classes of code that has a colour of its own, by the token types of Pygments."""


@cache
def _renderer() -> MarkdownIt:
    # HTML is shown as text; no image is loaded, as nothing may be fetched when a page is viewed
    markdown = MarkdownIt("commonmark", {"html": False, "linkify": True})
    markdown.enable(["linkify", "table"]).disable("image")
    assert markdown.linkify is not None  # noqa: S101 - comes with the extra
    markdown.linkify.set({"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
    markdown.inline.ruler.at("linkify", _linkify)
    markdown.add_render_rule("link_open", _link_open)
    for level in ("heading_open", "heading_close"):
        markdown.add_render_rule(level, _heading)
    return markdown


def _linkify(state: StateInline, silent: bool) -> bool:
    """Look for the scheme of a URL in the last characters first: the rule looks in all there are.

    Where there is a link, the rule takes all, so that nothing is looked at again.
    """
    pending, start = state.pending, state.pos
    state.pending = pending[-_LONGEST_SCHEME:]
    found = linkify(state, True)
    state.pending = pending
    if found and not silent:
        state.pos = start
        return linkify(state, silent)
    return found


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
    """Return Markdown as HTML; raw HTML in it is shown as text, and images are links.

    A text is cut where rendering it would take long; the file has all of it.
    """
    shown = text if len(text) <= _MOST_MARKDOWN else f"{text[:_MOST_MARKDOWN]}…"
    return Markup(_renderer().render(visible(shown)))  # noqa: S704 - html is off: it is escaped


def prose(text: str) -> Markup:
    """Return Markdown as HTML that is one element: a paragraph, or a `div` with several parts."""
    html = markdown(text)
    is_paragraph = html.startswith("<p>") and html.count("\n") == html.count("</p>") == 1
    return html if is_paragraph else Markup('<div class="prose">\n{}</div>\n').format(html)


@lru_cache(maxsize=4096)
def summary(text: str) -> str:
    """Return the first paragraph of a Markdown text, plain and short."""
    text = text.strip()[:_MOST_SUMMARIZED]
    first = re.split(r"\n\s*\n", visible(text), maxsplit=1)[0]
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
    return get_lexer_by_name(language, stripnl=False, ensurenl=False)


@cache
def _class_of(kind: _TokenType) -> str:
    return next((_CLASSES[one] for one in reversed(kind.split()) if one in _CLASSES), "")


@lru_cache(maxsize=2048)
def code(text: str, language: str) -> Markup:
    """Return code as HTML with classes for its colours, for a `pre`.

    Formatters of Pygments mark every comma: pages would be twice as large. What is very long has
    no colours.

    Args:
        text: the code.
        language: its language as Pygments names it; `string` for what is one literal as a whole.
    """
    if language == "string":
        return Markup("<span class=s>{}</span>").format(content(text))
    if len(text) > _MOST_COLOURED:
        return content(text)
    tokens = _lexer(language).get_tokens(visible(text))
    parts = []
    for name, group in groupby(tokens, lambda token: _class_of(token[0])):
        part = content("".join(text for _, text in group))
        parts.append(f"<span class={name}>{part}</span>" if name else part)
    return Markup("".join(parts))  # noqa: S704 - each part is escaped


def content(text: str) -> Markup:
    """Return text for between tags, where a quote stays a quote; not for attributes."""
    return Markup(escape(visible(text), quote=False))  # noqa: S704 - escaped


def attribute(text: str) -> str:
    """Return text for between the quotes of an attribute."""
    return escape(visible(text))


def diff_groups(lines: Sequence[str]) -> list[tuple[str, str]]:
    """Return the lines of a unified diff, joined by what they are: `add`, `del`, `hunk`, `same`."""
    kinds = {"+": "add", "-": "del", "@": "hunk"}
    grouped = groupby(lines, lambda line: kinds.get(line[:1], "same"))
    return [(kind, "\n".join(group)) for kind, group in grouped]
