"""Working hours against a minute-by-minute count."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from data.model import TeamRules, WorkingCalendar
from data.performance_utils import microseconds
from data.working_time import hours_between

CALENDAR = WorkingCalendar(start_hour=9, end_hour=17.5, holidays=frozenset({date(2025, 4, 1)}))
ZONE = "Europe/Berlin"
FIRST = datetime(2025, 3, 20, tzinfo=UTC)


def column(moment):
    return np.array([microseconds(moment)], dtype=np.int64)


def counted_minutes(start, end):
    """Working minutes between two instants, one after the other on the wall clock."""
    minutes = 0
    while start < end:
        wall = start.astimezone(ZoneInfo(ZONE))
        hour = wall.hour + wall.minute / 60
        minutes += wall.weekday() < 5 and wall.date() != date(2025, 4, 1) and 9 <= hour < 17.5
        start += timedelta(minutes=1)
    return minutes


@settings(max_examples=30)
@given(st.integers(0, 14 * 24 * 60), st.integers(0, 5 * 24 * 60))
def test_working_hours_are_the_minutes_that_a_clock_on_the_wall_would_count(begin, length):
    """Over a clock change, a weekend and a holiday."""
    start = FIRST + timedelta(minutes=begin)
    end = start + timedelta(minutes=length)
    between = hours_between(TeamRules(timezone=ZONE, working_calendar=CALENDAR))

    assert round(between(column(start), column(end))[0] * 60, 6) == counted_minutes(start, end)
    assert between(column(end), column(start))[0] == -between(column(start), column(end))[0]


def test_without_a_calendar_hours_are_elapsed_hours():
    between = hours_between(TeamRules())

    assert between(column(FIRST), column(FIRST + timedelta(days=2)))[0] == 48.0
