"""What watching costs, each figure beside its goal: `python -m tests.benchmarks.watching ninety-days [--days N]`."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from data.performance_tracker import PerformanceTracker
from data.watch.measurement import Kind
from data.watch.store import WEB, MetricsStore
from data.watch.summary import Summary
from tests.benchmarks.metrics_answers import lines_of
from tests.benchmarks.ninety_days import Kept, build
from tests.watching import NOON

Line = tuple[str, str, str, bool]
"""What was measured, its goal, what was reached, and whether that is enough."""
SHARES = (0.5, 0.75, 0.9, 0.95, 0.99, 0.999)
_REPEATS = 40
_GOAL_MS = 100.0


def ninety_days(folder: Path, options: argparse.Namespace) -> list[Line]:
    path = options.database or folder / "metrics.db"
    lines: list[Line] = []
    if path.exists():
        store = MetricsStore(path, clock=lambda: NOON)
    else:
        store, kept = build(path, options.days, labels=options.labels)
        lines = [
            (f"{kept.requests:,} requests over {options.days} days, built in", "-", f"{kept.seconds:.0f} s", True),
            ("longest compaction of an hour", "-", f"{1000 * kept.slowest_compaction:.0f} ms", True),
            *_errors(store, kept, options.days),
        ]
    size = store.storage().bytes / 1e6
    lines.append(("database", "<= 200 MB", f"{size:.1f} MB", size <= 200))
    lines += [_timed(name, question) for name, question in _questions(store, options.days).items()]
    tracker = PerformanceTracker(path, clock=lambda: NOON)
    lines += lines_of(tracker, NOON, days=sorted({min(options.days, 90), 7}), repeats=_REPEATS)
    tracker.close()
    lines.append(_steps_of_retention(store))
    return lines


def _steps_of_retention(store: MetricsStore) -> Line:
    """How long each step of deleting three days keeps other writers out."""
    write, taken, worked = store._database.write, [], []

    def timed(step: Callable[[Any], Any]) -> Any:
        began, busy = time.perf_counter(), time.process_time()
        result = write(step)
        taken.append(1000 * (time.perf_counter() - began))
        worked.append(1000 * (time.process_time() - busy))
        return result

    store._database.write = timed  # type: ignore[method-assign]
    oldest = store.storage().oldest or NOON
    store.rotate(max(0, (NOON - oldest).days - 3))
    store._database.write = write  # type: ignore[method-assign]
    p95 = float(np.percentile(taken, 95))
    what = f"retention of 3 days, {len(taken)} steps: p95 / longest"
    reached = f"{p95:.1f} / {max(taken):.1f} ms (longest of processor time {max(worked):.1f})"
    return what, "<= 50 ms", reached, p95 <= 50


def _errors(store: MetricsStore, kept: Kept, days: int) -> list[Line]:
    """The worst relative error of a quantile against the exact nearest rank."""
    span = {"since": NOON - timedelta(days=days), "until": NOON}
    worst = [("all requests and callbacks", _worst(store.summary(**span), np.concatenate(kept.everything)))]
    hour = store.summary(since=NOON - timedelta(hours=1), until=NOON)
    worst.append(("of the last hour", _worst(hour, kept.everything[-1])))
    day = store.summary(since=NOON - timedelta(days=1), until=NOON)
    worst.append(("of the last day", _worst(day, np.concatenate(kept.everything[-24:]))))
    for key, parts in kept.by_key.items():
        one = store.by_label(**span, kinds=[key.kind])[key]
        worst.append((key.label, _worst(one, np.concatenate(parts))))
    return [(f"worst quantile error, {what}", "<= 1 %", f"{100 * error:.3f} %", error <= 0.01) for what, error in worst]


def _worst(summary: Summary, exact: np.ndarray) -> float:
    if summary.count != len(exact):
        raise AssertionError(f"{summary.count} are counted, {len(exact)} there were")
    ordered = np.sort(exact)
    errors = [
        abs(summary.quantile(share) / float(ordered[max(1, int(np.ceil(round(share * len(ordered), 6)))) - 1]) - 1)
        for share in SHARES
    ]
    return max(errors)


def _questions(store: MetricsStore, days: int) -> dict[str, Callable[[], Any]]:
    until, hour, day = NOON, timedelta(hours=1), timedelta(days=1)
    since = until - days * day - timedelta(minutes=-17)
    whole = {"since": since, "until": until}
    busiest = max(store.by_label(**whole).items(), key=lambda item: item[1].count)[0].label
    series = [until - timedelta(weeks=week) for week in range(1, min(12, days // 7) + 1)]
    return {
        "summary, all days": lambda: store.summary(**whole),
        "summary, one label": lambda: store.summary(**whole, label=busiest),
        "by label, all days": lambda: store.by_label(**whole),
        "by label, 7 days": lambda: store.by_label(since=until - 7 * day, until=until),
        "by label, every kind": lambda: store.by_label(**whole, kinds=tuple(Kind)),
        "over time by hour": lambda: [one.p95 for _, one in store.over_time(**whole, step=hour)],
        "over time by hour, one label": lambda: [
            one.p95 for _, one in store.over_time(**whole, step=hour, label=busiest)
        ],
        "over time by hour, 7 days": lambda: store.over_time(since=until - 7 * day, until=until, step=hour),
        "over time by day": lambda: store.over_time(**whole, step=day),
        "over time by minute, 24 hours": lambda: store.over_time(since=until - day, until=until, step=hour / 60),
        "one hour of the week by minute and label": lambda: [
            store.by_label_over_time(since=then - hour, until=then, step=hour / 60, kinds=WEB) for then in series
        ],
        "100 newest": lambda: store.recent(limit=100),
        "100 newest errors": lambda: store.recent(limit=100, errors_only=True),
        "100 slow ones that there are not": lambda: store.recent(limit=100, slower_than_ms=1e8),
        "totals": store.totals,
        "storage": store.storage,
    }


def _timed(name: str, question: Callable[[], Any], repeats: int = _REPEATS) -> Line:
    taken, worked = [], []
    for _ in range(repeats):
        began, busy = time.perf_counter(), time.process_time()
        question()
        taken.append(1000 * (time.perf_counter() - began))
        worked.append(1000 * (time.process_time() - busy))
    p50, p95 = np.percentile(taken, (50, 95))
    cpu = np.percentile(worked, 95)
    reached = f"{p50:.1f} / {p95:.1f} ms (first {taken[0]:.1f}; p95 of processor time {cpu:.1f})"
    return f"{name}: p50 / p95", f"p95 <= {_GOAL_MS:.0f} ms", reached, p95 <= _GOAL_MS


PARTS: dict[str, Callable[[Path, argparse.Namespace], list[Line]]] = {"ninety-days": ninety_days}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("part", choices=PARTS)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--labels", type=int, default=1, help="so many times 52 names")
    parser.add_argument("--database", type=Path, help="one that was built before, or where to build it")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="watching-") as folder:
        lines = PARTS[options.part](Path(folder), options)
    width = max(len(what) for what, *_ in lines)
    for what, goal, reached, good in lines:
        sys.stdout.write(f"{'ok  ' if good else 'MISS'} {what:{width}}  {goal:>14}  {reached}\n")
    if options.json:
        told = [(what, goal, reached, bool(good)) for what, goal, reached, good in lines]
        options.json.write_text(json.dumps(told, indent=1), "utf-8")
    return 0 if all(good for *_, good in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
