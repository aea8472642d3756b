"""A run's waits end with it, are heard of, and are counted where they belong."""

from __future__ import annotations

import pytest

from data.errors import DeadlinePassed, FetchCancelled
from data.jira_requests.run import CallCounts, Run, Tally


class Sleeper:
    def __init__(self):
        self.now, self.slept = 100.0, []

    def clock(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def sleeper():
    return Sleeper()


def test_without_anybody_to_cancel_a_wait_is_one_sleep(sleeper):
    Run(sleeper.clock, sleeper.sleep).wait(3600.0, "because", limit=True)
    assert sleeper.slept == [3600.0]


def test_a_wait_asks_five_times_a_second_whether_it_is_cancelled(sleeper):
    run = Run(sleeper.clock, sleeper.sleep, cancelled=lambda: sleeper.now >= 107.3)
    with pytest.raises(FetchCancelled):
        run.wait(3600.0, "because", limit=True)
    assert 107.3 <= sleeper.now <= 107.51
    assert max(sleeper.slept) <= 0.2


def test_a_wait_that_is_not_cancelled_lasts_as_long_as_it_should(sleeper):
    Run(sleeper.clock, sleeper.sleep, cancelled=lambda: False).wait(1.3, "because", limit=True)
    assert sum(sleeper.slept) == pytest.approx(1.3)


def test_a_wait_that_would_outlast_the_run_is_not_begun(sleeper):
    run = Run(sleeper.clock, sleeper.sleep, deadline=105.0)
    with pytest.raises(DeadlinePassed):
        run.wait(5.0, "because", limit=True)
    run.wait(4.9, "because", limit=True)
    assert sleeper.slept == [4.9]


def test_only_waits_that_somebody_would_notice_are_told(sleeper):
    told = []
    run = Run(sleeper.clock, sleeper.sleep, waiting=lambda *what: told.append(what))
    run.wait(0.5, "short", limit=True)
    run.wait(0.6, "longer", limit=False)
    assert told == [(0.6, "longer")]
    assert run.tally() == CallCounts(waits=2, waited_seconds=1.1, limit_waits=1)


def test_what_an_inner_run_costs_counts_for_the_outer_one_too(sleeper):
    outer = Run(sleeper.clock, sleeper.sleep)
    inner = outer.within(deadline_seconds=None, cancelled=None, waiting=None, tally=Tally(outer.tally))
    inner.tally.add(CallCounts(calls=2, retries=1))
    outer.tally.add(CallCounts(calls=1, refusals=1))
    assert inner.tally() == CallCounts(calls=2, retries=1)
    assert outer.tally() == CallCounts(calls=3, retries=1, refusals=1)


@pytest.mark.parametrize(("outer", "inner", "ends"), [(10, 20, 110), (20, 10, 110), (None, 10, 110), (10, None, 110)])
def test_a_run_inside_another_ends_with_the_earlier_deadline(sleeper, outer, inner, ends):
    def within(run, seconds):
        return run.within(deadline_seconds=seconds, cancelled=None, waiting=None, tally=Tally())

    assert within(within(Run(sleeper.clock, sleeper.sleep), outer), inner).deadline == ends
