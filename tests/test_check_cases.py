"""Every check on a sound repository that was changed a little: tests/cases/check/cases.yaml."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jsonschema_tools import serialize
from jsonschema_tools.checks import BY_ID, select
from jsonschema_tools.config import load_config
from jsonschema_tools.documents.document import read_document
from jsonschema_tools.pointers import follow
from jsonschema_tools.runner.check_run import CheckRun, check_files
from jsonschema_tools.runner.selection import select_files, since
from jsonschema_tools.serialization import CONTENT_TYPES

if TYPE_CHECKING:
    from jsonschema_tools.runner.run import Result

CASES = Path(__file__).parent / "cases" / "check"


@dataclass(frozen=True)
class Case:
    """A change to the sound repository, and what a check says to it."""

    check: str
    name: str
    given: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.check}: {self.name}"


def all_cases() -> list[Case]:
    by_check: Any = read_document(CASES / "cases.yaml", "cases.yaml").data
    return [
        Case(check, given["name"], given) for check, cases in by_check.items() for given in cases
    ]


@pytest.mark.parametrize("case", all_cases(), ids=str)
def test_check(case: Case, tmp_path: Path) -> None:
    results = run(case, tmp_path)
    found = findings(results, case.check)
    if os.environ.get("UPDATE_EXPECTED"):
        update_expected(case, found)
    assert found == expected()[str(case)]
    assert bool(found) != case.given.get("passes", False)
    failed = {result.check for result in results if result.outcome == "failed"}
    assert failed == {case.check for _ in found} | set(case.given.get("also", ()))


def test_every_check_has_a_case_that_fails_and_one_that_passes(tmp_path: Path) -> None:
    failing = {case.check for case in all_cases() if not case.given.get("passes")}
    of_files = {name for name, check in BY_ID.items() if check.suite != "streams"}
    on_demand = {name for name in of_files if not BY_ID[name].runs_unasked}
    assert failing == of_files
    sound = run(Case("", "", {"against": True}), tmp_path)
    assert {result.outcome for result in sound} == {"passed"}
    only_where_wrong = {
        "structure-title-matches-directory",
        "structure-latest-version-exists",
        "schema-dialect",
    }
    assert {result.check for result in sound} == of_files - only_where_wrong - on_demand


def expected() -> dict[str, list[str]]:
    """Return the expected findings of every case."""
    sections = (CASES / "expected.txt").read_text(encoding="utf-8").split("\n\n")
    lines = (section.strip("\n").split("\n") for section in sections)
    return {case: [line.strip() for line in found] for case, *found in lines}


def update_expected(case: Case, found: list[str]) -> None:
    known = {**expected(), str(case): found}
    sections = (
        "\n  ".join([name, *known[name]]) for name in map(str, all_cases()) if name in known
    )
    (CASES / "expected.txt").write_text("\n\n".join(sections) + "\n", encoding="utf-8")


def findings(results: list[Result], check: str) -> list[str]:
    return [
        f"{finding.at}: {finding.message}" + (f" (from {finding.origin})" if finding.origin else "")
        for result in results
        if result.check == check
        for finding in result.findings
    ]


def run(case: Case, folder: Path) -> list[Result]:
    """Return the results for the changed repository, which is made in a folder."""
    shutil.copytree(CASES / "base", folder, symlinks=True, dirs_exist_ok=True)
    given = case.given
    if given.get("against"):
        identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
        for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "base"]):
            subprocess.run(["git", *identity, *command], cwd=folder, check=True)
    change(given, folder)
    config = load_config(folder)
    selection = select_files(config)
    if given.get("against"):
        selection = since(selection, config, "HEAD", everything=True)
    check_run = CheckRun(
        config, select(select=given.get("select", ())), date(2026, 1, 1), selection.published
    )
    checked = check_files(selection.found, check_run)
    return [result for done in checked.titles for result in done.results]


def change(given: dict[str, Any], folder: Path) -> None:
    settings: Any = read_document(folder / ".jsonschema-tools.yaml", "settings").data
    write(folder / ".jsonschema-tools.yaml", {**settings, **given.get("config", {})})
    for name, original in given.get("copies", {}).items():
        make_way(folder / name).write_bytes((folder / original).read_bytes())
    for name, content in given.get("files", {}).items():
        path = make_way(folder / name)
        if content is not None:
            path.write_text(content, encoding="utf-8")
    for name, target in given.get("links", {}).items():
        make_way(folder / name).symlink_to(target)
    for name, values in given.get("set", {}).items():
        edit(folder, name, values, [])
    for name, pointers in given.get("remove", {}).items():
        edit(folder, name, {}, pointers)


def make_way(path: Path) -> Path:
    """Return a path where nothing is any more, in a folder that is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def edit(folder: Path, name: str, values: dict[str, Any], removed: list[str]) -> None:
    path = folder / "jsonschema" / name
    whole = path.suffix in {".yaml", ".json"}
    for file in [path] if whole else [path.with_name(f"{path.name}.{t}") for t in CONTENT_TYPES]:
        schema = read_document(file, name).data
        for pointer, value in values.items():
            holder, key = place(schema, pointer)
            if isinstance(holder, list) and key == len(holder):
                holder.append(value)
            else:
                holder[key] = value
        for pointer in removed:
            holder, key = place(schema, pointer)
            del holder[key]
        write(file, schema)


def place(schema: Any, pointer: str) -> tuple[Any, Any]:
    """Return what holds the value that a pointer leads to, and its key there."""
    parent, _, key = pointer.rpartition("/")
    holder = follow(schema, parent)
    return holder, int(key) if isinstance(holder, list) else key


def write(file: Path, value: Any) -> None:
    text = serialize(value, "json" if file.suffix == ".json" else "yaml")
    file.write_text(text, encoding="utf-8")
