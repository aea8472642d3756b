"""The five Flow metrics on histories small enough to count on one's fingers."""

from datetime import timedelta

import pytest

from data.flow_calculator import (
    calculate_flow_distribution,
    calculate_flow_efficiency,
    calculate_flow_load,
    calculate_flow_metrics,
    calculate_flow_time,
    calculate_flow_velocity,
)
from data.model import TeamRules
from tests.builders import at, issue, statuses

NOW = at("2025-03-31 12:00")
START = at("2025-03-03 09:00")
DAY = timedelta(days=1)
WAITING = TeamRules(waiting_statuses=frozenset({"waiting"}))


def finished(key, days, **facts):
    return issue(key, START - DAY, moves=[(START, "In Progress"), (START + days * DAY, "Done")], **facts)


def test_velocity_counts_finished_items_by_kind():
    records = [
        finished("EX-1", 1),
        finished("EX-2", 2, issue_type="Bug"),
        finished("EX-3", 40),
        finished("EX-4", 3, issue_type="Epic"),
    ]

    result = calculate_flow_velocity(records, {}, 30, as_of=NOW)

    assert (result["value"], result["by_kind"]) == (2.0, {"feature": 1.0, "defect": 1.0})
    assert result["excluded"] == {"wrong_type": ["EX-4"], "no_finish": ["EX-3"]}


def test_flow_time_is_the_median_with_its_percentiles():
    result = calculate_flow_time([finished(f"EX-{n}", n) for n in range(1, 8)], {}, 30, as_of=NOW)

    assert result["value"] == 4 * 24.0
    assert result["percentiles"] == pytest.approx({"p50": 96.0, "p75": 132.0, "p85": 146.4, "p95": 160.8})
    assert result["interval"] == [24.0, 7 * 24.0]


def test_finished_without_a_start_is_left_out_and_said():
    records = [issue("EX-1", START, moves=[(START + DAY, "Done")])]

    result = calculate_flow_time(records, {}, 30, as_of=NOW)

    assert (result["value"], result["status"], result["excluded"]) == (None, "not_measurable", {"no_start": ["EX-1"]})


def test_a_trend_begins_with_the_first_instant_of_its_first_week():
    first = at("2025-01-06 00:00")
    record = issue("EX-1", first - 2 * DAY, moves=[(first - DAY, "In Progress"), (first, "Done")])

    trend = calculate_flow_velocity([record], {}, 30, as_of=NOW)["trend"]

    assert (trend[0]["start"], trend[0]["value"]) == ("2025-01-06T00:00:00Z", 1.0)


def test_efficiency_is_not_claimed_where_nothing_could_lower_it():
    records = [finished(f"EX-{n}", n) for n in range(1, 8)]

    unknown = calculate_flow_efficiency(records, {}, 30, as_of=NOW)
    assert (unknown["status"], unknown["value"], unknown["numerator"]) == ("not_measurable", None, None)
    assert (unknown["by_kind"], unknown["interval"]) == ({}, None)
    mapped = TeamRules(waiting_statuses=frozenset({"Review"}))
    assert calculate_flow_efficiency(records, {}, 30, as_of=NOW, rules=mapped)["value"] == 1.0


def test_the_efficiency_of_half_an_hour_is_known():
    records = [finished("EX-1", 1 / 48)]

    result = calculate_flow_efficiency(records, {}, 30, as_of=NOW, rules=WAITING)

    assert (result["value"], result["denominator"], result["by_kind"]) == (1.0, 0.5, {"feature": 1.0})
    assert [point["value"] for point in result["trend"] if point["sample_size"]] == [1.0]


def test_work_that_took_no_time_has_no_efficiency_though_it_could_be_measured():
    result = calculate_flow_efficiency([finished("EX-1", 0)], {}, 30, as_of=NOW, rules=WAITING)

    assert (result["value"], result["status"], result["sample_size"]) == (None, "no_data", 1)


def test_efficiency_is_a_ratio_of_sums_and_not_a_mean_of_ratios():
    waits = [(START, "In Progress"), (START + DAY, "Waiting"), (START + 4 * DAY, "Done")]
    records = [finished("EX-1", 2), issue("EX-2", START - DAY, moves=waits)]

    result = calculate_flow_efficiency(records, {}, 30, as_of=NOW, rules=WAITING, statuses=statuses())

    assert (result["numerator"], result["denominator"]) == (72.0, 144.0)
    assert result["value"] == 0.5


def test_load_counts_what_is_started_and_rebuilds_the_weeks_before():
    records = [
        finished("EX-1", 10),
        issue("EX-2", START, moves=[(START + 14 * DAY, "In Progress")]),
        issue("EX-3", START),
    ]

    result = calculate_flow_load(records, {}, 30, as_of=NOW)

    assert (result["included"], result["value"]) == (["EX-2"], 1.0)
    weeks = {point["week"]: point["value"] for point in result["trend"]}
    assert [weeks[f"2025-W{week}"] for week in ("09", 10, 11, 12, 13, 14)] == [0.0, 1.0, 0.0, 1.0, 1.0, 1.0]
    assert result["alternatives"]["age_hours"] == {"EX-2": (NOW - START - 14 * DAY) / timedelta(hours=1)}


def test_load_without_history_names_its_stand_in():
    result = calculate_flow_load([issue("EX-1", START, initial="In Progress", changelog=None)], {}, 30, as_of=NOW)

    assert (result["value"], result["proxy"]) == (1.0, "current status")


def test_shares_sum_to_one_and_unmapped_is_shown():
    types = ["Story", "Story", "Bug", "Risk", "Ceremony"]
    records = [finished(f"EX-{n}", 1, issue_type=name) for n, name in enumerate(types)]

    result = calculate_flow_distribution(records, {}, 30, as_of=NOW)

    assert result["value"] == {"feature": 0.4, "defect": 0.2, "risk": 0.2, "debt": 0.0, "unmapped": 0.2}
    assert [finding["code"] for finding in result["findings"]] == ["unmapped_type"]


def test_a_status_that_nobody_mapped_takes_the_item_out_and_is_reported():
    moves = [(START, {"name": "Limbo"}), (START + DAY, "Done")]

    result = calculate_flow_velocity([issue("EX-1", START, moves=moves)], {}, 30, as_of=NOW)

    assert (result["excluded"], result["value"]) == ({"unmapped_status": ["EX-1"]}, 0.0)
    assert "Limbo" in result["findings"][0]["message"]


def test_an_empty_jira_is_no_data_everywhere():
    for result in calculate_flow_metrics([], {}, 30, as_of=NOW).values():
        assert (result["value"], result["status"], result["sample_size"]) == (None, "no_data", 0)


def test_the_change_is_judged_by_direction_and_only_on_enough_items():
    fast = [finished(f"EX-{n}", 1) for n in range(5)]
    slow = [
        issue(f"OLD-{n}", START - 40 * DAY, moves=[(START - 30 * DAY, "In Progress"), (START - 20 * DAY, "Done")])
        for n in range(5)
    ]

    result = calculate_flow_time(fast + slow, {}, 30, as_of=NOW)
    few = calculate_flow_time(fast[:4] + slow, {}, 30, as_of=NOW)

    assert result["change"] == {"absolute": -216.0, "relative": -0.9, "verdict": "better"}
    assert few["change"]["verdict"] is None
