"""On made-up traffic, alarms are rarely false and mostly come, and weeks that do not differ are rarely said to."""

from dataclasses import replace

import numpy as np

from data.watch.week_comparison import LEVEL, difference
from tests.benchmarks.anomalies import alarms_of
from tests.property.effort import FACTOR
from tests.rhythm import MINUTES, Days, Rhythm, summary_of

BUSY = Rhythm(60)


def p_values(days, trials, factor=1.0):
    dice = np.random.default_rng(7)
    for _ in range(trials * FACTOR):
        before, after = days.week(dice), days.week(dice, factor)
        yield difference([(summary_of(b), summary_of(a)) for b, a in zip(before, after, strict=True)]).p_value


def said(found):
    return float(np.mean([p_value <= LEVEL for p_value in found]))


def test_weeks_without_a_difference_are_said_to_differ_in_about_one_of_twenty_cases():
    """Four hundred pairs, so that one in twenty is four to six percent; tests over requests say so of most."""
    assert 0.02 <= said(p_values(Days(120, 40), 400)) <= 0.09
    assert said(p_values(replace(Days(120, 40), incidents=0.07), 400)) <= 0.08


def test_a_week_twice_as_slow_is_found_out():
    assert said(p_values(Days(400, 40), 40, factor=2.0)) >= 0.9


def test_a_quiet_week_raises_no_alarm_and_a_slow_hour_does_within_minutes():
    dice = np.random.default_rng(7)
    past = [BUSY.week(dice) for _ in range(4)]
    slow, factor = slice(2 * 1440 + 600, 2 * 1440 + 640), np.ones(MINUTES)
    factor[slow] = 4.0

    quiet, judged = alarms_of(past, BUSY.week(dice))
    ill, _ = alarms_of(past, BUSY.week(dice, factor))

    assert judged.sum() > 3000
    assert quiet.sum() == 0
    assert 0 < int(ill[slow].argmax()) <= 10
    assert ill.sum() == ill[slow].sum() > 20


def test_traffic_that_is_never_enough_is_never_judged():
    dice = np.random.default_rng(7)

    alarms, judged = alarms_of([Rhythm(3).week(dice) for _ in range(4)], Rhythm(3).week(dice, np.full(MINUTES, 50.0)))

    assert (alarms.sum(), judged.sum()) == (0, 0)
