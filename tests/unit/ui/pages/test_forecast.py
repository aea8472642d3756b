"""The page of forecasts: what can be chosen, and what is said of little history."""

from datetime import timedelta

import pytest

from data.forecast import how_many, when_done
from data.metric import read_facts
from tests.builders import at, issue, statuses
from tests.unit.ui.reading import of_kind, words
from ui.components.forecast import how_many_words, when_done_words
from ui.page import Sources, View
from ui.pages.forecast import forecast_body

NOW = at("2026-01-14 12:00")


def facts(weeks, each=3, *, standing=2):
    issues = []
    for number in range(weeks * each):
        done = NOW - timedelta(weeks=1 + number // each, hours=number % each)
        issues.append(
            issue(
                f"F-{number}",
                done - timedelta(days=2),
                moves=[(done - timedelta(days=1), "In Progress"), (done, "Done")],
            )
        )
    issues += [issue(f"A-{number}", NOW, moves=[(NOW, "In Progress")]) for number in range(standing)]
    return read_facts(issues, {}, as_of=NOW, statuses=statuses())


def test_four_weeks_and_the_open_items_are_what_is_asked_first():
    page = forecast_body(View(facts(10), 30, Sources(None, {})))
    (day,), (items,) = of_kind(page, "DateInput"), of_kind(page, "NumberInput")
    assert (day.value, day.minDate) == ("2026-02-11", "2026-01-15")
    assert items.value == 2


@pytest.mark.parametrize(
    ("asked", "day", "items"),
    [
        ({"until": "2026-03-01", "items": "7"}, "2026-03-01", 7),
        ({"until": "2026-01-14", "items": "0"}, "2026-02-11", 2),
        ({"until": "2029-01-01", "items": "10001"}, "2026-02-11", 2),
        ({"until": "<b>", "items": "\u0664"}, "2026-02-11", 2),
        ({"until": "20260301", "items": "1e3"}, "2026-02-11", 2),
    ],
)
def test_the_choices_of_the_address_are_kept_where_they_can_be_meant(asked, day, items):
    page = forecast_body(View(facts(10), 30, Sources(None, {}), asked))
    assert of_kind(page, "DateInput")[0].value == day
    assert of_kind(page, "NumberInput")[0].value == items
    assert [store.data for store in of_kind(page, "Store")] == ["2026-02-11", 2]


def test_a_forecast_comes_with_its_test_and_what_it_was_drawn_from():
    said = words(how_many_words(how_many(facts(40), NOW + timedelta(weeks=4)), "Europe/Berlin"))
    assert said.startswith("12 or more by 11 Feb 2026, very likely.")
    assert "forecasts at 85 % over 4 weeks came true 100 % of the time, made from each of 26 past weeks" in said
    assert "10,000 trials, seed 1" in said
    assert "3, 3, 3" in said


def test_an_untested_forecast_says_so():
    said = words(when_done_words(when_done(facts(8), 7), "UTC"))
    assert said.startswith("7 items by 4 Feb 2026, very likely.")
    assert "cannot be told" in said


def test_too_little_history_is_said_and_nothing_is_forecast():
    for said in (
        words(how_many_words(how_many(facts(4), NOW + timedelta(weeks=4)), "UTC")),
        words(when_done_words(when_done(facts(4), 7), "UTC")),
    ):
        assert said == "There are 4 complete weeks to draw from, and a forecast needs 6. Nothing is guessed from less."


def test_a_team_that_stands_still_is_never_done():
    still = facts(40).history
    later = read_facts([], {}, as_of=NOW).__class__(still, NOW + timedelta(weeks=60))
    said = words(when_done_words(when_done(later, 5), "UTC"))
    assert "later than in ten years" in said
