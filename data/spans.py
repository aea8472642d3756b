"""Stretches of time cut from dated events: how long each status lasted, and when a condition held."""

from __future__ import annotations

from dataclasses import dataclass

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


def stays(entered: Events, begins: Flags) -> Stays:
    """Each entry until the next; a creation dated after the first move is set back to it so that order is kept."""
    hi = np.full(len(begins), NEVER)
    np.copyto(hi[:-1], entered.time[1:], where=~begins[1:])
    late = np.flatnonzero(begins)
    late = late[hi[late] < entered.time[late]]
    lo = entered.time
    if len(late):
        lo = lo.copy()
        lo[late] = hi[late]
    return Stays(entered.issue, lo, hi, entered.value)


def runs(stays: Stays, begins: Flags, holds: Flags) -> Spans:
    """The unbroken runs of stays for which something holds, from the begin of the first to the end of the last."""
    opens = holds.copy()
    opens[1:] &= begins[1:] | ~holds[:-1]
    closes = holds.copy()
    closes[:-1] &= begins[1:] | ~holds[1:]
    first = np.flatnonzero(opens)
    return Spans(stays.issue[first], stays.lo[first], stays.hi[np.flatnonzero(closes)])


def stretched(first: Rows, count: Rows) -> Rows:
    """The rows of several stretches, each given by its first row and its length."""
    return np.repeat(first - np.cumsum(count) + count, count) + np.arange(int(count.sum()))


def switched_stays(stays: Stays, switch: Events) -> SwitchedStays:
    """Cut the stays of every issue wherever the switch changes; before its first change it is off."""
    issue = np.concatenate([switch.issue, stays.issue])
    time = np.concatenate([switch.time, stays.lo])
    is_status = np.arange(len(issue)) >= len(switch.issue)
    order = np.lexsort((time, issue))
    issue, time, is_status = issue[order], time[order], is_status[order]
    value = np.concatenate([switch.value, stays.status])[order]
    status_row, switch_row = _last_where(is_status, issue), _last_where(~is_status, issue)
    ends = np.full(len(issue), NEVER)
    same = issue[1:] == issue[:-1]
    ends[:-1][same] = time[1:][same]
    known = (status_row >= 0) & (time < ends)
    switched = (switch_row >= 0) & (value[np.maximum(switch_row, 0)] != 0)
    return SwitchedStays(
        issue[known], time[known], ends[known], value[np.maximum(status_row, 0)][known], switched[known]
    )


def _last_where(mask: Flags, issue: Codes) -> npt.NDArray[np.int64]:
    """Row of the latest event of the wanted sort at or before each row within the same issue, -1 for none."""
    last = np.maximum.accumulate(np.where(mask, np.arange(len(mask)), -1)) if len(mask) else np.zeros(0, np.int64)
    return np.where((last >= 0) & (issue[np.maximum(last, 0)] == issue), last, -1)
