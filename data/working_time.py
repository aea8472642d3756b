"""Durations: elapsed hours, or the working hours of a team's calendar between two instants."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
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
    day, stop = local_day(first, zone) - timedelta(days=1), local_day(last, zone) + timedelta(days=1)
    opens, closes = [first - 3 * DAY], [first - 3 * DAY]
    while day <= stop:
        if day.weekday() in calendar.weekdays and day not in calendar.holidays:
            opens.append(_at(day, calendar.start_hour, zone))
            closes.append(_at(day, calendar.end_hour, zone))
        day += timedelta(days=1)
    order = np.argsort(np.array(opens), kind="stable")
    return np.array(opens, dtype=np.int64)[order], np.array(closes, dtype=np.int64)[order]


def _at(day: date, hour: float, zone: ZoneInfo) -> int:
    wall = datetime.combine(day, time.min) + timedelta(hours=hour)
    return microseconds(wall.replace(tzinfo=zone))
