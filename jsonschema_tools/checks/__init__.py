"""The registry of checks: all of them, in the order in which they run and are listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jsonschema_tools.checks import (
    compatibility,
    consistency,
    immutability,
    keyword_lint,
    references,
    required_fields,
    robustness,
    security,
    streams,
    structure,
    symlinks,
    tables,
    value_lint,
)
from jsonschema_tools.checks.base import SUITES, Check
from jsonschema_tools.errors import ConfigError
from jsonschema_tools.messages import suggest

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

CHECKS: tuple[Check, ...] = (
    *structure.CHECKS,
    *consistency.CHECKS,
    *symlinks.CHECKS,
    *robustness.CHECKS,
    *security.CHECKS,
    *references.CHECKS,
    *keyword_lint.CHECKS,
    *value_lint.CHECKS,
    *required_fields.CHECKS,
    *compatibility.CHECKS,
    *immutability.CHECKS,
    *streams.CHECKS,
    *tables.CHECKS,
)
#: what runs where no suite or check is named
DEFAULT_CHECKS: tuple[Check, ...] = tuple(c for c in CHECKS if c.runs_unasked)

BY_ID: Mapping[str, Check] = {check.id: check for check in CHECKS}


def select(
    suites: Collection[str] = (), select: Collection[str] = (), ignore: Collection[str] = ()
) -> tuple[Check, ...]:
    """Return the checks of some suites, or some checks, without others.

    Nothing given means all but those that run on demand. Where checks that look into
    files are chosen, a file that cannot be read is reported too, as they pass over it.

    Raises:
        ConfigError: a suite or check is not found.
    """
    for name in suites:
        _require(name, SUITES, "suite")
    for name in (*select, *ignore):
        _require(name, BY_ID, "check")
    chosen = tuple(
        check
        for check in CHECKS
        if (check.id in select or not check.on_demand)
        and (suites or select or check.runs_unasked)
        and (not suites or check.suite in suites)
        and (not select or check.id in select)
        and check.id not in ignore
    )
    named = {check.id for check in chosen}.union(ignore)
    if structure.file_is_readable.id not in named and any(check.reads for check in chosen):
        return (structure.REPORTS_UNREADABLE, *chosen)
    return chosen


def similar(name: str, known: Collection[str] = BY_ID) -> str:
    """Return advice for a misspelt name."""
    return suggest(name, known) or f"known are {', '.join(known)}"


def _require(name: str, known: Collection[str], what: str) -> None:
    if name not in known:
        raise ConfigError(f"{what} {name!r} not found", hint=similar(name, known))
