"""The filters of a page: read from its address, followed by every number, told in words."""

import pytest
from dash.exceptions import PreventUpdate

from callbacks.filters import offerer, part_of, teller
from callbacks.team import TeamLoader
from tests.builders import at, issue
from tests.unit.callbacks.readings import measured
from tests.unit.callbacks.test_dora_flow_metrics import draw
from tests.unit.ui.reading import of_kind, words

HOSTILE = "<img src=x onerror=alert(1)>"


def finished(key, *labels):
    moves = [(at("2026-01-06 09:00"), "In Progress"), (at("2026-01-20 09:00"), "Done")]
    return issue(key, at("2026-01-05 09:00"), moves=moves, labels=list(labels))


def team_of_three():
    return measured([finished("AB-1", "Sand"), finished("AB-2", "sand", "tide"), finished("AB-3", HOSTILE)])


def test_every_number_follows_the_filter_and_each_part_is_remembered():
    team = team_of_three().team()
    part = part_of(team, "label=SAND")

    assert team.results(30)["flow_velocity"]["value"] == 3
    assert part.results(30)["flow_velocity"]["included"] == ["AB-1", "AB-2"]
    assert part_of(team, "label=sand&label=Sand").results(30) is part.results(30)
    assert part_of(team, None).results(30) is team.results(30)


@pytest.mark.parametrize("text", ["label=nope", "colour=red", "label=", "%%%", "&" * 9000, "label=" + "x" * 9000, 7])
def test_what_cannot_be_meant_filters_nothing(text):
    team = team_of_three().team()
    assert part_of(team, text).facts.count == 3


def test_pages_are_drawn_of_the_part():
    assert "2 items" in words(draw(team_of_three(), "flow", filters="label=sand")).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize("search", ["?days=30&label=sand&items=12", "items=12", "?items=3&items=12"])
def test_a_page_is_drawn_with_what_else_its_address_asks(search):
    (items,) = of_kind(draw(team_of_three(), "forecast", filters="label=sand", search=search), "NumberInput")
    assert items.value == 12


@pytest.mark.parametrize("search", [None, 7, "?", "&" * 9000])
def test_an_address_that_asks_nothing_draws_the_usual(search):
    assert of_kind(draw(team_of_three(), "forecast", search=search), "NumberInput")[0].value == 1


def test_only_what_differs_is_offered_and_hostile_names_stay_text():
    boxes = of_kind(offerer(team_of_three())(None, "label=tide"), "MultiSelect")

    assert [box.label for box in boxes] == ["Label"]
    assert [one["label"] for one in boxes[0].data] == [HOSTILE, "Sand", "tide"]
    assert boxes[0].value == ["tide"]


def test_the_line_says_what_is_on_and_what_was_asked_for_in_vain():
    line, button = teller(team_of_three())("label=sand&label=gone&type=none", None)

    assert words(line).startswith("Only label Sand : 2 of the issues.")
    assert "no issue has it: type none, label gone." in words(line)
    assert button == "Filter (1)"
    assert teller(team_of_three())("", None) == (None, "Filter")


def test_before_the_numbers_are_there_nothing_is_offered():
    loader = TeamLoader(lambda: None, lambda: None, as_of=None, first_period=30)
    for ask in (offerer(loader), teller(loader)):
        with pytest.raises(PreventUpdate):
            ask(None, None)
