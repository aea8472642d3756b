"""An explanation at an earlier day: what was known then, what has changed since, and the way back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from dash import no_update
from dash.exceptions import PreventUpdate

from callbacks.dora_flow_metrics import answerer, explained, issue_finder, period_days
from callbacks.earlier import changer, known_on, last_day_over
from callbacks.team_source import Source
from configuration.settings import Settings
from tests.builders import at, issue
from tests.unit.callbacks.readings import measured, triggered
from tests.unit.ui.reading import of_kind, words
from ui.components.known_then import HIDDEN
from ui.page import Sources

DAY = timedelta(days=1)
BEGAN = at("2026-01-05 09:00")
NOW_SUBJECT = {"metric": "flow_load", "days": "30", "filters": None}
THEN_SUBJECT = {**NOW_SUBJECT, "as_of": "2026-01-10"}


def begun(key, day, *moves, **more):
    return issue(key, BEGAN, moves=[(BEGAN + day * DAY, "In Progress"), *moves], **more)


WORK = [
    begun("AB-1", 0, (BEGAN + 20 * DAY, "Done")),
    begun("AB-2", 1),
    begun("AB-3", 15),
    begun("AB-4", 16, labels=["sea"]),
]
"""On the tenth of January the first two were in progress, at the end of the month all but the first."""


def change(day, *, subject=NOW_SUBJECT, by="known-day", issues=WORK):
    source = Source(Settings())
    with triggered(f"{by}.value" if by == "known-day" else f"{by}.n_clicks"):
        return changer(measured(issues), explained(source), lambda team: Sources(None, team.summaries), period_days)(
            day, 1, subject, None
        )


def test_a_day_shows_the_number_as_it_was_and_what_came_and_went_since():
    body, subject, day, back, said = change("2026-01-10")
    text = words(body)

    assert "An earlier state: all below is as it was known at the end of 10 Jan 2026." in text
    assert "Then 2 items, now 3 items. Since then 2 issues came in and 1 went out." in text
    assert "Came in since: 2" in text
    assert "Went out since: 1" in text
    assert "10 Jan 2026, 23:59 (UTC)" in text
    assert (subject, day, back, said) == (THEN_SUBJECT, no_update, {}, "")


def test_what_can_be_taken_away_is_of_that_day_too():
    body, *_ = change("2026-01-10")

    assert "/provenance/flow_load.csv?days=30&as_of=2026-01-10" in [link.href for link in of_kind(body, "A")]


def test_of_a_number_over_a_period_it_is_said_over_which_days():
    done = [begun(f"AB-{day}", day, (BEGAN + (day + 2) * DAY, "Done")) for day in range(9)]
    body, *_ = change("2026-01-10", subject={**NOW_SUBJECT, "metric": "flow_time"}, issues=done)

    assert "Then 2 days (4 counted), now 2 days (9 counted), each over the 30 days before." in words(body)


def test_where_nothing_changed_that_is_said():
    body, *_ = change("2026-01-30", issues=WORK[1:2])

    assert "The same are counted." in words(body)


@pytest.mark.parametrize("day", ["2026-01-31", "2031-01-01", "1900-01-01", "soon", "<b>", 7, ["2026-01-10"]])
def test_what_is_no_day_that_is_over_is_refused_and_changes_nothing(day):
    *kept, said = change(day)

    assert kept == [no_update] * 4
    assert words(said) == "Choose a day that is over, up to 30 Jan 2026."


@pytest.mark.parametrize(("day", "by"), [("2026-01-10", "known-now"), (None, "known-day")])
def test_the_way_back_shows_what_is_known_now(day, by):
    body, subject, shown, back, said = change(day, subject=THEN_SUBJECT, by=by)

    assert "An earlier state" not in words(body)
    assert "3 items" in words(body)
    assert (subject, shown, back) == (NOW_SUBJECT, None, HIDDEN)
    assert said == "This is what is known now."


def test_a_drawer_that_is_only_just_drawn_changes_nothing():
    for subject in (None, NOW_SUBJECT):
        with pytest.raises(PreventUpdate):
            change(None, subject=subject)


def test_lists_and_answers_in_the_drawer_are_of_its_day():
    loader = measured(WORK)
    rows, _ = issue_finder(loader, Source(Settings()))("", 0, {"group": "included"}, THEN_SUBJECT)

    assert "AB-1" in words(rows)
    assert "AB-3" not in words(rows)
    assert answerer(loader)("ab-3", THEN_SUBJECT).startswith("AB-3 is not counted")
    assert answerer(loader)("ab-3", NOW_SUBJECT).startswith("AB-3 is counted")


def test_a_day_that_has_become_impossible_is_taken_as_now():
    assert answerer(measured(WORK))("AB-3", {**NOW_SUBJECT, "as_of": "2099-01-01"}).startswith("AB-3 is counted")


def test_what_was_known_is_kept_apart_from_todays_numbers_and_under_their_filters():
    team = measured(WORK).current()
    then = known_on(team, "2026-01-10")

    assert then.reading.keep is None
    assert then.results(30)["flow_load"]["as_of"] == "2026-01-10T23:59:59.999999Z"
    assert team.results(30)["flow_load"]["as_of"] == "2026-01-31T12:00:00Z"
    assert last_day_over(team).isoformat() == "2026-01-30"
    sea = change("2026-01-10", subject={**NOW_SUBJECT, "filters": "label=sea"})
    assert "Then 0 items, now 1 item" in words(sea[0])
