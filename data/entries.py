"""Statuses entered by an instant, with what each of them means as bits that one look-up finds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from data.history import Codes, Events, Flags, Times
from data.reading.statuses import DONE, UNMAPPED, StatusColumns
from data.spans import Rows, begins_of

MEANS_STARTS, MEANS_ACTIVE, MEANS_DONE, MEANS_CANCELLED, MEANS_UNMAPPED = (np.uint8(1 << bit) for bit in range(5))

Meanings = npt.NDArray[np.uint8]


@dataclass(frozen=True, eq=False, slots=True)
class Entries:
    """Status entries by now; `begins` marks the first of an issue's that is left, `born` the status created in."""

    issue: Codes
    time: Times
    value: Codes
    meaning: Meanings
    begins: Flags
    born: Flags

    def rows(self, bit: np.uint8) -> Rows:
        return rows_of(self.meaning, bit)


def rows_of(meaning: Meanings, bit: np.uint8) -> Rows:
    return np.flatnonzero((meaning & bit) != 0)


def meaning_of(statuses: StatusColumns, entered: Events) -> Meanings:
    """What the status of each entry means."""
    by_status = np.zeros(len(statuses.names), dtype=np.uint8)
    by_status[statuses.starts] |= MEANS_STARTS
    by_status[statuses.active] |= MEANS_ACTIVE
    by_status[statuses.category == DONE] |= MEANS_DONE
    by_status[statuses.cancelled] |= MEANS_CANCELLED
    by_status[statuses.category == UNMAPPED] |= MEANS_UNMAPPED
    return by_status[entered.value]


def past_of(events: Events, now: int) -> Events:
    """The events by an instant."""
    past = events.time <= now
    return events if past.all() else Events(events.issue[past], events.time[past], events.value[past])


def entries_by(now: int, entered: Events, meaning: Meanings, begins: Flags) -> Entries:
    past = entered.time <= now
    if past.all():
        return Entries(entered.issue, entered.time, entered.value, meaning, begins, begins)
    issue = entered.issue[past]
    return Entries(issue, entered.time[past], entered.value[past], meaning[past], begins_of(issue), begins[past])
