"""Reports: one string for one list of results, safe whatever a schema says."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from jsonschema import Draft7Validator

from jsonschema_tools.checks import CHECKS
from jsonschema_tools.checks.base import Subject
from jsonschema_tools.config_values import Waiver
from jsonschema_tools.ecmascript.matching import Regex
from jsonschema_tools.errors import Location
from jsonschema_tools.reports import REPORTS, Report, as_json, github, junit, sarif, text
from jsonschema_tools.runner.run import Finding, Result

FOLDER = "jsonschema/thing/change"
FILE = Subject(
    "thing/change", "1.0.0", "yaml", False, f"{FOLDER}/1.0.0.yaml", "/thing/change/1.0.0"
)
CURRENT = Subject("thing/change", "1.1.0", "yaml", True, f"{FOLDER}/current.yaml", "")
PAIR = FILE._replace(version="1.1.0", path=f"{FOLDER}/1.1.0.yaml", against="1.0.0")
WAIVER = Waiver(Regex("^/thing/"), "schema-deterministic-types", "legacy", ticket="T1")
REPORT = Report(
    (
        Result("schema-is-valid", "robustness", FILE, "passed"),
        Result("schema-deterministic-types", "robustness", FILE, "skipped", waiver=WAIVER),
        Result(
            "schema-snake-case-properties",
            "robustness",
            CURRENT,
            "failed",
            (
                Finding("`aB`", Location(CURRENT.path, "/properties/aB", 7, 3), "rename it"),
                Finding("`cD`", Location(CURRENT.path, "/properties/cD", 9, 3)),
            ),
        ),
        Result(
            "schema-version-compatibility",
            "compatibility",
            PAIR,
            "failed",
            (
                Finding(
                    "`a` went",
                    Location(PAIR.path, "/properties", 4, 1),
                    "put it back",
                    Location(CURRENT.path, "/properties", 5, 1),
                    'was valid: {"a":1}',
                ),
            ),
        ),
        Result(
            "structure-current-exists",
            "structure",
            Subject("other", None, None, False, "jsonschema/other", ""),
            "failed",
            (Finding("no current", Location("jsonschema/other")),),
        ),
    ),
    titles=2,
    versions=1234,
    seconds=0.5,
)
HOSTILE = 'a\x1b[31m"<&>%,:\r\n::error::x\u202e\udcff\x00]]>'


def test_text() -> None:
    assert text(REPORT) == (
        "thing/change\n"
        "  jsonschema/thing/change/current.yaml:7:3: schema-snake-case-properties: `aB`\n"
        "    hint: rename it\n"
        "  jsonschema/thing/change/current.yaml:9:3: schema-snake-case-properties: `cD`\n"
        "  jsonschema/thing/change/1.1.0.yaml:4:1: schema-version-compatibility: `a` went\n"
        "    from: jsonschema/thing/change/current.yaml:5:1\n"
        '    was valid: {"a":1}\n'
        "    hint: put it back\n"
        "\n"
        "other\n"
        "  jsonschema/other: structure-current-exists: no current\n"
        "\n"
        "2 schemas, 1,234 versions, 5 checks: 1 passed, 3 failed, 1 skipped in 0.50 s\n"
    )


def test_text_is_one_line_when_all_is_well() -> None:
    report = Report(REPORT.results[:1], titles=1, versions=1, seconds=0.25)
    assert text(report) == (
        "1 schema, 1 version, 1 check: 1 passed, 0 failed, 0 skipped in 0.25 s\n"
    )


def test_text_tells_what_was_skipped_if_asked() -> None:
    assert (
        "skipped: jsonschema/thing/change/1.0.0.yaml: schema-deterministic-types: "
        "waived by '^/thing/': legacy, ticket T1\n"
    ) in text(REPORT, verbose=True)


def test_text_names_all_checks_that_found_the_same() -> None:
    finding = Finding("broken", Location(FILE.path, "", 1, 1))
    results = tuple(
        Result(check, "robustness", FILE, "failed", (finding,)) for check in ("one", "two")
    )
    assert f"  {FILE.path}:1:1: one, two: broken\n" in text(Report(results))


def test_text_is_coloured_for_a_terminal() -> None:
    assert "\x1b[31m" in text(REPORT, color=True)
    assert re.sub(r"\x1b\[\d+m", "", text(REPORT, color=True)) == text(REPORT)


def test_json() -> None:
    report = json.loads(as_json(REPORT))
    assert report["version"] == 1
    assert report["policy"] == "additive"
    assert report["summary"] == {"passed": 1, "failed": 3, "skipped": 1}
    assert [row["outcome"] for row in report["results"]] == [
        *("passed", "skipped", "failed", "failed", "failed")
    ]
    assert report["results"][3] == {
        "check": "schema-version-compatibility",
        "suite": "compatibility",
        "title": "thing/change",
        "version": "1.1.0",
        "content_type": "yaml",
        "current": False,
        "path": "jsonschema/thing/change/1.1.0.yaml",
        "against": "1.0.0",
        "outcome": "failed",
        "pointer": "/properties",
        "line": 4,
        "message": "`a` went",
        "hint": "put it back",
        "findings": [
            {
                "path": "jsonschema/thing/change/1.1.0.yaml",
                "pointer": "/properties",
                "line": 4,
                "column": 1,
                "message": "`a` went",
                "hint": "put it back",
                "origin": {
                    "path": "jsonschema/thing/change/current.yaml",
                    "pointer": "/properties",
                    "line": 5,
                    "column": 1,
                },
                "counterexample": 'was valid: {"a":1}',
            }
        ],
    }


def test_json_has_nothing_where_nothing_applies() -> None:
    row = json.loads(as_json(REPORT))["results"][4]
    assert {key for key, value in row.items() if value is None} == {
        *("version", "content_type", "against", "pointer", "line", "hint")
    }


def test_json_of_nothing() -> None:
    assert json.loads(as_json(Report(())))["results"] == []


def test_json_does_not_tell_the_time() -> None:
    assert as_json(REPORT) == as_json(Report(REPORT.results, seconds=9))


def test_junit() -> None:
    root = ET.fromstring(junit(REPORT).encode())  # noqa: S314 - our own
    assert root.attrib == {
        "name": "jsonschema-tools",
        "tests": "5",
        "failures": "3",
        "skipped": "1",
        "time": "0.500",
    }
    counts = {suite.get("name"): suite.attrib for suite in root}
    assert list(counts) == ["robustness", "compatibility", "structure"]
    assert counts["robustness"]["tests"] == "3"
    assert counts["robustness"]["failures"] == "1"
    cases = [case for suite in root for case in suite]
    assert [case.get("name") for case in cases] == [
        "1.0.0.yaml schema-is-valid",
        "1.0.0.yaml schema-deterministic-types",
        "current.yaml schema-snake-case-properties",
        "1.0.0..1.1.0 schema-version-compatibility",
        "structure-current-exists",
    ]
    assert {case.get("classname") for case in cases} == {"thing/change", "other"}
    skipped, failure = cases[1].find("skipped"), cases[2].find("failure")
    assert skipped is not None
    assert skipped.get("message") == "waived by '^/thing/': legacy, ticket T1"
    assert failure is not None
    assert failure.attrib == {"message": "`aB`", "type": "schema-snake-case-properties"}
    assert failure.text == (f"{CURRENT.path}:7:3: `aB`\nhint: rename it\n{CURRENT.path}:9:3: `cD`")


def test_github() -> None:
    lines = github(REPORT).splitlines()
    assert lines[0] == (
        "::error file=jsonschema/thing/change/current.yaml,line=7,col=3,"
        "title=schema-snake-case-properties"
        "::jsonschema/thing/change/current.yaml:7:3: `aB`%0Ahint: rename it"
    )
    assert lines[3].startswith("::error file=jsonschema/other,title=structure-current-exists::")
    assert lines[4].startswith("2 schemas, ")
    assert len(lines) == 5


def test_sarif() -> None:
    log = json.loads(sarif(REPORT))
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [check.id for check in CHECKS]
    assert [rules[result["ruleIndex"]]["id"] for result in run["results"]] == [
        result["ruleId"] for result in run["results"]
    ]
    result = run["results"][2]
    assert result["message"]["text"] == '`a` went. was valid: {"a":1}. Hint: put it back'
    physical = result["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"]["uri"] == "jsonschema/thing/change/1.1.0.yaml"
    assert physical["region"] == {"startLine": 4, "startColumn": 1}
    (related,) = result["relatedLocations"]
    assert related["physicalLocation"]["region"] == {"startLine": 5, "startColumn": 1}


def hostile() -> Report:
    subject = Subject(HOSTILE, HOSTILE, "yaml", False, HOSTILE, HOSTILE)
    finding = Finding(
        HOSTILE, Location(HOSTILE, HOSTILE, 1, 1), HOSTILE, Location(HOSTILE), HOSTILE
    )
    waiver = Waiver(Regex(re.escape(HOSTILE)), "schema-is-secure", HOSTILE)
    return Report(
        (
            Result("schema-is-valid", "robustness", subject, "failed", (finding,)),
            Result("schema-is-secure", "robustness", subject, "skipped", waiver=waiver),
        ),
    )


@pytest.mark.parametrize("kind", REPORTS)
def test_hostile_text_reaches_no_terminal_raw(kind: str) -> None:
    report = REPORTS[kind](hostile())
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\ud800-\udfff]", report)
    report.encode()


def test_hostile_text_breaks_no_report() -> None:
    json.loads(as_json(hostile()))
    json.loads(sarif(hostile()))
    ET.fromstring(junit(hostile()))  # noqa: S314 - our own
    commands = [line for line in github(hostile()).splitlines() if line.startswith("::")]
    assert len(commands) == 1
    assert len(text(hostile()).splitlines()) == 7


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": required,
        "properties": properties,
        "additionalProperties": False,
    }


TEXT = {"type": "string", "minLength": 1}
NUMBER = {"type": "integer", "minimum": 1}
LOCATION = _object(
    ["physicalLocation"],
    message=_object(["text"], text=TEXT),
    physicalLocation=_object(
        ["artifactLocation"],
        artifactLocation=_object(["uri"], uri={**TEXT, "pattern": r"^[!-~]+$"}),
        region=_object(["startLine"], startLine=NUMBER, startColumn=NUMBER),
    ),
    logicalLocations={
        "type": "array",
        "items": _object([], fullyQualifiedName=TEXT, kind={"const": "object"}),
    },
)
SARIF_SUBSET = _object(
    ["version", "runs"],
    **{"$schema": {"const": "https://json.schemastore.org/sarif-2.1.0.json"}},
    version={"const": "2.1.0"},
    runs={
        "type": "array",
        "items": _object(
            ["tool"],
            columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
            tool=_object(
                ["driver"],
                driver=_object(
                    ["name"],
                    name=TEXT,
                    version=TEXT,
                    rules={
                        "type": "array",
                        "uniqueItems": True,
                        "items": _object(
                            ["id"],
                            id=TEXT,
                            shortDescription=_object(["text"], text=TEXT),
                            help=_object(["text"], text=TEXT, markdown=TEXT),
                            properties={"type": "object"},
                        ),
                    },
                ),
            ),
            results={
                "type": "array",
                "items": _object(
                    ["message"],
                    ruleId=TEXT,
                    ruleIndex={"type": "integer", "minimum": -1},
                    level={"enum": ["none", "note", "warning", "error"]},
                    message=_object(["text"], text=TEXT),
                    locations={"type": "array", "items": LOCATION},
                    relatedLocations={"type": "array", "uniqueItems": True, "items": LOCATION},
                ),
            },
        ),
    },
)
"""What SARIF 2.1.0 (sections 3.13 to 3.59) says of the parts that the report uses."""


@pytest.mark.parametrize("report", [REPORT, hostile(), Report(())], ids=["all", "hostile", "none"])
def test_sarif_is_valid(report: Report) -> None:
    Draft7Validator.check_schema(SARIF_SUBSET)
    Draft7Validator(SARIF_SUBSET).validate(json.loads(sarif(report)))
