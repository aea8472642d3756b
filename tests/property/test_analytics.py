"""What is drawn beside the metrics agrees with counting item by item, on random histories."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.analysis.ageing import ageing
from data.analysis.cumulative_flow import cumulative_flow
from data.analysis.cycle_times import cycle_times
from data.analysis.littles_law import balance
from data.analysis.process_behaviour import process_behaviour
from data.analysis.work_time import blocked_time, time_in_status
from data.forecast import weekly_throughput
from data.metric import read_facts
from tests.property.effort import effort
from tests.reference import analytics as reference
from tests.reference.behaviour import reference_behaviour
from tests.reference.world import World, read_world
from tests.strategies import Case, cases


def world_of(case: Case) -> World:
    return case.call(read_world)


def close(value: Any) -> Any:
    return pytest.approx(value, rel=1e-9, abs=1e-9)


@effort(60)
@given(cases())
def test_time_in_status(case: Case):
    found, expected = (
        time_in_status(case.read(read_facts), case.days),
        reference.reference_time_in_status(world_of(case)),
    )
    for part in ("finished", "in_progress"):
        rows = {
            (row["status"], row["category"]): (row["hours"], row["share"], row["items"], row["median_hours"])
            for row in found[part]
        }
        assert rows == {status: close(figures) for status, figures in expected[part].items()}
        assert len(rows) == len(found[part])


@effort(60)
@given(cases())
def test_blocked_time(case: Case):
    found = blocked_time(case.read(read_facts), case.days)
    expected = reference.reference_blocked_time(world_of(case))
    rows = {(row["reason"], row["kind"]): (row["hours"], row["items"], row["longest_hours"]) for row in found}
    assert rows == {
        reason: close((sum(hours for hours, _ in items), len(items), max(items)[0]))
        for reason, items in expected.items()
    }
    assert len(rows) == len(found)
    for row in found:
        assert (close(row["longest_hours"]), row["longest"]) in expected[row["reason"], row["kind"]]


@effort(60)
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
        for ahead, chance in expected["chances"][item["key"]].items():
            assert item["chance"][ahead] == (None if chance is None else close(chance))


@effort(60)
@given(cases())
def test_cumulative_flow(case: Case):
    found = cumulative_flow(case.read(read_facts), case.days)
    bands = {(band["status"], band["category"]): band["counts"] for band in found["bands"]}
    assert len(bands) == len(found["bands"])
    assert {**found, "bands": bands} == reference.reference_cumulative_flow(world_of(case))


@effort(60)
@given(cases())
def test_cycle_times(case: Case):
    found, expected = cycle_times(case.read(read_facts), case.days), reference.reference_cycle_times(world_of(case))
    rows = sorted(zip(found["keys"], found["finished"], found["hours"], strict=True))
    assert rows == [(key, at, close(hours)) for key, at, hours in sorted(expected["finishes"])]
    assert found["finished"] == sorted(found["finished"], key=datetime.fromisoformat)
    assert found["percentiles"] == close(expected["percentiles"])
    assert found["bins"] == expected["bins"]


@effort(50)
@given(cases(), st.sampled_from([6, 26]))
def test_throughput(case: Case, weeks: int):
    found = weekly_throughput(case.read(read_facts), weeks)
    expected = reference.reference_throughput(world_of(case), weeks)
    assert [*zip(found.labels, found.counts.tolist(), strict=True)] == expected


@effort(30)
@given(cases())
def test_balance(case: Case):
    found, expected = balance(case.read(read_facts), case.days), reference.reference_balance(world_of(case))
    assert {name: found[name] for name in expected} == {
        name: None if value is None else close(value) for name, value in expected.items()
    }
    average, implied = expected["average_hours"], expected["implied_hours"]
    assert found["enough"] == (average is not None)
    if average is None:
        assert (found["debt_hours"], found["verdict"]) == (None, None)
    else:
        assert found["debt_hours"] == close(implied - average)
        far = "ageing" if implied > average else "draining"
        assert found["verdict"] == (far if max(implied, average) > 1.25 * min(implied, average) else "stable")


def weekly_values() -> st.SearchStrategy[list[float | None]]:
    """Weeks that stay about a level and then about another, some without a value; also levels without any noise."""
    wobbles = st.lists(st.sampled_from([-1.0, -0.4, 0.0, 0.1, 0.5, 1.0, 6.0, None]), min_size=1, max_size=14)
    quiet = st.integers(1, 14).map(lambda weeks: [0.0] * weeks)
    levels = st.tuples(st.sampled_from([0.0, 0.1, 1 / 3, 3.0, 7.0, 40.0]), wobbles | quiet)
    return st.lists(levels, max_size=6).map(
        lambda parts: [None if move is None else max(0.0, level + move) for level, moves in parts for move in moves]
    )


@effort(150)
@given(weekly_values(), st.sampled_from([None, 1.0]))
def test_process_behaviour(values: list[float | None], highest: float | None):
    found, expected = process_behaviour(values, highest=highest), reference_behaviour(values, highest)
    signals = [(signal["rule"], signal["side"], signal["first"], signal["last"]) for signal in found["signals"]]
    assert (found["enough"], found["judged"]) == (expected["enough"], expected["judged"])
    assert [(one["first"], one["last"]) for one in found["baselines"]] == [one[:2] for one in expected["baselines"]]
    for baseline, limits in zip(found["baselines"], expected["baselines"], strict=True):
        assert (baseline["mean"], baseline["low"], baseline["high"]) == close(limits[2:])
    assert set(signals) == expected["signals"]
    assert len(signals) == len(expected["signals"])
