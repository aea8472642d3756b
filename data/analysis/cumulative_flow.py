"""How many items stood where at the end of each day: the cumulative flow diagram, rebuilt from history."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, TypedDict, TypeVar

import numpy as np
import numpy.typing as npt

from data.facts import DeliveryFacts
from data.history import Flags
from data.model import Period
from data.performance_utils import microseconds
from data.reading.statuses import CATEGORIES, DONE, UNMAPPED
from data.spans import begins_of, run_begins
from data.weeks import end_of_day, local_day

Counts = npt.NDArray[np.int64]

_CATEGORY_NAMES = (*(str(category) for category in CATEGORIES), "unmapped")


class Band(TypedDict):
    """Counts in the statuses of one name and category; of done ones only work finished after the first day's end."""

    status: str
    category: str
    counts: list[int]


class CumulativeFlow(TypedDict):
    """Counts at the end of each local day, the last at the report's instant; one list per status and category.

    `bands` are in the order of the workflow. Items that are cancelled by now, and those without history, are left out
    of every day and counted here.
    """

    days: list[str]
    by_category: dict[str, list[int]]
    by_status: dict[str, list[int]]
    bands: list[Band]
    cancelled: int
    without_history: int


def cumulative_flow(facts: DeliveryFacts, days: int) -> CumulativeFlow:
    """Where the flow items stood on each day of the period, status by status in the order of the workflow.

    No list tells that order across workflows: within a category the statuses follow each other by the place at which
    items come to them, on average.
    """
    history = facts.history
    items = facts.selected & history.roles["flow_item"] & facts.exists
    shown = items & ~facts.cancelled & history.has_history
    dates, edges = _ends(facts, days)
    counts = _standing(facts, shown[facts.stays.issue], edges)
    since = _standing(facts, shown[facts.stays.issue] & ~_done_by(facts, int(edges[0])), edges)
    category, names = history.statuses.category, history.statuses.names
    places = _places(facts, shown)
    used = [code for code in range(len(names)) if counts[code].any()]
    used.sort(key=lambda code: (category[code] == UNMAPPED, category[code], places[code], names[code]))
    return {
        "days": dates,
        "by_category": {
            name: counts[category == number].sum(axis=0).tolist()
            for number, name in enumerate(_CATEGORY_NAMES)
            if counts[category == number].any()
        },
        "by_status": {name: own.tolist() for (name,), own in _merged([((names[c],), counts[c]) for c in used])},
        "bands": [
            {"status": name, "category": _CATEGORY_NAMES[of], "counts": own.tolist()}
            for (name, of), own in _merged([((names[c], int(category[c])), since[c]) for c in used])
        ],
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


def _standing(facts: DeliveryFacts, counted: Flags, edges: Counts) -> Counts:
    """Per status and edge, how many of the counted stays are going on."""
    stays, width = facts.stays, len(edges) + 1
    own = counted & (stays.lo < stays.hi)
    steps = np.zeros(len(facts.history.statuses.names) * width, dtype=np.int64)
    for times, step in ((stays.lo, 1), (stays.hi, -1)):
        cells = stays.status[own].astype(np.int64) * width + np.searchsorted(edges, times[own], side="left")
        steps += step * np.bincount(cells, minlength=len(steps))
    return np.cumsum(steps.reshape(-1, width), axis=1)[:, :-1]


def _done_by(facts: DeliveryFacts, edge: int) -> Flags:
    """The stays in done statuses of work that had been done by an instant and has not been reopened since."""
    stays = facts.stays
    done = facts.history.statuses.category[stays.status] == DONE
    opens = np.zeros(len(done), dtype=np.bool_)
    opens[run_begins(done, begins_of(stays.issue))] = True
    began = stays.lo[opens][np.maximum(np.cumsum(opens) - 1, 0)] if opens.any() else stays.lo
    before: Flags = done & (began <= edge)
    return before


def _places(facts: DeliveryFacts, shown: Flags) -> npt.NDArray[np.float64]:
    """For each status at which place of their way the items that have been there first came to it, on average."""
    entered, size = facts.history.statuses_entered, len(facts.history.statuses.names)
    visits = entered.issue.astype(np.int64) * size + entered.value
    first = np.unique(visits, return_index=True)[1]
    first = first[shown[entered.issue[first]] & (entered.time[first] <= facts.now)]
    begins = np.flatnonzero(begins_of(entered.issue))
    place = first - begins[np.searchsorted(begins, first, side="right") - 1]
    met = np.bincount(entered.value[first], minlength=size)
    return np.bincount(entered.value[first], weights=place, minlength=size) / np.maximum(1, met)


Named = TypeVar("Named", bound=tuple[Any, ...])


def _merged(rows: list[tuple[Named, Counts]]) -> Iterable[tuple[Named, Counts]]:
    """Statuses that share a name, as those of several projects do, are one band."""
    bands: dict[Named, Counts] = {}
    for name, counts in rows:
        bands[name] = bands[name] + counts if name in bands else counts
    return bands.items()
