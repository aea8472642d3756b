"""Findings: what stands beside a number because the number cannot see it. Each appears, and its near miss does not."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from data.data_quality import CHECKS, SHOWN, find_all
from data.dora_calculator import calculate_cfr
from data.filters import Filters
from data.finding_effects import all_effects, effects_of
from data.flow_calculator import calculate_flow_metrics, calculate_flow_time, calculate_flow_velocity
from data.metric import read_facts
from data.metric_catalogue import METRICS
from data.model import TeamRules
from tests.builders import at, change, deployment, issue, link, status, statuses, version

NOW = at("2025-03-31 12:00")
START = at("2025-03-03 09:00")
DAY = timedelta(days=1)
TEAM = "customfield_9"


def codes(result):
    return {finding["code"]: finding["keys"] for finding in result["findings"]}


def found(records, *, mappings=None, rules=None, **lists):
    facts = read_facts(records, mappings or {}, as_of=NOW, rules=rules, statuses=statuses(), **lists)
    return {finding["code"]: finding for finding in find_all(facts)}


def work(key="EX-1", *moves, **more):
    path = moves or ((START, "In Progress"), (START + DAY, "Done"))
    return issue(key, START - DAY, moves=list(path), **more)


OLD = {"id": "1", "key": "EX-1"}
RELEASE = version("1.0", released="2025-03-20", projectId="1")
PLAN = version("2.0", projectId="1")
CARRIED = work("EX-8", fix_versions=[RELEASE])
NOTICED = at("2025-03-22 09:00")


def cut(record, total):
    changelog = record["changelog"] | {"total": total}
    return record | {"changelog": changelog}


def elsewhere(record):
    """Its last change does not lead to the status that it is in."""
    return record | {"fields": record["fields"] | {"status": status("In Progress")}}


def flagged(*flags):
    return work("EX-1", flags=[(START + timedelta(hours=hours), raised) for hours, raised in flags])


def incident(**more):
    return issue("INC-1", NOTICED, issue_type="Incident", moves=[(NOTICED + DAY, "Done")], **more)


DONE_AS_NEW = status("Done", status_id="555", category="new")

CASES = {
    "history_missing": (
        {"records": [issue("EX-1", START, initial="Done", resolved=START + DAY, changelog=None)]},
        {"records": [issue("EX-1", START)]},
        ["EX-1"],
    ),
    "history_cut": ({"records": [cut(work(), 40)]}, {"records": [cut(work(), 2)]}, ["EX-1"]),
    "history_cut by its end": ({"records": [elsewhere(work())]}, {"records": [work()]}, ["EX-1"]),
    "duplicate_key": (
        {"records": [work() | {"id": "1"}, work() | {"id": "2"}]},
        {"records": [work() | {"id": "1"}, work() | {"id": "1"}]},
        ["EX-1", "EX-1"],
    ),
    "clock_skew": (
        {"records": [work("EX-1", (START - 2 * DAY, "In Progress"), (START, "Done"))]},
        {"records": [work("EX-1", (START - DAY, "In Progress"), (START, "Done"))]},
        ["EX-1"],
    ),
    "clock_skew of a resolution": (
        {"records": [work(resolved=START - 2 * DAY)]},
        {"records": [work(resolved=START + DAY)]},
        ["EX-1"],
    ),
    "unmapped_status": (
        {"records": [work("EX-1", (START, status("Limbo", status_id="777")), (START + DAY, "Done"))]},
        {
            "records": [work("EX-1", (START, status("Limbo", status_id="777")), (START + DAY, "Done"))],
            "rules": TeamRules(status_categories={"limbo": "indeterminate"}),
        },
        ["EX-1"],
    ),
    "unmapped_type": ({"records": [work(issue_type="Riddle")]}, {"records": [work(issue_type="Epic")]}, ["EX-1"]),
    "status_conflict": (
        {"records": [work("EX-1", (START, DONE_AS_NEW))]},
        {"records": [work("EX-1", (START, DONE_AS_NEW))], "rules": TeamRules(status_categories={"555": "done"})},
        ["EX-1"],
    ),
    "resolution_conflict": (
        {"records": [work("EX-1", (START, "In Progress"), resolved=START + DAY, resolution="Fixed")]},
        {"records": [work("EX-1", (START, "In Progress"), resolved=NOW + DAY, resolution="Fixed")]},
        ["EX-1"],
    ),
    "done_without_start": (
        {"records": [work("EX-1", (START, "Done"))]},
        {"records": [work("EX-1", (START, "Done"), resolution="Duplicate", resolved=START)]},
        ["EX-1"],
    ),
    "created_in_progress": (
        {"records": [work("EX-1", (START, "Done"), initial="In Progress")]},
        {"records": [work("EX-1", (START, "In Progress"), (START, "Done"), initial="Reopened")]},
        ["EX-1"],
    ),
    "reopened": (
        {"records": [work("EX-1", (START, "In Progress"), (START, "Done"), (START, "Review"), (NOW - DAY, "Done"))]},
        {"records": [work("EX-1", (START, "In Progress"), (START, "Done"), (START + DAY, "Closed"))]},
        ["EX-1"],
    ),
    "moved_backwards": (
        {"records": [work("EX-1", (START, "In Progress"), (START, "To Do"), (START, "Review"), (START, "Done"))]},
        {"records": [work("EX-1", (START, "Review"), (START, "In Progress"), (START, "Done"))]},
        ["EX-1"],
    ),
    "flag_never_cleared": (
        {"records": [flagged((1, True))]},
        {"records": [flagged((1, True), (2, False))]},
        ["EX-1"],
    ),
    "no_team": (
        {"records": [work()], "mappings": {"team": TEAM}},
        {"records": [work(**{TEAM: {"value": "Sea"}})], "mappings": {"team": TEAM}},
        ["EX-1"],
    ),
    "done_in_unreleased_version": (
        {"records": [CARRIED, work(fix_versions=[PLAN])], "versions": [RELEASE, PLAN]},
        {"records": [CARRIED, work(fix_versions=[PLAN, RELEASE])], "versions": [RELEASE, PLAN]},
        ["EX-1"],
    ),
    "release_before_work": (
        {"records": [work(fix_versions=[RELEASE | {"releaseDate": "2025-03-01"}])]},
        {"records": [work(fix_versions=[RELEASE | {"releaseDate": "2025-03-02"}])]},
        ["EX-1"],
    ),
    "release_in_future": (
        {"records": [CARRIED], "versions": [RELEASE, version("1.1", released="2025-04-01")]},
        {"records": [CARRIED, work(fix_versions=[version("1.1", released="2025-03-31")])], "versions": [RELEASE]},
        ["1.1"],
    ),
    "version_is_no_release": (
        {"records": [CARRIED], "versions": [RELEASE, version("Sprint 7", released="2025-03-20")]},
        {"records": [CARRIED], "versions": [RELEASE, version("Sprint 8")]},
        ["Sprint 7"],
    ),
    "incidents_unattributed": (
        {"records": [CARRIED, incident()], "versions": [RELEASE | {"projectId": "2"}]},
        {"records": [CARRIED, incident(affects=[RELEASE])], "versions": [RELEASE | {"projectId": "2"}]},
        ["INC-1"],
    ),
    "incidents_unattributed by hand": (
        {"records": [CARRIED, incident()], "versions": [RELEASE | {"projectId": "2"}]},
        {
            "records": [CARRIED, incident()],
            "versions": [RELEASE | {"projectId": "2"}],
            "rules": TeamRules(attribution_overrides={"INC-1": None}),
        },
        ["INC-1"],
    ),
    "override_unknown": (
        {"records": [CARRIED, incident()], "rules": TeamRules(attribution_overrides={"INC-1": "9.9", "INC-2": None})},
        {"records": [CARRIED, incident()], "rules": TeamRules(attribution_overrides={"INC-1": "1.0"})},
        ["INC-1", "INC-2"],
    ),
    "deployment_without_change": (
        {"records": [CARRIED], "versions": [RELEASE, version("1.1", released="2025-03-21")]},
        {"records": [CARRIED], "versions": [RELEASE]},
        ["1.1"],
    ),
    "malformed_issue": ({"records": [OLD]}, {"records": [work()]}, ["EX-1"]),
}


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


def effect(code, metric_key, records, *, mappings=None, rules=None, **lists):
    facts = read_facts(records, mappings or {}, as_of=NOW, rules=rules, statuses=statuses(), **lists)
    finding = next(finding for finding in find_all(facts) if finding["code"] == code)
    told = effects_of(finding, facts, 30, METRICS)
    assert told["reading"]
    assert set(told["effects"]) == {declared.key for declared in METRICS}
    return told["effects"][metric_key]["value_now"], told["effects"][metric_key]["value_if"]


BACK = (START, "In Progress"), (START + DAY, "To Do"), (START + 2 * DAY, "Review"), (START + 4 * DAY, "Done")
AGAIN = (START, "In Progress"), (START + DAY, "Done"), (START + 2 * DAY, "Review"), (START + 4 * DAY, "Done")
HELD = work("EX-1", (START, "In Progress"), (START + 4 * DAY, "Done"), flags=[(START + DAY, True)])
EFFECTS = {
    "done_without_start": ("flow_time", CASES["done_without_start"][0], None, 24.0),
    "history_missing": ("flow_time", CASES["history_missing"][0], None, 24.0),
    "moved_backwards": ("flow_time", {"records": [work("EX-1", *BACK)]}, 96.0, 48.0),
    "reopened": ("flow_time", {"records": [work("EX-1", *AGAIN)]}, 96.0, 24.0),
    "unmapped_status": ("flow_velocity", CASES["unmapped_status"][0], 0.0, 1.0),
    "unmapped_type": ("flow_velocity", CASES["unmapped_type"][0], 1.0, 0.0),
    "status_conflict": ("flow_velocity", CASES["status_conflict"][0], 0.0, 1.0),
    "resolution_conflict": ("flow_load", CASES["resolution_conflict"][0], 1.0, 0.0),
    "created_in_progress": ("flow_velocity", CASES["created_in_progress"][0], 1.0, 0.0),
    "flag_never_cleared": (
        "flow_efficiency",
        {"records": [HELD], "rules": TeamRules(waiting_statuses={"x"})},
        0.25,
        1.0,
    ),
    "no_team": ("flow_velocity", CASES["no_team"][0], 1.0, 0.0),
    "duplicate_key": ("flow_velocity", CASES["duplicate_key"][0], 2.0, 1.0),
    "clock_skew": ("flow_velocity", CASES["clock_skew"][0], 1.0, 0.0),
    "history_cut": ("flow_velocity", CASES["history_cut"][0], 1.0, 0.0),
    "done_in_unreleased_version": ("deployment_frequency", CASES["done_in_unreleased_version"][0], 1 / 30, 2 / 30),
    "release_before_work": ("lead_time", CASES["release_before_work"][0], None, 24.0),
    "release_in_future": ("deployment_frequency", CASES["release_in_future"][0], 1 / 30, 2 / 30),
    "version_is_no_release": ("deployment_frequency", CASES["version_is_no_release"][0], 1 / 30, 2 / 30),
    "incidents_unattributed": (
        "cfr",
        {"records": [CARRIED, incident()], "versions": [RELEASE], "rules": TeamRules(attribution_window_days=1)},
        0.0,
        1.0,
    ),
    "deployment_without_change": ("deployment_frequency", CASES["deployment_without_change"][0], 2 / 30, 1 / 30),
}


@pytest.mark.parametrize("code", EFFECTS)
def test_the_effect_of_a_finding_is_the_value_under_its_other_reading(code):
    metric_key, case, now, otherwise = EFFECTS[code]

    assert effect(code, metric_key, **case) == (now, otherwise)


def test_every_finding_but_of_what_cannot_be_known_has_an_effect_that_is_tried():
    assert set(CHECKS) - set(EFFECTS) == {"malformed_issue", "override_unknown"}


def test_empty_deployments_of_other_sources_are_left_out_too():
    events = [deployment("run-1", START, keys=["EX-1"]), deployment("run-2", START + DAY)]
    by_issue = [
        issue("DEP-1", START, issue_type="Deployment", customfield_1="2025-03-20", links=[link("relates", work())]),
        issue("DEP-2", START, issue_type="Deployment", customfield_1="2025-03-21"),
        work(),
    ]
    mapped = {"deployment_date": "customfield_1"}
    rate = "deployment_frequency"

    assert effect("deployment_without_change", rate, [work()], events=events) == (2 / 30, 1 / 30)
    assert effect("deployment_without_change", rate, by_issue, mappings=mapped) == (2 / 30, 1 / 30)


def test_a_resolution_without_any_done_status_leaves_the_work_out():
    rules = TeamRules(status_categories=dict.fromkeys(("Done", "Closed", "Released", "Rejected"), "indeterminate"))
    record = issue("EX-1", START, moves=[(START, "In Progress")], resolved=START + DAY, resolution="Fixed")

    assert effect("resolution_conflict", "flow_load", [record], rules=rules) == (1.0, 0.0)


def test_unreadable_records_have_no_other_reading():
    facts = read_facts([OLD, work("EX-2")], {}, as_of=NOW)
    told = all_effects(facts, 30, METRICS)

    assert [(each["finding"]["code"], each["reading"], each["effects"]) for each in told] == [
        ("malformed_issue", "", {})
    ]
    assert json.loads(json.dumps(told, allow_nan=False)) == told


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
