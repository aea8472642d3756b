"""How far a finding could move each number: the same team measured under the finding's other reading."""

from __future__ import annotations

import json

import pytest

from data.data_quality import CHECKS, find_all
from data.finding_effects import effects_of
from data.metric import read_facts
from data.metric_catalogue import METRICS
from data.model import TeamRules
from tests.builders import deployment, issue, link, statuses
from tests.findings import (
    CARRIED,
    CASES,
    DAY,
    NOW,
    OLD,
    RELEASE,
    START,
    incident,
    resolved,
    work,
)


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
    "done_without_resolution": ("flow_velocity", CASES["done_without_resolution"][0], 2.0, 1.0),
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


def test_done_work_without_a_resolution_is_read_as_still_in_progress():
    """Or left out, where it has never been in any other status than a done one."""
    case = {"records": [work(), resolved()]}
    born_done = {"records": [work("EX-1", (START, "Closed"), initial="Done"), resolved()]}

    assert effect("done_without_resolution", "flow_load", **case) == (0.0, 1.0)
    assert effect("done_without_resolution", "flow_load", **born_done) == (0.0, 0.0)
    assert effect("done_without_resolution", "flow_velocity", **born_done) == (2.0, 1.0)


def test_unreadable_records_have_no_other_reading():
    facts = read_facts([OLD, work("EX-2")], {}, as_of=NOW)
    told = [effects_of(finding, facts, 30, METRICS) for finding in find_all(facts)]

    assert [(each["finding"]["code"], each["reading"], each["effects"]) for each in told] == [
        ("malformed_issue", "", {})
    ]
    assert json.loads(json.dumps(told, allow_nan=False)) == told
