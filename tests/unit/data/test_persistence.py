"""Settings come back as they were saved, hold no secret, and say clearly what is wrong with them."""

from __future__ import annotations

import json
import multiprocessing
import secrets
from datetime import UTC, datetime

import pytest

from configuration.redaction import forget_secret, remember_secret
from data.errors import SettingsInvalid
from data.field_mapper import get_field_mappings
from data.persistence import change_app_settings, load_app_settings, load_schedule, note_cache, save_app_settings
from tests.unhurried import give_nothing_up_early


@pytest.fixture
def path(tmp_path):
    return tmp_path / "app_settings.json"


def test_nothing_saved_yet_is_nothing_set(path):
    assert load_app_settings(path) == {}
    assert get_field_mappings(path) == {}


def test_what_was_saved_comes_back(path):
    settings = {"field_mappings": {"team": "customfield_10001"}, "jql_query": 'project = "Ä"', "own": [1, None]}
    save_app_settings(settings, path)
    assert load_app_settings(path) == settings


def test_the_file_is_found_by_the_environment(path, monkeypatch):
    monkeypatch.setenv("SIGHTLINE_SETTINGS", str(path))
    save_app_settings({"field_mappings": {"team": "customfield_1", "sprint": ""}})
    assert path.exists()
    assert load_app_settings()["field_mappings"]["team"] == "customfield_1"
    assert get_field_mappings() == {"team": "customfield_1"}


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '"text"', "\x00"])
def test_a_broken_file_is_named_with_the_next_step(path, content):
    path.write_text(content)
    with pytest.raises(SettingsInvalid, match=r"app_settings\.json") as caught:
        load_app_settings(path)
    assert caught.value.next_step


def test_a_folder_that_takes_nothing_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(SettingsInvalid, match="cannot be written"):
        save_app_settings({}, tmp_path / "file" / "app_settings.json")


def test_no_secret_is_ever_written(path):
    live = secrets.token_hex(20)
    remember_secret(live)
    try:
        for settings in (
            {"jql_query": f"text ~ {live}"},
            {"jira": {"api_token": secrets.token_hex(8)}},
            {"list": [{"password": secrets.token_hex(8)}]},
        ):
            with pytest.raises(SettingsInvalid, match="secret") as caught:
                save_app_settings(settings, path)
            assert live not in str(caught.value)
    finally:
        forget_secret(live)
    assert not path.exists()


def test_the_cache_in_use_is_noted_beside_the_rest(path):
    save_app_settings({"jql_query": "project = A"}, path)
    note_cache("k" * 32, "c" * 32, datetime(2026, 1, 15, tzinfo=UTC), path)
    assert load_app_settings(path) == {
        "jql_query": "project = A",
        "cache_metadata": {
            "last_cache_key": "k" * 32,
            "last_cache_timestamp": "2026-01-15T00:00:00Z",
            "cache_config_hash": "c" * 32,
        },
    }


def test_settings_that_cannot_be_read_cost_only_the_note(path, caplog):
    path.write_text("{")
    note_cache("k" * 32, "c" * 32, datetime(2026, 1, 15, tzinfo=UTC), path)
    assert "could not be noted" in caplog.text
    assert path.read_text() == "{", "what the team has set is not overwritten"


def test_the_schedule_is_the_one_chosen_or_else_the_default():
    assert load_schedule({}, 60) == 60
    assert load_schedule({"schedule_minutes": 15}, 60) == 15
    assert load_schedule({"schedule_minutes": 0}, 60) == 0


@pytest.mark.parametrize("wrong", [7, -15, "15", None, True, 15.0, [15]])
def test_a_schedule_that_was_written_wrongly_by_hand_is_named(wrong):
    with pytest.raises(SettingsInvalid, match="schedule_minutes") as caught:
        load_schedule({"schedule_minutes": wrong}, 0)
    assert json.dumps(wrong) in str(caught.value)
    assert "page Data" in caught.value.next_step


def _note_names(path, name, times):
    give_nothing_up_early()
    for number in range(times):
        change_app_settings(lambda settings, number=number: settings | {f"{name}-{number}": True}, path)


def test_changes_of_several_processes_lose_none(path):
    """Each adds its own entries to what it has read, as the page and a reading in the background do."""
    others = [multiprocessing.get_context("spawn").Process(target=_note_names, args=(path, name, 20)) for name in "ab"]
    for other in others:
        other.start()
    _note_names(path, "c", 20)
    for other in others:
        other.join()

    assert len(load_app_settings(path)) == 60
