"""How sound the repository is: what `check` finds, and the waivers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from jsonschema_tools.cache import FOLDER, Cache
from jsonschema_tools.checks import DEFAULT_CHECKS
from jsonschema_tools.found_files import find_files
from jsonschema_tools.runner import CheckRun, ResultCache, check_files
from jsonschema_tools.site import paths
from jsonschema_tools.site.model import Trouble
from jsonschema_tools.site.rendering import render

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from jsonschema_tools.config import Config
    from jsonschema_tools.runner import Result
    from jsonschema_tools.site.model import Site

_MOST = 90_000  # bytes of findings, without markup
_MARKUP = 160  # bytes of a finding


class Findings(NamedTuple):
    """What `check` says: how many results there were, and what was found."""

    checked: int
    troubles: tuple[Trouble, ...]


def findings(config: Config, today: date) -> Findings:
    """Run all checks.

    Args:
        config: the settings of the repository.
        today: the day, which waivers may run out on.

    Raises:
        ConfigError: a base path or the stream configuration cannot be read.
    """
    run = CheckRun(config, DEFAULT_CHECKS, today)
    cache = ResultCache(Cache(config.root / FOLDER), config, DEFAULT_CHECKS, today)
    checked = check_files(find_files(config), run, cache=cache)
    results = [result for done in checked.titles for result in done.results]
    results += checked.streams
    return Findings(len(results), tuple(_troubles(results)))


def _troubles(results: Sequence[Result]) -> Iterator[Trouble]:
    for result in results:
        for finding in result.findings:
            yield Trouble(
                result.check,
                result.subject.title,
                result.subject.version or "",
                str(finding.at),
                finding.message,
                finding.hint or "",
            )


def health_page(site: Site, found: Findings) -> bytes:
    """Return the page of findings and waivers."""
    by_check: dict[str, list[Trouble]] = {}
    listed = list(_fitting(found.troubles))
    for trouble in listed:
        by_check.setdefault(trouble.check, []).append(trouble)
    names = {schema.title: schema.name for schema in site.schemas}
    return render(
        "health.html",
        paths.HEALTH,
        site,
        found=found,
        by_check=sorted(by_check.items()),
        names=names,
        more=len(found.troubles) - len(listed),
    )


def _fitting(troubles: Iterable[Trouble]) -> Iterator[Trouble]:
    """Yield the findings that the page has room for."""
    left = _MOST
    for trouble in troubles:
        texts = (trouble.title, trouble.version, trouble.place, trouble.message, trouble.hint)
        left -= _MARKUP + sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)
        if left < 0:
            return
        yield trouble
