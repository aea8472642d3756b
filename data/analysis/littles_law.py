"""Whether load, throughput and flow time agree with each other, and what it means where they do not."""

from __future__ import annotations

from typing import TypedDict, cast

import numpy as np

from data.analysis.work_time import finished_in
from data.facts import DeliveryFacts
from data.flow_calculator import calculate_flow_load
from data.history import Times
from data.model import Period
from data.performance_utils import microseconds
from data.sample import StandingSample
from data.spans import Spans
from data.weeks import DAY, HOUR

FEWEST_FINISHED = 5
AGREEMENT = 1.25
"""Averages within this factor of each other are taken to agree."""


class Balance(TypedDict):
    """Averages over the period, in elapsed time.

    `implied_hours` is what an item takes by load and throughput, `debt_hours` that less what the finished ones took:
    the flow debt (Vacanti 2015). Above zero, items were finished while others aged.
    """

    enough: bool
    average_load: float
    finished_per_day: float
    started_per_day: float
    average_hours: float | None
    implied_hours: float | None
    debt_hours: float | None
    verdict: str | None
    sentence: str


def balance(facts: DeliveryFacts, days: int) -> Balance:
    """Little's law (1961) over the period: average load = throughput x average flow time, where a process is stable."""
    period = Period(end=facts.as_of, days=days)
    begin, end = microseconds(period.start), microseconds(period.end)
    spans = cast(StandingSample, calculate_flow_load.sample(facts)).spans
    inside = np.minimum(spans.hi, end) - np.maximum(spans.lo, begin)
    load = float(inside[inside > 0].sum()) / (end - begin)
    rows = finished_in(facts, days)
    hours = (facts.finished[rows] - facts.started[rows]) / HOUR
    came = _begins(spans)
    started = int(((came > begin) & (came <= end)).sum())
    enough = len(rows) >= FEWEST_FINISHED and load > 0
    implied = load * days * 24 / len(rows) if enough else None
    average = float(hours.mean()) if enough else None
    verdict = None if implied is None or average is None else _verdict(implied, average)
    return {
        "enough": enough,
        "average_load": load,
        "finished_per_day": len(rows) * DAY / (end - begin),
        "started_per_day": started * DAY / (end - begin),
        "average_hours": average,
        "implied_hours": implied,
        "debt_hours": None if implied is None or average is None else implied - average,
        "verdict": verdict,
        "sentence": _SENTENCES[verdict],
    }


def _begins(spans: Spans) -> Times:
    """When issues came into progress; a span that goes on where another of the same issue ended is none of its own."""
    real = spans.where(spans.lo < spans.hi)
    order = np.lexsort((real.lo, real.issue))
    issue, lo, hi = real.issue[order], real.lo[order], real.hi[order]
    goes_on = np.append([False], (issue[1:] == issue[:-1]) & (lo[1:] == hi[:-1]))[: len(lo)]
    begins: Times = lo[~goes_on]
    return begins


_SENTENCES = {
    "stable": "Load, throughput and flow time agree: averages of this period are fit to plan with.",
    "ageing": "Work in progress is older than what gets finished: work is begun, or set aside, faster than it ends.",
    "draining": "What was finished is older than what is in progress: a backlog of old work is being cleared.",
    None: "Too little was finished to compare load, throughput and flow time.",
}


def _verdict(implied: float, average: float) -> str:
    if implied > average * AGREEMENT:
        return "ageing"
    return "draining" if implied * AGREEMENT < average else "stable"
