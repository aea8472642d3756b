"""The form of the rules: what it shows for the rules in force, and what its values mean."""

from datetime import date

import pytest

from data.config_version import plain
from data.model import DeploymentSource, IncidentPopulation, TeamRules, WorkingCalendar
from data.team_rules import rules_with
from ui.rule_choices import ChoiceError, changes, shown, status_options

NAMES = ["To Do", "In Progress", "In Review"]
RULES = TeamRules(
    waiting_statuses=frozenset({"in review", "Parked"}),
    attribution_window_days=None,
    deployment_source=DeploymentSource.RELEASES,
    working_calendar=WorkingCalendar(holidays=frozenset({date(2026, 1, 1)})),
)


def asked(rules=RULES, **chosen):
    options = status_options(rules, NAMES)
    return changes(rules, options, shown(rules, options) | chosen)


@pytest.mark.parametrize("rules", [TeamRules(), RULES])
def test_the_form_as_it_opens_changes_nothing(rules):
    assert asked(rules) == {}


def test_a_status_is_offered_once_whatever_its_case_and_also_when_only_a_rule_names_it():
    assert status_options(RULES, [*NAMES, "TO DO"]) == ["In Progress", "In Review", "To Do", "Parked"]


def test_what_is_chosen_becomes_the_rules_that_settings_would_hold():
    chosen = {
        "start_statuses": ["In Progress"],
        "waiting_statuses": [],
        "attribution_window_days": 3,
        "headline_percentile": "85",
        "incident_population": "named",
        "deployment_source": "first",
        "end_hour": 18,
        "weekdays": ["0", "1"],
    }
    rules = rules_with(RULES, asked(**chosen))

    assert rules.start_statuses == {"In Progress"}
    assert rules.waiting_statuses == frozenset()
    assert (rules.attribution_window_days, rules.headline_percentile) == (3, 85)
    assert (rules.incident_population, rules.deployment_source) == (IncidentPopulation.NAMED, None)
    assert rules.working_calendar == WorkingCalendar(frozenset({0, 1}), 9, 18, frozenset({date(2026, 1, 1)}))
    assert plain(rules.version_exclude_pattern) == RULES.version_exclude_pattern


def test_all_hours_take_the_calendar_away_whatever_its_hours_say():
    assert asked(calendar="all", start_hour="x") == {"working_calendar": None}


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        ({"start_statuses": "In Progress"}, "no list"),
        ({"start_statuses": ["Done <script>"]}, "No status of this team is called “Done <script>”"),
        ({"blocked_statuses": [7]}, "no list"),
        ({"attribution_window_days": -1}, "Leave them empty for no limit"),
        ({"attribution_window_days": "soon"}, "must be a number from 0"),
        ({"attribution_window_days": True}, "must be a number"),
        ({"attribution_window_days": float("nan")}, "must be a number"),
        ({"headline_percentile": 100}, "between 0 and 100"),
        ({"headline_percentile": None}, "between 0 and 100"),
        ({"incident_population": "everything"}, "which incidents count"),
        ({"deployment_source": ["releases"]}, "no such source"),
        ({"calendar": "sometimes"}, "which hours count"),
        ({"start_hour": 25}, "from 0 to 24"),
        ({"start_hour": 17}, "Choose a later end"),
        ({"weekdays": []}, "at least one"),
        ({"weekdays": ["7"]}, "at least one"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_cause_and_next_step(chosen, told):
    with pytest.raises(ChoiceError, match=told.replace("(", r"\(")):
        asked(**chosen)
