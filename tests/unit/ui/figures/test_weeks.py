"""Weeks and trends in words."""

from datetime import date

from tests.unit.ui.results import SHARES, result, weeks
from ui.figures.weeks import trend_sentence, week_monday


def test_an_iso_week_begins_on_its_monday_also_across_the_year():
    assert week_monday("2026-W01") == date(2025, 12, 29)
    assert week_monday("2020-W53") == date(2020, 12, 28)


def test_a_trend_is_told_by_its_extremes_and_its_last_full_week():
    told = trend_sentence(result(trend=weeks(24.0, 96.0, 72.0, 12.0))).replace("\N{NO-BREAK SPACE}", " ")

    assert told == (
        "Lead time for changes by week, 4 weeks from 9 Feb 2026: lowest 12 hours, highest 4 days, "
        "last full week with a value 3 days. The running week is drawn hollow."
    )


def test_a_trend_without_values_says_so():
    assert trend_sentence(result(trend=weeks(None, None))).endswith("no week has a value.")
    assert trend_sentence(result(trend=[])).endswith("no weeks to show.")


def test_shares_are_left_to_the_table():
    assert "share of each kind" in trend_sentence(result("flow_distribution", trend=weeks(SHARES)))
