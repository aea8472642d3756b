"""Stretches of time cut from dated events: how long each status lasted, and when a condition held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from data.history import Codes, Events, Flags, Times

NEVER = np.iinfo(np.int64).max

Rows = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False, slots=True)
class Stays:
    """How long each status entered was kept, `lo <= t < hi`: one row per entry, `NEVER` while it lasts."""

    issue: Codes
    lo: Times
    hi: Times
    status: Codes


@dataclass(frozen=True, eq=False, slots=True)
class Spans:
    """Stretches of time `lo <= t < hi` of an issue; those of one issue do not overlap."""

    issue: Codes
    lo: Times
    hi: Times

    def where(self, keep: Flags) -> Spans:
        rows = np.flatnonzero(keep)
        return Spans(self.issue[rows], self.lo[rows], self.hi[rows])


@dataclass(frozen=True, eq=False, slots=True)
class SwitchedStays:
    """Stays cut further where a switch changes, with its state."""

    issue: Codes
    lo: Times
    hi: Times
    status: Codes
    switched: Flags


def begins_of(issue: Codes) -> Flags:
    """Whether each row is the first of its issue; rows of an issue stand together."""
    begins = np.ones(len(issue), dtype=np.bool_)
    np.not_equal(issue[1:], issue[:-1], out=begins[1:])
    return begins


def put_in_order(entered: Events, begins: Flags) -> Events:
    """A creation dated after the first move is set back to it, so that order is kept."""
    late = np.flatnonzero((entered.time[1:] < entered.time[:-1]) & begins[:-1] & ~begins[1:])
    if not len(late):
        return entered
    time = entered.time.copy()
    time[late] = time[late + 1]
    return Events(entered.issue, time, entered.value)


def stays(entered: Events, begins: Flags, rows: Rows) -> Stays:
    """Some entries, each until the next."""
    return Stays(entered.issue[rows], entered.time[rows], _until(entered, begins, rows), entered.value[rows])


def _until(entered: Events, begins: Flags, rows: Rows) -> Times:
    following = np.minimum(rows + 1, len(begins) - 1)
    until = entered.time[following]
    until[begins[following] | (following == rows)] = NEVER
    return until


def run_begins(holds: Flags, begins: Flags) -> Rows:
    """Where something begins to hold, issue by issue."""
    opens = holds.copy()
    opens[1:] &= begins[1:] | ~holds[:-1]
    return np.flatnonzero(opens)


def runs(entered: Events, begins: Flags, holds: Flags) -> Spans:
    """The unbroken runs of stays for which something holds, from the begin of the first to the end of the last."""
    closes = holds.copy()
    closes[:-1] &= begins[1:] | ~holds[1:]
    first = run_begins(holds, begins)
    return Spans(entered.issue[first], entered.time[first], _until(entered, begins, np.flatnonzero(closes)))


def stretched(first: Rows, count: Rows) -> Rows:
    """The rows of several stretches, each given by its first row and its length."""
    return np.repeat(first - np.cumsum(count) + count, count) + np.arange(int(count.sum()))


def switched_stays(stays: Stays, switch: Events) -> SwitchedStays:
    """Cut the stays of every issue wherever the switch changes; before its first change it is off."""
    turns = np.zeros(len(stays.issue) + len(switch.issue), dtype=np.bool_)
    turns[_place_among(stays, switch) + np.arange(len(switch.issue))] = True
    issue, time = (
        _merged(turns, ours, theirs) for ours, theirs in ((stays.issue, switch.issue), (stays.lo, switch.time))
    )
    turned = np.cumsum(turns)
    stay, turn = np.arange(len(turns)) - turned, turned - 1
    known, switched = _is_of(stays.issue, stay, issue), _is_of(switch.issue, turn, issue)
    known[:-1] &= (issue[:-1] != issue[1:]) | (time[:-1] < time[1:])
    switched[switched] = switch.value[turn[switched]] != 0
    rows = np.flatnonzero(known)
    ends = np.full(len(turns), NEVER)
    np.copyto(ends[:-1], time[1:], where=issue[1:] == issue[:-1])
    return SwitchedStays(issue[rows], time[rows], ends[rows], stays.status[stay[rows]], switched[rows])


def _place_among(stays: Stays, switch: Events) -> Rows:
    """Before which stay each change of a switch comes, by bisection within the stays of its issue."""
    low, high = (np.searchsorted(stays.issue, switch.issue, side=side) for side in ("left", "right"))
    while (low < high).any():
        middle = (low + high) // 2
        earlier = (low < high) & (stays.lo[np.minimum(middle, len(stays.lo) - 1)] < switch.time)
        low, high = np.where(earlier, middle + 1, low), np.where(earlier, high, np.minimum(middle, high))
    return low


def _merged(theirs_at: Flags, ours: npt.NDArray[Any], theirs: npt.NDArray[Any]) -> npt.NDArray[Any]:
    both = np.empty(len(theirs_at), dtype=ours.dtype)
    both[theirs_at], both[~theirs_at] = theirs, ours
    return both


def _is_of(owners: Codes, rows: npt.NDArray[np.intp], issue: Codes) -> Flags:
    """Whether the row that goes with each issue is there and its own."""
    if not len(owners):
        return np.zeros(len(issue), dtype=np.bool_)
    is_own: Flags = (rows >= 0) & (owners[np.maximum(rows, 0)] == issue)
    return is_own
