"""A check as a pytest item, and the short way to run it.

There are thousands of them, none needs fixtures, and each takes a fraction of a millisecond. To go
through setup, call and teardown of each as pytest does takes longer than all checks together.
"""

from __future__ import annotations

import os.path
import time
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

import pytest

from jsonschema_tools.messages import one_line
from jsonschema_tools.reports import finding_text, reason
from jsonschema_tools.runner import run_case

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from jsonschema_tools.checks.base import Context
    from jsonschema_tools.runner import Case, Result

_Phase: TypeAlias = Literal["setup", "call", "teardown"]


class CheckFailedError(Exception):
    """A check failed."""


class CheckItem(pytest.Item):
    """One result to come."""

    def __init__(self, *, case: Case, context: Context, **node: Any) -> None:
        super().__init__(**node)
        self._case = case
        self._context = context

    @cached_property
    def result(self) -> Result:
        """What became of the check; it is run when this is asked for first."""
        return run_case(self._case, self._context)

    def runtest(self) -> None:
        """Run the check in pytest's own way.

        Raises:
            CheckFailedError: it failed.
        """
        if self.result.outcome == "failed":
            raise CheckFailedError
        if self.result.outcome == "skipped":
            pytest.skip(self._reason())

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return how a failure is reported: the findings, no traceback."""
        if isinstance(excinfo.value, CheckFailedError):
            return _Findings(self.result)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return the schema file, and what is checked."""
        path = self._context.config.working_directory / self._case.target.subject.path
        return path, None, f"{self.parent.name if self.parent else ''} {self.name}"

    @cached_property
    def location(self) -> tuple[str, int | None, str]:
        """The same for reports, with a path relative to pytest's root."""
        path, line, name = self.reportinfo()
        if self.config.rootpath == self._context.config.working_directory:
            return one_line(self._case.target.subject.path), line, name
        return one_line(os.path.relpath(path, self.config.rootpath)), line, name

    def report(self, when: _Phase, start: float = 0, stop: float = 0) -> pytest.TestReport:
        """Return the report of a phase."""
        outcome = self.result.outcome if when == "call" else "passed"
        longrepr: Any = _Findings(self.result) if outcome == "failed" else None
        if outcome == "skipped":
            longrepr = self.skipped_at()
        return pytest.TestReport(
            self.nodeid,
            self.location,
            dict.fromkeys(self.keywords, 1),
            outcome,
            longrepr,
            when,
            start=start,
            stop=stop,
            duration=stop - start,
        )

    def skipped_at(self) -> tuple[str, int, str]:
        """Return where in the configuration it is waived, and why."""
        at = self.result.waiver.at if self.result.waiver is not None else None
        here = self._context.config.working_directory
        path, line = (here / at.path, at.line or 0) if at else (self.path, 0)
        return one_line(path), line, f"Skipped: {self._reason()}"

    def _reason(self) -> str:
        return one_line(reason(self.result.waiver)) if self.result.waiver is not None else ""


class _Findings:
    """What is shown of a failure, in the form that pytest takes apart."""

    class _Crash(NamedTuple):
        """What the line of the short summary is made from."""

        path: str
        lineno: int
        message: str

    def __init__(self, result: Result) -> None:
        first = result.findings[0]
        self.reprcrash = self._Crash(
            one_line(first.at.path), first.at.line or 0, one_line(first.message)
        )
        self._text = "\n".join(map(finding_text, result.findings))

    def __str__(self) -> str:
        return self._text

    def toterminal(self, terminal: Any) -> None:
        """Write it."""
        terminal.line(self._text)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell of a skipped check where it is waived, not where in here that was raised."""
    report = yield
    if isinstance(item, CheckItem) and report.skipped:
        report.longrepr = item.skipped_at()
    return report


# ---------------------------------------------------------------------------------- the short way


def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    """Run a check the short way, where nothing can miss the long one."""
    if not isinstance(item, CheckItem) or not _is_followed_by_alike(item, nextitem):
        return None
    phases = _phases(item.config)
    if phases is None:
        return None
    start = time.time()
    try:
        item.result  # noqa: B018 - run it
    except Exception:
        return None
    stop = time.time()
    hook = item.ihook
    hook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for when in phases:
        times = (start, stop) if when == "call" else (stop, stop)
        hook.pytest_runtest_logreport(report=item.report(when, *times))
    hook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


def _is_followed_by_alike(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
    """Tell whether the next item is a check of the same file.

    The last one of a file goes pytest's way, which tears down what earlier tests have set up and
    later ones don't need.
    """
    return isinstance(nextitem, CheckItem) and _file_node(nextitem) is _file_node(item)


def _file_node(item: pytest.Item) -> pytest.Collector | None:
    title = item.parent
    suite = title.parent if title else None
    return suite.parent if suite else None


_PHASES: pytest.StashKey[tuple[_Phase, ...] | None] = pytest.StashKey()
_STEPS = ("setup", "call", "teardown", "makereport")
# xdist only passes reports on; hypothesis looks at its own tests
_NOT_WATCHING = ("_pytest.", "xdist.", "_hypothesis_pytestplugin", "jsonschema_tools.")


def _phases(config: pytest.Config) -> tuple[_Phase, ...] | None:
    """Return the phases to report; None where the short way would hide something from a plugin."""
    if _PHASES not in config.stash:
        config.stash[_PHASES] = _choose_phases(config)
    return config.stash[_PHASES]


def _choose_phases(config: pytest.Config) -> tuple[_Phase, ...] | None:
    option = config.option
    if option.setupshow or option.setuponly or option.usepdb:
        return None
    if any(_is_watched(config, f"pytest_runtest_{step}") for step in _STEPS):
        return None
    # of what comes with pytest, only the JUnit report wants to hear that nothing was set up
    if option.xmlpath or _is_watched(config, "pytest_runtest_logreport"):
        return "setup", "call", "teardown"
    return ("call",)


def _is_watched(config: pytest.Config, hook: str) -> bool:
    """Tell whether anything implements a hook that may want to know of a check."""
    return any(
        not implementation.function.__module__.startswith(_NOT_WATCHING)
        for implementation in getattr(config.hook, hook).get_hookimpls()
    )
