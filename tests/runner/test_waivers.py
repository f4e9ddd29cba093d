"""Waivers: shown, found to be of no use, and written into a configuration file."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jsonschema_tools.checks import CHECKS
from jsonschema_tools.config import load_config
from jsonschema_tools.documents.document import parse_document
from jsonschema_tools.ecmascript.matching import compile_regex
from jsonschema_tools.errors import ConfigError
from jsonschema_tools.found_files import find_files
from jsonschema_tools.runner.baseline import pattern_for, with_entries
from jsonschema_tools.runner.check_run import CheckRun, check_files
from jsonschema_tools.runner.waivers import describe, misplaced, unused
from jsonschema_tools.values import get_field
from support.materializing import materialize_all

if TYPE_CHECKING:
    from pathlib import Path

TODAY = date(2026, 6, 1)
CONFIG = """\
skipSchemaTestCases:
  '^/a/': schema-is-valid
  '^/b/':
    - check: schema-is-secure
      reason: legacy
      ticket: T1
      owner: the team
      until: 2026-05-31
    - check: schema-is-secur
      until: 2027-01-31
"""


def test_waivers_are_listed(tmp_path: Path) -> None:
    (tmp_path / ".jsonschema-tools.yaml").write_text(CONFIG)
    config = load_config(tmp_path)
    assert describe(config, TODAY) == (
        ".jsonschema-tools.yaml:2:3: schema-is-valid for '^/a/': no reason given\n"
        ".jsonschema-tools.yaml:4:7: schema-is-secure for '^/b/': "
        "legacy, ticket T1, owner the team, ran out on 2026-05-31\n"
        ".jsonschema-tools.yaml:9:7: schema-is-secur for '^/b/': until 2027-01-31\n"
    )
    assert list(misplaced(config, TODAY)) == [
        ".jsonschema-tools.yaml:4:7: the waiver of schema-is-secure for '^/b/' ran out on "
        "2026-05-31: it no longer skips anything",
        ".jsonschema-tools.yaml:9:7: check 'schema-is-secur' not found; "
        "did you mean 'schema-is-secure'?",
    ]


def test_no_waivers(tmp_path: Path) -> None:
    assert describe(load_config(tmp_path), TODAY) == "no waivers\n"


def test_a_waiver_is_matched_with_ids_whatever_the_version_field_is(tmp_path: Path) -> None:
    (tmp_path / ".jsonschema-tools.yaml").write_text(
        "schemaBasePath: ./schemas\nschemaVersionField: version\nrequiredFields: []\n"
        "skipSchemaTestCases:\n"
        "  '^/a/b/': [schema-is-secure, schema-version-compatibility]\n"
        "  '^1': schema-is-secure\n"
    )
    current = tmp_path / "schemas/a/b/current.yaml"
    current.parent.mkdir(parents=True)
    current.write_text(
        "title: a/b\ndescription: d\n$id: /a/b/1.0.0\nversion: 1.0.0\n"
        "$schema: https://json-schema.org/draft-07/schema#\ntype: object\n"
        "properties: {text: {type: string}}\n"
    )
    materialize_all(tmp_path)
    config = load_config(tmp_path)
    checked = check_files(find_files(config), CheckRun(config, CHECKS, TODAY), jobs=1)
    skipped = {r.check for done in checked.titles for r in done.results if r.outcome == "skipped"}
    assert skipped == {"schema-is-secure"}
    assert list(unused(config, checked, TODAY)) == [
        ".jsonschema-tools.yaml:5:32: the waiver for '^/a/b/' skips nothing: "
        "schema-version-compatibility has nothing to check there",
        ".jsonschema-tools.yaml:6:3: the waiver for '^1' skips nothing: no schema matches",
    ]


ENTRIES = {r"^/a/1\.0\.0$": ["schema-is-valid", "schema-is-secure"], "^/it's$": ["schema-is-valid"]}
ADDED = (
    r"  '^/a/1\.0\.0$':"
    "\n"
    "    - schema-is-valid\n"
    "    - schema-is-secure\n"
    "  '^/it''s$':\n"
    "    - schema-is-valid\n"
)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "skipSchemaTestCases:\n{}"),
        ("# settings", "# settings\nskipSchemaTestCases:\n{}"),
        ("logLevel: info # more\n", "logLevel: info # more\nskipSchemaTestCases:\n{}"),
        (
            "skipSchemaTestCases:  # why\n  /b/: [schema-is-valid]\n\n# end\nlogLevel: info\n",
            "skipSchemaTestCases:  # why\n  /b/: [schema-is-valid]\n{}\n# end\nlogLevel: info\n",
        ),
        (
            "skipSchemaTestCases:\n  /b/:\n  - check: x\n    reason: |\n      so\n  # end\n",
            "skipSchemaTestCases:\n  /b/:\n  - check: x\n    reason: |\n      so\n{}  # end\n",
        ),
        ("skipSchemaTestCases: {}\na: 1\n", "skipSchemaTestCases:\n{}a: 1\n"),
        ("skipSchemaTestCases: # none\na: 1\n", "skipSchemaTestCases: # none\n{}a: 1\n"),
        ("skipSchemaTestCases: null", "skipSchemaTestCases:\n{}"),
    ],
)
def test_entries_are_added_and_no_other_byte_changes(before: str, after: str) -> None:
    written = with_entries(before, ENTRIES, "f")
    assert written.removesuffix("\n") == after.replace("{}", ADDED, 1).removesuffix("\n")


def test_line_ends_stay(tmp_path: Path) -> None:
    before = "skipSchemaTestCases:\r\n  x: [schema-is-valid]\r\nlogLevel: info\r\n"
    added = "".join(f"{line}\r\n" for line in ADDED.splitlines())
    after = before.replace("logLevel", f"{added}logLevel")
    assert with_entries(before, ENTRIES, "f") == after


def test_a_list_that_is_there_grows() -> None:
    before = "skipSchemaTestCases:\n  ^/a/1\\.0\\.0$:\n    - x # why\n    # end\nlogLevel: info\n"
    after = before.replace("    # end", "    - schema-is-valid\n    - schema-is-secure\n    # end")
    entries = {key: checks for key, checks in ENTRIES.items() if "a" in key}
    assert with_entries(before, entries, "f") == after


@pytest.mark.parametrize(
    "text",
    [
        "{skipSchemaTestCases: {x: [y]}}",
        "skipSchemaTestCases: {x: [y]}\n",
        "skipSchemaTestCases:\n  '^/it''s$': [y]\n",
        "a: 1\n...\n",
    ],
)
def test_no_file_is_spoiled(text: str) -> None:
    with pytest.raises(ConfigError, match="without touching the rest"):
        with_entries(text, ENTRIES, "f")


@given(st.text(min_size=1), st.text())
def test_a_pattern_matches_its_id_alone(identifier: str, other: str) -> None:
    pattern = compile_regex(pattern_for(identifier))
    assert pattern.search(identifier)
    assert pattern.search(other) == (other == identifier)


@given(st.text(min_size=1, max_size=20))
def test_any_id_can_be_written(identifier: str) -> None:
    pattern = pattern_for(identifier)
    text = with_entries("logLevel: info\n", {pattern: ["schema-is-valid"]}, "f")
    written = get_field(parse_document(text, "f").data, "skipSchemaTestCases")
    assert written == {pattern: ["schema-is-valid"]}
