"""What the measurements say about how Sightline does: overview, slowest routes, trend, caches, health, storage."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import pairwise

from configuration.clock import utc_now
from data.model import iso_utc
from data.performance_tracker import PerformanceTracker
from data.watch.anomalies import Anomaly, anomalies
from data.watch.documents import (
    CacheEffectiveness,
    CalculationRow,
    ComparedRoute,
    Health,
    JiraCalls,
    JobRow,
    Overview,
    Rotation,
    SlowestRoute,
    SlowRoute,
    Storage,
    Trend,
)
from data.watch.health_score import health_of
from data.watch.measurement import Kind
from data.watch.route_tables import FEW, FEW_FOR_P99, cache_effectiveness, compared_routes, rounded, slow_routes
from data.watch.store import WEB, StoreUnavailable
from data.watch.summary import LabelKey, Summary, united
from data.watch.trends import HOUR, WEEK, begun, moved, step_of, trend_points
from data.watch.week_comparison import DAYS, WeekComparison, week_comparison
from data.watch.work_tables import calculations, jira_calls, jobs

MOST_DAYS = 90
"""So long measurements are kept."""
_LATEST_JOBS = 200
_FIRST_PERIOD, _PERIODS = 7, 3
"""The days that the page begins with, and how many periods are kept ready."""
_SETTLED = timedelta(seconds=30)
"""By then all processes have written what was recorded before."""


class PerformanceMetricsService:
    """Reads what a tracker has recorded; every answer is a plain JSON document of `data.watch.documents`.

    Requests are HTTP requests and callbacks together; jobs, calculations and calls to Jira have answers of their own.
    A span ends now and begins so many days before, 1 to 90. What this process has recorded so far is in it.
    """

    def __init__(self, tracker: PerformanceTracker, *, clock: Callable[[], datetime] = utc_now) -> None:
        self.tracker = tracker
        self._store = tracker.store
        self._clock = clock
        self._weeks: tuple[datetime, WeekComparison] | None = None
        self._periods: tuple[int, ...] = (_FIRST_PERIOD,)
        self._prepared: tuple[datetime, int] | None = None

    def prepare(self) -> None:
        """Add up what is over for the periods that were asked for last, so that no reader waits for it.

        May be called as often as one likes: something is done once an hour, and after old measurements were deleted.
        """
        with suppress(StoreUnavailable):  # whoever reads then waits
            self._store.compact()
        state = begun(self._clock() - _SETTLED, HOUR), self._store.version()
        if state == self._prepared:
            return
        self._prepared = state
        self.get_week_comparison()
        for days in reversed(self._periods):
            self.get_performance_overview(days)
            self.get_performance_trend(days_back=days)
            self.get_calculations(days)
            self.get_jira_calls(days)
            self.get_jobs(days)
            self.compare_routes(days)

    def span(self, days_back: int) -> tuple[datetime, datetime]:
        """Beginning and end of so many days up to now; it begins with a minute, as measurements are summed up."""
        if not 1 <= days_back <= MOST_DAYS:
            raise ValueError(f"Measurements are kept for {MOST_DAYS} days: ask for 1 to {MOST_DAYS}, not {days_back}.")
        until = self._clock()
        return (until - timedelta(days=days_back)).replace(second=0, microsecond=0), until

    def _recorded(self, days_back: int) -> tuple[datetime, datetime]:
        """The span, once what this process has recorded is stored; a database that is locked is read as it is."""
        self.tracker.recorder.flush()
        span = self.span(days_back)
        self._periods = (days_back, *(days for days in self._periods if days != days_back))[:_PERIODS]
        return span

    def get_performance_overview(self, days_back: int = 7) -> Overview:
        since, until = self._recorded(days_back)
        routes = self._routes(since, until)
        total = united(routes.values())
        return {
            "days": days_back,
            "since": iso_utc(since),
            "until": iso_utc(until),
            "total_routes": len(routes),
            "total_requests": total.count,
            "avg_response_time_ms": rounded(total.average_ms),
            "p50_ms": rounded(total.p50),
            "p95_ms": rounded(total.p95),
            "p99_ms": rounded(total.p99),
            "max_ms": round(total.max_ms, 1) if total.count else None,
            "cache_hit_rate": rounded(total.cache_hit_rate, 4),
            "cacheable_requests": total.hits + total.misses,
            "error_rate": rounded(total.error_rate, 6),
            "errors": total.errors,
            "slowest_route": _slowest(slow_routes(routes)),
            "requests_per_minute": round(total.count / self._minutes(since, until), 3) if total.count else None,
            "few": total.count < FEW,
            "few_for_p99": total.count < FEW_FOR_P99,
        }

    def get_slow_routes(self, limit: int = 10, days_back: int = 7) -> list[SlowRoute]:
        """The routes with the highest P95, highest first."""
        return slow_routes(self._routes(*self._recorded(days_back)))[:limit]

    def get_performance_trend(self, route: str | None = None, days_back: int = 7) -> Trend:
        """Hour by hour up to two weeks, else day by day; the last step is the one that is not over."""
        since, until = self._recorded(days_back)
        step = step_of(days_back)
        since = begun(since, step)
        steps = self._store.over_time(since=since - WEEK, until=until, step=step, kinds=WEB, label=route)
        return {
            "route": route,
            "days": days_back,
            "since": iso_utc(since),
            "until": iso_utc(until),
            "step": "hour" if step == HOUR else "day",
            "points": trend_points(steps, since, until, step),
            "week_before": moved(trend_points(steps, since - WEEK, until - WEEK, step), WEEK),
        }

    def get_cache_effectiveness(self, days_back: int = 7) -> CacheEffectiveness:
        return cache_effectiveness(self._routes(*self._recorded(days_back)))

    def compare_routes(self, days_back: int = 7) -> list[ComparedRoute]:
        """The most popular first, each against as many days before; both in seven parts, cut at full hours."""
        since, until = self._recorded(days_back)
        length = timedelta(days=days_back)
        cuts = [begun(since + length * number / DAYS, HOUR) for number in range(DAYS + 1)]
        spans = [self._routes(*span) for span in pairwise([since, *cuts[1:-1], until])]
        before = [self._routes(start - length, end - length) for start, end in pairwise(cuts)]
        return compared_routes(spans, before)

    def get_performance_health_score(self, days_back: int = 7) -> Health:
        """The score by the P95 of all requests, the hit rate of those that could be kept, and the share that failed."""
        return health_of(self._routes(*self._recorded(days_back)))

    def get_calculations(self, days_back: int = 7) -> list[CalculationRow]:
        since, until = self._recorded(days_back)
        return calculations(self._store.by_label(since=since, until=until, kinds=(Kind.CALCULATION,)))

    def get_jira_calls(self, days_back: int = 7) -> JiraCalls:
        since, until = self._recorded(days_back)
        calls = self._store.by_label(since=since, until=until, kinds=(Kind.JIRA,))
        return jira_calls(calls, self._minutes(since, until))

    def get_jobs(self, days_back: int = 7) -> list[JobRow]:
        since, until = self._recorded(days_back)
        runs = self._store.by_label(since=since, until=until, kinds=(Kind.JOB,))
        return jobs(runs, self._store.recent(limit=_LATEST_JOBS, kinds=(Kind.JOB,)))

    def get_anomalies(self) -> list[Anomaly]:
        """What was unusual in the last seven days, the newest first."""
        return anomalies(self._store, self._clock())

    def get_week_comparison(self) -> WeekComparison:
        """The last seven days against the seven before, up to the last full hour and so worked out once in each."""
        hour = begun(self._clock() - _SETTLED, HOUR)
        if self._weeks is None or self._weeks[0] != hour:
            self._weeks = hour, week_comparison(self._store, hour)
        return self._weeks[1]

    def knows_route(self, route: str) -> bool:
        """Whether any request to it, or any callback of that name, was ever recorded."""
        self.tracker.recorder.flush()
        return any(key.label == route and key.kind in WEB for key in self._store.totals())

    def rotate(self, days_to_keep: int = MOST_DAYS) -> Rotation:
        """Delete what is older, now."""
        self._weeks = None
        return {"deleted": self.tracker.rotate_old_metrics(days_to_keep), "days_to_keep": days_to_keep}

    def get_storage_info(self) -> Storage:
        held = self._store.storage()
        return {
            "path": held.path.name,
            "bytes": held.bytes,
            "wal_bytes": held.wal_bytes,
            "raw_rows": held.raw_rows if held.readable else None,
            "oldest": None if held.oldest is None else iso_utc(held.oldest),
            "newest": None if held.newest is None else iso_utc(held.newest),
            "schema_version": held.schema_version,
            "dropped_total": held.dropped_total if held.readable else None,
            "days_kept": MOST_DAYS,
        }

    def _routes(self, since: datetime, until: datetime) -> dict[LabelKey, Summary]:
        return self._store.by_label(since=since, until=until, kinds=WEB)

    def _minutes(self, since: datetime, until: datetime) -> float:
        """The minutes of the span in which anything was recorded at all, one at least."""
        oldest = self._store.storage().oldest
        return max((until - max(since, oldest or since)).total_seconds() / 60, 1.0)


def _slowest(rows: list[SlowRoute]) -> SlowestRoute | None:
    if not rows:
        return None
    row = rows[0]
    return {
        "route": row["route"],
        "kind": row["kind"],
        "p95_ms": row["p95_ms"],
        "severity": row["severity"],
        "requests": row["requests"],
        "few": row["few"],
    }
