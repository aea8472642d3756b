"""Steps of a trend, those without traffic included."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from data.watch.trends import DAY, HOUR, WEEK, begun, moved, step_of, trend_points
from tests.unit.data.watch.traffic import requests

NOON = datetime(2026, 1, 5, 12, 34, 56, tzinfo=UTC)


@pytest.mark.parametrize(("days", "step"), [(1, HOUR), (14, HOUR), (15, DAY), (90, DAY)])
def test_long_spans_are_told_by_day(days, step):
    assert step_of(days) == step


def test_a_step_begins_on_the_hour_or_day_of_utc():
    assert begun(NOON, HOUR) == datetime(2026, 1, 5, 12, tzinfo=UTC)
    assert begun(NOON, DAY) == datetime(2026, 1, 5, tzinfo=UTC)
    eastern = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert begun(eastern, DAY) == datetime(2026, 1, 5, tzinfo=UTC)


def test_a_step_without_traffic_has_no_times_rather_than_zeros():
    since = begun(NOON, HOUR)
    points = trend_points([(since + HOUR, requests(100.0, 300.0, failed=1))], since, since + 2.5 * HOUR, HOUR)

    assert [point["at"] for point in points] == [f"2026-01-05T{hour}:00:00Z" for hour in (12, 13, 14)]
    assert points[0] == {"at": points[0]["at"], "requests": 0, "avg_ms": None, "p95_ms": None, "error_rate": None}
    assert points[1]["p95_ms"] == pytest.approx(300, rel=0.01)
    assert (points[1]["requests"], points[1]["avg_ms"], points[1]["error_rate"]) == (2, 200, 0.5)


def test_the_week_before_is_drawn_seven_days_later():
    points = trend_points([], NOON - WEEK, NOON - WEEK + DAY, DAY)

    assert [point["at"] for point in moved(points, WEEK)] == ["2026-01-05T12:34:56Z"]
