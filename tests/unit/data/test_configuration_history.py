"""Each version of the rules is kept once, with the time from which it held."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from data.configuration_history import configuration_versions, definition_changes, note_configuration
from data.errors import SettingsInvalid
from data.model import TeamRules, WorkingCalendar
from tests.builders import at

NOON = at("2026-01-15 12:00")


@pytest.fixture
def file(tmp_path):
    return tmp_path / "configuration_versions.json"


def test_a_configuration_is_kept_when_it_is_new_and_only_then(file):
    rules = TeamRules(start_statuses=frozenset({"Doing"}))

    assert configuration_versions(file) == []
    assert note_configuration(TeamRules(), {}, NOON, file)
    assert not note_configuration(TeamRules(), {}, NOON + timedelta(days=1), file)
    assert note_configuration(rules, {}, NOON + timedelta(days=2), file)
    assert note_configuration(rules, {"team": "customfield_1"}, NOON + timedelta(days=3), file)
    assert note_configuration(TeamRules(), {}, NOON + timedelta(days=4), file), "going back is a change as well"
    kept = configuration_versions(file)
    assert [entry["at"][:10] for entry in kept] == ["2026-01-15", "2026-01-17", "2026-01-18", "2026-01-19"]
    assert kept[0]["version"] == kept[-1]["version"]


def test_a_change_says_which_rules_it_changed_and_falls_into_its_span(file):
    note_configuration(TeamRules(), {}, NOON, file)
    changed = TeamRules(start_statuses=frozenset({"Doing", "Build"}), working_calendar=WorkingCalendar())
    note_configuration(changed, {"team": "customfield_1"}, NOON + timedelta(days=2), file)
    kept = configuration_versions(file)

    changes = definition_changes(kept, NOON, NOON + timedelta(days=2))
    assert [change["rule"] for change in changes[0]["changes"]] == ["start_statuses", "working_calendar", "team"]
    assert changes[0]["changes"][0]["sentence"] == "Start statuses: not set, now Build, Doing."
    assert changes[0]["at"] == "2026-01-17T12:00:00Z"
    assert definition_changes(kept, NOON + timedelta(days=2), NOON + timedelta(days=9)) == []
    assert definition_changes(kept, NOON - timedelta(days=2), NOON) == []


@pytest.mark.parametrize("saved", [{"versions": {}}, {"versions": [1]}, {"versions": [{"at": "soon"}]}, "text"])
def test_a_damaged_file_is_named_with_what_to_do(file, saved):
    file.write_text(json.dumps(saved), encoding="utf-8")

    with pytest.raises(SettingsInvalid, match=r"configuration_versions\.json"):
        configuration_versions(file)


def test_a_damaged_file_costs_only_the_note_and_is_left_alone(file, caplog):
    file.write_text("{", encoding="utf-8")

    assert not note_configuration(TeamRules(), {}, NOON, file)
    assert "could not be noted" in caplog.text
    assert file.read_text(encoding="utf-8") == "{"
