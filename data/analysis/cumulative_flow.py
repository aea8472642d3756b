"""How many items stood where at the end of each day: the cumulative flow diagram, rebuilt from history."""

from __future__ import annotations

from datetime import timedelta
from typing import TypedDict

import numpy as np
import numpy.typing as npt

from data.facts import DeliveryFacts
from data.model import Period
from data.performance_utils import microseconds
from data.reading.statuses import CATEGORIES, UNMAPPED
from data.weeks import end_of_day, local_day

Counts = npt.NDArray[np.int64]

_CATEGORY_NAMES = (*(str(category) for category in CATEGORIES), "unmapped")


class CumulativeFlow(TypedDict):
    """Counts at the end of each local day, the last at the report's instant; one list per status and category.

    Items that are cancelled by now, and those without history, are left out of every day and counted here.
    """

    days: list[str]
    by_category: dict[str, list[int]]
    by_status: dict[str, list[int]]
    cancelled: int
    without_history: int


def cumulative_flow(facts: DeliveryFacts, days: int) -> CumulativeFlow:
    """Where the flow items stood on each day of the period, in the statuses of the order of the workflow."""
    history = facts.history
    items = facts.selected & history.roles["flow_item"] & facts.exists
    shown = items & ~facts.cancelled & history.has_history
    dates, edges = _ends(facts, days)
    counts = _standing(facts, shown, edges)
    category = history.statuses.category
    used = [code for code in range(len(history.statuses.names)) if counts[code].any()]
    used.sort(key=lambda code: (category[code] == UNMAPPED, category[code], history.statuses.names[code]))
    return {
        "days": dates,
        "by_category": {
            name: counts[category == number].sum(axis=0).tolist()
            for number, name in enumerate(_CATEGORY_NAMES)
            if counts[category == number].any()
        },
        "by_status": _named([(history.statuses.names[code], counts[code]) for code in used]),
        "cancelled": int((items & facts.cancelled).sum()),
        "without_history": int((items & ~facts.cancelled & ~history.has_history).sum()),
    }


def _ends(facts: DeliveryFacts, days: int) -> tuple[list[str], Counts]:
    period = Period(end=facts.as_of, days=days)
    first = local_day(microseconds(period.start), facts.zone)
    last = local_day(facts.now, facts.zone)
    dates = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    ends = [min(end_of_day(date, facts.zone), facts.now) for date in dates]
    return [date.isoformat() for date in dates], np.array(ends, dtype=np.int64)


def _standing(facts: DeliveryFacts, shown: npt.NDArray[np.bool_], edges: Counts) -> Counts:
    """Per status and edge, how many of the shown issues are in it."""
    stays, width = facts.stays, len(edges) + 1
    own = shown[stays.issue] & (stays.lo < stays.hi)
    steps = np.zeros(len(facts.history.statuses.names) * width, dtype=np.int64)
    for times, step in ((stays.lo, 1), (stays.hi, -1)):
        cells = stays.status[own].astype(np.int64) * width + np.searchsorted(edges, times[own], side="left")
        steps += step * np.bincount(cells, minlength=len(steps))
    return np.cumsum(steps.reshape(-1, width), axis=1)[:, :-1]


def _named(rows: list[tuple[str, Counts]]) -> dict[str, list[int]]:
    """Statuses that share a name, as those of several projects do, are one band."""
    bands: dict[str, Counts] = {}
    for name, counts in rows:
        bands[name] = bands[name] + counts if name in bands else counts
    return {name: counts.tolist() for name, counts in bands.items()}
