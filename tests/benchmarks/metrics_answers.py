"""How quickly the metrics API answers: `python -m tests.benchmarks.metrics_answers DATABASE`.

On a busy machine the time at work, of the processor for server and client, says more than the time that passes.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from configuration.settings import Settings
from data.performance_tracker import PerformanceTracker
from tests.metrics_api import Client, api_alone, served
from tests.watching import NOON

GOAL_MS = 100.0
ADDRESSES = (
    "overview?days={days}",
    "slow-routes?days={days}&limit=100",
    "route-trend?days={days}",
    "route-trend?days={days}&route={route}",
    "cache-effectiveness?days={days}",
    "health-score?days={days}",
    "compare-routes?days={days}",
    "calculations?days={days}",
    "jira-calls?days={days}",
    "jobs?days={days}",
    "log-events?days={days}",
    "export/slow-routes.csv?days={days}",
    "export/route-trend.csv?days={days}",
)
WITHOUT_DAYS = ("comparison", "anomalies", "alerts", "storage")
Line = tuple[str, str, str, bool]


def lines_of(tracker: PerformanceTracker, now: datetime, *, days: Sequence[int], repeats: int) -> Iterator[Line]:
    """Each address over HTTP: what was asked, the goal, what was reached, and whether that is enough."""
    route = max(tracker.get_all_routes_stats(1), key=lambda one: one["count"])["route"]
    asked = [*WITHOUT_DAYS, *(one.format(days=span, route=route) for span in days for one in ADDRESSES)]
    with (
        tempfile.TemporaryDirectory(prefix="answers-") as logs,
        served(api_alone(tracker, Settings(log_dir=Path(logs)), clock=lambda: now)) as client,
    ):
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        client.get("storage")  # the first of all lets Dash finish its set-up
        for one in asked:
            yield _line(client, one, repeats)


def _line(client: Client, asked: str, repeats: int) -> Line:
    taken, worked, size = [], [], 0
    for _ in range(repeats):
        began, working = time.perf_counter(), time.process_time()
        answer = client.get(asked)
        taken.append(1000 * (time.perf_counter() - began))
        worked.append(1000 * (time.process_time() - working))
        size = len(answer.body)
        if answer.status != 200:
            raise AssertionError(f"{asked}: {answer.status} {answer.body[:200]!r}")
    p50, p95 = np.percentile(taken, (50, 95))
    at_work = f"at work {np.percentile(worked, 95):.1f}, first {taken[0]:.1f}"
    reached = f"{p50:.1f} / {p95:.1f} ms ({at_work}), {size / 1000:.1f} kB"
    return f"{asked}: p50 / p95", f"p95 <= {GOAL_MS:.0f} ms", reached, bool(p95 <= GOAL_MS)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("database", type=Path, help="as `python -m tests.benchmarks.watching` builds it, up to NOON")
    parser.add_argument("--days", type=int, nargs="*", default=[1, 7, 30, 90])
    parser.add_argument("--repeats", type=int, default=40)
    options = parser.parse_args(arguments)
    now = NOON + timedelta(microseconds=1)
    tracker = PerformanceTracker(options.database, clock=lambda: now)
    lines = []
    for what, goal, reached, good in lines_of(tracker, now, days=options.days, repeats=options.repeats):
        lines.append(good)
        sys.stdout.write(f"{'ok  ' if good else 'MISS'} {what:50}  {goal:>14}  {reached}{os.linesep}")
        sys.stdout.flush()
    tracker.close()
    return 0 if all(lines) else 1


if __name__ == "__main__":
    sys.exit(main())
