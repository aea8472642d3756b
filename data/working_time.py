"""Durations: elapsed hours, or the working hours of a team's calendar between two instants."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from data.model import TeamRules, WorkingCalendar
from data.performance_utils import microseconds
from data.weeks import DAY, HOUR, local_day

Times = npt.NDArray[np.int64]
Hours = npt.NDArray[np.float64]
HoursBetween = Callable[[Times, Times], Hours]
"""From and to, both in microseconds, to hours; to before from is negative."""


def hours_between(rules: TeamRules) -> HoursBetween:
    """The way in which a team counts a duration."""
    if rules.working_calendar is None:
        return elapsed_hours
    calendar, zone = rules.working_calendar, ZoneInfo(rules.timezone)
    return lambda start, end: _working_hours(start, end, calendar, zone)


def elapsed_hours(start: Times, end: Times) -> Hours:
    return (np.asarray(end, dtype=np.int64) - np.asarray(start, dtype=np.int64)) / float(HOUR)


def _working_hours(start: Times, end: Times, calendar: WorkingCalendar, zone: ZoneInfo) -> Hours:
    if len(start) == 0:
        return np.zeros(0)
    both = np.concatenate([start, end])
    opens, closes = _shifts(int(both.min()), int(both.max()), calendar, zone)
    before = np.concatenate([[0], np.cumsum(closes - opens)])

    def worked(times: Times) -> Times:
        shift = np.searchsorted(opens, times, side="right")
        into = np.clip(times - opens[shift - 1], 0, (closes - opens)[shift - 1])
        worked_before: Times = before[shift - 1] + into
        return worked_before

    return (worked(end) - worked(start)) / float(HOUR)


def _shifts(first: int, last: int, calendar: WorkingCalendar, zone: ZoneInfo) -> tuple[Times, Times]:
    """Opening and closing instants of every working day around a span, after an empty shift that precedes it."""
    begin, end = local_day(first - DAY, zone).year, local_day(last + DAY, zone).year
    years = [_shifts_of(year, calendar, zone) for year in range(begin, end + 1)]
    opens, closes = (np.concatenate(column) for column in zip(*years, strict=True))
    before = np.array([min(first, *opens[:1].tolist()) - DAY])
    opens, closes = np.concatenate([before, opens]), np.concatenate([before, closes])
    order = np.argsort(opens, kind="stable")
    return opens[order], closes[order]


@lru_cache(maxsize=256)
def _shifts_of(year: int, calendar: WorkingCalendar, zone: ZoneInfo) -> tuple[Times, Times]:
    first = date(year, 1, 1)
    days = [first + timedelta(days=number) for number in range((date(year, 12, 31) - first).days + 1)]
    days = [day for day in days if day.weekday() in calendar.weekdays and day not in calendar.holidays]
    opens, closes = (
        np.array([_at(day, hour, zone) for day in days], dtype=np.int64)
        for hour in (calendar.start_hour, calendar.end_hour)
    )
    return opens, closes


def _at(day: date, hour: float, zone: ZoneInfo) -> int:
    wall = datetime.combine(day, time.min) + timedelta(hours=hour)
    return microseconds(wall.replace(tzinfo=zone))
