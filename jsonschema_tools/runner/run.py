"""Runs checks: finds the cases of a title, leaves out what is waived, places what is found.

    for case in cases(title, checks, context):   # cheap: nothing is checked yet
        result = run_case(case, context)

A title is checked by itself, from its files and the context alone.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from jsonschema_tools.checks.base import Check, Context, Scope
from jsonschema_tools.checks.scopes import is_readable
from jsonschema_tools.config_values import Waivers
from jsonschema_tools.errors import Location, Problem, SchemaToolsError
from jsonschema_tools.pointers import join, split, through_all_of
from jsonschema_tools.repository import Title

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from jsonschema_tools.checks.base import Published, Subject, Target
    from jsonschema_tools.config import Config
    from jsonschema_tools.config_values import Waiver
    from jsonschema_tools.documents import Document
    from jsonschema_tools.materialization import Materializer
    from jsonschema_tools.values import Schema

Outcome: TypeAlias = Literal["passed", "failed", "skipped"]

_MOST = 100  # findings that are reported of one case


class Finding(NamedTuple):
    """Something that is wrong, and where.

    Attributes:
        message: what, in one line.
        at: where.
        hint: what to do.
        origin: the place in the current file that it comes from, where it is in another file.
        counterexample: an event that shows it, in words and one line.
    """

    message: str
    at: Location
    hint: str | None = None
    origin: Location | None = None
    counterexample: str | None = None


class Result(NamedTuple):
    """What became of one case. Plain data: thousands of them travel between processes.

    Attributes:
        check: id of the check.
        suite: its suite.
        subject: what was checked.
        outcome: `passed`, `failed` or `skipped`.
        findings: what is wrong; empty unless it failed.
        waiver: the one by which it was skipped.
    """

    check: str
    suite: str
    subject: Subject
    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    waiver: Waiver | None = None


class Case(NamedTuple):
    """One result to come.

    Attributes:
        check: the check.
        title: the title whose files it looks at.
        target: what the check is called with.
        waiver: the one that excuses it.
    """

    check: Check
    title: Title
    target: Target
    waiver: Waiver | None = None


def context_for(
    config: Config,
    *,
    today: date,
    published: Mapping[Path, tuple[Published, ...]] | None = None,
    build: Callable[[Document], Schema] | None = None,
    materializer: Materializer | None = None,
) -> Context:
    """Return what checks of one repository use.

    Args:
        config: the settings of the repository.
        today: the day; waivers whose last day is past do not count.
        published: what is in the git revision to compare with.
        build: materializes a document; None: in the ordinary way.
        materializer: what `build` uses; None: a new one.
    """
    waivers: dict[str, list[Waiver]] = {}
    for waiver in config.waivers:
        if waiver.until is None or today <= waiver.until:
            waivers.setdefault(waiver.check, []).append(waiver)
    if materializer is None:
        from jsonschema_tools.materialization import Materializer  # where all is known, nobody asks

        materializer = Materializer(config)
    return Context(
        config,
        build or materializer.build,
        published or {},
        {check: Waivers(members) for check, members in waivers.items()},
        materializer.downloads,
        materializer.with_reference_example,
    )


def cases(title: Title, checks: Sequence[Check], context: Context) -> Iterator[Case]:
    """Yield what there is to check in one title, scope by scope.

    Checks that would look into a file which cannot be read are left out.
    """
    broken = {file.path for file in title.files if not is_readable(file)}
    for scope, members in _by_scope(tuple(checks)).items():
        for target in scope.targets(title, context):
            blocked = bool(broken) and any(file.path in broken for file in target.files)
            for check in members:
                if not (blocked and check.reads) and _applies(check, target, context):
                    yield _case(check, title, target, context)


def cases_of_no_title(checks: Sequence[Check], context: Context) -> Iterator[Case]:
    """Yield what there is to check in the repository as a whole, such as streams.

    Raises:
        ConfigError: it cannot be read.
    """
    for scope, members in _by_scope(tuple(checks)).items():
        for target in scope.in_repository(context):
            title = Title(target.subject.title, ())
            for check in members:
                if _applies(check, target, context):
                    yield _case(check, title, target, context)


def cases_of_vanished(
    title: str, folder: Path, checks: Sequence[Check], context: Context
) -> Iterator[Case]:
    """Yield what there is to check in a folder of which no schema file is left."""
    for scope, members in _by_scope(tuple(checks)).items():
        for target in scope.in_vanished(title, folder, context):
            for check in members:
                if _applies(check, target, context):
                    yield _case(check, Title(title, ()), target, context)


def _applies(check: Check, target: Target, context: Context) -> bool:
    return check.applies is None or check.applies(*target.args, context)


def _case(check: Check, title: Title, target: Target, context: Context) -> Case:
    return Case(check, title, target, _waiver(check, target, context))


@cache
def _by_scope(checks: tuple[Check, ...]) -> Mapping[Scope[Any], tuple[Check, ...]]:
    scopes = dict.fromkeys(check.scope for check in checks)
    return {scope: tuple(c for c in checks if c.scope is scope) for scope in scopes}


def _waiver(check: Check, target: Target, context: Context) -> Waiver | None:
    waivers = context.waivers.get(check.id)
    return waivers.of(target.subject.identifier) if waivers is not None else None


def run_case(case: Case, context: Context) -> Result:
    """Run one check on one target."""
    check, target = case.check, case.target
    if case.waiver is not None:
        return Result(check.id, check.suite, target.subject, "skipped", waiver=case.waiver)
    problems = _find(case, context)
    if not problems:
        return Result(check.id, check.suite, target.subject, "passed")
    findings = tuple(_placed(problem, case) for problem in problems[:_MOST])
    return Result(check.id, check.suite, target.subject, "failed", findings)


def _find(case: Case, context: Context) -> list[Problem]:
    try:
        return list(case.check.find(*case.target.args, context))
    except SchemaToolsError as error:
        return [Problem(error.message, hint=error.hint, at=error.at)]


def _placed(problem: Problem, case: Case) -> Finding:
    """Return a problem with its place: line and column where it is in a file."""
    files = case.target.files
    if problem.at is not None:
        return Finding(problem.message, problem.at, problem.hint)
    if problem.pointer is None or not files or files[0].document is None:
        return Finding(problem.message, Location(case.target.subject.path), problem.hint)
    at = files[0].document.locate(problem.pointer)
    origin = _origin(problem.pointer, case)
    return Finding(problem.message, at, problem.hint, origin, problem.counterexample)


def _origin(pointer: str, case: Case) -> Location | None:
    """Return where the author of a materialized file wrote what a pointer leads to."""
    file, current = case.target.files[0], case.title.current
    if file.current or current is None or current.document is None:
        return None
    if current.version != file.version:
        return None  # made from the current file as it was once
    tokens = through_all_of(current.data, split(pointer))
    return current.document.locate(join(tokens)) if tokens else None
