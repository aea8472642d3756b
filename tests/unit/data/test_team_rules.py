"""A team's rules are read from plain JSON, and refused by name where they cannot be meant."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import date

import pytest

from data.errors import SettingsInvalid
from data.model import (
    DEFAULT_FLOW_KINDS,
    DeploymentSource,
    FlowKind,
    IncidentCondition,
    IncidentPopulation,
    StatusCategory,
    TeamRules,
    WorkingCalendar,
)
from data.persistence import load_team_rules
from data.team_rules import _READERS


def test_without_rules_every_default_holds_in_the_accounts_zone():
    assert load_team_rules({}, "Europe/Berlin") == TeamRules(timezone="Europe/Berlin")


def test_an_unknown_zone_of_the_account_falls_back_to_utc_and_is_logged(caplog):
    assert load_team_rules({}, "Mars/Olympus").timezone == "UTC"
    assert "time zone is not known" in caplog.text


def test_every_rule_can_be_set_but_the_corrections_by_hand_which_have_a_file_of_their_own():
    assert set(_READERS) == {rule.name for rule in fields(TeamRules)} - {"attribution_overrides"}


def rules(**saved):
    return load_team_rules({"team_rules": saved}, "UTC")


def test_rules_are_read_from_plain_json():
    saved = {
        "timezone": "America/New_York",
        "status_categories": {"QA": "indeterminate", "10042": "done"},
        "waiting_statuses": ["In Review", " Waiting "],
        "flow_kinds": {"Tech Story": "debt"},
        "deployment_source": "releases",
        "incident_any": [{"kind": "label", "value": "outage"}, {"kind": "field", "field_id": "customfield_7"}],
        "attribution_window_days": None,
        "include_subtasks": True,
        "incident_population": "named",
        "headline_percentile": 85,
        "working_calendar": {"weekdays": [0, 1], "start_hour": 8, "end_hour": 16.5, "holidays": ["2026-01-01"]},
    }
    read = rules(**json.loads(json.dumps(saved)))
    assert read.timezone == "America/New_York"
    assert read.status_categories == {"QA": StatusCategory.INDETERMINATE, "10042": StatusCategory.DONE}
    assert read.waiting_statuses == {"In Review", "Waiting"}
    assert read.flow_kinds == {**DEFAULT_FLOW_KINDS, "tech story": FlowKind.DEBT}
    assert read.deployment_source is DeploymentSource.RELEASES
    assert read.incident_any == (
        IncidentCondition("label", "outage"),
        IncidentCondition("field", field_id="customfield_7"),
    )
    assert (read.attribution_window_days, read.include_subtasks) == (None, True)
    assert read.working_calendar == WorkingCalendar(frozenset({0, 1}), 8, 16.5, frozenset({date(2026, 1, 1)}))
    assert (read.incident_population, read.headline_percentile) == (IncidentPopulation.NAMED, 85.0)
    assert read.rework_pattern == TeamRules().rework_pattern


@pytest.mark.parametrize(
    "saved",
    [
        {"lucky": 1},
        {"timezone": "Mars/Olympus"},
        {"timezone": 5},
        {"status_categories": {"QA": "finished"}},
        {"status_categories": ["QA"]},
        {"waiting_statuses": "In Review"},
        {"waiting_statuses": [5]},
        {"flow_kinds": {"x": "y"}},
        {"deployment_source": "guess"},
        {"incident_any": {"kind": "type"}},
        {"incident_any": [{"kind": "mood", "value": "bad"}]},
        {"incident_any": [{"kind": "type"}]},
        {"incident_any": [{"sort": "type"}]},
        {"attribution_window_days": -1},
        {"attribution_window_days": True},
        {"include_subtasks": "yes"},
        {"incident_population": "some"},
        {"headline_percentile": 0},
        {"headline_percentile": 100},
        {"attribution_overrides": {}},
        {"rework_pattern": "("},
        {"working_calendar": {"start_hour": 17, "end_hour": 9}},
        {"working_calendar": {"weekdays": []}},
        {"working_calendar": {"weekdays": [7]}},
        {"working_calendar": {"holidays": ["01.01.2026"]}},
        {"working_calendar": {"lunch": 1}},
    ],
)
def test_a_rule_that_cannot_be_meant_is_named(saved):
    with pytest.raises(SettingsInvalid, match=next(iter(saved))):
        rules(**saved)


def test_rules_that_are_no_object_are_named():
    with pytest.raises(SettingsInvalid, match="team_rules"):
        load_team_rules({"team_rules": []}, "UTC")
