"""What a metric hands over to be measured: its candidates, why some do not count, and how the rest are summed up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Self

import numpy as np

from data.history import Times
from data.labels import PickedLabels, labels_at
from data.model import Reason, ResultStatus
from data.reasons import COUNTS, REASONS, ReasonCodes, reason_code
from data.spans import Rows, Spans
from data.timeline import Bounds, Chosen, Presence, Timeline

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
class Placing:
    """Candidates with dates, before any period is looked at: which of them may count, and why the others never do.

    `before` holds the reasons decided before the period is looked at, `after` those that matter only inside it.
    `counting` are the candidates without either, `left_out` those with one of `after` alone. `outside` is what is
    told of each that the period leaves out.
    """

    at: Times
    before: ReasonCodes
    after: ReasonCodes
    counting: Timeline
    left_out: Timeline
    outside: ReasonCodes

    @classmethod
    def of(cls, at: Times, before: ReasonCodes, after: ReasonCodes | None = None) -> Self:
        """The placing of columns that stand side by side."""
        outside = np.where(before == COUNTS, np.int8(reason_code(Reason.OUTSIDE_PERIOD)), before)
        everyone = Timeline.of(np.flatnonzero(before == COUNTS), at)
        nothing = np.full(len(before), COUNTS, dtype=np.int8)
        found = cls(at, before, nothing, everyone, Timeline(everyone.rows[:0], everyone.at[:0]), outside)
        return found if after is None else found.but(after)

    def but(self, after: ReasonCodes) -> Self:
        """The same, with reasons that matter only inside the period."""
        excluded = after != COUNTS
        left_out = self.counting.where(excluded)
        counting = self.counting.where(~excluded) if len(left_out.rows) else self.counting
        return replace(self, after=after, counting=counting, left_out=left_out)


@dataclass(frozen=True, eq=False, slots=True)
class DatedSample:
    """Candidates that a date places in a period.

    `chosen` are the candidates that a view looks at, None for all. `summarise` takes the rows of a span and its length
    in days. Where only values are needed, `series` gives those of consecutive stretches of rows, cut at bounds and
    equally long in days; without it they come from `summarise`.
    """

    labels: Sequence[str]
    placing: Placing
    summarise: Callable[[Rows, float], Summary]
    item_kind: str = "issues"
    unavailable: ResultStatus | None = None
    source: str | None = None
    precision: str | None = None
    also_excluded: Mapping[Reason, Sequence[str]] = field(default_factory=dict)
    alternatives: Callable[[Rows, int, int], dict[str, Any]] = lambda _rows, _start, _end: {}
    series: Callable[[Rows, Bounds, float], Sequence[Value]] | None = None
    chosen: Chosen | None = None

    def within(self, start: int, end: int) -> Timeline:
        """The counting candidates with `start < at <= end`."""
        return self._part(self.placing.counting, start, end)

    def left_out(self, start: int, end: int) -> Rows:
        """The candidates with `start < at <= end` that only a reason of `placing.after` excludes."""
        return self._part(self.placing.left_out, start, end).rows

    def _part(self, timeline: Timeline, start: int, end: int) -> Timeline:
        first, last = timeline.bounds(start, end)
        return timeline.stretch(first, last) if self.chosen is None else self.chosen.of(timeline, first, last)

    def values(self, rows: Rows, bounds: Bounds, days: float) -> Sequence[Value]:
        """The value alone of each stretch between two bounds."""
        rows, bounds = rows[bounds[0] : bounds[-1]], [bound - bounds[0] for bound in bounds]
        if self.series is not None:
            return self.series(rows, bounds, days)
        return [self.summarise(rows[first:last], days).value for first, last in pairwise(bounds)]

    def reasons(self, start: int, end: int) -> ReasonCodes:
        """Why each candidate does not count, in the order of the candidates."""
        codes, left_out = self.placing.outside.copy(), self.left_out(start, end)
        codes[self.within(start, end).rows] = COUNTS
        codes[left_out] = self.placing.after[left_out]
        return _picked(codes, self.chosen)

    def lacks_what_is_needed(self, start: int, end: int) -> bool:
        """Whether there are candidates in the span and none of them can be measured."""
        if len(self.within(start, end).rows):
            return False
        reasons = self.placing.after[self.left_out(start, end)]
        return len(reasons) > 0 and bool(np.isin(reasons, [reason_code(reason) for reason in UNKNOWABLE]).all())


@dataclass(frozen=True, eq=False, slots=True)
class StandingSample:
    """Candidates that are there or not at an instant; `presence` says when, `before` why one does not count now.

    `chosen` are the candidates that a view looks at, None for all.
    """

    labels: Sequence[str]
    before: ReasonCodes
    presence: Presence
    summarise: Callable[[Rows], Summary]
    unavailable: ResultStatus | None = None
    alternatives: Callable[[Rows], dict[str, Any]] = lambda _rows: {}
    also_excluded: Mapping[Reason, Sequence[str]] = field(default_factory=dict)
    chosen: Chosen | None = None

    @property
    def spans(self) -> Spans:
        """When the candidates were there."""
        spans = self.presence.spans
        return spans if self.chosen is None else spans.where(self.chosen.flags[spans.issue])

    def rows_at(self, time: int) -> Rows:
        return self.presence.at(time, self.chosen)

    def counts_at(self, times: Times) -> list[int]:
        """How many are there at each of some rising instants."""
        return self.presence.counts_at(times, self.chosen)

    def reasons(self) -> ReasonCodes:
        return _picked(self.before, self.chosen)


Sample = DatedSample | StandingSample


def _picked(column: ReasonCodes, chosen: Chosen | None) -> ReasonCodes:
    return column if chosen is None else column[chosen.rows]


def candidate_labels(sample: Sample) -> Sequence[str]:
    """The labels of a sample's candidates, aligned with its reasons."""
    return sample.labels if sample.chosen is None else PickedLabels(sample.labels, sample.chosen.rows)


def partition(
    labels: Sequence[str], codes: ReasonCodes, more: Mapping[Reason, Sequence[str]]
) -> tuple[list[str], dict[str, list[str]]]:
    """The labels that count, and the others by reason; together they are the candidates."""
    excluded = {
        str(reason): labels_at(labels, np.flatnonzero(codes == number)) for number, reason in enumerate(REASONS)
    }
    for reason, extra in more.items():
        excluded[str(reason)] = excluded[str(reason)] + list(extra)
    included = labels_at(labels, np.flatnonzero(codes == COUNTS))
    return included, {reason: keys for reason, keys in excluded.items() if keys}
