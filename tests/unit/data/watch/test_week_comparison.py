"""This week against the last one: day by day, with an interval, and silent where there is too little to tell."""

import math
from datetime import timedelta
from random import Random

import pytest
from scipy import stats

from data.watch.measurement import Kind
from data.watch.store import MetricsStore
from data.watch.summary import LabelKey, Summary
from data.watch.week_comparison import _T95, FEWEST, chance_of, difference, more_than_noise, week_comparison
from tests.watching import NOON, measured


def day(ms, count=40):
    return Summary.of([measured(ms=ms)] * count)


def pairs(*ratios, count=40, before=100.0):
    return [(day(before, count), day(before * ratio, count)) for ratio in ratios]


@pytest.mark.parametrize("free", range(1, 12))
@pytest.mark.parametrize("statistic", [0.0, 0.1, 0.7, 1.0, -2.0, 3.3, 12.0, 500.0])
def test_chance_is_that_of_students_t(statistic, free):
    assert chance_of(statistic, free) == pytest.approx(2 * stats.t.sf(abs(statistic), free), abs=1e-12)


def test_the_table_of_limits_is_that_of_students_t():
    assert {free: round(float(stats.t.ppf(0.975, free)), 6) for free in _T95} == _T95


def test_the_mean_of_the_days_and_its_interval_are_those_of_a_t_test():
    ratios = [1.1, 1.3, 1.2, 0.9, 1.25, 1.4, 1.15]
    found = difference(pairs(*ratios))
    assert found is not None

    # Percentiles are read off buckets, so that the logarithms are compared as the buckets have them.
    logs = [math.log(after.p95 / before.p95) for before, after in pairs(*ratios)]
    expected = stats.ttest_1samp(logs, 0)
    interval = expected.confidence_interval(0.95)
    assert found.log_ratio == pytest.approx(sum(logs) / 7)
    assert found.p_value == pytest.approx(expected.pvalue)
    assert (found.log_ratio - found.half_width, found.log_ratio + found.half_width) == pytest.approx(tuple(interval))
    assert found.days == 7


def test_weeks_that_are_the_same_do_not_differ_and_weeks_that_differ_alike_do():
    same, twice = difference(pairs(*[1.0] * 7)), difference(pairs(*[2.0] * 7))

    assert same is not None
    assert (same.log_ratio, same.p_value) == (0.0, 1.0)
    assert twice is not None
    assert math.exp(twice.log_ratio) == pytest.approx(2, rel=0.02)
    assert twice.p_value == 0.0


def test_one_bad_day_is_no_other_week():
    found = difference(pairs(1.02, 0.97, 1.0, 5.0, 1.03, 0.98, 1.01))

    assert found is not None
    assert found.p_value > 0.2


def test_days_with_little_traffic_are_left_out_and_too_few_days_say_nothing():
    quiet = pairs(3.0, 0.3, count=FEWEST - 1)

    assert difference(quiet + pairs(1.1, 1.2)) is None
    assert difference([]) is None
    found = difference(quiet + pairs(1.1, 1.2, 1.15))
    assert found is not None
    assert found.days == 3


def test_a_weekend_without_people_does_not_blur_the_week():
    found = difference(pairs(1.3, 1.28, 1.33, 1.31, 1.3, count=2000) + pairs(0.4, 2.5, count=60))

    assert found is not None
    assert (found.days, found.p_value < 0.001) == (5, True)


def test_of_many_routes_those_hold_that_are_less_than_one_twentieth_chance_together():
    keys = [LabelKey(Kind.REQUEST, str(number), "GET") for number in range(5)]
    chances = dict(zip(keys, [0.001, 0.9, 0.019, 0.04, 0.029], strict=True))

    assert more_than_noise(chances) == {keys[0], keys[2], keys[4], keys[3]}
    assert more_than_noise(dict(zip(keys, [0.04, 0.9, 0.5, 0.6, 0.7], strict=True))) == set()
    assert more_than_noise({}) == set()


@pytest.fixture
def store(tmp_path):
    store = MetricsStore(tmp_path / "metrics.db", clock=lambda: NOON)
    yield store
    store.close()


def fill(store, route, before, after, *, count=30):
    random = Random(3)  # noqa: S311 - the same traffic every time
    for hours_ago in range(8, 14 * 24, 24):
        middle = after if hours_ago < 7 * 24 else before
        at = NOON - timedelta(hours=hours_ago)
        store.write([measured(at, label=route, ms=random.lognormvariate(math.log(middle), 0.2)) for _ in range(count)])


def test_what_became_slower_is_told_with_ratio_interval_and_days(store):
    fill(store, "/slower", 100, 180, count=60)
    fill(store, "/same", 60, 60)
    fill(store, "/rare", 10, 9000, count=2)

    found = week_comparison(store, NOON + timedelta(minutes=20))

    slower, same, rare = found["routes"]
    assert (slower["label"], slower["is_more_than_noise"], slower["days"]) == ("/slower", True, 7)
    assert slower["interval"] is not None
    assert slower["interval"][0] < 1.8 < slower["interval"][1]
    assert slower["sentence"].startswith(f"Takes {slower['ratio'] - 1:.0%} longer than last week".replace("%", " %"))
    assert (same["is_more_than_noise"], same["days"]) == (False, 7)
    assert "No more different" in same["sentence"]
    assert (rare["is_more_than_noise"], rare["ratio"], rare["days"]) == (None, None, 0)
    assert "Too few days" in rare["sentence"]
    assert found["is_more_than_noise"] is True
    assert (found["this_week"]["requests"], found["last_week"]["requests"]) == (7 * 92, 7 * 92)
    assert (found["last_week"]["since"], found["this_week"]["until"]) == (
        "2026-03-04T12:00:00Z",
        "2026-03-18T12:00:00Z",
    )


def test_of_nothing_nothing_is_said(store):
    found = week_comparison(store, NOON)

    assert (found["ratio"], found["is_more_than_noise"], found["routes"]) == (None, None, [])
    assert found["this_week"]["p95_ms"] is None
