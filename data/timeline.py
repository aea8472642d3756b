"""Rows of a table in the order of their dates, and those of them that somebody looks at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Self

import numpy as np

from data.history import Flags, Times
from data.spans import Rows, Spans

Bounds = list[int]

INSTANTS_KEPT = 16


@dataclass(frozen=True, eq=False, slots=True)
class Timeline:
    """Rows in the order of their dates."""

    rows: Rows
    at: Times

    @classmethod
    def of(cls, rows: Rows, dates: Times) -> Self:
        """Some rows of a column of dates."""
        at = dates[rows]
        order = np.argsort(at)
        return cls(rows[order], at[order])

    def where(self, flags: Flags) -> Self:
        """Only the rows that are marked."""
        places = np.flatnonzero(flags[self.rows])
        return self if len(places) == len(self.rows) else type(self)(self.rows[places], self.at[places])

    def stretch(self, first: int, last: int) -> Self:
        return type(self)(self.rows[first:last], self.at[first:last])

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


class Chosen:
    """Some rows of a table, as marks on all of them and as a list."""

    def __init__(self, flags: Flags) -> None:
        self.flags = flags
        self._parts: dict[tuple[Timeline, int, int], Timeline] = {}

    @cached_property
    def rows(self) -> Rows:
        return np.flatnonzero(self.flags)

    def of(self, timeline: Timeline, first: int, last: int) -> Timeline:
        """The chosen rows of a stretch of a timeline, worked out once."""
        part = timeline, first, last
        if part not in self._parts:
            self._parts[part] = timeline.stretch(first, last).where(self.flags)
        return self._parts[part]


class Presence:
    """When issues were there, as spans of which those of one issue do not overlap, and by their begins and ends."""

    def __init__(self, spans: Spans) -> None:
        self.spans = spans
        self._issue = spans.issue.astype(np.intp)
        self._came, self._left = (self._by(dates) for dates in (spans.lo, spans.hi))
        self._there: dict[int, Rows] = {}

    def _by(self, dates: Times) -> Timeline:
        order = np.argsort(dates)
        return Timeline(self._issue[order], dates[order])

    def at(self, time: int, chosen: Chosen | None) -> Rows:
        """The issues that were there at an instant, in order, of all or of the chosen."""
        rows = self._there.get(time)
        if rows is None:
            there = np.flatnonzero((self.spans.lo <= time) & (time < self.spans.hi))
            rows = np.sort(self._issue[there])
            self._there = dict([*self._there.items(), (time, rows)][-INSTANTS_KEPT:])
        return rows if chosen is None else rows[chosen.flags[rows]]

    def counts_at(self, times: Times, chosen: Chosen | None) -> list[int]:
        """How many of them were there at each of some rising instants."""
        came, left = (self._since(timeline, times, chosen) for timeline in (self._came, self._left))
        counts: list[int] = (len(self.at(int(times[0]), chosen)) + came - left).tolist()
        return counts

    def _since(self, timeline: Timeline, times: Times, chosen: Chosen | None) -> Rows:
        """How many rows of a timeline lie after the first of some instants and not after each of them."""
        places: Rows = np.searchsorted(timeline.at, times, side="right")
        places, rows = places - places[0], timeline.rows[places[0] : places[-1]]
        if chosen is None:
            return places
        counted = chosen.flags[rows]
        steps = [int(np.count_nonzero(counted[first:last])) for first, last in pairwise(places.tolist())]
        return np.cumsum([0, *steps], dtype=np.intp)
