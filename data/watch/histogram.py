"""How durations are distributed, in buckets so narrow that a percentile read off them is within one percent."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

EDGES = (5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1000.0, 2500.0, 5000.0, 10_000.0)
"""Milliseconds that are borders of buckets, so that what lies at or below them is counted exactly."""
PROMISES = (2000.0, 2400.0, 6000.0, 12_000.0)
"""More of them: what calculations promise, and a fifth more."""
_GROWTH = 1.02
_FINEST_MS = 0.001
LONGEST_MS = 1e9
"""Eleven days; nothing that is measured takes longer."""


def _borders() -> Floats:
    steps = math.ceil(math.log(LONGEST_MS / _FINEST_MS, _GROWTH))
    grown = [_FINEST_MS * _GROWTH**step for step in range(steps)]
    return np.array(sorted({*grown, *EDGES, *PROMISES, LONGEST_MS}))


def _middles(borders: Floats) -> Floats:
    """For each bucket the value whose relative distance to either border is the same, at most a hundredth."""
    low, high = borders[:-1], borders[1:]
    return np.concatenate(([0.0], 2 * low * high / (low + high)))


_BORDERS = _borders()
_MIDDLES = _middles(_BORDERS)
MIDDLES_US: Ints = np.rint(_MIDDLES * 1000).astype(np.int64)
BUCKETS = len(_BORDERS)
_AT_EDGE = {edge: int(np.searchsorted(_BORDERS, edge)) for edge in (*EDGES, *PROMISES)}
_EDGE_BUCKETS: Ints = np.array([_AT_EDGE[edge] for edge in EDGES])


def buckets_of(milliseconds: Floats) -> Ints:
    """The bucket of each duration: the first whose upper border, which belongs to it, is not below."""
    return np.minimum(np.searchsorted(_BORDERS, milliseconds), BUCKETS - 1)


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """How many durations lie in each bucket that has any, buckets ascending."""

    buckets: NDArray[np.integer[Any]]
    counts: NDArray[np.integer[Any]]

    @classmethod
    def of(cls, milliseconds: ArrayLike) -> Histogram:
        return cls(*np.unique(buckets_of(np.asarray(milliseconds, dtype=np.float64)), return_counts=True))

    def __add__(self, other: Histogram) -> Histogram:
        """The histogram of both sets of durations together, exactly as if they had been counted in one."""
        return Histogram.union((self, other))

    @classmethod
    def union(cls, histograms: Iterable[Histogram]) -> Histogram:
        dense = np.zeros(BUCKETS, dtype=np.int64)
        for one in histograms:
            dense[one.buckets] += one.counts
        buckets = np.flatnonzero(dense)
        return cls(buckets, dense[buckets])

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Histogram)
            and np.array_equal(self.buckets, other.buckets)
            and np.array_equal(self.counts, other.counts)
        )

    def __hash__(self) -> int:
        return hash((*self.buckets.tolist(), *self.counts.tolist()))

    @property
    def count(self) -> int:
        return int(self.counts.sum())

    def quantile(self, share: float) -> float | None:
        """The nearest rank: the smallest duration that so great a share does not exceed, within one percent.

        Below a microsecond it is 0. None of nothing.
        """
        if not 0.0 <= share <= 1.0:
            raise ValueError(f"A quantile is a share from 0 to 1, not {share}.")
        if not len(self.counts):
            return None
        ranks = self.counts.cumsum()
        rank = max(1, math.ceil(round(share * int(ranks[-1]), 6)))
        return float(_MIDDLES[self.buckets[ranks.searchsorted(rank)]])

    def at_edges(self) -> list[int]:
        """How many durations are not above each of the EDGES, exactly."""
        below = np.concatenate(([0], self.counts.cumsum()))
        counted: list[int] = below[self.buckets.searchsorted(_EDGE_BUCKETS, side="right")].tolist()
        return counted

    def at_most(self, edge: float) -> int:
        """How many durations are not above the edge, exactly; only EDGES and PROMISES can be asked for."""
        if edge not in _AT_EDGE:
            borders = sorted(_AT_EDGE)
            raise ValueError(f"{edge} ms is no border of the buckets; those that can be counted exactly are {borders}.")
        return int(self.counts[: self.buckets.searchsorted(_AT_EDGE[edge], side="right")].sum())


NOTHING = Histogram(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
