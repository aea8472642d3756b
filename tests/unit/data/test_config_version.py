"""The rules in force as plain JSON, and what differs between two of them."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import date

from data.config_version import config_version, plain, rule_changes
from data.model import FlowKind, IncidentCondition, TeamRules, WorkingCalendar
from data.performance_utils import FieldMappingIndex

OTHER = TeamRules(
    timezone="Europe/Berlin",
    start_statuses=frozenset({"b", "a"}),
    include_subtasks=True,
    flow_kinds={"story": FlowKind.DEBT},
    incident_any=(IncidentCondition("label", "outage"),),
    attribution_window_days=None,
    attribution_overrides={"INC-1": None},
    working_calendar=WorkingCalendar(holidays=frozenset({date(2026, 1, 1)})),
    headline_percentile=85.0,
)


def test_rules_become_json_that_is_the_same_for_equal_rules():
    assert json.loads(json.dumps(plain(OTHER), sort_keys=True)) == plain(OTHER)
    assert plain(TeamRules(start_statuses=frozenset("abc"))) == plain(TeamRules(start_statuses=frozenset("cba")))
    assert plain(OTHER)["attribution_overrides"] == {"INC-1": None}
    assert plain(OTHER)["working_calendar"]["holidays"] == ["2026-01-01"]


def test_a_correction_to_none_is_not_one_to_a_deployment_of_that_name():
    index = FieldMappingIndex({})
    nobody, named = (TeamRules(attribution_overrides={"INC-1": cause}) for cause in (None, "None"))

    assert config_version(nobody, index) != config_version(named, index)


def test_each_changed_rule_is_told_with_before_and_after():
    told = {change["rule"]: change["sentence"] for change in rule_changes(plain(TeamRules()), plain(OTHER))}

    assert set(told) < {rule.name for rule in fields(TeamRules)}
    assert told["start_statuses"] == "Start statuses: not set, now a, b."
    assert told["include_subtasks"] == "Include subtasks: no, now yes."
    assert told["attribution_window_days"] == "Attribution window days: 7, now not set."
    assert told["headline_percentile"] == "Headline percentile: 50, now 85."
    assert told["attribution_overrides"] == "Attribution overrides: not set, now INC-1: not set."
    assert rule_changes(plain(OTHER), plain(OTHER)) == []
