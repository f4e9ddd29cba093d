"""`check`: run the checks, and say what they found."""

from __future__ import annotations

import gc
import sys
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jsonschema_tools import checks
from jsonschema_tools.checks.base import SUITES
from jsonschema_tools.commands.config_options import pass_config_options
from jsonschema_tools.commands.console import Console, color
from jsonschema_tools.commands.options import (
    config_option,
    events_option,
    format_option,
    policy_option,
    refresh_option,
    split,
    verbose_option,
)
from jsonschema_tools.errors import EXIT_FAILED, EXIT_OK, ConfigError, WriteError, printable
from jsonschema_tools.found_files import explain_none
from jsonschema_tools.messages import counted
from jsonschema_tools.outputs import write_report
from jsonschema_tools.reports import REPORTS, Report, summary, text
from jsonschema_tools.runner import CheckRun, check_files, select_files, since, waivers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jsonschema_tools.commands.config_options import ConfigOptions
    from jsonschema_tools.config import Config
    from jsonschema_tools.runner import Checked, ResultCache


@click.command("check")
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "--suite",
    multiple=True,
    callback=split,
    metavar="SUITE,...",
    help=f"Run only these suites: {', '.join(SUITES)}.",
)
@click.option(
    "--select", multiple=True, callback=split, metavar="CHECK,...", help="Run only these checks."
)
@click.option(
    "--ignore", multiple=True, callback=split, metavar="CHECK,...", help="Skip these checks."
)
@format_option(*REPORTS, help_text="Format of the report.")
@click.option("--output", type=click.Path(path_type=Path), help="Write the report to a file.")
@click.option(
    "--against",
    metavar="REVISION",
    help="Check what changed since a git revision, and that its versions did not change.",
)
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="With --against: check all schemas, not only those that changed.",
)
@click.option(
    "--jobs", type=click.IntRange(min=1), help="Number of worker processes.  [default: auto]"
)
@click.option("--no-cache", is_flag=True, help="Ignore the cache; implies --refresh.")
@click.option("--list-waivers", is_flag=True, help="Show the waivers of the configuration.")
@click.option("--write-skips", is_flag=True, help="Add waivers for everything that fails now.")
@policy_option
@events_option
@refresh_option
@config_option
@verbose_option
@pass_config_options
def check_command(
    options: ConfigOptions,
    paths: tuple[str, ...],
    *,
    suite: list[str],
    select: list[str],
    ignore: list[str],
    format_: str,
    output: Path | None,
    against: str | None,
    everything: bool,
    jobs: int | None,
    no_cache: bool,
    list_waivers: bool,
    write_skips: bool,
    events: tuple[Path, ...],
) -> int:
    """Check that the repository is sound.

    PATH is a schema file, a schema's folder or any other, or a title; without it, everything is
    checked.
    """
    started = time.perf_counter()
    gc.disable()  # schemas hold no cycles, and a short run makes little garbage: 10 % faster
    config = replace(options, refresh=options.refresh or no_cache).load()
    today = date.today()
    if list_waivers:
        click.echo(printable(waivers.describe(config, today)), nl=False)
        return EXIT_OK
    if events and against is None:
        raise click.UsageError("--events needs --against REVISION.")
    chosen = checks.select(suite, select, ignore)
    selection = select_files(config, paths)
    if against is not None:
        selection = since(selection, config, against, everything=everything)
    for check in chosen:
        if check.scope.needs_revision and check.id in select and against is None:
            raise click.UsageError(f"{check.id} needs --against REVISION.")
    if selection.is_complete and not selection.found:
        explain_none(config)
    run = CheckRun(
        config,
        chosen,
        today,
        selection.published,
        selection.only,
        with_streams=not selection.named,
    )
    cached = None if no_cache else _cached_results(run)
    checked = check_files(selection.found, run, jobs=jobs, cache=cached)
    complete = chosen == checks.DEFAULT_CHECKS and selection.is_complete
    _warn(checked, run, Console(config), complete=complete)
    nothing = selection.nothing(checked, config)
    seconds = time.perf_counter() - started
    report = Report.of(checked, seconds, config.compatibility_policy, nothing)
    if events:
        _tell_replay(checked, events, config)
    if write_skips:
        return _write_skips(report, config)
    _write(report, format_, output, config.folders, verbose=options.verbose)
    return EXIT_FAILED if report.failed else EXIT_OK


def _tell_replay(checked: Checked, events: Sequence[Path], config: Config) -> None:
    """Say what the schemas that changed would make of events that were sent already."""
    from jsonschema_tools.catalog import catalog
    from jsonschema_tools.events.replay import replay

    titles = {done.title for done in checked.titles}
    entries = [
        entry
        for entry in catalog(config)
        if entry.title in titles and entry.current is not None and not entry.fragment
    ]
    for found in replay(entries, config, events):
        click.echo(printable(str(found)), err=True)


def _cached_results(run: CheckRun) -> ResultCache | None:
    """Return the results of earlier runs; none for parts of folders, and what git has to say."""
    if run.only is not None or run.published or any(c.on_demand for c in run.checks):
        return None
    from jsonschema_tools.cache import FOLDER, Cache
    from jsonschema_tools.runner import ResultCache

    cache = Cache(run.config.root / FOLDER)
    return ResultCache(cache, run.config, run.checks, run.today)


def _warn(checked: Checked, run: CheckRun, console: Console, *, complete: bool) -> None:
    """Warn of what is wrong with waivers; in a partial run, not of those that are unused."""
    config = run.config
    for message in waivers.misplaced(config, run.today):
        console.warn(message)
    if complete:
        for message in waivers.unused(config, checked, run.today):
            console.warn(message)


def _write(
    report: Report, kind: str, output: Path | None, folders: Sequence[Path], *, verbose: bool
) -> None:
    if kind == "text":
        colored = output is None and color(sys.stdout)
        words = text(report, color=colored, verbose=verbose)
    else:
        words = REPORTS[kind](report)
    if output is None:
        click.echo(words, nl=False, color=True)
    else:
        try:
            write_report(output, words.encode(), folders)
        except WriteError as error:
            raise ConfigError(error.message, at=error.at, hint=error.hint) from error
        click.echo(summary(report), err=True)


def _write_skips(report: Report, config: Config) -> int:
    """Waive what failed, in the configuration file."""
    from jsonschema_tools.runner import baseline  # rare

    entries = baseline.needed(report.failed)
    path = baseline.write(config, entries) if entries else None
    left = [result for result in report.failed if not result.subject.identifier]
    for result in left:
        place = result.findings[0].at
        click.echo(printable(f"{place}: {result.check}: cannot be waived: no `$id`"), err=True)
    count = sum(map(len, entries.values()))
    click.echo(
        f"{path}: {counted(count, 'entry', 'entries')} added" if path else "nothing to waive"
    )
    return EXIT_FAILED if left else EXIT_OK
