"""Fault plans: read from JSON, refused in words when they make no sense."""

import json
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from github_app.demo.github.faults import Fault, FaultPlan, FaultPlanError, Kind, Limits, When, Where, read_plan

WHEN = st.builds(When, st.integers(1, 9), st.none() | st.integers(1, 9), st.floats(0.01, 1))
CALLS = st.sampled_from([kind for kind in Kind if not kind.startswith("deliver")])
FAULTS = st.builds(Fault, CALLS, st.builds(Where, st.sampled_from(["", "GET"]), st.just("/a")), WHEN)
PLANS = st.builds(FaultPlan, st.integers(), st.lists(FAULTS).map(tuple), st.none() | st.builds(Limits))


@given(PLANS)
def test_a_plan_is_the_same_as_json(plan: FaultPlan) -> None:
    """Written and read again, nothing is lost."""
    assert read_plan(json.dumps(asdict(plan))) == plan


@given(st.text() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_whatever_is_no_plan_is_refused(source: str) -> None:
    """With one kind of error, whatever the text."""
    with pytest.raises(FaultPlanError):
        read_plan(source)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ('{"fautls": []}', "fautls: "),
        ('{"faults": [{"kind": "meteor"}]}', "faults.0.kind: "),
        ('{"faults": [{"kind": "timeout", "where": {"path": "("}}]}', "where.path is no regular expression"),
        ('{"faults": [{"kind": "timeout", "when": {"nth": 0}}]}', "begin at 1"),
        ('{"faults": [{"kind": "timeout", "when": {"probability": 2}}]}', "at most 1"),
        ('{"faults": [{"kind": "timeout", "where": {"event": "push"}}]}', "not by event"),
        ('{"faults": [{"kind": "delivery_lost", "where": {"path": "/"}}]}', "where.event"),
        ('{"faults": [{"kind": "stale_read", "after_commit": true}]}', "lose an answer"),
        ('{"faults": [{"kind": "primary_limit", "seconds": 0.5}]}', "whole seconds"),
        ('{"faults": [{"kind": "delivery_duplicated", "times": 6}]}', "times is 1 to 5"),
        ('{"faults": [{"kind": "deliveries_reordered", "when": {"count": null}}]}', "2 or more"),
    ],
)
def test_a_mistake_is_named(source: str, words: str) -> None:
    """Where it is, and what would be right."""
    with pytest.raises(FaultPlanError, match=words):
        read_plan(source)
