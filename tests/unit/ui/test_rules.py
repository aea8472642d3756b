"""The team's rules in words."""

from datetime import date

import pytest

from data.metric_catalogue import METRICS
from data.model import DeploymentSource, IncidentCondition, StatusCategory, TeamRules, WorkingCalendar
from tests.unit.ui.results import result
from ui.rules import rule_lines


def told(key, rules):
    return dict(rule_lines(result(key), rules))


@pytest.mark.parametrize("key", [metric.key for metric in METRICS])
def test_every_metric_tells_its_rules_and_leaves_none_blank(key):
    lines = rule_lines(result(key), TeamRules())

    assert len(lines) > 1
    assert all(name and text for name, text in lines)
    assert len({name for name, _ in lines}) == len(lines)


def test_the_teams_own_words_replace_the_defaults():
    rules = TeamRules(
        start_statuses=frozenset({"Building"}),
        waiting_statuses=frozenset({"In review", "Asleep"}),
        status_categories={"Parked": StatusCategory.NEW},
    )

    lines = told("flow_efficiency", rules)
    assert lines["Work starts on entering"] == "Building"
    assert lines["Waiting statuses"] == "Asleep, In review"
    assert lines["Statuses placed by the team"] == "Parked: new"


def test_an_attribution_without_limit_says_so():
    assert "no more than 7 days before" in told("cfr", TeamRules())["Blamed on a deployment"]
    assert "without limit" in told("cfr", TeamRules(attribution_window_days=None))["Blamed on a deployment"]


def test_a_pinned_source_stands_alone():
    assert told("cfr", TeamRules(deployment_source=DeploymentSource.EVENTS))["Deployments are read from"] == (
        "deployments posted or imported"
    )


def test_an_incident_rule_of_the_teams_own_is_told_condition_by_condition():
    rules = TeamRules(
        incident_any=(IncidentCondition("label", "outage"), IncidentCondition("type", "Incident")),
        incident_all=(IncidentCondition("field", field_id="customfield_10"),),
    )

    assert told("mttr", rules)["Incidents are"] == (
        "any of: label = outage; type = Incident and all of: customfield_10 is filled"
    )


def test_a_working_calendar_is_told_with_its_days_hours_and_holidays():
    calendar = WorkingCalendar(weekdays=frozenset({0, 1}), holidays=frozenset({date(2026, 1, 1)}))

    assert told("flow_time", TeamRules(working_calendar=calendar))["Time counted"] == (
        "working time only: Mon, Tue, 9 to 17 o'clock, less 1\N{NO-BREAK SPACE}holiday"
    )
