"""A view counts what its filters select, over facts that are those of the whole history."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from data.filters import Filters
from data.metric import read_facts
from data.metric_catalogue import METRICS, family
from tests.property.effort import effort
from tests.reference.catalogue import REFERENCES
from tests.reference.comparison import differences
from tests.reference.results import change_of
from tests.reference.world import World, read_world
from tests.strategies import Case, cases, filters

ONE_PROJECT = st.sampled_from(["EX", "WY"]).map(lambda key: Filters(project=frozenset({key})))


def world_of(case: Case, asked: Filters) -> World:
    return case.call(read_world, filters=asked)


def plainly(results: dict[str, Any]) -> str:
    return json.dumps(results, sort_keys=True)


def measured(facts: Any, days: int, metrics: Any = METRICS) -> dict[str, Any]:
    return {metric.key: metric.measure(facts, days) for metric in metrics}


@effort(120)
@given(cases(), filters() | ONE_PROJECT)
def test_every_metric_of_a_view_equals_the_reference_over_the_chosen_issues(case: Case, asked: Filters):
    view = case.read(read_facts).where(asked)
    disagreements = {}
    for metric in METRICS:
        expected = case.call(REFERENCES[metric.key], filters=asked)
        expected["change"] = change_of(expected, metric.better)
        found = differences(metric.measure(view, case.days), expected)
        if found:
            disagreements[metric.key] = found
    assert not disagreements


@effort(40)
@given(cases(), filters())
def test_the_flow_of_a_view_is_that_of_a_history_of_the_chosen_issues_alone(case: Case, asked: Filters):
    """Statuses are told as the whole site tells them; nothing else about flow needs any other issue."""
    assume(asked)
    world = world_of(case, asked)
    chosen = [item.raw for item in world.items if world.counts(item)]
    told = [item.raw["fields"].get("status") for item in sorted(world.items, key=lambda item: item.order)]
    alone = case.read(read_facts, issues=chosen, statuses=[*case.statuses, *told])
    view = case.read(read_facts).where(asked)
    for metric in family("flow"):
        left, right = metric.measure(view, case.days), metric.measure(alone, case.days)
        for findings in (left, right):
            del findings["findings"]
        assert left == right


@effort(25)
@given(cases(), filters(), filters())
def test_a_view_changes_nothing_for_the_others(case: Case, one: Filters, other: Filters):
    whole = case.read(read_facts)
    before = plainly(measured(whole, case.days))
    first = plainly(measured(whole.where(one), case.days))
    measured(whole.where(other), case.days)
    measured(whole.where(one).where(other), case.days)
    assert plainly(measured(whole.where(one), case.days)) == first
    assert plainly(measured(whole.where(one).where(Filters()), case.days)) == before


@effort(25)
@given(cases(), filters())
def test_the_chosen_issues_are_those_whose_fields_say_so(case: Case, asked: Filters):
    world, view = world_of(case, asked), case.read(read_facts).where(asked)
    wanted = sorted(item.label for item in world.items if world.counts(item))
    assert sorted(label for label, chosen in zip(view.history.labels, view.selected, strict=True) if chosen) == wanted
    assert view.count == len(wanted)
