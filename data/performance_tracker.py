"""Remembers how long requests and callbacks took and how they ended, and says so for each route."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypedDict

from configuration.clock import utc_now
from data.watch.labels import known_method
from data.watch.measurement import Kind, Measurement
from data.watch.recorder import Recorder
from data.watch.store import MetricsStore
from data.watch.summary import Summary, united

_PATIENCE_SECONDS = 0.5


class RouteStats(TypedDict):
    """Milliseconds, and shares from 0 to 1; None is unknown: nothing was measured, or nothing could be kept."""

    route: str
    count: int
    avg: float | None
    p50: float | None
    p95: float | None
    p99: float | None
    max: float | None
    errors: int
    error_rate: float | None
    cache_hit_rate: float | None


class HourStats(RouteStats):
    hour: str
    """ISO 8601, when the hour began, UTC."""


class PerformanceTracker:
    """What is measured is recorded at the price of an append and stored by a thread; whoever reads, reads it too.

    In a process that was spawned, a tracker that was handed over is another one of the same file.
    """

    def __init__(
        self,
        db_path: Path | str = "logs/performance/metrics.db",
        *,
        clock: Callable[[], datetime] = utc_now,
        recorder: Callable[[MetricsStore], Recorder] = Recorder,
    ) -> None:
        self._clock = clock
        self.store = MetricsStore(db_path, clock=clock)
        self.recorder = recorder(self.store)

    def __reduce__(self) -> tuple[type[PerformanceTracker], tuple[str]]:
        return PerformanceTracker, (str(self.store.path),)

    def record(self, measurement: Measurement) -> None:
        self.recorder.record(measurement)

    def record_metric(  # noqa: PLR0917 - the order in which people type them
        self,
        route: str,
        method: str,
        duration_ms: float,
        status_code: int,
        cache_hit: bool | None = None,  # noqa: FBT001 - likewise
        error: str | None = None,
    ) -> None:
        """Record one request that has just ended; `cache_hit` None where nothing could be kept."""
        at = self._clock().timestamp()
        self.record(
            Measurement(at, Kind.REQUEST, route, known_method(method), duration_ms, status_code, cache_hit, error, None)
        )

    def get_route_stats(self, route: str, days_back: float = 7) -> RouteStats:
        since, until = self._span(days_back)
        return _stats(route, self.store.summary(since=since, until=until, label=route))

    def get_all_routes_stats(self, days_back: float = 7) -> list[RouteStats]:
        """The routes and callbacks that were asked for, the busiest first."""
        since, until = self._span(days_back)
        by_route: dict[str, list[Summary]] = {}
        for key, summary in self.store.by_label(since=since, until=until).items():
            by_route.setdefault(key.label, []).append(summary)
        stats = [_stats(route, united(methods)) for route, methods in by_route.items()]
        return sorted(stats, key=lambda one: (-one["count"], one["route"]))

    def get_slowest_routes(self, limit: int = 10, days_back: float = 7) -> list[RouteStats]:
        """Those with the greatest P95 first."""
        stats = self.get_all_routes_stats(days_back)
        return sorted(stats, key=lambda one: (-(one["p95"] or 0.0), one["route"]))[:limit]

    def get_hourly_metrics(self, route: str | None = None, days_back: float = 7) -> list[HourStats]:
        """The hours in which there was any traffic, of one route or of all."""
        since, until = self._span(days_back)
        steps = self.store.over_time(since=since, until=until, step=timedelta(hours=1), label=route)
        return [HourStats(hour=hour.isoformat(), **_stats(route or "", summary)) for hour, summary in steps]

    def rotate_old_metrics(self, days_to_keep: int = 90) -> int:
        """Delete what is older; how many measurements that were."""
        self.recorder.flush()
        return self.store.rotate(days_to_keep)

    def close(self) -> None:
        """Store what is recorded, and let go of the file."""
        self.recorder.close()
        self.store.close()

    def _span(self, days_back: float) -> tuple[datetime, datetime]:
        """The days up to this minute, once what this process recorded is stored, unless that cannot be at once."""
        if self.recorder.problem is None:
            self.recorder.flush(_PATIENCE_SECONDS)
        now = self._clock()
        return now - timedelta(days=days_back), now + timedelta(minutes=1)


def _stats(route: str, summary: Summary) -> RouteStats:
    return RouteStats(
        route=route,
        count=summary.count,
        avg=summary.average_ms,
        p50=summary.p50,
        p95=summary.p95,
        p99=summary.p99,
        max=summary.max_ms if summary.count else None,
        errors=summary.errors,
        error_rate=summary.error_rate,
        cache_hit_rate=summary.cache_hit_rate,
    )
