"""What a metric hands over to be measured: its candidates, why some do not count, and how the rest are summed up."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from data.facts import Spans
from data.model import Reason, ResultStatus

Rows = npt.NDArray[np.intp]
Times = npt.NDArray[np.int64]
ReasonCodes = npt.NDArray[np.int8]
Value = float | dict[str, float] | None

REASONS = tuple(Reason)
COUNTS = -1
"""The code of a candidate that no reason excludes; all other codes are positions in `REASONS`."""

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
class DatedSample:
    """Candidates that a date places in a period.

    `before` holds the reasons decided before the period is looked at, `after` those that matter only inside it.
    `summarise` takes the rows of a span and its length in days.
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
    also_excluded: Mapping[Reason, list[str]] = field(default_factory=dict)
    alternatives: Callable[[Rows, int, int], dict[str, Any]] = lambda _rows, _start, _end: {}

    def rows(self, start: int, end: int) -> Rows:
        """The counting candidates with `start < at <= end`."""
        return np.flatnonzero((self.before == COUNTS) & (self.after == COUNTS) & (start < self.at) & (self.at <= end))

    def reasons(self, start: int, end: int) -> ReasonCodes:
        outside = (self.at <= start) | (self.at > end)
        here = np.where(outside, REASONS.index(Reason.OUTSIDE_PERIOD), self.after)
        return np.where(self.before == COUNTS, here, self.before).astype(np.int8)


@dataclass(frozen=True, eq=False, slots=True)
class StandingSample:
    """Candidates that are there or not at an instant; `spans` says when, `before` why one does not count now."""

    labels: Sequence[str]
    before: ReasonCodes
    spans: Spans
    summarise: Callable[[Rows], Summary]
    unavailable: ResultStatus | None = None
    alternatives: Callable[[Rows], dict[str, Any]] = lambda _rows: {}
    also_excluded: Mapping[Reason, list[str]] = field(default_factory=dict)

    def rows_at(self, time: int) -> Rows:
        here = (self.spans.lo <= time) & (time < self.spans.hi)
        return np.unique(self.spans.issue[here]).astype(np.intp)

    def counts_at(self, times: Times) -> npt.NDArray[np.int64]:
        """How many are there at each instant; an issue's spans do not overlap."""
        begun = np.searchsorted(np.sort(self.spans.lo), times, side="right")
        over = np.searchsorted(np.sort(self.spans.hi), times, side="right")
        return begun - over


def first_reason(size: int, *tests: tuple[Reason, npt.NDArray[np.bool_]]) -> ReasonCodes:
    """For every candidate the first of the reasons that holds, else `COUNTS`."""
    codes = np.full(size, COUNTS, dtype=np.int8)
    for reason, holds in reversed(tests):
        codes[holds] = REASONS.index(reason)
    return codes


def partition(
    labels: Sequence[str], codes: ReasonCodes, more: Mapping[Reason, list[str]]
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
