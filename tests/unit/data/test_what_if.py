"""Another rule, old and new side by side: which numbers it changes, and which issues it moves where and why."""

from __future__ import annotations

import json

import pytest

from data.filters import Filters
from data.history import read_history
from data.metric import read_facts
from data.metric_catalogue import METRICS
from data.model import DeploymentSource, FlowKind, TeamRules, WorkingCalendar
from data.performance_utils import FieldMappingIndex
from data.what_if import compare
from tests.builders import at, deployment, issue, statuses, version

NOW = at("2025-03-31 12:00")


def item(key, started, reviewed, finished, **more):
    moves = [(at(started), "In Progress"), (at(reviewed), "Review"), (at(finished), "Done")]
    return issue(key, at(started), moves=moves, **more)


WORK = [
    item("EX-1", "2025-03-03 09:00", "2025-03-05 09:00", "2025-03-06 09:00"),
    item("EX-2", "2025-03-10 09:00", "2025-03-11 09:00", "2025-03-14 09:00"),
    issue(
        "EX-3",
        at("2025-03-10 09:00"),
        moves=[(at("2025-03-12 09:00"), "In Progress"), (at("2025-03-14 09:00"), "Done")],
    ),
]


def asked(rules, records=WORK, *, before=None, read_again=None, filters=None, **extras):
    facts = read_facts(records, {}, as_of=NOW, rules=before or TeamRules(), statuses=statuses(), **extras)
    view = facts.where(filters or Filters())
    return compare(view, rules, 30, metrics=METRICS, read_again=read_again)


def test_unchanged_rules_change_nothing():
    found = asked(TeamRules())

    assert (found["rules"], found["metrics"]) == ([], {})
    assert found["config_version_before"] == found["config_version_after"]


def test_a_later_start_status_shortens_flow_time_and_leaves_out_what_never_entered_it():
    found = asked(TeamRules(start_statuses=frozenset({"Review"})))

    time = found["metrics"]["flow_time"]
    assert (time["before"]["value"], time["after"]["value"]) == (72.0, 48.0)
    assert [moved["key"] for moved in time["moved_out"]] == ["EX-3"]
    assert time["moved_out"][0]["reason"] == "no_start"
    assert "nothing in its history shows when work on it began" in time["moved_out"][0]["now"]
    assert [(shift["key"], shift["before"]["hours"], shift["after"]["hours"]) for shift in time["shifted"]] == [
        ("EX-1", 72.0, 24.0),
        ("EX-2", 96.0, 72.0),
    ]
    assert "flow_velocity" not in found["metrics"]
    assert [change["rule"] for change in found["rules"]] == ["start_statuses"]
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_going_back_moves_them_in_again_with_the_reason_they_had():
    time = asked(TeamRules(), before=TeamRules(start_statuses=frozenset({"Review"})))["metrics"]["flow_time"]

    assert (time["moved_in"][0]["key"], time["moved_in"][0]["reason"]) == ("EX-3", "no_start")
    assert time["moved_in"][0]["now"].startswith("EX-3 is counted: started 12 March 09:00")


def test_a_percentile_and_a_calendar_change_the_durations_alone():
    percentile = asked(TeamRules(headline_percentile=85))
    calendar = asked(TeamRules(working_calendar=WorkingCalendar()))

    assert set(percentile["metrics"]) == {"flow_time"}
    assert percentile["metrics"]["flow_time"]["after"]["value"] == pytest.approx(88.8)
    assert percentile["metrics"]["flow_time"]["shifted"] == []
    assert calendar["metrics"]["flow_time"]["after"]["value"] == 24.0
    assert calendar["metrics"]["flow_time"]["shifted_count"] == 3


RELEASES = [version("1.0", released="2025-03-05", projectId="1"), version("1.1", released="2025-03-20", projectId="1")]
INCIDENT = issue("INC-1", at("2025-03-15 09:00"), issue_type="Incident", moves=[(at("2025-03-15 12:00"), "Done")])


def test_a_wider_window_puts_incidents_down_to_deployments():
    found = asked(TeamRules(attribution_window_days=14), [*WORK, INCIDENT], versions=RELEASES)

    assert set(found["metrics"]) == {"cfr", "mttr"}
    failed, recovered = found["metrics"]["cfr"], found["metrics"]["mttr"]
    assert (failed["before"]["value"], failed["after"]["value"]) == (0.0, 0.5)
    assert [(shift["key"], shift["after"]["in_numerator"]) for shift in failed["shifted"]] == [("1.0", 1.0)]
    assert (recovered["before"]["value"], recovered["after"]["value"]) == (None, 3.0)
    assert [(moved["key"], moved["reason"]) for moved in recovered["moved_in"]] == [("INC-1", "unattributed")]


def test_another_source_shows_other_deployments():
    events = [deployment("run-1", at("2025-03-20 09:00"))]
    rules = TeamRules(deployment_source=DeploymentSource.EVENTS)

    frequency = asked(rules, versions=RELEASES, events=events)["metrics"]["deployment_frequency"]

    assert (frequency["before"]["source"], frequency["after"]["source"]) == ("releases", "events")
    assert {moved["key"] for moved in frequency["moved_out"]} == {"1.0", "1.1"}
    assert frequency["moved_out"][0]["now"].endswith("is not looked at any more.")
    assert [moved["key"] for moved in frequency["moved_in"]] == ["run-1"]
    assert frequency["moved_in"][0]["reason"] is None


def test_a_version_pattern_is_tried_without_reading_again():
    rules = TeamRules(version_exclude_pattern=r"^1\.1$")
    frequency = asked(rules, versions=RELEASES)["metrics"]["deployment_frequency"]

    assert [(moved["key"], moved["now"]) for moved in frequency["moved_out"]] == [
        ("1.1", "1.1 is not counted: the version's name looks like a backlog or a sprint, not a release.")
    ]


def test_rules_that_decide_what_is_read_need_the_issues():
    rules = TeamRules(flow_kinds={"story": FlowKind.DEBT})

    with pytest.raises(ValueError, match="flow_kinds decides what is read"):
        asked(rules)

    def again(changed):
        return read_history(WORK, FieldMappingIndex({}), changed, statuses=statuses())

    shares = asked(rules, read_again=again)["metrics"]["flow_distribution"]
    assert (shares["before"]["value"]["feature"], shares["after"]["value"]["debt"]) == (1.0, 1.0)


def test_a_filtered_view_is_compared_with_the_same_view():
    records = [*WORK, item("EX-4", "2025-03-03 09:00", "2025-03-05 09:00", "2025-03-06 09:00", labels=["sea"])]
    found = asked(TeamRules(start_statuses=frozenset({"Review"})), records, filters=Filters(label=frozenset({"sea"})))

    time = found["metrics"]["flow_time"]
    assert (time["before"]["sample_size"], time["after"]["sample_size"]) == (1, 1)
    assert (time["before"]["value"], time["after"]["value"]) == (72.0, 24.0)
