"""What each compatibility policy lets a version change, and what that means for events."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random  # noqa: TC003 - hypothesis reads the annotations
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, assume, given, settings

from jsonschema_tools import parse
from jsonschema_tools.authoring.assessment import Assessor
from jsonschema_tools.catalog import catalog
from jsonschema_tools.comparison import Change, changes
from jsonschema_tools.comparison.policy import POLICIES
from jsonschema_tools.comparison.set_arithmetic import is_small
from jsonschema_tools.config import load_config
from support import random_events as events
from support.effort import examples
from support.materializing import materialize_all

if TYPE_CHECKING:
    from jsonschema_tools.comparison.policy import Policy

CASES: Any = parse((Path(__file__).parents[1] / "data/policies/cases.yaml").read_text("utf-8"))
PROPERTY = settings(
    max_examples=examples(70),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


def refused(old: Any, new: Any, policy: Policy) -> list[Change]:
    return [change for change in changes(old, new, policy=policy) if change.verdict != "allowed"]


def validator(schema: Any) -> jsonschema_rs.Draft7Validator:
    return jsonschema_rs.Draft7Validator(schema, validate_formats=True)


@PROPERTY
@given(events.versions(either_way=True))
def test_what_passes_backward_refuses_no_event_of_the_older_version(
    pair: tuple[Any, Any, Random],
) -> None:
    old, new, rnd = pair
    assume(old != new and not refused(old, new, "backward"))
    before, after = validator(old), validator(new)
    for _ in range(40):
        event = events.event(rnd, rnd.choice([old, old, new]))
        if before.is_valid(event) and events.only_declared(event, [old]):
            assert after.is_valid(event), (old, new, event)


@PROPERTY
@given(events.versions(either_way=True))
def test_what_passes_forward_is_read_with_the_older_version(
    pair: tuple[Any, Any, Random],
) -> None:
    old, new, rnd = pair
    assume(old != new and not refused(old, new, "forward"))
    before, after = validator(old), validator(new)
    for _ in range(40):
        event = events.event(rnd, rnd.choice([new, new, old]))
        if after.is_valid(event) and events.only_declared(event, [new]):
            known = events.declared_part(event, [old])
            assert before.is_valid(event) or before.is_valid(known), (old, new, event, known)


def covers(larger: Any, smaller: Any) -> bool:
    """Tell whether jsonschema-rs proves that one schema accepts all that another one accepts."""
    try:
        one, other = (
            jsonschema_rs.canonicalize(schema, draft=jsonschema_rs.Draft7, validate_formats=True)
            for schema in (larger, smaller)
        )
        return str(one.covers(other)) == "yes"
    except ValueError:
        return False  # beyond what it can compute


@PROPERTY
@given(events.versions(either_way=True))
def test_what_the_subset_engine_proves_harmless_passes(pair: tuple[Any, Any, Random]) -> None:
    old, new, _ = pair
    assume(is_small(old) and is_small(new))  # others are not asked about: that may take seconds
    wider, narrower = covers(new, old), covers(old, new)
    assert not (wider and refused(old, new, "backward")), (old, new)
    assert not (narrower and refused(old, new, "forward")), (old, new)
    assert not (wider and narrower and refused(old, new, "full")), (old, new)


@PROPERTY
@given(events.versions(either_way=True))
def test_full_is_backward_and_forward(
    pair: tuple[Any, Any, Random],
) -> None:
    old, new, _ = pair
    either = {c.message for c in [*refused(old, new, "backward"), *refused(old, new, "forward")]}
    assert {c.message for c in refused(old, new, "full")} == either


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_policies_that_allow_a_change(case: dict[str, Any]) -> None:
    allowed = [policy for policy in POLICIES if not refused(case["old"], case["new"], policy)]
    assert allowed == (case["allowed"] or [])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("$comment: team one", "$comment: team two"),
        ("title: Nmae", "title: Name"),
        ("title: Nmae", "title: Nmae, default: x, examples: [y], readOnly: true, x-owner: me"),
        ("http://json-schema.org", "https://json-schema.org"),
        ("/key", "/short_key"),
    ],
    ids=["a comment", "a title far down", "annotations", "http and https", "a helper is renamed"],
)
def test_words_need_no_major_version(before: str, after: str, tmp_path: Path) -> None:
    (tmp_path / ".jsonschema-tools.yaml").write_text("schemaBasePath: ./schemas\n")
    current = tmp_path / "schemas/shop/order/current.yaml"
    current.parent.mkdir(parents=True)
    text = (
        "title: shop/order\n$id: /shop/order/1.0.0\n$comment: team one\n"
        "$schema: http://json-schema.org/draft-07/schema#\ntype: object\n"
        "properties:\n  p: {type: string, title: Nmae}\n  q: {$ref: '#/definitions/key'}\n"
        "definitions: {key: {type: string}}\n"
    )
    current.write_text(text)
    materialize_all(tmp_path)
    text = text.replace(before, after)
    current.write_text(text.replace("{key:", "{short_key:") if after == "/short_key" else text)
    config = load_config(tmp_path)
    entries = catalog(config)
    assert entries[0].current is not None
    assert entries[0].current.document is not None
    found = Assessor(config, entries).assess(entries[0].current.document, entries[0].path)
    assert found is not None
    assert (found.needed, found.policy) == ("patch", "additive")
    stricter = replace(config, compatibility_policy="reference")
    strict = Assessor(stricter, entries).assess(entries[0].current.document, entries[0].path)
    assert strict is not None
    assert strict.needed == ("minor" if "default" in after else "major")
