"""The manual of the checks, made from the registry: for `explain` and the documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jsonschema_tools.checks import CHECKS
from jsonschema_tools.checks.base import SUITES

if TYPE_CHECKING:
    from jsonschema_tools.checks.base import Check


def page(check: Check) -> str:
    """Return the manual page of a check, in Markdown."""
    return (
        f"{check.id}\n\n{check.summary}\n\n"
        f"Suite: {check.suite}. One result for each {check.scope.per}.{_when(check)}\n\n"
        f"{check.explanation}\n"
    )


def table() -> str:
    """Return all checks, one on a line, by suite."""
    width = max(len(check.id) for check in CHECKS)
    lines = []
    for suite in SUITES:
        lines.append(f"{suite}:")
        lines += [f"  {c.id:{width}}  {c.summary}" for c in CHECKS if c.suite == suite]
    return "\n".join(lines) + "\n"


def sections() -> str:
    """Return the manual pages of all checks, in Markdown, by suite."""
    parts = []
    for suite in SUITES:
        parts.append(f"## {suite.capitalize()}\n")
        parts += [_section(check) for check in CHECKS if check.suite == suite]
    return "\n".join(parts)


def _section(check: Check) -> str:
    return (
        f"### {check.id}\n\n"
        f"{check.summary} One result for each {check.scope.per}.{_when(check)}\n\n"
        f"{check.explanation}\n"
    )


def _when(check: Check) -> str:
    return f" Only with `--select {check.id}`." if check.on_demand else ""
