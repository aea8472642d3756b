"""What recording takes from a request, as ratios within one run; the figures themselves: tests.benchmarks.recording."""

from __future__ import annotations

import pytest

from data.performance_tracker import PerformanceTracker
from tests.benchmarks.recording_variants import asked_in_turn, cost, inserting, plain, quantile, recorded
from tests.property.effort import FACTOR

CHEAPER, OF_A_REQUEST = (20, 0.3) if FACTOR > 1 else (5, 1.0)
REQUESTS = 2_000 if FACTOR > 1 else 300


@pytest.fixture
def tracker(tmp_path):
    made = PerformanceTracker(tmp_path / "ours.db")
    yield made
    made.close()


def test_recording_is_many_times_cheaper_than_writing_a_row_before_the_answer(tracker, tmp_path):
    variants = {
        "without": plain(),
        "ours": recorded(tracker),
        "insert": inserting(tmp_path / "insert.db", kept=False),
    }
    times = asked_in_turn(variants, REQUESTS)

    assert cost(times, "insert", "without") > CHEAPER * cost(times, "ours", "without")
    assert tracker.recorder.flush()
    assert tracker.store.storage().raw_rows == REQUESTS


def test_recording_is_little_beside_the_smallest_request_there_is(tracker):
    times = asked_in_turn({"without": plain(), "ours": recorded(tracker)}, REQUESTS)

    assert cost(times, "ours", "without") < OF_A_REQUEST * quantile(times["without"], 0.5)
