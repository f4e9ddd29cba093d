"""Runs checks: finds the cases of a title, leaves out what is waived, places what is found.

    for case in cases(title, checks, context):   # cheap: nothing is checked yet
        result = run_case(case, context)

A title is checked by itself, from its files and the context alone.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from jsonschema_tools.checks.base import Check, Context, Scope
from jsonschema_tools.checks.streams import STREAM, stream_targets
from jsonschema_tools.errors import Location, Problem, SchemaToolsError
from jsonschema_tools.materialization import Materializer
from jsonschema_tools.pointers import join, split, through_all_of
from jsonschema_tools.repository import Title

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from jsonschema_tools.checks.base import Published, Subject, Target
    from jsonschema_tools.config import Config, Waiver
    from jsonschema_tools.repository import SchemaFile

Outcome: TypeAlias = Literal["passed", "failed", "skipped"]

_MOST = 100  # findings that are told of one case
_REPORTERS = {"schema-is-valid", "structure-current-equals-latest"}  # of broken files, if they run


class Finding(NamedTuple):
    """Something that is wrong, and where.

    Attributes:
        message: what, in one line.
        at: where.
        hint: what to do.
        origin: the place in the current file that it comes from, where it is in another file.
    """

    message: str
    at: Location
    hint: str | None = None
    origin: Location | None = None


class Result(NamedTuple):
    """What became of one case. Plain data: thousands of them travel between processes.

    Attributes:
        check: id of the check.
        suite: its suite.
        subject: what was checked.
        outcome: `passed`, `failed` or `skipped`.
        findings: what is wrong; empty unless it failed.
        waiver: where in `Config.waivers` the one stands by which it was skipped.
    """

    check: str
    suite: str
    subject: Subject
    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    waiver: int | None = None


class Fault(NamedTuple):
    """Why a file is no schema that could be checked."""

    problem: Problem
    blocks: bool


class Case(NamedTuple):
    """One result to come.

    Attributes:
        check: the check.
        title: the title whose files it looks at.
        target: what the check is called with.
        faults: broken files that this case reports, as the first one which reads them.
        waiver: where in `Config.waivers` the one stands that excuses it.
    """

    check: Check
    title: Title
    target: Target
    faults: tuple[Fault, ...] = ()
    waiver: int | None = None

    @property
    def item_id(self) -> str:
        """A name that is stable from run to run: suite, title, what of it, check."""
        subject = self.target.subject
        parts = (self.check.suite, subject.title, subject.label, self.check.id)
        return "-".join(part for part in parts if part)


def context_for(
    config: Config,
    *,
    today: date,
    published: Mapping[Path, tuple[Published, ...]] | None = None,
) -> Context:
    """Return what checks of one repository use.

    Args:
        config: the settings of the repository.
        today: the day; waivers whose last day is past do not count.
        published: what stands in the git revision to compare with.
    """
    waivers: dict[str, list[tuple[int, Waiver]]] = {}
    for index, waiver in enumerate(config.waivers):
        if waiver.until is None or today <= waiver.until:
            waivers.setdefault(waiver.check, []).append((index, waiver))
    materializer = Materializer(config)
    return Context(
        config,
        materializer.build,
        published or {},
        waivers,
        materializer.take_sources,
        materializer.downloads,
        materializer.with_reference_example,
    )


def run_title(title: Title, checks: Sequence[Check], context: Context) -> list[Result]:
    """Return the results of checks on one title, in a stable order."""
    return [run_case(case, context) for case in cases(title, checks, context)]


def cases(title: Title, checks: Sequence[Check], context: Context) -> Iterable[Case]:
    """Return what there is to check in one title, scope by scope.

    A file that cannot be read is reported once, and the other checks that would read it are left
    out.
    """
    plain = _plain_cases(title, checks, context)
    faults = _faults(title, checks, context.config)
    return _with_faults(list(plain), faults) if faults else plain


def _plain_cases(title: Title, checks: Sequence[Check], context: Context) -> Iterator[Case]:
    for scope, members in _by_scope(tuple(checks)).items():
        for target in scope.targets(title, context):
            for check in members:
                if check.applies is None or check.applies(*target.args, context):
                    yield Case(check, title, target, waiver=_waiver(check, target, context))


def stream_cases(checks: Sequence[Check], context: Context) -> Iterator[Case]:
    """Yield what there is to check in the stream configuration, where there is one.

    Raises:
        ConfigError: it cannot be read.
    """
    members = [check for check in checks if check.scope is STREAM]
    if not members or not context.config.stream_configs:
        return
    for target in stream_targets(context.config):
        title = Title(target.subject.title, ())
        for check in members:
            if check.applies is None or check.applies(*target.args, context):
                yield Case(check, title, target, waiver=_waiver(check, target, context))


def _with_faults(plain: Sequence[Case], faults: Mapping[Path, Fault]) -> Iterator[Case]:
    """Yield cases, those that read a broken file only if they are to report it."""
    reporters: dict[Path, Case] = {}
    for case in plain:
        for file in case.target.files if case.check.reads else ():
            if file.path in faults and _suits(case, file) > _suits(reporters.get(file.path), file):
                reporters[file.path] = case
    for case in plain:
        paths = [file.path for file in case.target.files if file.path in faults]
        news = tuple(faults[path] for path in paths if reporters.get(path) is case)
        blocked = case.check.reads and any(faults[path].blocks for path in paths)
        if news or not blocked:
            yield case._replace(faults=news)


def _suits(case: Case | None, file: SchemaFile) -> int:
    """Return how well a case suits to report a broken file."""
    if case is None:
        return 0
    return 2 if case.check.id in _REPORTERS and case.target.files[0] is file else 1


@cache
def _by_scope(checks: tuple[Check, ...]) -> Mapping[Scope[Any], tuple[Check, ...]]:
    scopes = dict.fromkeys(check.scope for check in checks)
    return {scope: tuple(c for c in checks if c.scope is scope) for scope in scopes}


def _waiver(check: Check, target: Target, context: Context) -> int | None:
    for index, waiver in context.waivers.get(check.id, ()):
        if waiver.pattern.search(target.subject.identifier):
            return index
    return None


def run_case(case: Case, context: Context) -> Result:
    """Run one check on one target."""
    check, target = case.check, case.target
    if case.waiver is not None:
        return Result(check.id, check.suite, target.subject, "skipped", waiver=case.waiver)
    problems = [fault.problem for fault in case.faults]
    if not any(fault.blocks for fault in case.faults):
        problems += _find(case, context)
    if not problems:
        return Result(check.id, check.suite, target.subject, "passed")
    findings = tuple(_placed(problem, case) for problem in problems[:_MOST])
    return Result(check.id, check.suite, target.subject, "failed", findings)


def _find(case: Case, context: Context) -> list[Problem]:
    try:
        return list(case.check.find(*case.target.args, context))
    except SchemaToolsError as error:
        return [Problem(error.message, hint=error.hint, at=error.at)]
    except RecursionError:
        return [Problem("the schema is nested too deeply", hint="make it flatter")]


def _faults(title: Title, checks: Sequence[Check], config: Config) -> dict[Path, Fault]:
    """Return what is wrong with files as such, by their path."""
    # what a readable file lacks is found by checks of the structure, where they run
    thorough = all(check.suite != "structure" for check in checks)
    faults = {}
    for file in title.files:
        if not isinstance(file.data, dict):
            faults[file.path] = Fault(_unreadable(file), blocks=True)
        elif thorough and (lacks := _lacks(file, config)):
            faults[file.path] = Fault(Problem(f"{file.name} {lacks}", ""), blocks=False)
    return faults


def _unreadable(file: SchemaFile) -> Problem:
    if (error := file.error) is not None:
        at = error.at or Location(file.shown)
        return Problem(f"{file.name} cannot be read: {error.message}", hint=error.hint, at=at)
    what = "is empty" if file.data is None else f"holds a {type(file.data).__name__}"
    return Problem(f"{file.name} {what}, not an object", hint="a schema is a mapping of keywords")


def _lacks(file: SchemaFile, config: Config) -> str | None:
    if file.declared_title is None:
        return f"has no `{config.schema_title_field}`"
    if file.identifier is None:
        return f"has no `{config.schema_version_field}`"
    return None


def _placed(problem: Problem, case: Case) -> Finding:
    """Return a problem with its place: line and column where it is in a file."""
    files = case.target.files
    if problem.at is not None:
        return Finding(problem.message, problem.at, problem.hint)
    if problem.pointer is None or not files or files[0].document is None:
        return Finding(problem.message, Location(case.target.subject.path), problem.hint)
    at = files[0].document.locate(problem.pointer)
    return Finding(problem.message, at, problem.hint, _origin(problem.pointer, case))


def _origin(pointer: str, case: Case) -> Location | None:
    """Return where the author of a materialized file wrote what a pointer leads to."""
    file, current = case.target.files[0], case.title.current
    if file.current or current is None or current.document is None:
        return None
    if current.version != file.version:
        return None  # made from the current file as it was once
    tokens = through_all_of(current.data, split(pointer))
    return current.document.locate(join(tokens)) if tokens else None
