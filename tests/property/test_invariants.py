"""What holds for every metric, whatever the team: the ten rules that the definitions open with."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from data.metric import Metric, read_facts
from data.metric_catalogue import METRICS, metric
from data.model import TeamRules, iso_utc
from tests.builders import at, deployment, issue
from tests.property.effort import effort
from tests.reference.issues import is_readable, label_of, one_per_identity
from tests.strategies import Case, cases

RATIOS_AND_MEDIANS = (
    "lead_time",
    "cfr",
    "mttr",
    "rework_rate",
    "flow_time",
    "flow_efficiency",
    "flow_distribution",
)
NO_VALUE = ("no_data", "not_configured", "not_measurable")
OVER_ISSUES = ("lead_time", "flow_velocity", "flow_time", "flow_efficiency", "flow_load", "flow_distribution")
CLOCK_CALLS = {"now", "today", "utcnow", "time", "time_ns", "gmtime", "localtime", "monotonic", "monotonic_ns"}


def as_bytes(result: Any) -> bytes:
    return json.dumps(result, allow_nan=False).encode()


def measure_all(case: Case, **changed: Any) -> dict[str, Any]:
    days = changed.pop("days", case.days)
    facts = case.read(read_facts, **changed)
    return {metric.key: metric.measure(facts, days) for metric in METRICS}


def candidates(result: Any) -> Counter[str]:
    return Counter([*result["included"], *(label for labels in result["excluded"].values() for label in labels)])


@effort(15)
@given(cases())
def test_the_same_input_gives_the_same_bytes(case: Case):
    before = deepcopy((case.issues, case.versions, case.statuses, case.events))
    assert as_bytes(measure_all(case)) == as_bytes(measure_all(case))
    assert (case.issues, case.versions, case.statuses, case.events) == before, "the input is not written to"


def clock_calls(measure: Callable[[], object]) -> list[str]:
    """Where code of the product asks for the time, but for the module that records how long a calculation took."""
    asked = []

    def watch(frame: Any, event: str, called: Any) -> None:
        module = frame.f_globals.get("__name__", "")
        measuring = module.startswith("data.") and module != "data.performance_utils"
        if event == "c_call" and measuring and called.__name__ in CLOCK_CALLS:
            asked.append(f"{module}:{frame.f_lineno} {called.__qualname__}")

    sys.setprofile(watch)
    try:
        measure()
    finally:
        sys.setprofile(None)
    return asked


@effort(10)
@given(cases())
def test_no_calculation_asks_a_clock(case: Case):
    assert clock_calls(lambda: measure_all(case)) == []


def test_only_the_outermost_call_may_ask_the_clock_when_no_instant_is_given():
    assert len(clock_calls(lambda: metric("flow_load")([], {}, 30))) == 1


@effort(20)
@given(st.integers(1, 400), st.integers(0, 10**6), st.sampled_from(["UTC", "Europe/Berlin", "Pacific/Auckland"]))
def test_a_period_is_open_at_its_start_and_closed_at_its_end(days: int, minutes: int, zone: str):
    as_of = at("2024-01-01 00:00") + timedelta(minutes=minutes)
    start, tick = as_of - timedelta(days=days), timedelta(milliseconds=1)
    finishes = {"AT-START": start, "IN-1": start + tick, "IN-2": as_of, "AFTER": as_of + tick}
    begun = start - timedelta(days=1)
    issues = [issue(key, begun, moves=[(begun, "In Progress"), (finish, "Done")]) for key, finish in finishes.items()]
    events = [deployment(f"run {key}", finish) for key, finish in finishes.items()]
    rules = TeamRules(timezone=zone)
    velocity = metric("flow_velocity")(issues, {}, days, as_of=as_of, rules=rules)
    assert sorted(velocity["included"]) == ["IN-1", "IN-2"]
    assert velocity["previous"]["sample_size"] == 1
    frequency = metric("deployment_frequency")([], {}, days, as_of=as_of, rules=rules, events=events)
    assert sorted(frequency["included"]) == ["run IN-1", "run IN-2"]
    assert frequency["previous"]["sample_size"] == 1


@effort(20)
@given(cases())
def test_included_and_excluded_are_the_candidates_exactly(case: Case):
    """Over issues these are all issues; whatever the period, the same candidates are parted."""
    every_issue = Counter(label_of(record) for record in one_per_identity(case.issues))
    longer = measure_all(case, days=400)
    for key, now in measure_all(case).items():
        assert candidates(now) == candidates(longer[key])
        if key in OVER_ISSUES:
            assert candidates(now) == every_issue
        assert all(now["excluded"].values()), "a reason is listed only with labels"


@effort(25)
@given(cases(), st.randoms())
def test_the_order_of_issues_does_not_matter(case: Case, dice: Random):
    shuffled = list(case.issues)
    dice.shuffle(shuffled)
    assert as_bytes(measure_all(case)) == as_bytes(measure_all(case, issues=shuffled))


@effort(25)
@given(cases(), st.randoms())
def test_a_second_copy_of_an_issue_changes_nothing(case: Case, dice: Random):
    with_identity = [record for record in case.issues if isinstance(record, dict) and (record.keys() & {"id", "key"})]
    assume(with_identity)
    doubled = [*case.issues, deepcopy(dice.choice(with_identity))]
    assert as_bytes(measure_all(case)) == as_bytes(measure_all(case, issues=doubled))


@effort(25)
@given(cases())
def test_an_issue_wholly_outside_the_period_only_adds_itself_to_the_excluded(case: Case):
    assume(any(is_readable(record) for record in case.issues))
    long_ago = case.as_of - timedelta(days=1000)
    past = long_ago + timedelta(days=2)
    outsider = issue("OUT-1", long_ago, moves=[(long_ago, "In Progress"), (past, "Closed")], project="77")
    before, after = measure_all(case), measure_all(case, issues=[*case.issues, outsider])
    for key, without in before.items():
        with_it = after[key]
        assert candidates(with_it) - candidates(without) in (Counter(), Counter(["OUT-1"]))
        assert "OUT-1" not in with_it["included"]
        for result in (without, with_it):
            del result["excluded"], result["findings"]
        assert with_it == without


@effort(30)
@given(cases())
def test_weeks_are_iso_weeks_of_the_team_and_only_the_running_one_is_partial(case: Case):
    zone = ZoneInfo(case.rules.timezone)
    for result in measure_all(case).values():
        trend = result["trend"]
        starts = [datetime.fromisoformat(week["start"]).astimezone(zone) for week in trend]
        assert all((start.weekday(), start.hour, start.minute) == (0, 0, 0) for start in starts)
        assert [f"{y}-W{w:02d}" for y, w, _ in (s.isocalendar() for s in starts)] == [w["week"] for w in trend]
        assert all((b.date() - a.date()).days == 7 for a, b in pairwise(starts))
        assert [week["partial"] for week in trend] == [False] * (len(trend) - 1) + [True]
        assert starts[-1] <= case.as_of < starts[-1] + timedelta(days=8)
        assert starts[0] <= case.as_of - timedelta(days=max(84, case.days))


@effort(30)
@given(cases())
def test_the_running_week_counts_what_has_happened_and_no_more(case: Case):
    velocity = case.call(metric("flow_velocity"))
    frequency = case.call(metric("deployment_frequency"))
    for week in velocity["trend"]:
        assert week["value"] in (None, week["sample_size"])
    for week in frequency["trend"]:
        assert week["value"] is None or week["value"] == pytest.approx(week["sample_size"] / 7)


@effort(50)
@given(cases())
def test_unknown_is_not_zero(case: Case):
    for key, result in measure_all(case).items():
        assert (result["value"] is None) == (result["status"] in NO_VALUE)
        if key in RATIOS_AND_MEDIANS:
            assert result["value"] is None or result["sample_size"] > 0
            assert all(week["value"] is None for week in result["trend"] if not week["sample_size"])
        if result["status"] == "low_sample":
            assert result["sample_size"] < 5


@pytest.mark.parametrize("declared", METRICS, ids=lambda declared: declared.key)
def test_nothing_given_is_nothing_known(declared: Metric):
    result = declared([], {}, 30, as_of=at("2025-06-16 00:00"))
    assert result["value"] is None
    assert result["status"] == ("not_configured" if declared.family == "dora" else "no_data")
    assert {week["value"] for week in result["trend"]} == {None}


@effort(30)
@given(cases())
def test_a_stand_in_is_named(case: Case):
    lead_time = case.call(metric("lead_time"))
    if lead_time["included"] and "code_commit_date" not in case.field_mappings:
        assert lead_time["proxy"] == "start of work"
    if not lead_time["included"]:
        assert lead_time["proxy"] is None
    delivered = [record for record in case.issues if isinstance(record, dict) and "histories" in str(record)]
    assert case.call(metric("flow_load"), issues=delivered)["proxy"] is None


@effort(25)
@given(st.lists(st.tuples(st.integers(0, 80), st.integers(0, 3000)), min_size=1, max_size=40), st.randoms())
def test_medians_and_percentiles_are_those_of_the_items(spans: list[tuple[int, int]], dice: Random):
    """Neither the median of weekly medians nor a mean of means: recomputed from the items' own durations."""
    as_of = at("2025-06-16 00:00")
    issues = []
    for number, (day, minutes) in enumerate(spans):
        finish = as_of - timedelta(days=day)
        start = finish - timedelta(minutes=minutes)
        issues.append(issue(f"IT-{number}", start, moves=[(start, "In Progress"), (finish, "Done")]))
    dice.shuffle(issues)
    result = metric("flow_time")(issues, {}, 90, as_of=as_of)
    hours = [minutes / 60 for _, minutes in spans]
    assert result["value"] == pytest.approx(median(hours))
    for share in (50, 75, 85, 95):
        assert result["percentiles"][f"p{share}"] == pytest.approx(float(np.percentile(hours, share)))


@effort(30)
@given(cases())
def test_results_are_plain_json(case: Case):
    for result in measure_all(case).values():
        assert json.loads(as_bytes(result)) == result
        _assert_plain(result)
        assert result["as_of"] == iso_utc(case.as_of)
        assert result["period"]["end"] == result["as_of"]


def _assert_plain(value: Any) -> None:
    assert type(value) in (dict, list, str, int, float, bool, type(None))
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _assert_plain(inner)
