"""Of nothing nothing is known; of anything, what there is to know."""

import pytest

from data.watch.histogram import Histogram
from data.watch.summary import Summary, microseconds, united
from tests.watching import measured


def test_of_nothing_no_figure_is_known():
    nothing = Summary()

    figures = (nothing.average_ms, nothing.p50, nothing.p95, nothing.p99, nothing.cache_hit_rate, nothing.error_rate)
    assert figures == (None,) * 6
    assert nothing + nothing == Summary.of([]) == nothing


def test_the_cache_has_three_states_and_only_two_of_them_count():
    served = [measured(cache_hit=hit) for hit in (True, True, True, False, None, None)]

    assert Summary.of(served).cache_hit_rate == 0.75
    assert Summary.of(served[4:]).cache_hit_rate is None


def test_an_error_is_the_servers_fault_and_a_refusal_is_counted_apart():
    answers = [
        measured(status=200),
        measured(status=404),
        measured(status=429),
        measured(status=500, error="ValueError"),
        measured(status=0, error="ConnectionError"),
        measured(status=0),
    ]

    told = Summary.of(answers)

    assert (told.errors, told.client_errors, told.throttled) == (2, 2, 1)
    assert told.error_rate == pytest.approx(2 / 6)


def test_averages_and_sums_are_exact_and_a_single_duration_is_its_own_percentile_at_most():
    told = Summary.of([measured(ms=12.345, waited_ms=1.5), measured(ms=20.0), measured(ms=0.0)])

    assert (told.total_ms, told.max_ms, told.waited_ms) == (32.345, 20.0, 1.5)
    assert told.average_ms == pytest.approx(32.345 / 3)
    assert Summary.of([measured(ms=20.0)]).p99 <= 20.0


@pytest.mark.parametrize("milliseconds", [-1.0, float("nan"), float("-inf"), 0.0])
def test_a_duration_is_never_negative(milliseconds):
    assert microseconds(milliseconds) == 0


def test_a_percentile_is_a_share():
    with pytest.raises(ValueError, match="a share from 0 to 1, not 95"):
        Histogram.of([1.0]).quantile(95)


def test_only_borders_of_buckets_can_be_counted_up_to():
    with pytest.raises(ValueError, match="no border"):
        Histogram.of([1.0]).at_most(123)


def test_uniting_adds_all():
    assert united(Summary.of([measured(ms=ms)]) for ms in (1, 2, 3)) == Summary.of(measured(ms=ms) for ms in (3, 2, 1))
