"""The tracker tells of each route what was recorded of it, by whichever process."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta

import pytest

from data.performance_tracker import PerformanceTracker
from data.watch.measurement import Kind
from tests.watching import NOON, measured

HOUR = timedelta(hours=1)


@pytest.fixture
def clock():
    return [NOON]


@pytest.fixture
def tracker(tmp_path, clock):
    opened = PerformanceTracker(tmp_path / "performance" / "metrics.db", clock=lambda: clock[0])
    yield opened
    opened.close()


def test_what_was_recorded_can_be_read_at_once(tracker):
    for milliseconds in range(1, 101):
        tracker.record_metric("/", "GET", float(milliseconds), 200, cache_hit=milliseconds <= 40)

    stats = tracker.get_route_stats("/", days_back=1)

    assert {
        name: stats[name] for name in ("route", "count", "errors", "error_rate", "cache_hit_rate", "max", "avg")
    } == {
        "route": "/",
        "count": 100,
        "errors": 0,
        "error_rate": 0.0,
        "cache_hit_rate": 0.4,
        "max": 100.0,
        "avg": 50.5,
    }
    assert [stats[name] for name in ("p50", "p95", "p99")] == pytest.approx([50, 95, 99], rel=0.01)


def test_of_a_route_that_nobody_asked_for_nothing_is_known(tracker):
    stats = tracker.get_route_stats("/nowhere", days_back=7)

    assert stats["count"] == 0
    assert {stats[name] for name in ("avg", "p50", "p95", "p99", "max", "error_rate", "cache_hit_rate")} == {None}
    assert (
        tracker.get_all_routes_stats(7) == tracker.get_slowest_routes(5, 7) == tracker.get_hourly_metrics("/", 7) == []
    )


def test_the_cache_has_three_states_and_an_error_is_from_500_on(tracker):
    tracker.record_metric("/", "GET", 5, 200)
    tracker.record_metric("/", "GET", 5, 404, False)
    tracker.record_metric("/", "POST", 5, 503, True, "Unavailable")

    stats = tracker.get_route_stats("/")

    assert (stats["count"], stats["errors"], stats["cache_hit_rate"]) == (3, 1, 0.5)


def test_all_routes_stand_by_how_much_they_are_asked_for_and_the_slowest_by_p95(tracker):
    for route, times, milliseconds in (("/busy", 30, 5), ("/slow", 3, 900), ("/between", 10, 50)):
        for _ in range(times):
            tracker.record_metric(route, "GET", milliseconds, 200)
    tracker.record(measured(kind=Kind.CALLBACK, label="page-body.children", ms=300))
    tracker.record(measured(kind=Kind.JIRA, label="/rest/api/3/myself", ms=5000))

    assert [one["route"] for one in tracker.get_all_routes_stats(1)] == [
        "/busy",
        "/between",
        "/slow",
        "page-body.children",
    ]
    assert [one["route"] for one in tracker.get_slowest_routes(2, 1)] == ["/slow", "page-body.children"]


def test_hours_are_told_apart_and_only_those_with_traffic(tracker, clock):
    for hours_ago in (0, 3):
        tracker.record(measured(NOON - hours_ago * HOUR, ms=10 + hours_ago))
    tracker.record(measured(NOON - 3 * HOUR, label="/other", ms=500))

    assert [(one["hour"], one["count"], one["max"]) for one in tracker.get_hourly_metrics("/", 1)] == [
        ("2026-03-18T09:00:00+00:00", 1, 13.0),
        ("2026-03-18T12:00:00+00:00", 1, 10.0),
    ]
    assert [one["count"] for one in tracker.get_hourly_metrics(days_back=1)] == [2, 1]


def test_days_back_are_days_back(tracker):
    tracker.record(measured(NOON - timedelta(days=2)))

    assert tracker.get_route_stats("/", days_back=1)["count"] == 0
    assert tracker.get_route_stats("/", days_back=3)["count"] == 1


def test_rotation_deletes_what_is_older_and_says_how_many(tracker):
    tracker.store.keep_tidy(90)  # so that the recorder finds it done
    for days_ago in (1, 89, 91, 120):
        tracker.record(measured(NOON - timedelta(days=days_ago)))

    assert tracker.rotate_old_metrics(days_to_keep=90) == 2
    assert tracker.rotate_old_metrics() == 0
    assert tracker.get_route_stats("/", days_back=365)["count"] == 2


def test_a_tracker_that_is_handed_to_another_process_is_one_of_the_same_file(tracker):
    tracker.record_metric("/", "GET", 5, 200)
    assert tracker.recorder.flush()

    handed_over = pickle.loads(pickle.dumps(tracker))  # noqa: S301 - our own bytes

    handed_over.record(measured(datetime.now(UTC), ms=7))
    assert handed_over.store.path == tracker.store.path
    assert handed_over.get_route_stats("/", days_back=1)["max"] == 7.0
    handed_over.close()


def test_its_file_is_made_where_nobody_made_a_folder(tracker):
    tracker.record_metric("/", "GET", 5, 200)

    assert tracker.get_route_stats("/")["count"] == 1
    assert tracker.store.path.is_file()


def test_without_another_word_the_file_is_beside_the_logs():
    assert PerformanceTracker().store.path.as_posix() == "logs/performance/metrics.db"
