"""ISO weeks and days of a team's zone on the microsecond scale of the columns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from data.model import iso_utc
from data.performance_utils import microseconds

HOUR = 3_600_000_000
DAY = 24 * HOUR
TREND_DAYS_AT_LEAST = 84

Times = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, slots=True)
class WeekGrid:
    """Consecutive ISO weeks; `edges` has one more entry than `labels`, the last one after `as_of`."""

    labels: list[str]
    starts: list[str]
    edges: Times

    def __len__(self) -> int:
        return len(self.labels)

    def of(self, times: Times) -> npt.NDArray[np.int64]:
        """The week number of each instant; -1 or `len(self)` for those before or after the grid."""
        return np.searchsorted(self.edges, times, side="right") - 1


def instant(microseconds_utc: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(microseconds_utc))


def local_midnight(day: date, zone: ZoneInfo) -> int:
    """The first instant of a day in a zone. Where clocks jump over midnight, the instant they jump to."""
    return microseconds(datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC))


def end_of_day(day: date, zone: ZoneInfo) -> int:
    return local_midnight(day + timedelta(days=1), zone) - 1


def local_day(microseconds_utc: int, zone: ZoneInfo) -> date:
    return instant(microseconds_utc).astimezone(zone).date()


def local_days(times: Times, zone: ZoneInfo) -> npt.NDArray[np.int64]:
    """The days of a zone that instants lie in, as ordinals."""
    if len(times) == 0:
        return np.zeros(0, dtype=np.int64)
    years = range(local_day(int(times.min()), zone).year, local_day(int(times.max()), zone).year + 1)
    midnights = np.concatenate([_midnights(year, zone) for year in years])
    return np.searchsorted(midnights, times, side="right") - 1 + date(years[0], 1, 1).toordinal()


@lru_cache(maxsize=256)
def _midnights(year: int, zone: ZoneInfo) -> Times:
    """The first instants of the days of a year, never falling."""
    first, days = date(year, 1, 1), (date(year, 12, 31) - date(year, 1, 1)).days + 1
    return np.maximum.accumulate(
        np.array([local_midnight(first + timedelta(days=day), zone) for day in range(days)], dtype=np.int64)
    )


@lru_cache(maxsize=64)
def trend_weeks(as_of: datetime, days: int, zone: ZoneInfo) -> WeekGrid:
    """The weeks of a trend: from the one that holds the period's start, at least 12 weeks back, to the running one."""
    first = _monday(as_of - timedelta(days=max(days, TREND_DAYS_AT_LEAST)), zone)
    last = _monday(as_of, zone)
    mondays = [first + timedelta(weeks=n) for n in range((last - first).days // 7 + 2)]
    edges = np.array([local_midnight(monday, zone) for monday in mondays], dtype=np.int64)
    labels = ["{}-W{:02d}".format(*monday.isocalendar()[:2]) for monday in mondays[:-1]]
    return WeekGrid(labels, [iso_utc(instant(edge)) for edge in edges[:-1]], edges)


def _monday(moment: datetime, zone: ZoneInfo) -> date:
    day = moment.astimezone(zone).date()
    return day - timedelta(days=day.weekday())
