"""Other rules are compared, saved and listed, and what nobody can mean is refused."""

import json
from datetime import timedelta

import pytest
from dash import no_update
from dash.exceptions import PreventUpdate

from callbacks.keeper import Keeper
from callbacks.team import TeamLoader
from callbacks.team_source import Source
from callbacks.what_if import comparer, form_filler, saver, trier
from configuration.settings import JiraCredentials, Secret, Settings
from data.config_version import plain
from data.configuration_history import VERSIONS_FILE
from data.demo.clock import VirtualClock
from data.errors import SettingsInvalid
from tests.builders import at, issue
from tests.jira_sites import few_issues, serving
from tests.unit.callbacks.readings import FETCHED, measured, source_of, triggered
from tests.unit.ui.reading import of_kind, with_class, words
from ui.rule_choices import CHOICES, shown, status_options

WORK = [
    issue(
        "AB-1",
        at("2026-01-05 09:00"),
        moves=[
            (at("2026-01-06 09:00"), "In Progress"),
            (at("2026-01-08 09:00"), "Review"),
            (at("2026-01-12 09:00"), "Done"),
        ],
    ),
    issue("AB-2", at("2026-01-05 09:00"), labels=["tide"]),
]


@pytest.fixture
def keeper(tmp_path):
    """Numbers of a team with its own Jira, which is never asked."""
    jira = JiraCredentials("https://jira.example.com", None, Secret("made-up"))
    settings = Settings(jira=jira, cache_dir=tmp_path, app_settings_path=tmp_path / "app_settings.json")
    return Keeper(Source(settings), measured(WORK))


def chosen(keeper, **other):
    rules = keeper.loader.team().reading.rules
    values = shown(rules, status_options(rules, ["To Do", "In Progress", "Review", "Done"])) | other
    return [values[name] for name in CHOICES]


def tried(keeper, **other):
    found, said = trier(keeper)(1, *chosen(keeper, **other))
    return found, words(said)


def test_a_changed_rule_shows_old_and_new_value_and_the_issue_that_it_moves(keeper):
    found, _ = tried(keeper, start_statuses=["Review"])
    body = comparer(keeper)(found, "30", None, None)

    assert found["changes"] == {"start_statuses": ["Review"]}
    time = next(part for part in with_class(body, "difference") if "Flow time" in words(part))
    assert words(with_class(time, "sides")) == "Now 6 days from 1 With the changed rules 4 days from 1"
    assert "AB-1 6 days in all, then 4 days in all" in words(time)
    assert "Work starts in: no status named, now “Review”." in words(body)
    assert [button.children for button in of_kind(body, "Button")] == ["Save these rules"]


def test_a_comparison_looks_at_the_work_that_the_filter_selects(keeper):
    found, _ = tried(keeper, start_statuses=["Review"])
    everything, nothing_of_it = (words(comparer(keeper)(found, "30", text, None)) for text in (None, "label=tide"))

    assert "Flow time" in everything
    assert "A filter is on" not in everything
    assert nothing_of_it.startswith("A filter is on: all of this is about label tide only.")
    assert "No number of the last 30 days would change." in nothing_of_it


def test_a_rule_that_moves_nothing_says_so(keeper):
    found, _ = tried(keeper, attribution_window_days=2)

    assert "No number of the last 30 days would change." in words(comparer(keeper)(found, "30", None, None))


@pytest.mark.parametrize(
    ("other", "told"),
    [({}, "rules in force"), ({"headline_percentile": 0}, "between 0 and 100"), ({"start_statuses": ["Nil"]}, "“Nil”")],
)
def test_what_cannot_be_compared_is_refused_in_words(keeper, other, told):
    found, said = tried(keeper, **other)

    assert found is None
    assert told in said


def test_a_comparison_with_rules_that_are_no_longer_in_force_is_neither_shown_nor_saved(keeper):
    found = tried(keeper, headline_percentile=85)[0] | {"version": "of yesterday"}

    assert comparer(keeper)(found, "30", None, None) == "Choose other rules, then compare."
    assert "Compare again" in saver(keeper)(1, found)
    assert not keeper.source.settings.app_settings_path.exists()


def test_the_demo_team_can_be_tried_but_not_saved(tmp_path):
    settings = Settings(cache_dir=tmp_path, app_settings_path=tmp_path / "app_settings.json")
    keeper = Keeper(Source(settings), measured(WORK))
    found, _ = tried(keeper, headline_percentile=85)
    body = comparer(keeper)(found, "30", None, None)

    assert not of_kind(body, "Button")
    assert "not saved" in words(body)
    assert "not saved" in saver(keeper)(1, found)
    assert not settings.app_settings_path.exists()


@pytest.mark.parametrize("sent", [{"timezone": "Europe/Paris"}, {"headline_percentile": 100}])
def test_what_a_tampered_page_sends_is_refused_before_anything_is_written(keeper, sent):
    found = tried(keeper, headline_percentile=85)[0] | {"changes": sent}
    try:
        refusal = saver(keeper)(1, found)
    except SettingsInvalid as error:
        refusal = str(error)

    assert "Compare again" in refusal or "headline_percentile" in refusal
    assert not keeper.source.settings.app_settings_path.exists()


def test_newer_data_does_not_take_away_what_is_being_chosen(keeper):
    form, version, _ = form_filler(keeper)(None, None)

    assert of_kind(form, "MultiSelect")[0].data == ["Done", "In Progress", "Review", "To Do"]
    assert form_filler(keeper)(None, version)[0] is no_update


def test_before_the_numbers_are_there_nothing_happens(keeper):
    empty = Keeper(keeper.source, TeamLoader(lambda: None, lambda: None, as_of=None, first_period=30))
    with pytest.raises(PreventUpdate):
        form_filler(empty)(None, None)
    with pytest.raises(PreventUpdate):
        trier(empty)(1)
    assert comparer(empty)({"changes": {}, "version": "x"}, "30", None, None) == "Choose other rules, then compare."


def test_saved_rules_change_the_numbers_without_a_question_to_jira_and_are_dated(tmp_path):
    clock = VirtualClock(FETCHED)
    with serving(few_issues(), "cloud") as (jira, url):
        source = source_of(url, tmp_path, clock)
        source.synchronise("first visit")
        keeper = Keeper(source, TeamLoader(source.version, source.reading, as_of=FETCHED, first_period=30))
        keeper.loader.current()
        asked, version = len(jira.requests), keeper.loader.team().version
        found, _ = trier(keeper)(1, *_own_choices(keeper, headline_percentile=85))
        clock.sleep(3600)
        with triggered("act.n_clicks"):
            said = saver(keeper)(1, found)

        assert said.startswith("Saved.")
        assert len(jira.requests) == asked
    assert json.loads(source.settings.app_settings_path.read_text("utf-8"))["team_rules"] == {"headline_percentile": 85}
    team = keeper.loader.team()
    assert team.version != version
    assert plain(team.reading.rules)["headline_percentile"] == 85
    listed = words(form_filler(keeper)(None, None)[2])
    assert "Percentile of durations: the median, now 85 %." in listed
    assert listed.index("now 85") < listed.index("The first rules that were kept.")
    (mark,) = source.definition_changes(FETCHED - timedelta(days=30))
    assert [change["rule"] for change in mark["changes"]] == ["headline_percentile"]


def test_versions_that_cannot_be_read_cost_only_the_marks(keeper):
    keeper.source.settings.app_settings_path.with_name(VERSIONS_FILE).write_text("[]", "utf-8")

    assert keeper.source.definition_changes(FETCHED) == []


def _own_choices(keeper, **other):
    team = keeper.loader.team()
    values = shown(team.reading.rules, status_options(team.reading.rules, team.facts.history.statuses.names)) | other
    return [values[name] for name in CHOICES]
