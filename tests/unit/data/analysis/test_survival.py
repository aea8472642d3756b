"""The chance to finish rests on the age reached, and on work that is still open."""

from itertools import product

import numpy as np
import pytest

from data.analysis.survival import Survival


def hours(*values):
    return np.array(values, dtype=np.float64)


def test_without_open_work_it_is_the_share_of_finished_items():
    survival = Survival.of(hours(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), hours())
    assert survival.share_older(hours(0, 3, 9.5)).tolist() == pytest.approx([1.0, 0.7, 0.1])
    assert survival.chance_within(hours(2), hours(3)).tolist() == pytest.approx([3 / 8])


def test_open_work_makes_what_is_left_likelier():
    """Two items of age 4 are known to be older than 4, and to be nothing but that."""
    survival = Survival.of(hours(2, 4, 6, 8), hours(4, 4))
    assert survival.share_older(hours(2)) == pytest.approx([5 / 6])
    assert survival.share_older(hours(4)) == pytest.approx([5 / 6 * 4 / 5])
    assert survival.share_older(hours(6)) == pytest.approx([5 / 6 * 4 / 5 * 1 / 2])


def test_items_older_than_nearly_all_others_are_not_guessed():
    survival = Survival.of(hours(*range(1, 21)), hours())
    told = survival.chance_within(hours(15, 16), hours(1, 1))
    assert told[0] == pytest.approx(1 / 5)
    assert np.isnan(told[1])


def test_nothing_finished_tells_nothing_to_come():
    survival = Survival.of(hours(), hours(3, 5, 7, 9, 11, 13))
    assert survival.chance_within(hours(1), hours(100)).tolist() == [0.0]


@pytest.mark.parametrize(("seed", "open_share"), [*product(range(5), (0.0, 0.3, 0.9))])
def test_it_is_the_product_of_what_survives_each_finish(seed, open_share):
    """The product-limit form, worked out item by item."""
    dice = np.random.default_rng(seed)
    all_hours = dice.integers(1, 30, size=60).astype(np.float64)
    is_open = dice.random(60) < open_share
    survival = Survival.of(all_hours[~is_open], all_hours[is_open])
    for age in range(31):
        expected = 1.0
        for finish in sorted({float(h) for h, still in zip(all_hours, is_open, strict=True) if not still and h <= age}):
            at_risk = sum(1 for h in all_hours if h >= finish)
            finishing = sum(1 for h, still in zip(all_hours, is_open, strict=True) if h == finish and not still)
            expected *= 1 - finishing / at_risk
        assert survival.share_older(hours(age))[0] == pytest.approx(expected)
