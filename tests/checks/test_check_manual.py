"""The manual: every check explains itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from jsonschema_tools.checks import BY_ID, CHECKS
from jsonschema_tools.checks.base import SUITES, Check
from jsonschema_tools.checks.manual import sections

if TYPE_CHECKING:
    from conftest import RunTool


def test_the_sections_hold_every_check() -> None:
    text = sections()
    assert [f"### {check.id}\n" in text for check in CHECKS] == [True] * len(CHECKS)


def test_ids_are_unique_and_suites_known() -> None:
    assert len(BY_ID) == len(CHECKS) == 44
    assert {check.suite for check in CHECKS} == set(SUITES)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
def test_every_check_has_a_manual_page(check: Check) -> None:
    assert check.summary.endswith(".")
    assert len(check.summary) <= 100
    for part in ("Bad", "Good", "ix"):  # "Fix: …", "To fix it, …"
        assert part in check.explanation


def test_explain_prints_the_page(run_tool: RunTool) -> None:
    told = run_tool("explain", "schema-is-secure")
    assert told.returncode == 0
    assert told.stdout.startswith("schema-is-secure\n")
    assert BY_ID["schema-is-secure"].explanation in told.stdout


def test_explain_without_a_check_lists_all(run_tool: RunTool) -> None:
    told = run_tool("explain")
    assert all(check.id in told.stdout for check in CHECKS)


def test_explain_suggests_a_check(run_tool: RunTool) -> None:
    told = run_tool("explain", "schema-is-secur")
    assert told.returncode == 2
    assert "did you mean 'schema-is-secure'?" in told.stderr
