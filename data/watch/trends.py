"""How requests went over time, with the week before beneath."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from data.model import iso_utc
from data.watch.documents import TrendPoint
from data.watch.route_tables import rounded
from data.watch.summary import Summary

WEEK = timedelta(days=7)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MOST_DAYS_BY_HOUR = 14

Steps = Sequence[tuple[datetime, Summary]]


def step_of(days: int) -> timedelta:
    """Hours up to two weeks, days beyond."""
    return HOUR if days <= MOST_DAYS_BY_HOUR else DAY


def begun(instant: datetime, step: timedelta) -> datetime:
    """The beginning of the hour or day, in UTC, that the instant is in."""
    midnight = instant.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + (instant - midnight) // step * step


def trend_points(steps: Steps, since: datetime, until: datetime, step: timedelta) -> list[TrendPoint]:
    """One point for every step that begins from `since` on and before `until`; those without traffic know nothing."""
    told = dict(steps)
    count = -((since - until) // step)
    return [_point(at, told.get(at, Summary())) for at in (since + number * step for number in range(count))]


def _point(at: datetime, summary: Summary) -> TrendPoint:
    return {
        "at": iso_utc(at),
        "requests": summary.count,
        "avg_ms": rounded(summary.average_ms),
        "p95_ms": rounded(summary.p95),
        "error_rate": rounded(summary.error_rate, 6),
    }


def moved(points: Sequence[TrendPoint], by: timedelta) -> list[TrendPoint]:
    """The same points at another time."""
    return [point | {"at": iso_utc(datetime.fromisoformat(point["at"]) + by)} for point in points]
