"""The reference's arithmetic against figures that can be looked up or worked out."""

from __future__ import annotations

import pytest

from tests.reference import numbers


def test_no_interval_of_a_median_is_possible_under_six_items():
    assert numbers.headline_interval([1, 2, 3, 4, 5], 50) is None
    assert numbers.headline_interval([6, 5, 4, 3, 2, 1], 50) == [1, 6]


def test_the_interval_of_a_median_of_twenty_runs_from_the_sixth_to_the_fifteenth():
    assert numbers.headline_interval(list(range(1, 21)), 50) == [6, 15]


def test_exact_poisson_limits_of_zero_and_ten():
    assert numbers.poisson_interval(0) == pytest.approx([0, 3.6889], abs=1e-4)
    assert numbers.poisson_interval(10) == pytest.approx([4.7954, 18.3904], abs=1e-4)
    assert numbers.poisson_interval(10, 2)[0] == pytest.approx(2.3977, abs=1e-4)


def test_wilson_limits_of_one_in_ten():
    assert numbers.wilson_interval(1, 10) == pytest.approx([0.0179, 0.4042], abs=1e-4)
    assert numbers.wilson_interval(0, 0) is None


def test_a_ratio_of_sums_is_certain_when_all_items_agree():
    assert numbers.ratio_of_sums_interval([1, 2, 3], [2, 4, 6]) == pytest.approx([0.5, 0.5])
    assert numbers.ratio_of_sums_interval([1], [2]) is None
