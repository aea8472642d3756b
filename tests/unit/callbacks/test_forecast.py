"""What is chosen on the forecast page is answered, and what cannot be is refused in words."""

import pytest
from dash.exceptions import PreventUpdate

from callbacks.forecast import by_a_day, of_items
from callbacks.team import TeamLoader
from tests.unit.callbacks.readings import measured
from tests.unit.ui.reading import words


@pytest.mark.parametrize("chosen", [None, "", "yesterday", "1999-01-01", "9999-12-31", 7])
def test_a_day_that_cannot_be_forecast_is_refused_in_words(chosen):
    assert words(by_a_day(measured())(chosen, None)).startswith("Choose a day after")


@pytest.mark.parametrize("chosen", [None, "", 0, -1, 1.5, 10_001, "7"])
def test_a_number_that_is_none_is_refused_in_words(chosen):
    assert words(of_items(measured())(chosen, None)).startswith("Choose a whole number")


def test_what_can_be_asked_is_answered():
    assert "to draw from" in words(of_items(measured())(3, None))


def test_before_the_numbers_are_there_nothing_happens():
    loader = TeamLoader(lambda: None, lambda: None, as_of=None, first_period=30)
    for ask, chosen in ((by_a_day(loader), "2026-03-01"), (of_items(loader), 3)):
        with pytest.raises(PreventUpdate):
            ask(chosen, None)
