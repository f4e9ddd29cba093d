"""`check`, from Python."""

from __future__ import annotations

import time
from datetime import date
from typing import TYPE_CHECKING

from jsonschema_tools import checks
from jsonschema_tools.errors import ConfigError
from jsonschema_tools.reports import REPORTS, Report
from jsonschema_tools.runner import CheckRun, check_files, select_files, since

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jsonschema_tools.config import Config


def check(
    config: Config,
    paths: Sequence[str] = (),
    *,
    suites: Sequence[str] = (),
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    against: str | None = None,
    jobs: int = 1,
) -> Report:
    """Check a repository, or a part of it; the cache of results is left alone.

    Args:
        config: the repository's settings.
        paths: files and folders, relative to the root of the configuration; none means all.
        suites: only the checks of these suites.
        select: only these checks.
        ignore: all but these checks.
        against: a git revision: only what changed since, and its versions must not have changed.
        jobs: number of processes. More than one are forked, which takes a process without threads.

    Raises:
        ConfigError: a path, suite or check does not exist, or no schema is found.
        GitError: the revision is not found.
    """
    started = time.perf_counter()
    chosen = checks.select(suites, select, ignore)
    selection = select_files(config, paths)
    if against is not None:
        selection = since(selection, config, against, everything=False)
    run = CheckRun(
        config,
        chosen,
        date.today(),
        selection.published,
        selection.only,
        with_streams=not selection.named,
    )
    checked = check_files(selection.found, run, jobs=jobs)
    nothing = selection.nothing(checked, config)
    seconds = time.perf_counter() - started
    return Report.of(checked, seconds, config.compatibility_policy, nothing)


def format_report(report: Report, kind: str = "text") -> str:
    """Return what was found as `check --format` prints it.

    Args:
        report: what was found.
        kind: the format: `text`, `json`, `junit`, `github` and so on.

    Raises:
        ConfigError: the format does not exist.
    """
    if kind not in REPORTS:
        hint = f"formats are {', '.join(REPORTS)}"
        raise ConfigError(f"report format {kind!r} not found", hint=hint)
    return REPORTS[kind](report)
