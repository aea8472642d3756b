"""A history written as columns and opened again is the same history."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.facts import facts_as_of
from data.history import MISSING, DeliveryHistory
from data.history_columns import from_document, to_document
from data.metric import read_facts
from data.metric_catalogue import METRICS
from tests.benchmarks.histories import INDEX, NOW, RULES, as_history, plan
from tests.property.effort import effort
from tests.strategies import Case, cases

TWENTY = as_history(plan(20))


def again(history: DeliveryHistory) -> DeliveryHistory:
    """Through a file's text, read by the standard library."""
    return from_document(json.loads(json.dumps(to_document(history))), history.rules, history.index)


def assert_same(one: Any, other: Any) -> None:
    if isinstance(one, np.ndarray):
        assert one.dtype == other.dtype
        assert np.array_equal(one, other)
    elif hasattr(one, "__dataclass_fields__"):
        for name in one.__dataclass_fields__:
            assert_same(getattr(one, name), getattr(other, name))
    elif isinstance(one, dict):
        assert one.keys() == other.keys()
        for name, value in one.items():
            assert_same(value, other[name])
    elif isinstance(one, str | int | bool | None):
        assert one == other
    else:
        assert list(one) == list(other)


@effort(60)
@given(cases())
def test_every_column_comes_back_as_it_was(case: Case):
    history = case.read(read_facts).history
    opened = again(history)
    for name in ("rules", "index"):
        assert getattr(opened, name) is getattr(history, name)
    for name in set(history.__dataclass_fields__) - {"rules", "index"}:
        assert_same(getattr(history, name), getattr(opened, name))


@effort(25)
@given(cases())
def test_the_numbers_of_an_opened_history_are_the_same(case: Case):
    facts = case.read(read_facts)
    opened = facts_as_of(again(facts.history), facts.as_of)
    for metric in METRICS:
        assert metric.measure(opened, case.days) == metric.measure(facts, case.days)


def test_a_team_of_a_thousand_takes_no_more_than_half_as_much_again_as_its_columns():
    history = as_history(plan(1000))
    events = (history.statuses_entered, history.resolutions, history.flags)
    columns = [column for part in events for column in (part.issue, part.time, part.value)]
    columns += [history.created, history.resolved, history.current_status, history.kind, history.project]

    assert len(json.dumps(to_document(history))) <= 1.5 * sum(column.nbytes for column in columns)
    assert METRICS[5].measure(facts_as_of(again(history), NOW), 30)["value"] > 0


@effort(25)
@given(st.lists(st.one_of(st.just(MISSING), st.integers(-(2**63), 2**63 - 1)), min_size=20, max_size=20), st.data())
def test_instants_of_any_size_and_distance_come_back_as_they_were(instants: list[int], data: st.DataObject):
    unit = data.draw(st.sampled_from([1, 1000, 3_600_000_000]))
    times = np.array([instant // unit * unit if instant > MISSING + unit else MISSING for instant in instants])

    opened = again(replace(TWENTY, resolved=times))

    assert_same(opened.resolved, times)


def test_more_rows_than_are_read_at_once_come_back_as_they_were():
    history = as_history(plan(5000))
    opened = again(history)

    assert len(history.statuses_entered.time) > 40_000
    for name in ("statuses_entered", "resolutions", "roles", "fixes"):
        assert_same(getattr(opened, name), getattr(history, name))


def test_labels_with_line_breaks_are_kept_apart():
    facts = read_facts([{"id": "1", "key": "A\nB", "fields": {}}, {"id": "2", "key": "", "fields": {}}], {}, as_of=NOW)

    assert list(again(facts.history).labels) == ["A\nB", "2"]


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ({"schema": 0}, "another version"),
        ({"resolved": {"type": "int64", "count": 2, "all": 5}}, "differ in length"),
        ({"roles": None}, "damaged"),
        ({"kind": {"type": "int32", "count": 3, "as": "digits", "least": 0, "unit": 1, "digits": "####"}}, "cut off"),
        ({"kind": {"type": "int32", "count": 3, "as": "digits", "least": 0, "unit": 1, "digits": ""}}, "cut off"),
        ({"kind": {"type": "int32", "count": 3, "all": 2**70}}, "damaged"),
        ({"flags": {"per_issue": {"type": "int64", "count": 3, "all": 9}}}, "damaged"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_next_step(damage, told):
    document = to_document(as_history(plan(3)))

    with pytest.raises(ValueError, match=f"{told}.*read the issues again"):
        from_document(document | damage, RULES, INDEX)
