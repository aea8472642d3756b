"""Builds measurements for tests: one, said in a line, or the traffic of days, the same for the same seed."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from data.performance_tracker import PerformanceTracker
from data.watch.measurement import Kind, Measurement
from data.watch.store import MetricsStore

NOON = datetime(2026, 3, 18, 12, 0, tzinfo=UTC)
"""A Wednesday."""


def measured(at: datetime = NOON, *, label: str = "/", kind: Kind = Kind.REQUEST, ms: float = 20.0, **facts: object):
    """`measured(at, label="/health", ms=3, status=500)`: whatever is not said is a quick, good GET."""
    usual = {
        "method": "GET" if kind in (Kind.REQUEST, Kind.JIRA) else "",
        "status": 200,
        "cache_hit": None,
        "error": None,
        "request_id": None,
    }
    return Measurement(at=at.timestamp(), kind=kind, label=label, duration_ms=ms, **(usual | facts))


@dataclass(frozen=True)
class Habit:
    """How one thing behaves: its share of the traffic, its middle duration, and how often it goes wrong or is kept."""

    kind: Kind
    label: str
    share: float
    middle_ms: float
    spread: float = 0.4
    method: str = ""
    errors: float = 0.0
    hits: float | None = None
    throttled: float = 0.0

    def happens(self, at: datetime, random: Random, slower: float) -> Measurement:
        failed, throttled = random.random() < self.errors, random.random() < self.throttled
        hit = None if self.hits is None else random.random() < self.hits
        quicker = 0.1 if hit else 1.0
        return measured(
            at,
            kind=self.kind,
            label=self.label,
            method=self.method,
            ms=random.lognormvariate(math.log(self.middle_ms * slower * quicker), self.spread),
            status=500 if failed else 429 if throttled else 200,
            cache_hit=hit,
            error="TimeoutError" if failed else "Too Many Requests" if throttled else None,
            request_id=f"{random.getrandbits(128):032x}",
            waited_ms=random.expovariate(1 / 80) if self.kind is Kind.JIRA else 0.0,
        )


HABITS = (
    Habit(Kind.REQUEST, "/", 12, 30, method="GET"),
    Habit(Kind.REQUEST, "/_dash-layout", 8, 15, method="GET", hits=0.9),
    Habit(Kind.REQUEST, "/metrics/api/overview", 3, 40, method="GET", errors=0.01),
    Habit(Kind.REQUEST, "/assets/<path:filename>", 20, 4, method="GET", hits=0.95),
    Habit(Kind.REQUEST, "__404__", 1, 3, method="GET"),
    Habit(Kind.CALLBACK, "page-body.children +1", 20, 90, hits=0.8),
    Habit(Kind.CALLBACK, "why-answer.children", 12, 160, hits=0.75, errors=0.004),
    Habit(Kind.CALLBACK, "issue-list[group].children +1", 9, 320, spread=0.6, hits=0.3),
    Habit(Kind.CALLBACK, "forecast-when-done.children", 2, 900, spread=0.5, errors=0.02),
    Habit(Kind.JIRA, "/rest/api/3/search/jql", 5, 350, method="GET", errors=0.01, throttled=0.03),
    Habit(Kind.JIRA, "/rest/api/3/changelog/bulkfetch", 3, 600, method="POST", throttled=0.05),
    Habit(Kind.CALCULATION, "lead_time", 2, 40, method="medium"),
    Habit(Kind.CALCULATION, "flow_time", 2, 60, method="medium", errors=0.005),
    Habit(Kind.JOB, "read_now", 1, 20_000, spread=0.3, errors=0.05),
)


def traffic(
    since: datetime,
    until: datetime,
    *,
    per_minute: float = 1.0,
    seed: int = 1,
    habits: tuple[Habit, ...] = HABITS,
    slower: Callable[[datetime, Habit], float] = lambda _at, _habit: 1.0,
) -> Iterator[Measurement]:
    """So many a minute on average, by day three times as many as by night; `slower` makes some of it slow."""
    random = Random(seed)  # noqa: S311 - the same traffic for the same seed
    shares = [habit.share for habit in habits]
    at = since
    while True:
        by_day = 1.5 if 7 <= at.hour < 19 else 0.5
        at += timedelta(minutes=random.expovariate(per_minute * by_day))
        if at >= until:
            return
        (habit,) = random.choices(habits, shares)
        yield habit.happens(at, random, slower(at, habit))


def filled_store(path: Path, *, days: float = 7.0, now: datetime = NOON, **facts: object) -> MetricsStore:
    """A store with the traffic of the days before `now`, which is what its clock says."""
    store = MetricsStore(path, clock=lambda: now)
    store.write(list(traffic(now - timedelta(days=days), now, **facts)))
    return store


def filled_tracker(path: Path, *, days: float = 7.0, now: datetime = NOON, **facts: object) -> PerformanceTracker:
    """The same as a tracker; whoever asks for it closes it."""
    filled_store(path, days=days, now=now, **facts).close()
    return PerformanceTracker(path, clock=lambda: now)
