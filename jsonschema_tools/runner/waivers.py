"""Waivers and ignored schemas: which there are, and which are of no use any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jsonschema_tools.checks import BY_ID, similar
from jsonschema_tools.config_values import Waivers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from jsonschema_tools.config import Config
    from jsonschema_tools.config_values import Waiver
    from jsonschema_tools.runner.results import Checked


def describe(config: Config, today: date) -> str:
    """Return all waivers, one on a line, and those that have run out marked as such."""
    if not config.waivers:
        return "no waivers\n"
    return "".join(f"{_describe(waiver, today)}\n" for waiver in config.waivers)


def _describe(waiver: Waiver, today: date) -> str:
    facts = (
        waiver.reason,
        waiver.ticket and f"ticket {waiver.ticket}",
        waiver.owner and f"owner {waiver.owner}",
        waiver.until and f"{'ran out on' if waiver.until < today else 'until'} {waiver.until}",
    )
    about = ", ".join(fact for fact in facts if fact) or "no reason given"
    place = f"{waiver.at}: " if waiver.at else ""
    return f"{place}{waiver.check} for {waiver.pattern.pattern!r}: {about}"


def misplaced(config: Config, today: date) -> Iterator[str]:
    """Yield what is wrong with waivers as such: no such check, or past their last day."""
    for waiver in config.waivers:
        place = f"{waiver.at}: " if waiver.at else ""
        if waiver.check not in BY_ID:
            yield f"{place}check {waiver.check!r} not found; {similar(waiver.check)}"
        if waiver.until is not None and waiver.until < today:
            yield (
                f"{place}the waiver of {waiver.check} for {waiver.pattern.pattern!r} "
                f"ran out on {waiver.until}: it no longer skips anything"
            )


def unused(config: Config, checked: Checked, today: date) -> Iterator[str]:
    """Yield the waivers and ignored patterns that a run over everything did not need."""
    identifiers = {name for done in checked.titles for name in done.identifiers}
    identifiers |= {result.subject.identifier for result in checked.streams}
    used = {result.waiver for done in checked.titles for result in done.results}
    used |= {result.waiver for result in checked.streams}
    ignoring = config.ignore_schemas.matched(checked.ignored)
    for index, pattern in enumerate(config.ignore_schemas):
        if index not in ignoring:
            yield f"ignoreSchemas: {pattern.pattern!r} matches no schema"
    idle = [
        waiver
        for waiver in config.waivers
        if waiver not in used
        and waiver.check in BY_ID
        and (waiver.until is None or today <= waiver.until)
    ]
    matching = set(Waivers(idle).all_of(identifiers))
    for waiver in idle:
        place = f"{waiver.at}: " if waiver.at else ""
        nothing = f"{waiver.check} has nothing to check there"
        why = nothing if waiver in matching else "no schema matches"
        yield f"{place}the waiver for {waiver.pattern.pattern!r} skips nothing: {why}"
