"""What was found in a repository, title by title; and as JSON, for the cache."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from jsonschema_tools.checks.base import Subject
from jsonschema_tools.errors import Location
from jsonschema_tools.runner.run import Finding, Result

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from jsonschema_tools.checks.base import Check
    from jsonschema_tools.config_values import Waiver
    from jsonschema_tools.runner.run import Outcome


class TitleResults(NamedTuple):
    """What was found in one title.

    Attributes:
        title: the title.
        folders: where its files are.
        versions: how many versions it has.
        identifiers: the `$id`s of its files.
        results: one for each case.
    """

    title: str
    folders: frozenset[Path]
    versions: int
    identifiers: frozenset[str]
    results: tuple[Result, ...]


class Checked(NamedTuple):
    """What was found in some files.

    Attributes:
        titles: title by title, in their order.
        ignored: the `$id`s of schemas that were left out.
        streams: what was found in the stream configuration.
    """

    titles: tuple[TitleResults, ...]
    ignored: tuple[str, ...]
    streams: tuple[Result, ...] = ()


def to_json(checked: Checked, checks: Sequence[Check], waivers: Mapping[Waiver, int]) -> Any:
    """Return what was found as JSON, except the folders.

    Args:
        checked: what was found.
        checks: the checks that were run; results name them by their index.
        waivers: the indexes of those of the configuration, by which results name them.
    """
    index = {check.id: position for position, check in enumerate(checks)}
    titles = [_title_to_json(done, index, waivers) for done in checked.titles]
    return [checked.ignored, titles]


def _title_to_json(
    done: TitleResults, index: Mapping[str, int], waivers: Mapping[Waiver, int]
) -> Any:
    subjects: dict[Subject, int] = {}
    rows: list[Any] = []
    for result in done.results:
        row: list[Any] = [index[result.check], subjects.setdefault(result.subject, len(subjects))]
        if result.outcome != "passed":
            waiver = None if result.waiver is None else waivers[result.waiver]
            row += [result.outcome, list(map(_finding_to_json, result.findings)), waiver]
        rows.append(row)
    return [done.title, done.versions, sorted(done.identifiers), list(subjects), rows]


def _finding_to_json(finding: Finding) -> Any:
    at, origin = finding.at, finding.origin
    row = [finding.message, _place(at), finding.hint, _place(origin) if origin else None]
    return [*row, finding.counterexample]


def _place(at: Location) -> Any:
    return [at.path, at.pointer, at.line, at.column]


def from_json(
    value: Any, checks: Sequence[Check], waivers: Sequence[Waiver], folder: Path
) -> Checked:
    """Return what `to_json` was given, if all of it was found in one folder.

    Raises:
        ValueError, TypeError, IndexError: it was not made by `to_json`.
    """
    ignored, titles = value
    folders = frozenset({folder})
    return Checked(
        tuple(_title_from_json(title, checks, waivers, folders) for title in titles),
        tuple(ignored),
    )


def _title_from_json(
    value: Any, checks: Sequence[Check], waivers: Sequence[Waiver], folders: frozenset[Path]
) -> TitleResults:
    title, versions, identifiers, rows, results = value
    subjects = [Subject(*row) for row in rows]
    return TitleResults(
        title,
        folders,
        versions,
        frozenset(identifiers),
        tuple(_result(row, checks, subjects, waivers) for row in results),
    )


def _result(
    row: Sequence[Any],
    checks: Sequence[Check],
    subjects: Sequence[Subject],
    waivers: Sequence[Waiver],
) -> Result:
    check, subject = checks[row[0]], subjects[row[1]]
    outcome: Outcome
    outcome, findings, waiver = row[2:] or ("passed", (), None)
    excused = None if waiver is None else waivers[waiver]
    return Result(check.id, check.suite, subject, outcome, tuple(map(_finding, findings)), excused)


def _finding(row: Any) -> Finding:
    message, at, hint, origin, counterexample = row
    origin = Location(*origin) if origin else None
    return Finding(message, Location(*at), hint, origin, counterexample)
