"""Working hours against a minute-by-minute count."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.model import TeamRules, WorkingCalendar
from data.performance_utils import microseconds
from data.weeks import local_day, local_days
from data.working_time import hours_between
from tests.property.effort import effort
from tests.reference.instants import duration

CALENDAR = WorkingCalendar(start_hour=9, end_hour=17.5, holidays=frozenset({date(2025, 4, 1)}))
ZONE = "Europe/Berlin"
ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/Santiago",
    "America/Havana",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Asia/Kathmandu",
)
MINUTE = timedelta(minutes=1)
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


CALENDARS = st.builds(
    lambda weekdays, hours, holidays: WorkingCalendar(
        weekdays=frozenset(weekdays), start_hour=hours[0] / 4, end_hour=hours[1] / 4, holidays=frozenset(holidays)
    ),
    st.sets(st.integers(0, 6), min_size=1),
    st.tuples(st.integers(0, 95), st.integers(0, 96)).filter(lambda hours: hours[0] < hours[1]),
    st.sets(st.dates(date(2023, 12, 20), date(2026, 1, 10)), max_size=8),
)
INSTANTS = st.integers(0, 2 * 366 * 24 * 60).map(lambda minute: datetime(2024, 1, 1, tzinfo=UTC) + minute * MINUTE)


@effort(120)
@given(CALENDARS, st.sampled_from(ZONES), st.lists(st.tuples(INSTANTS, INSTANTS), min_size=1, max_size=8))
def test_working_hours_are_those_of_the_reference_in_every_zone(calendar, zone, spans):
    """Early and late shifts, single days, holidays, clock changes at midnight and at other hours, turns of the year."""
    rules = TeamRules(timezone=zone, working_calendar=calendar)
    spans = [(min(span), max(span)) for span in spans]
    starts, ends = (np.concatenate([column(span[side]) for span in spans]) for side in (0, 1))

    hours = hours_between(rules)(starts, ends).tolist()

    assert hours == pytest.approx([duration(start, end, rules) / timedelta(hours=1) for start, end in spans], abs=1e-9)


@effort(100)
@given(st.sampled_from(ZONES), st.lists(st.integers(-(10**15), 4 * 10**15), max_size=20))
def test_the_days_of_many_instants_are_those_of_each(zone, instants):
    days = local_days(np.array(instants, dtype=np.int64), ZoneInfo(zone))

    assert days.tolist() == [local_day(instant, ZoneInfo(zone)).toordinal() for instant in instants]
