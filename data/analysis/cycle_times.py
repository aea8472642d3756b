"""How long finished items took, one by one and by how many took about as long."""

from __future__ import annotations

from typing import TypedDict

import numpy as np

from data.analysis.work_time import finished_in
from data.facts import DeliveryFacts
from data.history import KINDS
from data.model import iso_utc
from data.statistics import ordered_percentile
from data.weeks import instant

BIN_EDGES = (0.0, 1.0, 2.0, 4.0, 8.0, 24.0, 48.0, 96.0, 168.0, 336.0, 672.0, 1344.0, 2688.0)
"""Hours: each bin is about twice the one before, as flow times spread over orders of magnitude."""

LINES = (50, 85, 95)


class CycleTimes(TypedDict):
    """Columns of equal length, by finish; `bins` counts items from each of `bin_edges` up to the next, the last open.

    `percentiles` are in hours, and empty where nothing was finished.
    """

    keys: list[str]
    finished: list[str]
    hours: list[float]
    kinds: list[str]
    percentiles: dict[str, float]
    bin_edges: list[float]
    bins: list[int]


def cycle_times(facts: DeliveryFacts, days: int) -> CycleTimes:
    """The flow items finished in the period whose start is known."""
    rows = finished_in(facts, days)
    hours = facts.hours_between(facts.started[rows], facts.finished[rows])
    ordered = np.sort(hours)
    places = np.searchsorted(np.array(BIN_EDGES), hours, side="right") - 1
    return {
        "keys": [facts.history.labels[row] for row in rows.tolist()],
        "finished": [iso_utc(instant(time)) for time in facts.finished[rows].tolist()],
        "hours": hours.tolist(),
        "kinds": [str(KINDS[code]) for code in facts.history.kind[rows].tolist()],
        "percentiles": {str(line): ordered_percentile(ordered, line) for line in LINES} if len(rows) else {},
        "bin_edges": list(BIN_EDGES),
        "bins": np.bincount(places, minlength=len(BIN_EDGES)).tolist(),
    }
