"""Instants, ages and durations in words."""

from datetime import UTC, datetime, timedelta

import pytest

from ui.times import age_words, clock_words, duration_words, instant_words, moment_words

INSTANT = datetime(2026, 3, 5, 15, 30, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("age", "text"),
    [
        (timedelta(seconds=-5), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=89), "89 minutes ago"),
        (timedelta(minutes=90), "2 hours ago"),
        (timedelta(hours=5), "5 hours ago"),
        (timedelta(days=3), "3 days ago"),
    ],
)
def test_an_age_is_told_roughly(age, text):
    assert age_words(age).replace("\N{NO-BREAK SPACE}", " ") == text


def test_an_instant_is_told_in_the_teams_zone_and_names_it():
    assert instant_words(INSTANT, "Europe/Berlin") == "5 Mar 2026, 16:30 (Europe/Berlin)"
    assert moment_words(INSTANT, "America/New_York") == "5 Mar 2026, 10:30"
    assert clock_words(INSTANT, "UTC") == "15:30:07 (UTC)"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "less than a second"), (1, "1 second"), (99, "99 seconds"), (150, "2 minutes"), (5400, "1 h 30 min")],
)
def test_a_duration_is_told_in_its_own_unit(seconds, text):
    assert duration_words(seconds).replace("\N{NO-BREAK SPACE}", " ") == text
