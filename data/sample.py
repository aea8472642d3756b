"""What a metric hands over to be measured: its candidates, why some do not count, and how the rest are summed up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from data.labels import PickedLabels
from data.model import Reason, ResultStatus
from data.reasons import COUNTS, REASONS, ReasonCodes, reason_code
from data.spans import Rows, Spans

Times = npt.NDArray[np.int64]
Bounds = list[int]
Value = float | dict[str, float] | None

UNKNOWABLE = (Reason.NO_START, Reason.NO_HISTORY)


@dataclass(frozen=True, slots=True)
class Summary:
    """One figure and what stands beside it; `numerator_rows` are the candidates that a ratio counts."""

    value: Value
    sample_size: int
    interval: list[float] | dict[str, list[float]] | None = None
    percentiles: dict[str, float] = field(default_factory=dict)
    numerator: float | None = None
    denominator: float | None = None
    numerator_rows: Rows = field(default_factory=lambda: np.zeros(0, dtype=np.intp))
    by_kind: dict[str, float] = field(default_factory=dict)
    proxy: str | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Timeline:
    """Counting candidates in the order of their dates."""

    rows: Rows
    at: Times

    def bounds(self, start: int, end: int) -> tuple[int, int]:
        """Where the candidates with `start < at <= end` begin and end."""
        first, last = np.searchsorted(self.at, [start, end], side="right").tolist()
        return first, last

    def cuts(self, edges: Times, end: int) -> Bounds:
        """Where consecutive stretches `edge <= at < next edge` begin; the last one ends with `at <= end`."""
        bounds = np.searchsorted(self.at, edges, side="left")
        bounds[-1] = np.searchsorted(self.at, end, side="right")
        found: Bounds = bounds.tolist()
        return found


@dataclass(frozen=True, eq=False, slots=True)
class DatedSample:
    """Candidates that a date places in a period.

    `before` holds the reasons decided before the period is looked at, `after` those that matter only inside it.
    `summarise` takes the rows of a span and its length in days. Where only values are needed, `series` gives those of
    consecutive stretches of rows, cut at bounds and equally long in days; without it they come from `summarise`.
    `candidates` are the rows that a view counts, None for all; `in_order` the ones that `before` lets count, by date.
    """

    labels: Sequence[str]
    at: Times
    before: ReasonCodes
    after: ReasonCodes
    summarise: Callable[[Rows, float], Summary]
    item_kind: str = "issues"
    unavailable: ResultStatus | None = None
    source: str | None = None
    precision: str | None = None
    also_excluded: Mapping[Reason, Sequence[str]] = field(default_factory=dict)
    alternatives: Callable[[Rows, int, int], dict[str, Any]] = lambda _rows, _start, _end: {}
    series: Callable[[Rows, Bounds, float], Sequence[Value]] | None = None
    candidates: Rows | None = None
    in_order: Rows | None = None

    def timeline(self) -> Timeline:
        rows = self.in_order
        if rows is None:
            rows = _picked(np.arange(len(self.at)), self.candidates)
            rows = rows[self.before[rows] == COUNTS]
            rows = rows[np.argsort(self.at[rows], kind="stable")]
        rows = rows[self.after[rows] == COUNTS]
        return Timeline(rows, self.at[rows])

    def rows(self, start: int, end: int) -> Rows:
        """The counting candidates with `start < at <= end`, by date."""
        timeline = self.timeline()
        first, last = timeline.bounds(start, end)
        return timeline.rows[first:last]

    def values(self, rows: Rows, bounds: Bounds, days: float) -> Sequence[Value]:
        """The value alone of each stretch between two bounds."""
        rows, bounds = rows[bounds[0] : bounds[-1]], [bound - bounds[0] for bound in bounds]
        if self.series is not None:
            return self.series(rows, bounds, days)
        return [self.summarise(rows[first:last], days).value for first, last in pairwise(bounds)]

    def reasons(self, start: int, end: int) -> ReasonCodes:
        """Why each candidate does not count, in the order of the candidates."""
        at, before, after = (_picked(column, self.candidates) for column in (self.at, self.before, self.after))
        codes = after.copy()
        codes[(at <= start) | (at > end)] = reason_code(Reason.OUTSIDE_PERIOD)
        np.copyto(codes, before, where=before != COUNTS)
        return codes

    def lacks_what_is_needed(self, start: int, end: int) -> bool:
        """Whether there are candidates in the span and none of them can be measured."""
        at, before, after = (_picked(column, self.candidates) for column in (self.at, self.before, self.after))
        here = after[(before == COUNTS) & (start < at) & (at <= end)]
        return len(here) > 0 and bool(np.isin(here, [reason_code(reason) for reason in UNKNOWABLE]).all())


@dataclass(frozen=True, eq=False, slots=True)
class StandingSample:
    """Candidates that are there or not at an instant; `spans` says when, `before` why one does not count now.

    Both `spans` and `candidates` are those that a view counts.
    """

    labels: Sequence[str]
    before: ReasonCodes
    spans: Spans
    summarise: Callable[[Rows], Summary]
    unavailable: ResultStatus | None = None
    alternatives: Callable[[Rows], dict[str, Any]] = lambda _rows: {}
    also_excluded: Mapping[Reason, Sequence[str]] = field(default_factory=dict)
    candidates: Rows | None = None

    def rows_at(self, time: int) -> Rows:
        here = (self.spans.lo <= time) & (time < self.spans.hi)
        return np.sort(self.spans.issue[here]).astype(np.intp)

    def counts_at(self, times: Times) -> list[int]:
        """How many are there at each of some rising instants; an issue's spans do not overlap."""
        later = self.spans.hi > times[0]
        begun = np.searchsorted(np.sort(self.spans.lo[later]), times, side="right")
        over = np.searchsorted(np.sort(self.spans.hi[later]), times, side="right")
        counts: list[int] = (begun - over).tolist()
        return counts

    def reasons(self) -> ReasonCodes:
        return _picked(self.before, self.candidates)


Sample = DatedSample | StandingSample


def _picked(column: npt.NDArray[Any], rows: Rows | None) -> npt.NDArray[Any]:
    return column if rows is None else column[rows]


def candidate_labels(sample: Sample) -> Sequence[str]:
    """The labels of a sample's candidates, aligned with its reasons."""
    return sample.labels if sample.candidates is None else PickedLabels(sample.labels, sample.candidates)


def partition(
    labels: Sequence[str], codes: ReasonCodes, more: Mapping[Reason, Sequence[str]]
) -> tuple[list[str], dict[str, list[str]]]:
    """The labels that count, and the others by reason; together they are the candidates."""
    excluded = {
        str(reason): [labels[row] for row in np.flatnonzero(codes == number).tolist()]
        for number, reason in enumerate(REASONS)
    }
    for reason, extra in more.items():
        excluded[str(reason)] = excluded[str(reason)] + list(extra)
    included = [labels[row] for row in np.flatnonzero(codes == COUNTS).tolist()]
    return included, {reason: keys for reason, keys in excluded.items() if keys}
