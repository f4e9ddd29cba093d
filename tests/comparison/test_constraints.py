"""Both checks of two versions together: what they pass refuses no event that was valid."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from random import Random  # noqa: TC003 - hypothesis reads the annotations
from shutil import copytree
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from jsonschema import Draft7Validator

from jsonschema_tools.comparison import Change, changes
from jsonschema_tools.comparison.allowance import Allowance
from jsonschema_tools.comparison.counterexample import Search
from jsonschema_tools.config import load_config
from jsonschema_tools.repository import scan
from support import random_events as events
from support.effort import examples

PRIMARY = Path(__file__).parents[3] / "shared/repositories/primary"
FORMATS = Draft7Validator.FORMAT_CHECKER


def validator(schema: Any) -> Draft7Validator:
    return Draft7Validator(schema, format_checker=FORMATS)


def refused(old: Any, new: Any) -> list[Change]:
    found = changes(old, new, policy="reference")
    return [change for change in found if change.verdict != "allowed"]


@settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(events.versions())
def test_what_passes_refuses_no_event_that_was_valid(pair: tuple[Any, Any, Random]) -> None:
    old, new, rnd = pair
    assume(old != new and not refused(old, new))
    before, after = validator(old), validator(new)
    for _ in range(40):
        event = events.event(rnd, rnd.choice([old, old, new]))
        if before.is_valid(event) and events.only_declared(event, [old]):
            assert after.is_valid(event), [change.message for change in changes(old, new)]


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(events.versions())
def test_a_witness_is_accepted_by_the_old_and_refused_by_the_new(
    pair: tuple[Any, Any, Random],
) -> None:
    old, new, _ = pair
    for change in refused(old, new):
        event = Search(old, new, Allowance()).find(change)
        if event is not None:
            assert validator(old).is_valid(event)
            assert not validator(new).is_valid(event)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(events.versions())
def test_a_schema_against_itself(pair: tuple[Any, Any, Random]) -> None:
    assert changes(pair[0], pair[0]) == []


@pytest.mark.skipif(not PRIMARY.exists(), reason="a clone has no real repository")
def test_a_real_repository_has_gained_one_constraint(tmp_path: Path) -> None:
    copytree(PRIMARY, tmp_path, symlinks=True, dirs_exist_ok=True)
    found = []
    for title in scan(load_config(tmp_path)).titles:
        files = title.materialized("yaml")
        for old, new in pairwise(files):
            assert old.version
            assert new.version
            if old.version.major == new.version.major:
                constraints = [
                    c for c in changes(old.schema, new.schema) if c.verdict == "constraint"
                ]
                found += [(title.name, str(new.version), change.message) for change in constraints]
    message = "the schema was closed to fields that are not declared"
    assert found == [("fragment/common", "1.1.0", message)]
