"""What had happened by an instant: started, finished, cancelled, in progress, time in each status."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TypeVar, cast
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from data.history import MISSING, DeliveryHistory, Events
from data.performance_utils import microseconds
from data.statuses import DONE, INDETERMINATE, UNMAPPED
from data.working_time import HoursBetween, hours_between

Times = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]

Derived = TypeVar("Derived")

NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False, slots=True)
class Spans:
    """Stretches of time `lo <= t < hi`, each of one issue in one status with a switch on or off."""

    issue: Codes
    lo: Times
    hi: Times
    status: Codes
    switched: Flags

    def where(self, keep: Flags) -> Spans:
        return Spans(self.issue[keep], self.lo[keep], self.hi[keep], self.status[keep], self.switched[keep])


class DeliveryFacts:
    """A history as it stood at `as_of`; every fact is computed once, when first asked for.

    `reused` and `derived` count how often `once` had an answer and had not.
    """

    def __init__(self, history: DeliveryHistory, as_of: datetime) -> None:
        self.history = history
        self.as_of = as_of
        self.now = microseconds(as_of)
        self.zone = ZoneInfo(history.rules.timezone)
        self.hours_between: HoursBetween = hours_between(history.rules)
        self._derived: dict[object, object] = {}
        self.reused = self.derived = 0

    def once(self, derive: Callable[[DeliveryFacts], Derived]) -> Derived:
        """What a function derives from these facts, computed on the first call and kept with them."""
        if derive in self._derived:
            self.reused += 1
        else:
            self.derived += 1
            self._derived[derive] = derive(self)
        return cast(Derived, self._derived[derive])

    @cached_property
    def exists(self) -> Flags:
        """Created by now; an issue without a readable `created` does not exist for the flow of work."""
        created = self.history.created
        known: Flags = created != MISSING
        return known & (created <= self.now)

    def filled(self, date_field: str) -> Flags:
        """Whether a mapped date is filled by now."""
        times = self.history.dates[date_field]
        known: Flags = times != MISSING
        return known & (times <= self.now)

    @cached_property
    def _past(self) -> npt.NDArray[np.intp]:
        return np.flatnonzero(self.history.statuses_entered.time <= self.now)

    @cached_property
    def status(self) -> Codes:
        """Status code now: the last one entered, or without history the current one."""
        entered = self.history.statuses_entered
        status = self.history.current_status.copy()
        status[entered.issue[self._past]] = entered.value[self._past]
        return status

    @cached_property
    def _has_status(self) -> Flags:
        """Whether `status` is one the issue had by now; one recorded later had none yet."""
        has_status: Flags = ~self.history.has_history
        has_status[self.history.statuses_entered.issue[self._past]] = True
        return has_status

    @cached_property
    def done(self) -> Flags:
        done: Flags = self.history.statuses.category[self.status] == DONE
        return done & self._has_status

    @cached_property
    def started(self) -> Times:
        """The start of work, `MISSING` where nothing tells it."""
        entered, history = self.history.statuses_entered, self.history
        opening = self._past[history.statuses.starts[entered.value[self._past]]][::-1]
        started = np.full(len(history), MISSING)
        started[entered.issue[opening]] = entered.time[opening]
        return np.where(self.filled("work_started_date"), history.dates["work_started_date"], started)

    @cached_property
    def finished(self) -> Times:
        """The entry into the done status it has not left since, `MISSING` where it is not done."""
        history, entered = self.history, self.history.statuses_entered
        issue = entered.issue[self._past]
        done = history.statuses.category[entered.value[self._past]] == DONE
        follows_done = np.concatenate([[False], done[:-1] & (issue[1:] == issue[:-1])]) if len(issue) else done
        begins = self._past[done & ~follows_done]
        finished = np.full(len(history), MISSING)
        finished[entered.issue[begins]] = np.where(
            self._is_first(begins), self._settled(entered.issue[begins]), entered.time[begins]
        )
        no_history = ~history.has_history
        finished[no_history] = np.where(history.resolved <= self.now, history.resolved, MISSING)[no_history]
        completed = history.dates["work_completed_date"]
        finished = np.where(self.filled("work_completed_date"), completed, finished)
        return np.where(self.done, finished, MISSING)

    def _is_first(self, rows: npt.NDArray[np.intp]) -> Flags:
        issue = self.history.statuses_entered.issue
        first: Flags = (rows == 0) | (issue[rows] != issue[np.maximum(rows - 1, 0)])
        return first

    def _settled(self, issues: Codes) -> Times:
        """When an issue that was created done counts as finished."""
        resolved, created = self.history.resolved[issues], self.history.created[issues]
        return np.where((resolved != MISSING) & (resolved <= self.now), resolved, created)

    @cached_property
    def cancelled(self) -> Flags:
        by_status: Flags = self.history.statuses.cancelled[self.status] & self._has_status
        return by_status | self._resolved_as_cancelled

    @cached_property
    def _resolved_as_cancelled(self) -> Flags:
        history, changes = self.history, self._resolution_changes
        state = np.zeros(len(history), dtype=np.bool_)
        past = changes.time <= self.now
        state[changes.issue[past]] = changes.value[past] != 0
        return state

    @cached_property
    def _resolution_changes(self) -> Events:
        """The resolution history, where it is missing rebuilt from the current resolution and its date."""
        history, told = self.history, self.history.resolutions
        silent = np.ones(len(history), dtype=np.bool_)
        silent[told.issue] = False
        rows = np.flatnonzero(silent & history.resolution_cancels).astype(np.int32)
        issue = np.concatenate([told.issue, rows])
        order = np.argsort(issue, kind="stable")
        return Events(
            issue[order],
            np.concatenate([told.time, history.resolved[rows]])[order],
            np.concatenate([told.value, np.ones(len(rows), dtype=np.int32)])[order],
        )

    @cached_property
    def unmapped_status(self) -> Flags:
        """Whether it has been, by now, in a status that no rule places."""
        return self._first_unmapped <= self.now

    @cached_property
    def _first_unmapped(self) -> Times:
        history, entered = self.history, self.history.statuses_entered
        category = history.statuses.category
        first = np.where(~history.has_history & (category[history.current_status] == UNMAPPED), MISSING, NEVER)
        rows = np.flatnonzero(category[entered.value] == UNMAPPED)
        np.minimum.at(first, entered.issue[rows], entered.time[rows])
        return first

    def _spans(self, switch: Events) -> Spans:
        """Cut every issue's life with history wherever its status or the switch changes."""
        entered = self.history.statuses_entered
        issue = np.concatenate([switch.issue, entered.issue])
        time = np.concatenate([switch.time, self._born_first(entered)])
        is_status = np.arange(len(issue)) >= len(switch.issue)
        order = np.lexsort((np.arange(len(issue)), time, issue))
        issue, time, is_status = issue[order], time[order], is_status[order]
        value = np.concatenate([switch.value, entered.value])[order]
        status_row, switch_row = _last_where(is_status, issue), _last_where(~is_status, issue)
        ends = np.full(len(issue), NEVER)
        same = issue[1:] == issue[:-1]
        ends[:-1][same] = time[1:][same]
        known = (status_row >= 0) & (time < ends)
        switched = (switch_row >= 0) & (value[np.maximum(switch_row, 0)] != 0)
        return Spans(issue[known], time[known], ends[known], value[np.maximum(status_row, 0)][known], switched[known])

    def _born_first(self, entered: Events) -> Times:
        """Entry times, with a creation dated after the first move set back to that move so that order is kept."""
        time = entered.time.copy()
        rows = np.flatnonzero(self._is_first(np.arange(len(time))))
        rows = rows[rows + 1 < len(time)]
        follows = entered.issue[rows] == entered.issue[rows + 1]
        time[rows] = np.where(follows, np.minimum(time[rows], time[rows + 1]), time[rows])
        return time

    @cached_property
    def in_progress(self) -> Spans:
        """When each issue was work in progress; `status` and `switched` are those of the stretch."""
        history = self.history
        spans = self._spans(self._resolution_changes)
        category = history.statuses.category[spans.status]
        open_ = (category != DONE) & ~history.statuses.cancelled[spans.status] & ~spans.switched
        begun = np.where(history.created == MISSING, NEVER, np.maximum(history.created, self._ever_started))
        lo = np.maximum(spans.lo, begun[spans.issue])
        hi = np.minimum(spans.hi, self._first_unmapped[spans.issue])
        keep = open_ & (lo < hi)
        rows = self._silent_in_progress
        until = np.where(history.resolution_cancels, history.resolved, NEVER)
        rows = rows[history.created[rows] < until[rows]]
        return Spans(
            np.concatenate([spans.issue[keep], rows]),
            np.concatenate([lo[keep], history.created[rows]]),
            np.concatenate([hi[keep], until[rows]]),
            np.concatenate([spans.status[keep], history.current_status[rows]]),
            np.concatenate([spans.switched[keep], np.zeros(len(rows), dtype=np.bool_)]),
        )

    @cached_property
    def _silent_in_progress(self) -> Codes:
        """Issues without history whose current status says that they are in progress."""
        history, statuses = self.history, self.history.statuses
        current = history.current_status
        open_ = (statuses.category[current] == INDETERMINATE) & ~statuses.cancelled[current]
        return np.flatnonzero(~history.has_history & open_ & (history.created != MISSING)).astype(np.int32)

    @cached_property
    def _ever_started(self) -> Times:
        """The first instant at which work had begun, by the mapped date or by the history."""
        history, entered = self.history, self.history.statuses_entered
        mapped = history.dates["work_started_date"]
        first = np.where(mapped == MISSING, NEVER, mapped)
        rows = np.flatnonzero(history.statuses.starts[entered.value])
        np.minimum.at(first, entered.issue[rows], entered.time[rows])
        return first

    @cached_property
    def active_hours(self) -> npt.NDArray[np.float64]:
        """Hours in active statuses, less flagged time, between start and finish; 0 where either is missing."""
        history = self.history
        spans = self._spans(history.flags)
        active = history.statuses.active[spans.status] & ~spans.switched & (self.finished[spans.issue] != MISSING)
        lo = np.maximum(np.maximum(spans.lo, history.created[spans.issue]), self.started[spans.issue])
        hi = np.minimum(spans.hi, self.finished[spans.issue])
        rows = np.flatnonzero(active & (lo < hi) & (self.started[spans.issue] != MISSING))
        hours = self.hours_between(lo[rows], hi[rows])
        summed = np.bincount(spans.issue[rows], weights=hours, minlength=len(history))
        return summed.astype(np.float64)

    @cached_property
    def ever_flagged(self) -> Flags:
        flags, flagged = self.history.flags, np.zeros(len(self.history), dtype=np.bool_)
        flagged[flags.issue[(flags.value != 0) & (flags.time <= self.now)]] = True
        return flagged


def _last_where(mask: Flags, issue: Codes) -> npt.NDArray[np.int64]:
    """Row of the latest event of the wanted sort at or before each row within the same issue, -1 for none."""
    last = np.maximum.accumulate(np.where(mask, np.arange(len(mask)), -1)) if len(mask) else np.zeros(0, np.int64)
    return np.where((last >= 0) & (issue[np.maximum(last, 0)] == issue), last, -1)


def facts_as_of(history: DeliveryHistory, as_of: datetime) -> DeliveryFacts:
    """The facts at an aware instant."""
    if as_of.tzinfo is None:
        raise ValueError("as_of must be an aware datetime, for example datetime(2026, 1, 31, tzinfo=UTC)")
    return DeliveryFacts(history, as_of)
