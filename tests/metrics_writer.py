"""A process that measures, as one of several servers would: `python -m tests.metrics_writer DATABASE ROWS NAME`."""

from __future__ import annotations

import sys
import time

from data.performance_tracker import PerformanceTracker
from data.watch.measurement import Kind, Measurement
from tests.unhurried import give_nothing_up_early

LONGEST_MS = 1500.0


def main(database: str, rows: int, name: str) -> None:
    """Rows of two kinds, one in eight failed, one in four answered from what was kept; then one that only it has."""
    give_nothing_up_early()
    tracker = PerformanceTracker(database)
    for number in range(rows):
        kind, label = (Kind.CALLBACK, "page-body.children") if number % 2 else (Kind.REQUEST, "/")
        took, status = number * LONGEST_MS / rows, 500 if number % 8 == 0 else 200
        tracker.record(Measurement(time.time(), kind, label, "", took, status, number % 4 == 0, None, None))
        if number % 50 == 0:
            tracker.recorder.flush()
    tracker.record(Measurement(time.time(), Kind.JOB, name, "", 1.0, 200, None, None, None))
    tracker.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
