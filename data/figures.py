"""The numbers of a measurement: the value and what stands beside it, the period before, the weeks, the change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, TypedDict

import numpy as np

from data.model import Period, ResultStatus, iso_utc
from data.performance_utils import microseconds
from data.sample import DatedSample, Sample, StandingSample, Summary, Value
from data.weeks import WeekGrid

LOW_SAMPLE_BELOW = 5
WEEK_DAYS = 7.0


class TrendPoint(TypedDict):
    """One ISO week: `week` is `2026-W03`, `start` its Monday 00:00 in the team's zone as UTC text."""

    week: str
    start: str
    value: float | dict[str, float] | None
    sample_size: int
    partial: bool


class PreviousPeriod(TypedDict):
    value: float | dict[str, float] | None
    sample_size: int
    start: str
    end: str


class Change(TypedDict):
    """Value against the previous period; `verdict` is better, worse, same or, when it cannot be judged, None."""

    absolute: float | None
    relative: float | None
    verdict: str | None


def figures_of(sample: Sample, period: Period, weeks: WeekGrid, better: str | None) -> dict[str, Any]:
    """The fields of a result that are numbers, and under `rows` the candidates that the value is about."""
    figures = _dated(sample, period, weeks) if isinstance(sample, DatedSample) else _standing(sample, period, weeks)
    return {**figures, "change": _change(figures, better)}


def _dated(sample: DatedSample, period: Period, weeks: WeekGrid) -> dict[str, Any]:
    start, end = microseconds(period.start), microseconds(period.end)
    earlier, days = period.previous, float(period.days)
    timeline = sample.within(min(microseconds(earlier.start), int(weeks.edges[0]) - 1), end)
    here, before = timeline.bounds(start, end), timeline.bounds(microseconds(earlier.start), start)
    cuts = timeline.cuts(weeks.edges, end)
    rows = timeline.rows[slice(*here)]
    summary = sample.summarise(rows, days)
    value_before = sample.values(timeline.rows, list(before), days)[0]
    unknowable = summary.value is None and sample.lacks_what_is_needed(start, end)
    known = sample.unavailable is None
    weekly = sample.values(timeline.rows, cuts, WEEK_DAYS)
    sizes = [last - first for first, last in pairwise(cuts)]
    return {
        **_figures(summary, sample.unavailable, unknowable=unknowable),
        "previous": _previous(value_before if known else None, before[1] - before[0], earlier),
        "trend": _trend(weekly, sizes, weeks, known=known),
        "item_kind": sample.item_kind,
        "source": sample.source,
        "precision": sample.precision,
        "rows": rows,
    }


def _standing(sample: StandingSample, period: Period, weeks: WeekGrid) -> dict[str, Any]:
    end, earlier = microseconds(period.end), period.previous
    rows = sample.rows_at(end)
    known = sample.unavailable is None
    counts = sample.counts_at(np.minimum(weeks.edges[1:] - 1, end))
    before = sample.summarise(sample.rows_at(microseconds(earlier.end)))
    return {
        **_figures(sample.summarise(rows), sample.unavailable, unknowable=False),
        "previous": _previous(before.value if known else None, before.sample_size, earlier),
        "trend": _trend([float(count) for count in counts], counts, weeks, known=known),
        "item_kind": "issues",
        "source": None,
        "precision": None,
        "rows": rows,
    }


def _figures(summary: Summary, unavailable: ResultStatus | None, *, unknowable: bool) -> dict[str, Any]:
    known = unavailable is None
    return {
        "value": summary.value if known else None,
        "status": str(unavailable or _status(summary, unknowable=unknowable)),
        "sample_size": summary.sample_size,
        "interval": summary.interval if known else None,
        "percentiles": summary.percentiles if known else {},
        "numerator": summary.numerator if known else None,
        "denominator": summary.denominator if known else None,
        "numerator_items": summary.numerator_rows if known else [],
        "by_kind": summary.by_kind if known else {},
        "proxy": summary.proxy,
    }


def _status(summary: Summary, *, unknowable: bool) -> ResultStatus:
    if summary.value is None:
        return ResultStatus.NOT_MEASURABLE if unknowable else ResultStatus.NO_DATA
    return ResultStatus.LOW_SAMPLE if summary.sample_size < LOW_SAMPLE_BELOW else ResultStatus.OK


def _previous(value: Value, size: int, period: Period) -> PreviousPeriod:
    return {"value": value, "sample_size": size, "start": iso_utc(period.start), "end": iso_utc(period.end)}


def _trend(values: Sequence[Value], sizes: Sequence[int], weeks: WeekGrid, *, known: bool) -> list[TrendPoint]:
    last = len(weeks) - 1
    return [
        {
            "week": weeks.labels[number],
            "start": weeks.starts[number],
            "value": value if known else None,
            "sample_size": size,
            "partial": number == last,
        }
        for number, (value, size) in enumerate(zip(values, sizes, strict=True))
    ]


def _change(result: Mapping[str, Any], better: str | None) -> Change:
    value, previous = result["value"], result["previous"]["value"]
    if not isinstance(value, float) or not isinstance(previous, float):
        return {"absolute": None, "relative": None, "verdict": None}
    absolute = value - previous
    enough = min(result["sample_size"], result["previous"]["sample_size"]) >= LOW_SAMPLE_BELOW
    verdict = None
    if better and enough:
        improved = absolute > 0 if better == "higher" else absolute < 0
        verdict = "same" if absolute == 0 else "better" if improved else "worse"
    return {"absolute": absolute, "relative": absolute / previous if previous else None, "verdict": verdict}
