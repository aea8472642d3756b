"""Intervals and percentiles, against scipy and against first principles."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from data.statistics import (
    percentile,
    poisson_interval,
    quantile_interval,
    ratio_interval,
    stretch_percentiles,
    wilson_interval,
)


@given(st.integers(0, 2000))
def test_the_poisson_interval_is_garwoods(count):
    low, high = poisson_interval(count)

    assert low == pytest.approx(stats.chi2.ppf(0.025, 2 * count) / 2 if count else 0.0, rel=1e-9)
    assert high == pytest.approx(stats.chi2.ppf(0.975, 2 * count + 2) / 2, rel=1e-9)


@given(st.integers(2000, 1_000_000))
def test_the_poisson_interval_of_many_is_garwoods(count):
    low, high = poisson_interval(count)

    assert low == pytest.approx(stats.chi2.ppf(0.025, 2 * count) / 2, rel=2e-8)
    assert high == pytest.approx(stats.chi2.ppf(0.975, 2 * count + 2) / 2, rel=2e-8)


@given(st.integers(1, 5000), st.data())
def test_the_wilson_interval_is_scipys(count, data):
    hits = data.draw(st.integers(0, count))
    expected = stats.binomtest(hits, count).proportion_ci(method="wilson")

    assert wilson_interval(hits, count) == pytest.approx([expected.low, expected.high], abs=1e-9)


def test_nothing_has_no_proportion():
    assert wilson_interval(0, 0) is None


@given(
    st.lists(st.floats(0, 1e6), max_size=40),
    st.lists(st.integers(0, 40), min_size=2, max_size=8),
    st.sampled_from([1, 33.3, 50, 85, 99.9]),
)
def test_the_percentiles_of_stretches_are_numpys_one_by_one(values, cuts, percent):
    bounds = sorted(min(cut, len(values)) for cut in cuts)
    expected = [values[first:last] for first, last in pairwise(bounds)]

    found = stretch_percentiles(np.array(values), bounds, percent)

    assert found == [pytest.approx(np.percentile(each, percent)) if each else None for each in expected]


@given(st.integers(6, 400))
def test_the_median_interval_has_the_coverage_it_claims_and_no_rank_to_spare(count):
    """Between x(k) and x(n+1-k) the median lies with at least 95 %; one rank further in it would not."""
    low, high = quantile_interval(np.arange(1, count + 1, dtype=np.float64), 50)
    rank = int(low)

    assert high == count + 1 - rank
    assert stats.binom.cdf(rank - 1, count, 0.5) <= 0.025
    assert stats.binom.cdf(rank, count, 0.5) > 0.025


@pytest.mark.parametrize("count", [0, 1, 5])
def test_under_six_items_no_interval_can_be_given(count):
    assert quantile_interval(np.ones(count), 50) is None


@given(st.integers(1000, 300_000), st.floats(1, 99))
def test_the_interval_of_any_percentile_of_many_leaves_a_fortieth_on_each_side(count, percent):
    low, high = quantile_interval(np.arange(count, dtype=np.float64), percent)

    assert stats.binom.cdf(low, count, percent / 100) <= 0.025 * (1 + 1e-6)
    assert stats.binom.cdf(low + 1, count, percent / 100) >= 0.025 * (1 - 1e-6)
    assert stats.binom.sf(high, count, percent / 100) <= 0.025 * (1 + 1e-6)
    assert stats.binom.sf(high - 1, count, percent / 100) >= 0.025 * (1 - 1e-6)


def test_large_samples_do_not_underflow():
    low, high = quantile_interval(np.arange(5000, dtype=np.float64), 50)

    assert 2400 < low < 2499 < high < 2600


def test_percentiles_interpolate_between_order_statistics():
    assert percentile(np.array([1.0, 2.0, 3.0, 4.0]), 50) == 2.5
    assert percentile(np.array([1.0, 2.0, 3.0, 4.0]), 85) == pytest.approx(3.55)


def test_equal_ratios_leave_no_error_and_one_item_none_to_estimate():
    wholes = np.array([2.0, 4.0, 8.0])

    assert ratio_interval(wholes / 2, wholes) == pytest.approx([0.5, 0.5])
    assert ratio_interval(wholes[:1], wholes[:1]) is None
    assert ratio_interval(np.zeros(3), np.zeros(3)) is None


def test_the_ratio_interval_covers_the_truth_about_as_often_as_it_says():
    """Over simulated samples of 60 items the interval holds the true ratio in roughly 95 of 100."""
    random = np.random.default_rng(7)
    covered = 0
    for _ in range(400):
        wholes = random.gamma(2.0, 10.0, 60)
        low, high = ratio_interval(wholes * random.beta(4, 4, 60), wholes)
        covered += low <= 0.5 <= high

    assert 0.90 <= covered / 400 <= 0.99
    assert math.isfinite(low)
