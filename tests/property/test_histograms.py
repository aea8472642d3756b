"""Percentiles are within one percent of the exact ones, and adding up histograms loses nothing."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.watch.histogram import EDGES, LONGEST_MS, Histogram
from data.watch.summary import Summary
from tests.property.effort import effort
from tests.watching import measured

DURATIONS = st.one_of(
    st.floats(0, LONGEST_MS), st.floats(0.001, 10_000), st.sampled_from(EDGES), st.sampled_from([0.0, 0.001, 99.999])
)
MANY = st.lists(DURATIONS, max_size=60)


def nearest_rank(values, share):
    return sorted(values)[max(1, math.ceil(round(share * len(values), 6))) - 1]


@effort(60)
@given(st.lists(DURATIONS, min_size=1, max_size=60), st.floats(0, 1))
def test_a_percentile_is_within_one_percent_of_the_nearest_rank(values, share):
    exact = nearest_rank(values, share)

    assert Histogram.of(values).quantile(share) == pytest.approx(exact, rel=0.01, abs=0.001)


@effort(60)
@given(MANY, MANY, MANY)
def test_the_union_of_histograms_is_the_histogram_of_the_union(one, other, third):
    together = Histogram.of([*one, *other, *third])

    assert Histogram.of(one) + (Histogram.of(other) + Histogram.of(third)) == together
    assert (Histogram.of(third) + Histogram.of(one)) + Histogram.of(other) == together
    assert hash(Histogram.of(one) + Histogram.of(other)) == hash(Histogram.of([*other, *one]))


@effort(50)
@given(MANY, st.sampled_from(EDGES))
def test_what_is_at_or_below_an_edge_is_counted_exactly(values, edge):
    histogram = Histogram.of(values)

    assert histogram.at_most(edge) == sum(value <= edge for value in values)
    assert dict(zip(EDGES, histogram.at_edges(), strict=True))[edge] == histogram.at_most(edge)


@effort(60)
@given(MANY, MANY)
def test_sums_of_sums_are_sums_of_all(one, other):
    some, more = ([measured(ms=value, status=500 if value > 50 else 429) for value in part] for part in (one, other))

    assert Summary.of(some) + Summary.of(more) == Summary.of([*some, *more])


@effort(60)
@given(st.lists(DURATIONS, min_size=1, max_size=60))
def test_no_percentile_is_above_the_longest_and_none_is_below_a_smaller_one(values):
    summary = Summary.of(measured(ms=value) for value in values)

    assert summary.p50 <= summary.p95 <= summary.p99 <= summary.max_ms
