"""What the figures of fetching rest on: floors, windows, and a small stampede of processes that makes one fetch."""

from __future__ import annotations

import pytest

from tests.benchmarks.fetch_speed import floor_seconds, most_at_once, worst_window
from tests.benchmarks.fetch_stampede import stampede


@pytest.mark.parametrize(
    ("kinds", "workers", "floor"),
    [
        ({"a": 4}, 4, 0.4),
        ({"a": 4, "b": 8}, 4, 0.6),
        ({"a": 4, "b": 9}, 4, 0.7),
        ({"a": 4, "b": 96}, 1, 10.0),
        ({"a": 4, "b": 101}, 16, 10.1),
        ({"a": 4, "b": 250}, 16, 20.1),
    ],
)
def test_the_floor_is_the_later_of_what_latency_and_limit_allow(kinds, workers, floor):
    assert floor_seconds(kinds, workers, 0.1) == pytest.approx(floor)


def test_what_is_under_way_together_is_counted():
    assert most_at_once([0.0, 0.1, 0.2, 0.9], 0.15) == 2
    assert most_at_once([0.0, 0.01, 0.02, 0.03], 0.15) == 4


def test_the_fullest_ten_seconds_of_one_kind_are_found():
    assert worst_window([(second, "a") for second in (0.0, 5.0, 9.9, 10.0, 10.1)]) == 4
    assert worst_window([(second, kind) for second in (0.0, 1.0) for kind in "ab"]) == 2


def test_callers_in_several_processes_make_one_fetch(tmp_path):
    told = stampede(tmp_path, issues=60, processes=2, threads=20)
    assert (told["callers"], told["errors"], told["answers"]) == (40, [], [60])
    assert told["fetches"] == 1
    assert told["requests"] == told["requests_of_one_fetch"]
