"""What each compatibility policy lets a version change, and what that means for events."""

from __future__ import annotations

from random import Random  # noqa: TC003 - hypothesis reads the annotations
from typing import TYPE_CHECKING, Any

import jsonschema_rs
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator, SchemaError

from jsonschema_tools.comparison.compare import Change, changes
from support import random_events as events

if TYPE_CHECKING:
    from jsonschema_tools.comparison.policy import Policy

PROPERTY = settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@st.composite
def versions(draw: st.DrawFn) -> tuple[Any, Any, Random]:
    """Two versions of a schema, of which one is a change of the other, and chance for events."""
    rnd = draw(st.randoms(use_true_random=False))
    old = events.usable(events.schema(rnd))
    assume(isinstance(old, dict))
    new = events.changed(rnd, old)
    if draw(st.booleans()):
        old, new = new, old
    try:
        Draft7Validator.check_schema(old)
        Draft7Validator.check_schema(new)
    except SchemaError:
        assume(False)
    return old, new, rnd


def refused(old: Any, new: Any, policy: Policy) -> list[Change]:
    return [change for change in changes(old, new, policy=policy) if change.verdict != "allowed"]


def validator(schema: Any) -> jsonschema_rs.Draft7Validator:
    return jsonschema_rs.Draft7Validator(schema, validate_formats=True)


@PROPERTY
@given(versions())
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
@given(versions())
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
