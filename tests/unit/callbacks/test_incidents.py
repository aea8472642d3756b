"""Incidents are listed, and what caused one is put right by hand, kept apart for the demo, and taken back."""

from datetime import timedelta

import pytest
from dash.exceptions import PreventUpdate

from callbacks.incidents import corrector, lister, opener
from callbacks.keeper import Keeper
from callbacks.team import TeamLoader
from callbacks.team_source import Source
from configuration.settings import Settings
from data.attribution_overrides import OVERRIDES_FILE
from tests.unit.callbacks.readings import FETCHED, triggered
from tests.unit.ui.reading import of_kind, words
from ui import ids

SAVE, WITHDRAW = "correction-save.n_clicks", "correction-withdraw.n_clicks"


@pytest.fixture(scope="module")
def keeper(tmp_path_factory):
    """The demo team, read once for all tests of this file."""
    folder = tmp_path_factory.mktemp("demo")
    source = Source(Settings(as_of=FETCHED, cache_dir=folder, app_settings_path=folder / "app_settings.json"))
    source.synchronise("first visit")
    keeper = Keeper(source, TeamLoader(source.version, source.reading, as_of=FETCHED, first_period=30))
    keeper.loader.current()
    return keeper


def rows(keeper, days="365", filters=None):
    return of_kind(lister(keeper)(None, days, filters), "Li")


def first_key(keeper):
    return rows(keeper)[0].children[0].children[0].children


def opened(keeper, key):
    return opener(keeper)({"button": ids.correct(key), "number": 1})


def correct(keeper, key, chosen, *, who="Ann", why="The review found it.", button=SAVE):
    with triggered(button):
        said, is_open, refusal = corrector(keeper)(1, 1, key, chosen, who, why)
    return said, is_open, words(refusal)


def test_an_incident_is_put_down_to_another_deployment_and_given_back(keeper):
    key = first_key(keeper)
    before, version = words(rows(keeper)[0]), keeper.loader.team().version
    _, subject, _, choices, _, _, so_far, place, _ = opened(keeper, key)
    assert (subject, place) == (key, "nothing")
    assert "Nobody has corrected it" in words(so_far)

    said, is_open, _ = correct(keeper, key, choices[-1]["value"])
    assert (said, is_open) == (f"The cause of {key} is put right. The numbers follow.", False)
    row = words(rows(keeper)[0])
    assert choices[-1]["label"].split(",")[0] in row
    assert "put down by hand" in row
    assert keeper.loader.team().version != version

    _, _, _, _, _, _, so_far, place, _ = opened(keeper, key)
    assert place == ""
    assert "Ann: put down to" in words(so_far)
    assert "The review found it." in words(so_far)

    assert "by the rules again" in correct(keeper, key, None, button=WITHDRAW)[0]
    assert words(rows(keeper)[0]) == before
    assert "taken back" in words(opened(keeper, key)[6])


def test_the_list_is_of_the_incidents_that_the_filter_selects(keeper):
    whole = rows(keeper)
    parts = [rows(keeper, filters=f"team={name}") for name in keeper.loader.team().facts.history.facets["team"].names]

    assert len(parts) > 1
    assert all(len(part) < len(whole) for part in parts)
    assert {words(row) for part in parts for row in part} <= {words(row) for row in whole}
    assert rows(keeper, filters="type=Epic") == []


def test_no_deployment_can_be_the_cause(keeper):
    key = first_key(keeper)
    correct(keeper, key, "none")

    assert "No deployment put down by hand" in words(rows(keeper)[0])


def test_what_is_corrected_of_the_demo_team_lies_apart_and_goes_with_its_world(keeper):
    settings, key = keeper.source.settings, first_key(keeper)
    correct(keeper, key, "none")

    assert not settings.app_settings_path.with_name(OVERRIDES_FILE).exists()
    tomorrow = Settings(
        as_of=FETCHED + timedelta(days=1), cache_dir=settings.cache_dir, app_settings_path=settings.app_settings_path
    )
    assert keeper.source.corrections()
    assert Source(tomorrow).corrections() == []


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"chosen": None}, "not said what caused it"),
        ({"chosen": "to:<b>9.9</b>"}, "not there any more"),
        ({"chosen": 7}, "not there any more"),
        ({"chosen": "none", "key": "NO-1"}, "not there any more"),
        ({"chosen": "none", "who": " "}, "Your name is missing"),
        ({"chosen": "none", "why": None}, "The reason is missing"),
        ({"chosen": "none", "why": "x" * 1001}, "too long"),
        ({"chosen": None, "button": WITHDRAW}, "no correction to take back"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_words(keeper, given, told):
    key = rows(keeper)[1].children[0].children[0].children
    count = len(keeper.source.corrections())
    _, _, refusal = correct(keeper, **{"key": key, **given})

    assert told in refusal
    assert len(keeper.source.corrections()) == count


def test_a_new_page_opens_no_correction(keeper):
    with pytest.raises(PreventUpdate):
        opener(keeper)(None)


def test_before_the_numbers_are_there_nothing_happens(keeper):
    empty = Keeper(keeper.source, TeamLoader(lambda: None, lambda: None, as_of=None, first_period=30))
    with pytest.raises(PreventUpdate):
        lister(empty)(None, "30", None)
