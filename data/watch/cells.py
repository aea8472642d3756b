"""Many sums of measurements at once, in columns: what is read from the store, added up there, and written back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from data.watch.histogram import BUCKETS, Histogram, Ints, buckets_of
from data.watch.measurement import Measurement
from data.watch.summary import Summary, microseconds

FIGURES = ("count", "errors", "client_errors", "throttled", "hits", "misses", "total_us", "max_us", "waited_us")
_MAX = FIGURES.index("max_us")
_DENSE = 8_000_000


class _Entries(NamedTuple):
    """One entry for each bucket of each cell that is not empty, in the order of cells and buckets."""

    cell: Ints
    bucket: Ints
    amount: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Sums, each of one series in one span that begins at `start`: a minute, hour or day counted from the epoch."""

    series: Ints
    start: Ints
    figures: Ints
    """A row for each cell, a column for each of FIGURES."""
    cell: Ints
    """Which cell an entry of its histogram belongs to; entries are in the order of cells and buckets."""
    bucket: Ints
    amount: Ints

    @classmethod
    def none(cls) -> Cells:
        flat = np.zeros(0, dtype=np.int64)
        return cls(flat, flat, np.zeros((0, len(FIGURES)), dtype=np.int64), flat, flat, flat)

    @classmethod
    def of(cls, series: Sequence[int], minutes: Sequence[int], measurements: Sequence[Measurement]) -> Cells:
        """One cell for each measurement, to be summed."""
        figures = [
            (
                1,
                one.failed,
                400 <= one.status < 500,
                one.status == 429,
                one.cache_hit is True,
                one.cache_hit is False,
                duration := microseconds(one.duration_ms),
                duration,
                microseconds(one.waited_ms),
            )
            for one in measurements
        ]
        columns = np.array(figures, dtype=np.int64).reshape(-1, len(FIGURES))
        each = np.arange(len(columns))
        return cls(
            np.array(series, dtype=np.int64),
            np.array(minutes, dtype=np.int64),
            columns,
            each,
            buckets_of(columns[:, _MAX] / 1000),
            np.ones(len(each), dtype=np.int64),
        )

    @classmethod
    def joined(cls, parts: Iterable[Cells]) -> Cells:
        held = [part for part in parts if len(part)]
        if len(held) < 2:
            return held[0] if held else cls.none()
        before = np.cumsum([0, *(len(part) for part in held[:-1])])
        return cls(
            np.concatenate([part.series for part in held]),
            np.concatenate([part.start for part in held]),
            np.concatenate([part.figures for part in held]),
            np.concatenate([part.cell + first for part, first in zip(held, before, strict=True)]),
            np.concatenate([part.bucket for part in held]),
            np.concatenate([part.amount for part in held]),
        )

    def __len__(self) -> int:
        return len(self.start)

    def keyed(self, *, series: ArrayLike | None = None, start: ArrayLike | None = None) -> Cells:
        """The same cells under another series or start, for one or for all."""
        return Cells(
            self.series if series is None else np.broadcast_to(np.asarray(series), len(self)),
            self.start if start is None else np.broadcast_to(np.asarray(start), len(self)),
            self.figures,
            self.cell,
            self.bucket,
            self.amount,
        )

    def between(self, low: int, high: int) -> Cells:
        """The cells from one place up to another."""
        first, last = np.searchsorted(self.cell, (low, high))
        return Cells(
            self.series[low:high],
            self.start[low:high],
            self.figures[low:high],
            self.cell[first:last] - low,
            self.bucket[first:last],
            self.amount[first:last],
        )

    def where(self, chosen: NDArray[np.bool_]) -> Cells:
        entries = chosen[self.cell]
        return Cells(
            self.series[chosen],
            self.start[chosen],
            self.figures[chosen],
            (np.cumsum(chosen) - 1)[self.cell[entries]],
            self.bucket[entries],
            self.amount[entries],
        )

    def summed(self) -> Cells:
        """One cell for each series and start there is, ordered by them."""
        if not len(self):
            return self
        order = np.lexsort((self.start, self.series))
        series, start = self.series[order], self.start[order]
        opens = np.concatenate(([True], (np.diff(series) != 0) | (np.diff(start) != 0)))
        first = np.flatnonzero(opens)
        figures = np.add.reduceat(self.figures[order], first)
        figures[:, _MAX] = np.maximum.reduceat(self.figures[order, _MAX], first)
        group = np.empty(len(self), dtype=np.int64)
        group[order] = np.cumsum(opens) - 1
        return Cells(series[first], start[first], figures, *self._entries(group, len(first)))

    def _entries(self, group: Ints, groups: int) -> _Entries:
        """The histograms of cells added up by group."""
        lowest = int(self.bucket.min(initial=BUCKETS))
        width = int(self.bucket.max(initial=0)) - lowest + 1
        key = group[self.cell] * width + (self.bucket - lowest)
        if groups * width <= _DENSE:
            dense = np.bincount(key, weights=self.amount, minlength=groups * width)
            kept = np.flatnonzero(dense)
            amount = dense[kept].astype(np.int64)
        else:
            kept, where = np.unique(key, return_inverse=True)
            amount = np.bincount(where, weights=self.amount).astype(np.int64)
        return _Entries(kept // width, kept % width + lowest, amount)

    def compact(self) -> Cells:
        """The same in less memory."""
        return Cells(
            self.series,
            self.start,
            self.figures,
            self.cell.astype(np.int32),
            self.bucket.astype(np.uint16),
            self.amount.astype(np.uint32),
        )

    def summaries(self) -> list[Summary]:
        ends = np.searchsorted(self.cell, np.arange(len(self) + 1))
        return [
            _summary(figures, Histogram(self.bucket[low:high], self.amount[low:high]))
            for figures, low, high in zip(self.figures.tolist(), ends[:-1].tolist(), ends[1:].tolist(), strict=True)
        ]


def _summary(figures: Sequence[int], histogram: Histogram) -> Summary:
    count, errors, client_errors, throttled, hits, misses, total_us, max_us, waited_us = figures
    return Summary(count, errors, client_errors, throttled, hits, misses, total_us, max_us, waited_us, histogram)
