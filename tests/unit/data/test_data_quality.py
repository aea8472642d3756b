"""Findings: what stands beside a number because the number cannot see it. Each appears, and its near miss does not."""

from __future__ import annotations

import pytest

from data.data_quality import CHECKS, SHOWN, find_all
from data.dora_calculator import calculate_cfr
from data.filters import Filters
from data.flow_calculator import calculate_flow_metrics, calculate_flow_time, calculate_flow_velocity
from data.metric import read_facts
from tests.builders import change, issue, statuses, version
from tests.findings import (
    CASES,
    DAY,
    NOW,
    RELEASE,
    START,
    incident,
    resolved,
    work,
)


def codes(result):
    return {finding["code"]: finding["keys"] for finding in result["findings"]}


def found(records, *, mappings=None, rules=None, **lists):
    facts = read_facts(records, mappings or {}, as_of=NOW, rules=rules, statuses=statuses(), **lists)
    return {finding["code"]: finding for finding in find_all(facts)}


@pytest.mark.parametrize("name", CASES)
def test_a_finding_appears_where_it_should_and_not_where_all_is_well(name):
    code = name.split()[0]
    wrong, right, keys = CASES[name]

    told = found(**wrong)[code]
    assert told["keys"] == keys
    assert told["count"] == len(keys)
    assert told["severity"] in {"info", "warning"}
    assert told["message"].endswith(".")
    assert told["advice"].endswith(".")
    assert code not in found(**right)


def test_every_finding_is_tried_by_a_case():
    assert {name.split()[0] for name in CASES} == set(CHECKS)


def test_clean_work_has_no_findings():
    records = [work("EX-1", fix_versions=[RELEASE]), work("EX-2", fix_versions=[RELEASE]), incident(affects=[RELEASE])]

    assert found(records, versions=[RELEASE]) == {}


def test_a_finding_agrees_with_its_number():
    one, two = work("EX-1", (START, "Done")), work("EX-2", (START, "Done"))

    assert found([one])["done_without_start"]["message"].startswith("1 issue was finished")
    assert found([one, two])["done_without_start"]["message"].startswith("2 issues were finished")


def test_a_finding_names_the_first_and_counts_all():
    records = [work(f"EX-{number}", (START, "Done")) for number in range(SHOWN + 7)]

    told = found(records)["done_without_start"]
    assert (len(told["keys"]), told["count"]) == (SHOWN, SHOWN + 7)


def test_a_filtered_view_has_the_findings_of_its_issues():
    records = [work("EX-1", (START, "Done"), labels=["sea"]), work("EX-2", (START, "Done"))]
    facts = read_facts(records, {}, as_of=NOW, statuses=statuses()).where(Filters(label=frozenset({"sea"})))

    assert [finding["keys"] for finding in find_all(facts)] == [["EX-1"]]


def test_missing_history_is_told_with_its_share_where_it_matters():
    records = [issue("EX-1", START, changelog=None), issue("EX-2", START)]

    assert codes(calculate_flow_time(records, {}, 30, as_of=NOW)) == {"history_missing": ["EX-1"]}
    assert "50 %" in calculate_flow_time(records, {}, 30, as_of=NOW)["findings"][0]["message"]
    assert codes(calculate_flow_velocity(records, {}, 30, as_of=NOW)) == {}


def test_an_unreadable_record_is_told_by_every_metric():
    for result in calculate_flow_metrics([{"id": "7", "key": "EX-7"}], {}, 30, as_of=NOW).values():
        assert codes(result) == {"malformed_issue": ["EX-7"]}
        assert result["excluded"] == {"malformed": ["EX-7"]}


def test_the_gravest_findings_come_first():
    records = [work("EX-1", (START, "In Progress"), (START, "To Do"), (START, "Done")), work("EX-2", (START, "Done"))]
    severities = [finding["severity"] for finding in calculate_flow_time(records, {}, 30, as_of=NOW)["findings"]]

    assert severities == ["warning", "info"]


@pytest.mark.parametrize(("others", "is_told"), [(9, True), (10, False)])
def test_where_almost_no_done_work_has_a_resolution_its_lack_says_nothing(others, is_told):
    """One in ten is enough to say that the team uses them."""
    records = [resolved("EX-1"), *(work(f"EX-{number}") for number in range(2, 2 + others))]

    assert ("done_without_resolution" in found(records)) is is_told


def test_a_resolution_that_was_set_later_is_none_yet():
    records = [work("EX-1", resolution="Done", resolved=NOW + DAY), resolved("EX-2")]

    assert found(records)["done_without_resolution"]["keys"] == ["EX-1"]


def test_incidents_that_blame_no_deployment_are_counted_in_a_gap():
    records = [issue("INC-1", START, issue_type="Incident")]

    result = calculate_cfr(records, {}, 30, as_of=NOW, versions=[version("1.0", released="2025-03-20")])

    assert codes(result)["incidents_unattributed"] == ["INC-1"]
    assert "1 incident could not be put down to a deployment." in {each["message"] for each in result["findings"]}


def test_a_key_item_of_a_move_is_no_missing_history():
    record = work()
    record["changelog"]["histories"].append(
        {"id": "7", "created": "2025-03-05", "items": [change("Key", (None, "OLD-1"), (None, "EX-1"))]}
    )

    assert found([record]) == {}
