"""What had happened by an instant: started, finished, cancelled, in progress, time in each status."""

from __future__ import annotations

from datetime import datetime

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
    past_of,
    rows_of,
)
from data.fact_store import Fact, FactStore
from data.history import CANCELS, MISSING, Codes, DeliveryHistory, Events, Flags, Times
from data.reading.statuses import DONE, INDETERMINATE, UNMAPPED
from data.spans import (
    NEVER,
    Rows,
    Spans,
    Stays,
    SwitchedStays,
    begins_of,
    put_in_order,
    run_begins,
    runs,
    stays,
    stretched,
    switched_stays,
)
from data.weeks import HOUR


class DeliveryFacts(FactStore):
    """A history as it stood at `as_of`, fact by fact about all issues."""

    def filled(self, date_field: str) -> Flags:
        """Whether a mapped date is filled by now."""
        times = self.history.dates[date_field]
        known: Flags = times != MISSING
        return known & (times <= self.now)

    def _unless_filled(self, date_field: str, otherwise: Times) -> Times:
        """The mapped date where it is filled by now."""
        filled = self.filled(date_field)
        return np.where(filled, self.history.dates[date_field], otherwise) if filled.any() else otherwise

    @Fact
    def exists(self) -> Flags:
        """Created by now; an issue without a readable `created` does not exist for the flow of work."""
        created = self.history.created
        known: Flags = created != MISSING
        return known & (created <= self.now)

    @Fact
    def stays(self) -> Stays:
        """How long each status entered was kept, whenever it was: row by row those of `history.statuses_entered`."""
        return self._stays(np.arange(len(self._begins)))

    def _stays(self, rows: Rows) -> Stays:
        return stays(self._entered, self._begins, rows)

    @Fact
    def _entered(self) -> Events:
        return put_in_order(self.history.statuses_entered, self._begins)

    @Fact
    def _begins(self) -> Flags:
        return begins_of(self.history.statuses_entered.issue)

    @Fact
    def _firsts(self) -> Rows:
        """The row of the status that each issue with history was created in."""
        return np.flatnonzero(self._begins)

    @Fact
    def _meaning(self) -> Meanings:
        """What the status of each entry means, whenever it was entered."""
        return meaning_of(self.history.statuses, self.history.statuses_entered)

    @Fact
    def _entries(self) -> Entries:
        return entries_by(self.now, self.history.statuses_entered, self._meaning, self._begins)

    @Fact
    def _latest(self) -> Rows:
        """The last entry by now of each issue that has any."""
        begins = self._entries.begins
        firsts = self._firsts if begins is self._begins else np.flatnonzero(begins)
        return np.append(firsts[1:], len(begins))[: len(firsts)] - 1

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
        history, entries = self.history, self._entries
        opening = self._openings
        if entries.meaning is not self._meaning:
            opening = _firsts_of(run_begins((entries.meaning & MEANS_STARTS) != 0, entries.begins), entries.issue)
        started = np.full(len(history), MISSING)
        started[entries.issue[opening]] = entries.time[opening]
        return self._unless_filled("work_started_date", started)

    @Fact
    def _openings(self) -> Rows:
        """The first entry of each issue into a start status, whenever that was."""
        begun = run_begins((self._meaning & MEANS_STARTS) != 0, self._begins)
        return _firsts_of(begun, self.history.statuses_entered.issue)

    @Fact
    def finished(self) -> Times:
        """The entry into the done status it has not left since, `MISSING` where it is not done."""
        history, entries = self.history, self._entries
        rows = run_begins((entries.meaning & MEANS_DONE) != 0, entries.begins)
        time, created_done = entries.time[rows], entries.born[rows]
        time[created_done] = self._settled(entries.issue[rows[created_done]])
        finished = np.full(len(history), MISSING)
        finished[entries.issue[rows]] = time
        no_history = ~history.has_history
        finished[no_history] = np.where(history.resolved <= self.now, history.resolved, MISSING)[no_history]
        finished = self._unless_filled("work_completed_date", finished)
        finished[~self.done] = MISSING
        return finished

    def _settled(self, issues: Codes) -> Times:
        """When an issue that was created done counts as finished."""
        resolved, created = self.history.resolved[issues], self.history.created[issues]
        return np.where((resolved != MISSING) & (resolved <= self.now), resolved, created)

    @Fact
    def cancelled(self) -> Flags:
        by_status: Flags = self.history.statuses.cancelled[self.status] & self._has_status
        changes = past_of(self._resolution_changes, self.now)
        by_resolution = np.zeros(len(self.history), dtype=np.bool_)
        if (changes.value != 0).any():
            by_resolution[changes.issue] = changes.value != 0
        return by_status | by_resolution

    @Fact
    def _resolution_changes(self) -> Events:
        """When resolutions began and ceased to cancel; without a history of them, by the present one and its date."""
        history, changes = self.history, self.history.resolutions
        told = Events(changes.issue, changes.time, (changes.value == CANCELS).astype(np.int32))
        silent = history.resolution == CANCELS
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
        rows = rows_of(self._meaning, MEANS_UNMAPPED)
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
        until = np.where(history.resolution == CANCELS, history.resolved, NEVER)
        rows = rows[history.created[rows] < until[rows]]
        return Spans(
            np.concatenate([spans.issue, rows]),
            np.concatenate([spans.lo, history.created[rows]]),
            np.concatenate([spans.hi, until[rows]]),
        )

    @Fact
    def _open(self) -> Spans:
        """When an issue with history was in a status neither done nor cancelled, and not resolved as cancelled."""
        changes = self._resolution_changes
        open_ = (self._meaning & (MEANS_DONE | MEANS_CANCELLED)) == 0
        spans = runs(self._entered, self._begins, open_)
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
        firsts = self._firsts
        counts = np.diff(firsts, append=len(self._begins))
        chosen = np.flatnonzero(issues[self.history.statuses_entered.issue[firsts]])
        some, own = self._stays(stretched(firsts[chosen], counts[chosen])), np.flatnonzero(issues[switch.issue])
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
        issue = entered.issue[self._openings]
        first[issue] = np.minimum(first[issue], entered.time[self._openings])
        return first

    @Fact
    def active_hours(self) -> npt.NDArray[np.float64]:
        """Hours in active statuses, less flagged time, between start and finish; 0 where either is missing."""
        history = self.history
        measured = (self.finished != MISSING) & (self.started != MISSING)
        special = np.zeros(len(history), dtype=np.bool_)
        special[history.flags.issue[history.flags.value != 0]] = True
        if self._active_lies_between:
            special |= self.filled("work_started_date") | self.filled("work_completed_date")
            born = self._entered.issue[self._firsts]
            special[born[self._entered.time[self._firsts] < history.created[born]]] = True
            hours = np.where(measured & ~special, self._active_time / float(HOUR), 0.0)
        else:
            rows = rows_of(self._meaning, MEANS_ACTIVE)
            every = self._stays(rows[(measured & ~special)[history.statuses_entered.issue[rows]]])
            hours = self._hours_within(every.issue, every.lo, every.hi)
        special &= measured
        if special.any():
            pieces = self._cut(special, history.flags)
            keep = history.statuses.active[pieces.status] & ~pieces.switched
            hours += self._hours_within(pieces.issue[keep], pieces.lo[keep], pieces.hi[keep])
        return hours

    @property
    def _active_lies_between(self) -> bool:
        """Whether active time is, but for special issues, elapsed time that lies between start and finish."""
        statuses = self.history.statuses
        begun_and_open = statuses.starts & (statuses.category != DONE)
        return self.history.rules.working_calendar is None and not (statuses.active & ~begun_and_open).any()

    @property
    def _active_time(self) -> npt.NDArray[np.float64]:
        """Per issue all microseconds in active statuses entered by now; of one that is active now they mean nothing."""
        entered = self._entered
        active = (self._meaning & MEANS_ACTIVE) != 0
        if self._entries.meaning is not self._meaning:
            active &= entered.time <= self.now
        spans = runs(entered, self._begins, active)
        spent = np.bincount(spans.issue, weights=spans.hi - spans.lo, minlength=len(self.history))
        return spent.astype(np.float64, copy=False)

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


def _firsts_of(rows: Rows, issue: Codes) -> Rows:
    """The first of some rows of each issue."""
    return rows[begins_of(issue[rows])]


def facts_as_of(history: DeliveryHistory, as_of: datetime) -> DeliveryFacts:
    """The facts at an aware instant."""
    if as_of.tzinfo is None:
        raise ValueError("as_of must be an aware datetime, for example datetime(2026, 1, 31, tzinfo=UTC)")
    return DeliveryFacts(history, as_of)
