"""The service on a real database, against values worked out by hand."""

from datetime import timedelta

import pytest

from data.performance_metrics_service import PerformanceMetricsService
from data.performance_tracker import PerformanceTracker
from data.watch import reading
from data.watch.blocks import MINUTE
from data.watch.measurement import Kind
from tests.watching import NOON, filled_tracker, measured

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOTHING = {"requests": 0, "avg_ms": None, "p95_ms": None, "error_rate": None}


@pytest.fixture
def tracker(tmp_path):
    tracker = PerformanceTracker(tmp_path / "metrics.db", clock=lambda: NOON)
    yield tracker
    tracker.close()


@pytest.fixture
def service(tracker):
    return PerformanceMetricsService(tracker, clock=lambda: NOON)


def dora(at, kept):
    return measured(at, label="/dora", ms=50, cache_hit=kept)


def a_day(tracker):
    """In the last 100 minutes 90 requests of 50 ms, and 10 callbacks of 750, half of which failed."""
    for number in range(90):
        kept = True if number < 60 else False if number < 80 else None
        tracker.record(dora(NOON - timedelta(minutes=number + 1), kept))
    for number in range(10):
        status = 500 if number < 5 else 200
        at = NOON - timedelta(minutes=91 + number)
        tracker.record(measured(at, kind=Kind.CALLBACK, label="page-body.children", ms=750, status=status))


def test_an_overview_of_a_hundred_requests(tracker, service):
    """(90 * 50 + 10 * 750) / 100 = 120 ms; the 95th of a hundred takes 750, the 50th 50; 60 of 80 were kept."""
    a_day(tracker)

    told = service.get_performance_overview(7)

    assert (told["days"], told["since"], told["until"]) == (7, "2026-03-11T12:00:00Z", "2026-03-18T12:00:00Z")
    assert (told["total_routes"], told["total_requests"], told["errors"], told["error_rate"]) == (2, 100, 5, 0.05)
    assert (told["avg_response_time_ms"], told["max_ms"]) == (120, 750)
    assert told["p50_ms"] == pytest.approx(50, rel=0.01)
    assert told["p95_ms"] == told["p99_ms"] == pytest.approx(750, rel=0.01)
    assert (told["cache_hit_rate"], told["cacheable_requests"]) == (0.75, 80)
    assert (told["few"], told["few_for_p99"]) == (False, False)
    slowest = told["slowest_route"]
    assert (slowest["route"], slowest["kind"], slowest["severity"]) == ("page-body.children", "callback", "slow")


def test_requests_a_minute_are_counted_from_when_recording_began(tracker, service):
    """A hundred in a hundred minutes are one a minute, whatever the span that is asked for."""
    a_day(tracker)

    assert service.get_performance_overview(90)["requests_per_minute"] == pytest.approx(1.0, abs=0.011)
    assert service.get_performance_overview(1)["requests_per_minute"] == pytest.approx(1.0, abs=0.011)


def test_without_traffic_everything_is_unknown_and_nothing_is_graded(service):
    overview = service.get_performance_overview(7)
    unknown = ("avg_response_time_ms", "p50_ms", "p95_ms", "p99_ms", "max_ms", "cache_hit_rate", "error_rate")

    assert {overview[name] for name in (*unknown, "slowest_route", "requests_per_minute")} == {None}
    assert (overview["total_requests"], overview["total_routes"]) == (0, 0)
    assert service.get_slow_routes(10, 7) == service.compare_routes(7) == service.get_calculations(7) == []
    assert service.get_jobs(7) == []
    health = service.get_performance_health_score(7)
    assert (health["total_score"], health["grade"]) == (None, None)
    assert service.get_cache_effectiveness(7)["overall"]["hit_rate"] is None
    assert service.get_jira_calls(7)["error_rate"] is None
    assert not service.knows_route("/dora")


def test_the_slowest_routes_and_as_many_as_asked_for(tracker, service):
    a_day(tracker)

    assert [row["route"] for row in service.get_slow_routes(10, 7)] == ["page-body.children", "/dora"]
    assert [row["route"] for row in service.get_slow_routes(1, 7)] == ["page-body.children"]


def test_a_health_score_of_71(tracker, service):
    """0.4 * 50 for 750 ms, 0.3 * 75 for three of four kept, 0.3 * 95 for 5 % failed."""
    a_day(tracker)

    health = service.get_performance_health_score(7)

    assert health["total_score"] == pytest.approx(71, abs=0.3)
    assert health["grade"] == "C"
    assert health["pulls_down"][0]["route"] == "page-body.children"


def test_a_trend_by_the_hour_with_the_week_before_beneath(tracker, service):
    tracker.record(dora(NOON - 30 * timedelta(minutes=1), kept=None))
    tracker.record(dora(NOON - 7 * DAY - 90 * timedelta(minutes=1), kept=None))
    tracker.record(measured(NOON - 8 * DAY, label="/flow", ms=90))

    told = service.get_performance_trend("/dora", 2)

    assert (told["route"], told["step"], len(told["points"]), len(told["week_before"])) == ("/dora", "hour", 48, 48)
    assert [point["at"] for point in told["points"]] == [point["at"] for point in told["week_before"]]
    assert told["points"][-1] | {"p95_ms": 50} == {
        "at": "2026-03-18T11:00:00Z",
        "requests": 1,
        "avg_ms": 50,
        "p95_ms": 50,
        "error_rate": 0,
    }
    assert told["points"][-2] == {"at": "2026-03-18T10:00:00Z", **NOTHING}
    assert (told["week_before"][-2]["at"], told["week_before"][-2]["requests"]) == ("2026-03-18T10:00:00Z", 1)
    assert sum(point["requests"] for point in told["week_before"]) == 1
    everything = service.get_performance_trend(days_back=2)
    assert sum(point["requests"] for point in everything["week_before"]) == 2


def test_a_trend_over_a_long_span_is_by_the_day(tracker, service):
    tracker.record(dora(NOON - 20 * DAY, kept=None))

    told = service.get_performance_trend(None, 30)

    assert (told["step"], len(told["points"])) == ("day", 31)
    assert told["points"][10] | {"p95_ms": 50, "avg_ms": 50} == {
        "at": "2026-02-26T00:00:00Z",
        "requests": 1,
        "avg_ms": 50,
        "p95_ms": 50,
        "error_rate": 0,
    }


def test_a_route_is_compared_with_as_many_days_before(tracker, service):
    """Two days of 200 ms after two days of 100: twice as slow, and that is more than noise."""
    for number in range(1, 401):
        at = NOON - number * timedelta(minutes=14, seconds=20)
        tracker.record(measured(at, label="/dora", ms=200 if NOON - at <= 2 * DAY else 100))

    (row,) = service.compare_routes(2)

    assert (row["popularity"], row["total_time_share"]) == (1, 1)
    assert row["change"]["ratio"] == pytest.approx(2, rel=0.02)
    assert row["requests"] + row["change"]["requests_before"] == 400
    assert row["change"]["is_more_than_noise"] is True


def test_work_in_the_background_has_tables_of_its_own(tracker, service):
    ago = NOON - HOUR
    tracker.record(measured(ago, kind=Kind.CALCULATION, label="lead_time", method="small", ms=2100))
    tracker.record(measured(ago, kind=Kind.JIRA, label="/rest/api/3/search/jql", ms=300, status=429, waited_ms=700))
    tracker.record(measured(ago, kind=Kind.JOB, label="read_now", ms=5000, status=500, error="JiraUnavailable"))

    assert service.get_performance_overview(7)["total_requests"] == 0
    (calculation,) = service.get_calculations(7)
    assert calculation["threshold"] == {"target_seconds": 2.0, "pass": 0, "warning": 1, "fail": 0, "verdict": "warning"}
    calls = service.get_jira_calls(7)
    assert (calls["calls"], calls["rate_limited"], calls["errors"], calls["waited_ms"]) == (1, 1, 0, 700)
    assert calls["endpoints"][0]["endpoint"] == "GET /rest/api/3/search/jql"
    (job,) = service.get_jobs(7)
    assert (job["runs"], job["failures"], job["last"]["error"]) == (1, 1, "JiraUnavailable")
    assert not service.knows_route("lead_time")


@pytest.mark.parametrize("days", [0, -1, 91])
def test_a_span_that_is_not_kept_is_refused(service, days):
    with pytest.raises(ValueError, match="1 to 90"):
        service.get_performance_overview(days)


def test_deleting_is_counted_and_storage_told(tracker, service):
    tracker.record(dora(NOON - 40 * DAY, kept=None))
    tracker.record(dora(NOON - DAY, kept=None))
    assert service.get_performance_overview(90)["total_requests"] == 2

    assert service.rotate(30) == {"deleted": 1, "days_to_keep": 30}

    storage = service.get_storage_info()
    assert (storage["path"], storage["days_kept"], storage["dropped_total"]) == ("metrics.db", 90, 0)
    assert storage["oldest"] == storage["newest"] == "2026-03-17T12:00:00Z"
    assert storage["bytes"] + storage["wal_bytes"] > 0
    assert service.knows_route("/dora")


def test_of_a_file_that_cannot_be_read_nothing_is_told_as_none(tmp_path):
    tracker = PerformanceTracker(tmp_path / "metrics.db")
    (tmp_path / "metrics.db").mkdir()
    told = PerformanceMetricsService(tracker, clock=lambda: NOON).get_storage_info()
    assert (told["raw_rows"], told["dropped_total"], told["oldest"]) == (None, None, None)


def test_all_tables_agree_on_a_day_of_traffic(tmp_path):
    """Totals, routes, hours and shares are made in different ways of the same requests."""
    tracker = filled_tracker(tmp_path / "metrics.db", days=1)
    service = PerformanceMetricsService(tracker, clock=lambda: NOON)

    overview = service.get_performance_overview(7)
    slow, compared = service.get_slow_routes(1000, 7), service.compare_routes(7)
    caches, trend = service.get_cache_effectiveness(7), service.get_performance_trend(None, 7)
    tracker.close()

    assert overview["total_requests"] > 1000
    assert overview["total_routes"] == len(slow) == len(compared) == len(caches["routes"])
    for rows in (slow, compared, trend["points"]):
        assert sum(row["requests"] for row in rows) == overview["total_requests"]
    assert sum(row["errors"] for row in slow) == overview["errors"]
    assert sum(row["popularity"] for row in compared) == pytest.approx(1, abs=0.001)
    assert sum(row["total_time_share"] for row in compared) == pytest.approx(1, abs=0.001)
    overall = caches["overall"]
    assert overall["hits"] + overall["misses"] == overview["cacheable_requests"]
    assert overall["hit_rate"] == overview["cache_hit_rate"]
    assert overall["hits"] + overall["misses"] + overall["not_cacheable"] == overview["total_requests"]
    assert slow == sorted(slow, key=lambda row: -row["p95_ms"])
    assert overview["slowest_route"]["route"] == slow[0]["route"]


def test_weeks_are_compared_once_in_an_hour_and_anew_after_deleting(tmp_path):
    """What has been measured since does not count before the hour is full."""
    now = [NOON + timedelta(minutes=5)]
    tracker = PerformanceTracker(tmp_path / "metrics.db", clock=lambda: now[0])
    service = PerformanceMetricsService(tracker, clock=lambda: now[0])
    tracker.record(dora(NOON - HOUR, kept=None))
    tracker.recorder.flush()

    first = service.get_week_comparison()
    tracker.record(dora(NOON - HOUR, kept=None))
    tracker.recorder.flush()
    again = service.get_week_comparison()
    now[0] += HOUR
    later = service.get_week_comparison()
    service.rotate(1)
    anew = service.get_week_comparison()
    tracker.close()

    assert first["this_week"]["until"] == "2026-03-18T12:00:00Z"
    assert again is first
    assert (first["this_week"]["requests"], later["this_week"]["requests"]) == (1, 2)
    assert anew is not later


def test_the_first_question_of_an_hour_finds_what_is_over_added_up(tmp_path, monkeypatch):
    """What it still reads are minutes; for the periods asked for last, and again after measurements were deleted."""
    now = [NOON]
    tracker = PerformanceTracker(tmp_path / "metrics.db", clock=lambda: now[0])
    service = PerformanceMetricsService(tracker, clock=lambda: now[0])
    for day in range(40):
        tracker.record(dora(NOON - day * DAY - HOUR, kept=None))
    service.get_performance_overview(30)
    read, units = reading._read, []

    def noted(connection, part, series):
        units.append(part.unit)
        return read(connection, part, series)

    monkeypatch.setattr(reading, "_read", noted)

    def units_read():
        units.clear()
        found = [service.get_performance_overview(days)["total_requests"] for days in (7, 30)]
        return found, set(units) - {MINUTE}

    cold = units_read()
    service.prepare()
    warm = units_read()
    now[0] += HOUR
    service.prepare()
    hour_later = units_read()
    units.clear()
    service.prepare()
    again = list(units)
    service.rotate(20)
    service.prepare()
    rotated = units_read()
    tracker.close()

    assert cold[1] != set()
    assert warm == (cold[0], set())
    assert hour_later == ([7, 30], set())
    assert again == []
    assert rotated == ([7, 20], set())
