"""Findings: what stands beside a number because the number cannot see it."""

from datetime import timedelta

from data.dora_calculator import calculate_cfr
from data.flow_calculator import calculate_flow_metrics, calculate_flow_time, calculate_flow_velocity
from tests.builders import at, issue, version

NOW = at("2025-03-31 12:00")
START = at("2025-03-03 09:00")


def codes(result):
    return {finding["code"]: finding["keys"] for finding in result["findings"]}


def test_clean_work_has_no_findings():
    moves = [(START, "In Progress"), (START + timedelta(days=1), "Done")]

    for result in calculate_flow_metrics([issue("EX-1", START, moves=moves)], {}, 30, as_of=NOW).values():
        assert result["findings"] == []


def test_missing_history_is_told_with_its_share_where_it_matters():
    records = [issue("EX-1", START, changelog=None), issue("EX-2", START)]

    assert codes(calculate_flow_time(records, {}, 30, as_of=NOW)) == {"history_missing": ["EX-1"]}
    assert "50 %" in calculate_flow_time(records, {}, 30, as_of=NOW)["findings"][0]["message"]
    assert codes(calculate_flow_velocity(records, {}, 30, as_of=NOW)) == {}


def test_an_unreadable_record_is_told_by_every_metric():
    for result in calculate_flow_metrics([{"id": "7", "key": "EX-7"}], {}, 30, as_of=NOW).values():
        assert codes(result) == {"malformed_issue": ["EX-7"]}
        assert result["excluded"] == {"malformed": ["EX-7"]}


def test_incidents_that_blame_no_deployment_are_counted_in_a_gap():
    records = [issue("INC-1", START, issue_type="Incident")]

    result = calculate_cfr(records, {}, 30, as_of=NOW, versions=[version("1.0", released="2025-03-20")])

    assert codes(result)["incidents_unattributed"] == ["INC-1"]
    assert "1 incident could not be put down to a deployment." in {finding["message"] for finding in result["findings"]}
