"""Every finished item is a dot, and falls into one bin."""

from datetime import timedelta

import pytest

from data.analysis.cycle_times import cycle_times
from data.metric import read_facts
from tests.builders import at, issue, statuses

NOW = at("2026-01-14 12:00")


def finished(number, hours, ago=1):
    done = NOW - timedelta(days=ago)
    begun = done - timedelta(hours=hours)
    return issue(f"A-{number}", begun, moves=[(begun, "In Progress"), (done, "Done")])


def report(*issues):
    return cycle_times(read_facts(issues, {}, as_of=NOW, statuses=statuses()), 30)


def test_dots_come_by_date_with_their_hours():
    found = report(finished(1, 30, ago=2), finished(2, 5, ago=9), finished(3, 5000, ago=4))
    assert found["keys"] == ["A-2", "A-3", "A-1"]
    assert found["hours"] == pytest.approx([5, 5000, 30])
    assert found["finished"][0] == "2026-01-05T12:00:00Z"
    assert found["kinds"] == ["feature"] * 3


def test_a_bin_holds_from_its_edge_up_to_the_next():
    found = report(finished(1, 24), finished(2, 23.99), finished(3, 2688), finished(4, 99999), finished(5, 0))
    counts = dict(zip(found["bin_edges"], found["bins"], strict=True))
    assert (counts[24.0], counts[8.0], counts[2688.0], counts[0.0]) == (1, 1, 2, 1)
    assert sum(found["bins"]) == 5


def test_nothing_finished_has_no_percentiles():
    assert report()["percentiles"] == {}
