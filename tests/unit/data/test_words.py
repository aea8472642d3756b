"""Numbers and instants as they stand in a sentence."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from data.performance_utils import microseconds
from data.words import counted, duration, listed, number, ordinal, share, when
from tests.builders import at


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (0.0, "0 minutes"),
        (1 / 60, "1 minute"),
        (1.4, "84 minutes"),
        (1.5, "1.5 hours"),
        (47.9, "48 hours"),
        (48.0, "2 days"),
        (146.4, "6.1 days"),
        (503.0, "21 days"),
        (504.0, "3 weeks"),
        (-2.0, "-2 hours"),
        (0.0005, "0.03 minutes"),
    ],
)
def test_a_duration_is_told_in_the_unit_that_reads_best(hours, words):
    assert duration(hours, working=False) == words


def test_working_hours_stay_hours():
    assert duration(80.0, working=True) == "80 working hours"
    assert duration(1.0, working=True) == "1 working hour"


def test_an_instant_is_told_in_the_zone_and_with_another_year():
    new_year = microseconds(at("2025-12-31 23:30"))

    assert when(new_year, ZoneInfo("UTC"), beside=at("2025-06-01 00:00")) == "31 December 23:30"
    assert when(new_year, ZoneInfo("Europe/Berlin"), beside=at("2025-06-01 00:00")) == "1 January 2026 00:30"


@pytest.mark.parametrize(
    ("percent", "words"),
    [(85.0, "85th"), (1.0, "1st"), (52.0, "52nd"), (93.0, "93rd"), (11.0, "11th"), (12.5, "12.5th")],
)
def test_a_percentile_is_an_ordinal(percent, words):
    assert ordinal(percent) == words


def test_lists_counts_and_shares():
    assert listed(["b", "A", "c"]) == "A, b or c"
    assert listed({"x", "y"}, last="and") == "x and y"
    assert (listed(["x"]), listed([])) == ("x", "")
    assert (counted(1, "issue"), counted(1200, "issue")) == ("1 issue", "1,200 issues")
    assert (share(0.027), share(1.0), number(9.96)) == ("2.7 %", "100 %", "10")
