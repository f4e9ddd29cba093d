"""Jinja2, set up for the site: what templates may call, and a page with relative links."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from jsonschema_tools.messages import counted
from jsonschema_tools.site import paths, texts

if TYPE_CHECKING:
    from jinja2 import Template

    from jsonschema_tools.site.model import Site

POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'"
)
"""Content-Security-Policy of every page: nothing from elsewhere, nothing inline, no eval."""


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("jsonschema_tools.site"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals |= {
        "code": texts.code,
        "content": texts.content,
        "counted": counted,
        "inline": inline,
        "markdown": texts.markdown,
        "paths": paths,
        "policy": POLICY,
        "summary": texts.summary,
    }
    environment.finalize = _finalize
    return environment


def _finalize(value: Any) -> Any:
    """Make text from schemas printable on a page; what is marked up already stays."""
    return texts.visible(value) if type(value) is str else value


@cache
def _template(name: str) -> Template:
    return _environment().get_template(name)


def render(template: str, here: str, site: Site, **values: Any) -> bytes:
    """Return a page.

    Args:
        template: name of its template.
        here: where it will be; links in it are relative to that.
        site: the site that it belongs to.
        values: what else the template shows.
    """
    text = _template(template).render(
        here=here,
        site=site,
        menu=menu(site),
        pages_of=site.pages_of,
        to=lambda target: paths.relative(here, target),
        **values,
    )
    return text.encode("utf-8")


def menu(site: Site) -> tuple[tuple[str, str], ...]:
    """Return the pages that every page leads to, each with its label."""
    streams = (("Streams", paths.STREAMS),) if site.has_streams else ()
    events = (("Events", site.events_page),) if site.events_page else ()
    return (
        ("Catalogue", paths.CATALOGUE),
        *streams,
        *events,
        ("Graph", paths.GRAPH),
        ("Changelog", paths.CHANGELOG),
        ("Health", paths.HEALTH),
    )


def inline(line: str) -> Markup:
    """Return one line of a message, with what is between backticks as code."""
    spans = texts.visible(line).split("`")
    if len(spans) % 2 == 0:  # a name with a backtick in it
        return escape(texts.visible(line))
    return Markup("").join(
        Markup("<code>{}</code>").format(span) if index % 2 else escape(span)
        for index, span in enumerate(spans)
    )


def plain_anchor(text: str) -> str:
    """Return an id made of a string."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", text) or "-"
