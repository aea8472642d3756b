"""What had happened by an instant: started, finished, cancelled, in progress, time in each status."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from datetime import datetime
from typing import Any, Generic, TypeVar, cast
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from data.entries import (
    MEANS_ACTIVE,
    MEANS_CANCELLED,
    MEANS_DONE,
    MEANS_STARTS,
    MEANS_UNMAPPED,
    Entries,
    Meanings,
    entries_by,
    meaning_of,
)
from data.filters import Filters
from data.history import MISSING, Codes, DeliveryHistory, Events, Flags, Times
from data.performance_utils import microseconds
from data.spans import NEVER, Rows, Spans, Stays, SwitchedStays, begins_of, runs, stays, switched_stays
from data.statuses import DONE, INDETERMINATE, UNMAPPED
from data.working_time import HoursBetween, hours_between

Derived = TypeVar("Derived")
Value = TypeVar("Value")


class Fact(Generic[Value]):
    """An attribute computed once, when first asked for, and shared by all views of the same facts."""

    def __init__(self, compute: Callable[[DeliveryFacts], Value]) -> None:
        self._compute = compute
        self.__doc__ = compute.__doc__

    def __get__(self, facts: DeliveryFacts, owner: type[DeliveryFacts]) -> Value:
        kept = facts.kept
        if self not in kept:
            kept[self] = self._compute(facts.whole)
        return cast(Value, kept[self])


class DeliveryFacts:
    """A history as it stood at `as_of`; every fact is computed once, when first asked for.

    Facts are about all issues. What is counted is asked of a view, made by `where`: `selected` marks its issues.
    `reused` and `derived` count how often `once` had an answer and had not.
    """

    def __init__(self, history: DeliveryHistory, as_of: datetime) -> None:
        self.history = history
        self.as_of = as_of
        self.now = microseconds(as_of)
        self.zone = ZoneInfo(history.rules.timezone)
        self.hours_between: HoursBetween = hours_between(history.rules)
        self.filters = Filters()
        self.whole = self
        self.kept: dict[object, Any] = {}
        self.kept_here: dict[object, Any] = {}
        self.selected_rows: Rows | None = None
        self.reused = self.derived = 0

    def where(self, filters: Filters) -> DeliveryFacts:
        """A view of the same facts that counts only the issues that the filters select."""
        if not filters:
            return self.whole
        view = copy(self.whole)
        view.filters = filters
        view.selected_rows = np.flatnonzero(self.history.select(filters))
        view.kept_here = {}
        view.reused = view.derived = 0
        return view

    @property
    def selected(self) -> Flags:
        """Which issues this view counts; all of them where nothing is filtered."""
        return self.here(_selected)

    @property
    def count(self) -> int:
        """How many issues this view counts."""
        return len(self.history) if self.selected_rows is None else len(self.selected_rows)

    def once(self, derive: Callable[[DeliveryFacts], Derived]) -> Derived:
        """What a function derives from the facts about all issues, computed on the first call, kept for all views."""
        if derive in self.kept:
            self.reused += 1
        else:
            self.derived += 1
            self.kept[derive] = derive(self.whole)
        return cast(Derived, self.kept[derive])

    def here(self, derive: Callable[[DeliveryFacts], Derived]) -> Derived:
        """What a function derives from this view, computed on the first call and kept with it alone."""
        if derive not in self.kept_here:
            self.kept_here[derive] = derive(self)
        return cast(Derived, self.kept_here[derive])

    def filled(self, date_field: str) -> Flags:
        """Whether a mapped date is filled by now."""
        times = self.history.dates[date_field]
        known: Flags = times != MISSING
        return known & (times <= self.now)

    @Fact
    def exists(self) -> Flags:
        """Created by now; an issue without a readable `created` does not exist for the flow of work."""
        created = self.history.created
        known: Flags = created != MISSING
        return known & (created <= self.now)

    @Fact
    def stays(self) -> Stays:
        """How long each status entered was kept, whenever it was: row by row those of `history.statuses_entered`."""
        return stays(self.history.statuses_entered)

    @Fact
    def _meaning(self) -> Meanings:
        """What the status of each entry means, whenever it was entered."""
        return meaning_of(self.history.statuses, self.history.statuses_entered)

    @Fact
    def _entries(self) -> Entries:
        return entries_by(self.now, self.history.statuses_entered, self._meaning)

    @Fact
    def _latest(self) -> Rows:
        """The last entry by now of each issue that has any."""
        begins = self._entries.begins
        return np.flatnonzero(np.concatenate([begins[1:], [True]])) if len(begins) else np.zeros(0, dtype=np.intp)

    @Fact
    def status(self) -> Codes:
        """Status code now: the last one entered, or without history the current one."""
        status = self.history.current_status.copy()
        status[self._entries.issue[self._latest]] = self._entries.value[self._latest]
        return status

    @Fact
    def _has_status(self) -> Flags:
        """Whether `status` is one the issue had by now; one recorded later had none yet."""
        has_status: Flags = ~self.history.has_history
        has_status[self._entries.issue[self._latest]] = True
        return has_status

    @Fact
    def done(self) -> Flags:
        done: Flags = self.history.statuses.category[self.status] == DONE
        return done & self._has_status

    @Fact
    def started(self) -> Times:
        """The start of work, `MISSING` where nothing tells it."""
        history, rows = self.history, self._entries.rows(MEANS_STARTS)
        opening = rows[begins_of(self._entries.issue[rows])]
        started = np.full(len(history), MISSING)
        started[self._entries.issue[opening]] = self._entries.time[opening]
        return np.where(self.filled("work_started_date"), history.dates["work_started_date"], started)

    @Fact
    def finished(self) -> Times:
        """The entry into the done status it has not left since, `MISSING` where it is not done."""
        history, entries = self.history, self._entries
        begins = (entries.meaning & MEANS_DONE) != 0
        begins[1:] &= entries.begins[1:] | ~begins[:-1]
        rows = np.flatnonzero(begins)
        time, created_done = entries.time[rows], entries.born[rows]
        time[created_done] = self._settled(entries.issue[rows[created_done]])
        finished = np.full(len(history), MISSING)
        finished[entries.issue[rows]] = time
        no_history = ~history.has_history
        finished[no_history] = np.where(history.resolved <= self.now, history.resolved, MISSING)[no_history]
        completed = history.dates["work_completed_date"]
        finished = np.where(self.filled("work_completed_date"), completed, finished)
        return np.where(self.done, finished, MISSING)

    def _settled(self, issues: Codes) -> Times:
        """When an issue that was created done counts as finished."""
        resolved, created = self.history.resolved[issues], self.history.created[issues]
        return np.where((resolved != MISSING) & (resolved <= self.now), resolved, created)

    @Fact
    def cancelled(self) -> Flags:
        by_status: Flags = self.history.statuses.cancelled[self.status] & self._has_status
        changes = self._resolution_changes
        by_resolution = np.zeros(len(self.history), dtype=np.bool_)
        past = changes.time <= self.now
        by_resolution[changes.issue[past]] = changes.value[past] != 0
        return by_status | by_resolution

    @Fact
    def _resolution_changes(self) -> Events:
        """The resolution history, where it is missing rebuilt from the current resolution and its date."""
        history, told = self.history, self.history.resolutions
        silent = history.resolution_cancels.copy()
        silent[told.issue] = False
        rows = np.flatnonzero(silent).astype(np.int32)
        if not len(rows):
            return told
        issue = np.concatenate([told.issue, rows])
        order = np.argsort(issue, kind="stable")
        return Events(
            issue[order],
            np.concatenate([told.time, history.resolved[rows]])[order],
            np.concatenate([told.value, np.ones(len(rows), dtype=np.int32)])[order],
        )

    @Fact
    def unmapped_status(self) -> Flags:
        """Whether it has been, by now, in a status that no rule places."""
        return self._first_unmapped <= self.now

    @Fact
    def _first_unmapped(self) -> Times:
        history, entered = self.history, self.history.statuses_entered
        category = history.statuses.category
        first = np.where(~history.has_history & (category[history.current_status] == UNMAPPED), MISSING, NEVER)
        rows = np.flatnonzero(self._meaning & MEANS_UNMAPPED)
        np.minimum.at(first, entered.issue[rows], entered.time[rows])
        return first

    @Fact
    def in_progress(self) -> Spans:
        """When each issue was work in progress, whenever that was."""
        history = self.history
        spans = self._open
        begun = np.where(history.created == MISSING, NEVER, np.maximum(history.created, self._ever_started))
        spans = Spans(
            spans.issue,
            np.maximum(spans.lo, begun[spans.issue]),
            np.minimum(spans.hi, self._first_unmapped[spans.issue]),
        )
        spans = spans.where(spans.lo < spans.hi)
        rows = self._silent_in_progress
        until = np.where(history.resolution_cancels, history.resolved, NEVER)
        rows = rows[history.created[rows] < until[rows]]
        return Spans(
            np.concatenate([spans.issue, rows]),
            np.concatenate([spans.lo, history.created[rows]]),
            np.concatenate([spans.hi, until[rows]]),
        )

    @Fact
    def _open(self) -> Spans:
        """When an issue with history was in a status neither done nor cancelled, and not resolved as cancelled."""
        every, changes = self.stays, self._resolution_changes
        open_ = (self._meaning & (MEANS_DONE | MEANS_CANCELLED)) == 0
        spans = runs(every.issue, open_, every.lo, every.hi)
        decided = np.zeros(len(self.history), dtype=np.bool_)
        decided[changes.issue[changes.value != 0]] = True
        if not decided.any():
            return spans
        pieces = self._cut(decided, changes)
        statuses = self.history.statuses
        keep = (statuses.category[pieces.status] != DONE) & ~statuses.cancelled[pieces.status] & ~pieces.switched
        spans = spans.where(~decided[spans.issue])
        return Spans(
            np.concatenate([spans.issue, pieces.issue[keep]]),
            np.concatenate([spans.lo, pieces.lo[keep]]),
            np.concatenate([spans.hi, pieces.hi[keep]]),
        )

    def _cut(self, issues: Flags, switch: Events) -> SwitchedStays:
        """The stays of some issues, cut where a switch changes."""
        every = self.stays
        rows, own = np.flatnonzero(issues[every.issue]), issues[switch.issue]
        some = Stays(every.issue[rows], every.lo[rows], every.hi[rows], every.status[rows])
        return switched_stays(some, Events(switch.issue[own], switch.time[own], switch.value[own]))

    @Fact
    def _silent_in_progress(self) -> Codes:
        """Issues without history whose current status says that they are in progress."""
        history, statuses = self.history, self.history.statuses
        current = history.current_status
        open_ = (statuses.category[current] == INDETERMINATE) & ~statuses.cancelled[current]
        return np.flatnonzero(~history.has_history & open_ & (history.created != MISSING)).astype(np.int32)

    @Fact
    def _ever_started(self) -> Times:
        """The first instant at which work had begun, by the mapped date or by the history."""
        history, entered = self.history, self.history.statuses_entered
        mapped = history.dates["work_started_date"]
        first = np.where(mapped == MISSING, NEVER, mapped)
        rows = np.flatnonzero(self._meaning & MEANS_STARTS)
        rows = rows[begins_of(entered.issue[rows])]
        issue = entered.issue[rows]
        first[issue] = np.minimum(first[issue], entered.time[rows])
        return first

    @Fact
    def active_hours(self) -> npt.NDArray[np.float64]:
        """Hours in active statuses, less flagged time, between start and finish; 0 where either is missing."""
        history, every = self.history, self.stays
        measured = (self.finished != MISSING) & (self.started != MISSING)
        flagged = np.zeros(len(history), dtype=np.bool_)
        flagged[history.flags.issue[history.flags.value != 0]] = True
        rows = np.flatnonzero(self._meaning & MEANS_ACTIVE)
        rows = rows[(measured & ~flagged)[every.issue[rows]]]
        hours = self._hours_within(every.issue[rows], every.lo[rows], every.hi[rows])
        flagged &= measured
        if flagged.any():
            pieces = self._cut(flagged, history.flags)
            keep = history.statuses.active[pieces.status] & ~pieces.switched
            hours += self._hours_within(pieces.issue[keep], pieces.lo[keep], pieces.hi[keep])
        return hours

    def _hours_within(self, issue: Codes, lo: Times, hi: Times) -> npt.NDArray[np.float64]:
        """Per issue the hours of its stretches that lie in its life, from start to finish."""
        begin = np.maximum(self.history.created, self.started)
        lo, hi = np.maximum(lo, begin[issue]), np.minimum(hi, self.finished[issue])
        np.minimum(lo, hi, out=lo)
        return np.bincount(issue, weights=self.hours_between(lo, hi), minlength=len(self.history)).astype(np.float64)

    @Fact
    def ever_flagged(self) -> Flags:
        flags, flagged = self.history.flags, np.zeros(len(self.history), dtype=np.bool_)
        flagged[flags.issue[(flags.value != 0) & (flags.time <= self.now)]] = True
        return flagged


def _selected(facts: DeliveryFacts) -> Flags:
    selected = np.full(len(facts.history), fill_value=facts.selected_rows is None)
    if facts.selected_rows is not None:
        selected[facts.selected_rows] = True
    return selected


def facts_as_of(history: DeliveryHistory, as_of: datetime) -> DeliveryFacts:
    """The facts at an aware instant."""
    if as_of.tzinfo is None:
        raise ValueError("as_of must be an aware datetime, for example datetime(2026, 1, 31, tzinfo=UTC)")
    return DeliveryFacts(history, as_of)
