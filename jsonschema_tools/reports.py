"""Reports of a check run: pure functions from results to text.

Whatever schemas hold may be in a finding. So each report escapes what its reader would take for
something else, and control characters never reach a terminal.

SARIF is written by hand: of the libraries for it, sarif-om has had no release since 2019, and the
others bring a data model framework along for what is thirty lines here.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jsonschema_tools.comparison import DEFAULT_POLICY
from jsonschema_tools.messages import counted, one_line, workflow_data, workflow_property

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from jsonschema_tools.comparison import Policy
    from jsonschema_tools.config_values import Waiver
    from jsonschema_tools.errors import Location
    from jsonschema_tools.runner import Checked, Finding, Result


@dataclass(frozen=True, slots=True)
class Report:
    """What a check run found.

    Attributes:
        results: one for each case, in their order.
        titles: how many schemas were looked at.
        versions: how many versions of them.
        seconds: how long it took.
        policy: what decided which changes between versions are allowed.
        nothing: why no schema was looked at, as the summary says it; empty where some were.
    """

    results: tuple[Result, ...]
    titles: int = 0
    versions: int = 0
    seconds: float = 0.0
    policy: Policy = DEFAULT_POLICY
    nothing: str = ""

    @classmethod
    def of(cls, checked: Checked, seconds: float, policy: Policy, nothing: str = "") -> Report:
        """Return the report of a run; `results` are those of the titles, then of the streams."""
        return cls(
            (*(result for done in checked.titles for result in done.results), *checked.streams),
            len(checked.titles),
            sum(done.versions for done in checked.titles),
            seconds,
            policy,
            nothing,
        )

    @property
    def failed(self) -> tuple[Result, ...]:
        """The results that failed."""
        return tuple(result for result in self.results if result.outcome == "failed")

    def count(self, outcome: str) -> int:
        """Return how many results have an outcome."""
        return sum(result.outcome == outcome for result in self.results)


def reason(waiver: Waiver) -> str:
    """Return why a result was skipped."""
    more = [waiver.reason, waiver.ticket and f"ticket {waiver.ticket}"]
    about = ", ".join(text for text in more if text)
    return f"waived by {waiver.pattern.pattern!r}" + (f": {about}" if about else "")


def summary(report: Report) -> str:
    """Return the counts in one line."""
    passed, failed, skipped = (report.count(name) for name in ("passed", "failed", "skipped"))
    looked_at = f"{counted(report.titles, 'schema')}, {counted(report.versions, 'version')}"
    return (
        f"{one_line(report.nothing) or looked_at}, "
        f"{counted(len(report.results), 'check')}: {passed:,} passed, {failed:,} failed, "
        f"{skipped:,} skipped in {report.seconds:.2f} s"
    )


# ------------------------------------------------------------------------------------------ text

_RED, _GREEN, _YELLOW, _BOLD, _DIM = "31", "32", "33", "1", "2"


def text(report: Report, *, color: bool = False, verbose: bool = False) -> str:
    """Return the failures by schema, for people, and the counts.

    Args:
        report: what was found.
        color: whether to mark it for a terminal.
        verbose: whether to tell what was skipped, and why.
    """

    def paint(code: str, words: str) -> str:
        return f"\x1b[{code}m{words}\x1b[0m" if color else words

    lines = []
    for title, results in _by_title(report.failed).items():
        lines.append(paint(_BOLD, one_line(title)))
        for finding, checks in _merged(results).items():
            place = paint(_RED, one_line(finding.at))
            lines.append(
                f"  {place}: {paint(_YELLOW, ', '.join(checks))}: {one_line(finding.message)}"
            )
            if finding.origin:
                lines.append(f"    from: {one_line(finding.origin)}")
            if finding.counterexample:
                lines.append(f"    {one_line(finding.counterexample)}")
            if finding.hint:
                lines.append(f"    hint: {one_line(finding.hint)}")
        lines.append("")
    if verbose:
        lines += [
            paint(
                _DIM,
                f"skipped: {one_line(r.subject.path)}: {r.check}: {one_line(reason(r.waiver))}",
            )
            for r in report.results
            if r.waiver is not None
        ]
    lines.append(paint(_RED if report.failed else _GREEN, summary(report)))
    return "\n".join(lines) + "\n"


def _by_title(results: Iterable[Result]) -> dict[str, list[Result]]:
    groups: dict[str, list[Result]] = {}
    for result in results:
        groups.setdefault(result.subject.title, []).append(result)
    return groups


def _merged(results: Iterable[Result]) -> dict[Finding, list[str]]:
    """Return the checks by finding: several may stumble over the same thing."""
    merged: dict[Finding, list[str]] = {}
    for result in results:
        for finding in result.findings:
            merged.setdefault(finding, []).append(result.check)
    return merged


# ------------------------------------------------------------------------------------------ JSON


def as_json(report: Report) -> str:
    """Return every result as JSON; two runs over the same files give the same bytes."""
    counts = Counter(result.outcome for result in report.results)
    head = {name: counts[name] for name in ("passed", "failed", "skipped")}
    rows = ",\n".join(json.dumps(_row(result)) for result in report.results)
    policy, counted_up = json.dumps(report.policy), json.dumps(head)
    return (
        f'{{"version": 1,\n"policy": {policy},\n"summary": {counted_up},\n'
        f'"results": [\n{rows}\n]}}\n'
    )


def _row(result: Result) -> dict[str, Any]:
    subject = result.subject
    first = result.findings[0] if result.findings else None
    here = first.at if first and first.at.path == subject.path else None
    return {
        "check": result.check,
        "suite": result.suite,
        "title": subject.title,
        "version": subject.version,
        "content_type": subject.content_type,
        "current": subject.current,
        "path": subject.path,
        "against": subject.against,
        "outcome": result.outcome,
        "pointer": here.pointer if here else None,
        "line": here.line if here else None,
        "message": first.message if first else result.waiver and reason(result.waiver),
        "hint": first.hint if first else None,
        "findings": [_finding_row(finding) for finding in result.findings],
    }


def _finding_row(finding: Finding) -> dict[str, Any]:
    return {
        **_location_row(finding.at),
        "message": finding.message,
        "hint": finding.hint,
        "origin": _location_row(finding.origin) if finding.origin else None,
        "counterexample": finding.counterexample,
    }


def _location_row(at: Location) -> dict[str, Any]:
    return {"path": at.path, "pointer": at.pointer, "line": at.line, "column": at.column}


# ----------------------------------------------------------------------------------------- JUnit


def junit(report: Report) -> str:
    """Return JUnit XML in the form that GitLab and Jenkins read."""
    from xml.etree import ElementTree as ET

    root = ET.Element(
        "testsuites",
        name="jsonschema-tools",
        tests=str(len(report.results)),
        failures=str(report.count("failed")),
        skipped=str(report.count("skipped")),
        time=f"{report.seconds:.3f}",
    )
    suites: dict[str, list[Result]] = {}
    for result in report.results:
        suites.setdefault(result.suite, []).append(result)
    for name, results in suites.items():
        counts = Counter(result.outcome for result in results)
        suite = ET.SubElement(
            root,
            "testsuite",
            name=name,
            tests=str(len(results)),
            failures=str(counts["failed"]),
            errors="0",
            skipped=str(counts["skipped"]),
        )
        for result in results:
            case = ET.SubElement(suite, "testcase", _junit_case(result))
            if result.waiver is not None:
                ET.SubElement(case, "skipped", message=one_line(reason(result.waiver)))
            elif result.findings:
                message = one_line(result.findings[0].message)
                failure = ET.SubElement(case, "failure", message=message, type=result.check)
                failure.text = "\n".join(finding_text(finding) for finding in result.findings)
    ET.indent(root, "")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _junit_case(result: Result) -> dict[str, str]:
    subject = result.subject
    return {
        "classname": one_line(subject.title),
        "name": one_line(f"{subject.label} {result.check}".lstrip()),
        "file": one_line(subject.path),
        "time": "0",
    }


def finding_text(finding: Finding) -> str:
    """Return a finding in full, on as many lines as it takes."""
    lines = [f"{one_line(finding.at)}: {one_line(finding.message)}"]
    if finding.origin:
        lines.append(f"from: {one_line(finding.origin)}")
    if finding.counterexample:
        lines.append(one_line(finding.counterexample))
    if finding.hint:
        lines.append(f"hint: {one_line(finding.hint)}")
    return "\n".join(lines)


# ---------------------------------------------------------------------------------------- GitHub


def github(report: Report) -> str:
    """Return workflow commands that annotate lines, and the counts."""
    commands = (
        f"::error {_github_place(finding.at)},title={workflow_property(result.check)}"
        f"::{workflow_data(finding_text(finding))}\n"
        for result in report.failed
        for finding in result.findings
    )
    return "".join(commands) + summary(report) + "\n"


def _github_place(at: Location) -> str:
    place = f"file={workflow_property(one_line(at.path))}"
    if at.line is not None:
        place += f",line={at.line},col={at.column}"
    return place


# ----------------------------------------------------------------------------------------- SARIF

_SARIF = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(report: Report) -> str:
    """Return the failures as SARIF 2.1.0 (OASIS), which code scanning services read."""
    from jsonschema_tools._version import __version__
    from jsonschema_tools.checks import CHECKS

    index = {check.id: position for position, check in enumerate(CHECKS)}
    driver = {
        "name": "jsonschema-tools",
        "version": __version__,
        "rules": [
            {
                "id": check.id,
                "shortDescription": {"text": check.summary},
                "help": {"text": check.explanation, "markdown": check.explanation},
                "properties": {"suite": check.suite},
            }
            for check in CHECKS
        ],
    }
    results = [
        _sarif_result(result, finding, index[result.check])
        for result in report.failed
        for finding in result.findings
    ]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": _SARIF, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


def _sarif_result(result: Result, finding: Finding, rule: int) -> dict[str, Any]:
    hint = f" Hint: {one_line(finding.hint)}" if finding.hint else ""
    example = f" {one_line(finding.counterexample)}." if finding.counterexample else ""
    row: dict[str, Any] = {
        "ruleId": result.check,
        "ruleIndex": rule,
        "level": "error",
        "message": {"text": f"{one_line(finding.message)}.{example}{hint}"},
        "locations": [_sarif_location(finding.at, result.subject.title)],
    }
    if finding.origin:
        message = {"text": "what it is made from"}
        row["relatedLocations"] = [{**_sarif_location(finding.origin), "message": message}]
    return row


def _sarif_location(at: Location, title: str | None = None) -> dict[str, Any]:
    from urllib.parse import quote

    uri = quote(at.path.encode("utf-8", "surrogatepass"), safe="/:")
    physical: dict[str, Any] = {"artifactLocation": {"uri": uri}}
    if at.line is not None:
        physical["region"] = {"startLine": at.line, "startColumn": at.column}
    location: dict[str, Any] = {"physicalLocation": physical}
    if title is not None:
        name = f"{title}#{at.pointer or ''}"
        location["logicalLocations"] = [{"fullyQualifiedName": name, "kind": "object"}]
    return location


REPORTS: Mapping[str, Callable[[Report], str]] = {
    "text": text,
    "json": as_json,
    "junit": junit,
    "github": github,
    "sarif": sarif,
}
