"""Durations in hours as metrics sum them up: one figure by the team's percentile, and the same for many stretches."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from data.facts import DeliveryFacts
from data.history import MISSING
from data.model import Reason
from data.sample import Summary, Value
from data.spans import Rows
from data.statistics import ordered_percentile, quantile_interval, stretch_percentiles
from data.timeline import Bounds

Values = npt.NDArray[np.float64]
Series = Callable[[Rows, Bounds, float], Sequence[Value]]


def summarise_hours(values: Values, facts: DeliveryFacts, proxy: str | None = None) -> Summary:
    """The team's percentile, by default the median, of durations in hours; its interval and the usual percentiles."""
    if len(values) == 0:
        return Summary(value=None, sample_size=0)
    headline, ordered = facts.history.rules.headline_percentile, np.sort(values)
    percentiles = {f"p{percent}": ordered_percentile(ordered, percent) for percent in (50, 75, 85, 95)}
    interval = quantile_interval(ordered, headline)
    return Summary(ordered_percentile(ordered, headline), len(values), interval, percentiles, proxy=proxy)


def percentile_series(hours: Values, facts: DeliveryFacts) -> Series:
    """The team's percentile of durations for stretch after stretch."""
    return lambda rows, bounds, _days: stretch_percentiles(hours[rows], bounds, facts.history.rules.headline_percentile)


def hours_from(facts: DeliveryFacts, start: npt.NDArray[np.int64], end: npt.NDArray[np.int64]) -> Values:
    """Hours from start to end; 0 where either is missing."""
    known = np.flatnonzero((start != MISSING) & (end != MISSING))
    hours = np.zeros(len(start))
    hours[known] = facts.hours_between(start[known], end[known])
    return hours


def unreadable(facts: DeliveryFacts) -> dict[Reason, Sequence[str]]:
    """Records from which nothing could be read are candidates while nothing is filtered."""
    return {Reason.MALFORMED: facts.history.malformed} if facts.chosen is None else {}
