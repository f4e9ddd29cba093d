"""How checks are run: cases, waivers, broken files, parts of a repository, processes."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jsonschema_tools import serialize
from jsonschema_tools.checks import CHECKS, select
from jsonschema_tools.config import Config, load_config
from jsonschema_tools.errors import ConfigError
from jsonschema_tools.repository import scan
from jsonschema_tools.runner.check_run import CheckRun, check_files
from jsonschema_tools.runner.processes import WorkerError, run_forked
from jsonschema_tools.runner.run import Case, cases, context_for, run_case
from jsonschema_tools.runner.selection import select_files

if TYPE_CHECKING:
    from jsonschema_tools.runner.run import Result

TODAY = date(2026, 6, 1)
BASE = Path(__file__).parents[1] / "cases" / "check" / "base"
SUITES = ("structure", "robustness", "compatibility")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a sound repository."""
    return Path(shutil.copytree(BASE, tmp_path / "repository", symlinks=True))


def configured(repository: Path, **settings: Any) -> Config:
    return load_config(repository, overrides=settings)


def check(
    config: Config, *paths: str, suites: tuple[str, ...] = (), jobs: int | None = None
) -> list[Result]:
    selection = select_files(config, paths)
    check_run = CheckRun(config, select(suites), TODAY, only=selection.only)
    checked = check_files(selection.found, check_run, jobs=jobs)
    return [result for done in checked.titles for result in done.results]


def failed(results: list[Result]) -> list[tuple[str, str]]:
    return [
        (result.subject.path.removeprefix("jsonschema/"), result.check)
        for result in results
        if result.outcome == "failed"
    ]


def item_id(case: Case) -> str:
    subject = case.target.subject
    parts = (case.check.suite, subject.title, subject.label, case.check.id)
    return "-".join(part for part in parts if part)


def test_cases_can_be_listed_before_they_run(repository: Path) -> None:
    config = configured(repository)
    context = context_for(config, today=TODAY)
    for title in scan(config).titles:
        listed = list(cases(title, CHECKS, context))
        ids = [item_id(case) for case in listed]
        assert len(set(ids)) == len(ids)
        results = [run_case(case, context) for case in listed]
        assert results == [run_case(case, context) for case in cases(title, CHECKS, context)]
        assert [item_id(case) for case in cases(title, CHECKS, context)] == ids
    assert "robustness-thing/seen-1.1.0.json-schema-is-valid" in ids
    assert "compatibility-thing/seen-1.0.0..1.1.0-schema-version-compatibility" in ids
    assert "structure-thing/seen-structure-latest-symlink" in {i.replace("-yaml", "") for i in ids}


@pytest.mark.parametrize("jobs", [2, 3, 20])
def test_the_number_of_processes_does_not_matter(repository: Path, jobs: int) -> None:
    (repository / "jsonschema/thing/change/1.0.0.yaml").write_text("[")
    config = configured(repository)
    assert check(config, jobs=jobs) == check(config, jobs=1)


def test_a_title_in_two_folders_is_checked_as_one(repository: Path) -> None:
    shutil.copytree(repository / "jsonschema/thing/seen", repository / "jsonschema/copy")
    config = configured(repository)
    results = check(config, jobs=4)
    assert results == check(config, jobs=1)
    assert "structure-same-directory" in {check for _, check in failed(results)}
    assert len([r for r in results if r.check == "structure-same-directory"]) == 3


def test_a_worker_that_fails_is_not_overlooked() -> None:
    def work(part: int) -> int:
        if part:
            raise ValueError("no")
        return part

    assert run_forked(work, [0]) == [0]
    with pytest.raises(WorkerError, match="ValueError: no"):
        run_forked(work, [0, 1])
    with pytest.raises(WorkerError, match="status 7"):
        run_forked(lambda part: os._exit(7) if part else 0, [0, 1])


# ------------------------------------------------------------------------------- broken files


@pytest.mark.parametrize("content", ["title: [", "", "- a", "title: x\ntitle: y", "\x00", "a: *b"])
@pytest.mark.parametrize("name", ["current.yaml", "1.0.0.yaml", "2.0.0.yaml", "1.0.0.json"])
def test_a_broken_file_is_reported_once_and_the_rest_is_checked(
    repository: Path, name: str, content: str
) -> None:
    (repository / "jsonschema/thing/change" / name).write_text(content)
    bad = repository / "jsonschema/thing/seen/1.0.0.json"
    bad.write_text(bad.read_text().replace('"page"', '"pageTitle"'))
    results = check(configured(repository))
    assert failed(results) == [
        (f"thing/change/{name}", "structure-file-is-readable"),
        ("thing/seen/1.0.0.json", "schema-snake-case-properties"),
        ("thing/seen/1.0.0.yaml", "structure-content-types-equal"),
    ]


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("name", ["current.yaml", "1.0.0.yaml", "1.1.0.yaml"])
def test_a_broken_file_is_noticed_by_every_suite(repository: Path, name: str, suite: str) -> None:
    (repository / "jsonschema/thing/seen" / name).write_text("title: [")
    results = check(configured(repository), suites=(suite,))
    assert failed(results) == [(f"thing/seen/{name}", "structure-file-is-readable")]


def test_a_broken_file_is_passed_over_where_its_check_is_ignored(repository: Path) -> None:
    (repository / "jsonschema/thing/seen/1.0.0.yaml").write_text("title: [")
    check_run = CheckRun(
        configured(repository), select(ignore=["structure-file-is-readable"]), TODAY
    )
    checked = check_files(select_files(check_run.config).found, check_run)
    assert failed([result for done in checked.titles for result in done.results]) == []


@pytest.mark.parametrize("name", ["current", "1.0.0"])
def test_a_broken_file_is_waived_by_its_path(repository: Path, name: str) -> None:
    (repository / f"jsonschema/thing/seen/{name}.yaml").write_text("title: [")
    waivers = {f"^/thing/seen/{name}$": ["structure-file-is-readable"]}
    results = check(configured(repository, skipSchemaTestCases=waivers))
    skipped = [result for result in results if result.outcome == "skipped"]
    assert [result.subject.path for result in skipped] == [
        f"jsonschema/thing/seen/{other}"
        for other in ("1.0.0.json", "1.0.0.yaml", "current.yaml")
        if other.startswith(name)
    ]
    assert failed(results) == []


@pytest.mark.parametrize("key", ["title", "$id"])
@pytest.mark.parametrize("name", ["current.yaml", "1.0.0.yaml"])
def test_a_missing_title_or_id_is_noticed(repository: Path, name: str, key: str) -> None:
    path = repository / "jsonschema/thing/change" / name
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith(f"{key}:")))
    results = check(configured(repository), suites=("structure",))
    assert any(key in f.message for r in results for f in r.findings)


def test_a_file_that_must_not_be_read(repository: Path) -> None:
    path = repository / "jsonschema/thing/change/1.0.0.yaml"
    path.unlink()
    path.mkdir()
    path.rmdir()
    path.symlink_to("1.0.0.yaml")  # leads to itself
    results = check(configured(repository))
    assert ("thing/change/1.0.0.yaml", "structure-file-is-readable") in failed(results)


# ------------------------------------------------------------------------------------ waivers


def test_waivers_work_for_every_check(repository: Path) -> None:
    everything = {check.id for check in CHECKS}
    config = configured(repository, skipSchemaTestCases={"^/thing/": sorted(everything)})
    outcomes = {(r.outcome, r.subject.title.startswith("thing/")) for r in check(config)}
    assert outcomes == {("skipped", True), ("passed", False)}


def test_a_waiver_is_searched_in_the_id(repository: Path) -> None:
    config = configured(repository, skipSchemaTestCases={r"e/1\.0": "schema-is-valid"})
    skipped = [r for r in check(config) if r.outcome == "skipped"]
    assert [(r.subject.path, r.waiver) for r in skipped] == [
        ("jsonschema/thing/change/1.0.0.json", config.waivers[0]),
        ("jsonschema/thing/change/1.0.0.yaml", config.waivers[0]),
    ]


@pytest.mark.parametrize(("until", "skipped"), [("2026-05-31", 0), ("2026-06-01", 1)])
def test_a_waiver_counts_until_its_last_day(repository: Path, until: str, skipped: int) -> None:
    waiver = {"check": "schema-required-fields", "reason": "later", "until": until}
    config = configured(repository, skipSchemaTestCases={"thing/seen": [waiver]})
    assert sum(result.outcome == "skipped" for result in check(config)) == skipped


def test_a_waived_check_does_not_run(repository: Path) -> None:
    config = configured(repository, skipSchemaTestCases={"": ["schema-is-valid"]})
    context = context_for(config, today=TODAY)
    title = scan(config).titles[0]
    case = next(c for c in cases(title, CHECKS, context) if c.check.id == "schema-is-valid")

    def fail(*_: object) -> Any:
        raise AssertionError

    result = run_case(case._replace(check=replace(case.check, find=fail)), context)
    assert result.outcome == "skipped"


def test_ignored_schemas_are_left_out(repository: Path) -> None:
    config = configured(repository, ignoreSchemas=["^/thing/seen/"])
    assert {result.subject.title for result in check(config)} == {"fragment/common", "thing/change"}


# -------------------------------------------------------------------------------- selections


def test_a_folder(repository: Path) -> None:
    results = check(configured(repository), "jsonschema/thing")
    assert {result.subject.title for result in results} == {"thing/change", "thing/seen"}
    assert len(check(configured(repository), "jsonschema/fragment", "jsonschema/thing/")) == len(
        check(configured(repository))
    )


@pytest.mark.parametrize("name", ["1.0.0.yaml", "1.0.0"])
def test_a_file_or_a_link_to_it(repository: Path, name: str) -> None:
    results = check(configured(repository), f"jsonschema/thing/seen/{name}")
    assert {result.subject.title for result in results} == {"thing/seen"}
    assert {(r.subject.version, r.subject.against) for r in results} == {
        *((None, None), ("1.0.0", None), ("1.1.0", "1.0.0"))
    }


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("nowhere", "schema nowhere not found"),
        (".jsonschema-tools.yaml", "is not a schema file"),
        ("docs", "has no schema files in it"),
    ],
)
def test_a_path_that_is_no_schema_is_a_wrong_call(
    repository: Path, path: str, message: str
) -> None:
    (repository / "docs").mkdir()
    with pytest.raises(ConfigError, match=message):
        check(configured(repository), path)


def test_unknown_checks_are_suggested() -> None:
    with pytest.raises(ConfigError, match="check 'schema-is-vald' not found") as error:
        select(ignore=["schema-is-vald"])
    assert error.value.hint == "did you mean 'schema-is-valid'?"
    with pytest.raises(ConfigError, match="suite 'structur' not found"):
        select(suites=["structur"])


# ---------------------------------------------------------------------------- hostile schemas


def nested(depth: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(depth):
        schema = {"type": "object", "properties": {"a": schema}}
    return schema


@pytest.mark.parametrize(
    "schema",
    [
        {"type": ["a", {}], "required": [{}, 1, None], "properties": {"a": None, "b": 1, "c": []}},
        {"type": "object", "properties": [], "allOf": {}, "oneOf": "x", "enum": 3, "examples": [1]},
        {"properties": {"": {"properties": {"~/": {"type": "number", "maximum": "x"}}}}},
        {"allOf": [None, 1, True, []], "items": [None, {}], "definitions": [], "if": 1, "not": []},
        {"$ref": "#/properties/a", "examples": [{}], "properties": {"a": {"$ref": "#"}}},
        {"examples": [{"a": "a" * 60 + "!"}], "properties": {"a": {"pattern": "^(a|a)*$"}}},
        {"examples": [{"a": "a" * 60 + "!"}], "properties": {"a": {"pattern": r"^(a|a)*\1b$"}}},
        {"examples": [{}, None, [], "", 1.5], "properties": 3, "$schema": 3, "$id": 3, "title": 3},
        {"examples": [{}], "maximum": 1e308, "multipleOf": 0, "format": "x" * 10_000},
        {"uniqueItems": True, "items": {"type": {"a": 1}}, "patternProperties": {"(": 1}},
        nested(90),
    ],
)
def test_odd_schemas_are_findings_not_crashes(repository: Path, schema: dict[str, Any]) -> None:
    for name in ("1.0.0.yaml", "current.yaml"):
        path = repository / "jsonschema/thing/seen" / name
        identity = {"title": "thing/seen", "$id": "/thing/seen/1.0.0"}
        path.write_text(serialize({**identity, **schema}))
    results = check(configured(repository))
    assert failed(results)
    assert max(len(f.message) for r in results for f in r.findings) < 400
