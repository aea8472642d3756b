"""What is drawn beside the metrics agrees with counting item by item, on random histories."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given

from data.analysis.ageing import ageing
from data.analysis.cumulative_flow import cumulative_flow
from data.analysis.cycle_times import cycle_times
from data.analysis.littles_law import balance
from data.analysis.work_time import blocked_time, time_in_status
from data.metric import read_facts
from tests.property.effort import effort
from tests.reference import analytics as reference
from tests.reference.world import World, read_world
from tests.strategies import Case, cases


def world_of(case: Case) -> World:
    return case.call(read_world)


def close(value: Any) -> Any:
    return pytest.approx(value, rel=1e-9, abs=1e-9)


@effort(100)
@given(cases())
def test_time_in_status(case: Case):
    found, expected = (
        time_in_status(case.read(read_facts), case.days),
        reference.reference_time_in_status(world_of(case)),
    )
    for part in ("finished", "in_progress"):
        rows = {
            (row["status"], row["category"]): (row["hours"], row["items"], row["median_hours"]) for row in found[part]
        }
        assert rows == {status: close(figures) for status, figures in expected[part].items()}
        assert len(rows) == len(found[part])
        assert sum(row["share"] for row in found[part]) == close(
            1.0 if any(row["hours"] for row in found[part]) else 0.0
        )


@effort(100)
@given(cases())
def test_blocked_time(case: Case):
    found = blocked_time(case.read(read_facts), case.days)
    rows = {(row["reason"], row["kind"]): (row["hours"], row["items"], row["longest_hours"]) for row in found}
    assert rows == {
        reason: close(figures) for reason, figures in reference.reference_blocked_time(world_of(case)).items()
    }
    assert len(rows) == len(found)


@effort(100)
@given(cases())
def test_ageing(case: Case):
    found, expected = ageing(case.read(read_facts), case.days), reference.reference_ageing(world_of(case))
    assert found["marks"] == close(expected["marks"])
    assert sorted((item["key"], item["age_hours"]) for item in found["items"]) == [
        (key, close(age)) for key, age in sorted(expected["ages"].items())
    ]
    for item in found["items"]:
        passed = [int(mark) for mark, hours in expected["marks"].items() if item["age_hours"] > hours]
        assert item["beyond"] == (max(passed) if passed else None)


@effort(100)
@given(cases())
def test_cumulative_flow(case: Case):
    assert cumulative_flow(case.read(read_facts), case.days) == reference.reference_cumulative_flow(world_of(case))


@effort(100)
@given(cases())
def test_cycle_times(case: Case):
    found = cycle_times(case.read(read_facts), case.days)
    rows = sorted(zip(found["keys"], found["finished"], found["hours"], strict=True))
    assert rows == [(key, at, close(hours)) for key, at, hours in sorted(reference.reference_finishes(world_of(case)))]
    assert sum(found["bins"]) == len(rows)


@effort(10)
@given(cases())
def test_balance(case: Case):
    """The average load is that of counting at equal steps, but for a step at each end of a stay."""
    found, world = balance(case.read(read_facts), case.days), world_of(case)
    finishes = reference.reference_finishes(world)
    assert found["finished_per_day"] == close(len(finishes) / case.days)
    step = timedelta(days=case.days) / 200
    ends = 2 * sum(len(item.moves) + 1 for item in world.items)
    assert found["average_load"] == pytest.approx(reference.reference_average_load(world, step), abs=ends / 200)
    if found["debt_hours"] is not None:
        implied = found["average_load"] * case.days * 24 / len(finishes)
        assert found["implied_hours"] == close(implied)
        assert found["debt_hours"] == close(implied - found["average_hours"])
