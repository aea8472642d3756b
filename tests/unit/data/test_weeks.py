"""ISO weeks and days in zones that change their clocks."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from data.performance_utils import microseconds
from data.weeks import HOUR, end_of_day, local_day, local_midnight, trend_weeks

BERLIN = ZoneInfo("Europe/Berlin")


def test_weeks_begin_on_monday_midnight_of_the_zone():
    weeks = trend_weeks(datetime(2025, 4, 2, 12, tzinfo=UTC), 30, BERLIN)

    assert weeks.labels[-1] == "2025-W14"
    assert weeks.starts[-1] == "2025-03-30T22:00:00Z"
    assert weeks.starts[-2] == "2025-03-23T23:00:00Z"


def test_the_week_of_the_clock_change_has_its_own_length():
    weeks = trend_weeks(datetime(2025, 4, 2, 12, tzinfo=UTC), 30, BERLIN)

    assert (weeks.edges[-2] - weeks.edges[-3]) / HOUR == 167


@pytest.mark.parametrize(("days", "expected"), [(7, 13), (84, 13), (365, 53)])
def test_a_trend_has_at_least_twelve_weeks_before_the_running_one(days, expected):
    assert len(trend_weeks(datetime(2025, 4, 2, 12, tzinfo=UTC), days, BERLIN)) == expected


def test_the_last_week_holds_as_of_even_on_a_monday_midnight():
    monday = datetime(2025, 3, 31, tzinfo=UTC)
    weeks = trend_weeks(monday, 7, ZoneInfo("UTC"))
    now = microseconds(monday)

    assert weeks.of(np.array([now - 1, now])).tolist() == [len(weeks) - 2, len(weeks) - 1]


def test_weeks_of_a_year_are_named_by_the_iso_year():
    assert trend_weeks(datetime(2027, 1, 2, tzinfo=UTC), 7, ZoneInfo("UTC")).labels[-1] == "2026-W53"


def test_a_day_ends_a_microsecond_before_the_next_one():
    day = date(2025, 10, 26)

    assert end_of_day(day, BERLIN) + 1 == local_midnight(day + timedelta(days=1), BERLIN)
    assert (end_of_day(day, BERLIN) + 1 - local_midnight(day, BERLIN)) / HOUR == 25
    assert local_day(end_of_day(day, BERLIN), BERLIN) == day
