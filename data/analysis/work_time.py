"""Where the time of work goes: hours in each status, and hours blocked by what blocked them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict, cast

import numpy as np
import numpy.typing as npt

from data.facts import DeliveryFacts
from data.flow_calculator import calculate_flow_load, calculate_flow_time
from data.history import MISSING, Codes, Times
from data.model import Period
from data.performance_utils import microseconds
from data.reading.field_values import folded
from data.reading.statuses import CATEGORIES
from data.sample import DatedSample, StandingSample
from data.spans import NEVER, Rows, begins_of

Hours = npt.NDArray[np.float64]

FLAG = "flag"


class StatusTime(TypedDict):
    """Hours that items spent in one status; `median_hours` is of the `items` that were in it at all."""

    status: str
    category: str
    hours: float
    share: float
    items: int
    median_hours: float


class TimeInStatus(TypedDict):
    """Time between start and finish of the items finished in the period, and from start until now of open ones."""

    finished: list[StatusTime]
    finished_items: int
    in_progress: list[StatusTime]
    in_progress_items: int


class BlockedTime(TypedDict):
    """`reason` is `flag`, or the name of a status mapped as blocked or waiting, whose word is in `kind`."""

    reason: str
    kind: str
    hours: float
    items: int
    longest: str
    longest_hours: float


@dataclass(frozen=True, eq=False, slots=True)
class _Spent:
    """Hours of one issue under one code, each pair once."""

    issue: Codes
    code: Codes
    hours: Hours


def finished_in(facts: DeliveryFacts, days: int) -> Rows:
    """The flow items finished in the period whose start is known, by the date of their finish."""
    period = Period(end=facts.as_of, days=days)
    sample = cast(DatedSample, calculate_flow_time.sample(facts))
    return sample.within(microseconds(period.start), microseconds(period.end)).rows


def standing_now(facts: DeliveryFacts) -> Rows:
    """The flow items in progress whose start is known."""
    rows = cast(StandingSample, calculate_flow_load.sample(facts)).rows_at(facts.now)
    known: Rows = rows[facts.started[rows] != MISSING]
    return known


def time_in_status(facts: DeliveryFacts, days: int) -> TimeInStatus:
    """Where finished and open work spent its time, the longest first.

    Items without history have no time in any status, and are not among those counted.
    """
    known = facts.history.has_history
    done, open_ = finished_in(facts, days), standing_now(facts)
    done, open_ = done[known[done]], open_[known[open_]]
    return {
        "finished": _by_status(facts, done),
        "finished_items": len(done),
        "in_progress": _by_status(facts, open_),
        "in_progress_items": len(open_),
    }


def blocked_time(facts: DeliveryFacts, days: int) -> list[BlockedTime]:
    """Hours between start and finish, or now, in which items stood still, by what made them stand, the longest first.

    An item that is flagged in a blocked status counts under both: each reason tells what its removal would free.
    """
    rows = np.concatenate([finished_in(facts, days), standing_now(facts)])
    reasons, reason_of = _reasons(facts)
    spent = _in_statuses(facts, rows, reason_of)
    found = [_blocked(facts, (FLAG, FLAG), _flagged(facts, rows))]
    for number, reason in enumerate(reasons, start=1):
        own = spent.code == number
        found.append(_blocked(facts, reason, _Spent(spent.issue[own], spent.code[own], spent.hours[own])))
    return sorted((row for row in found if row["items"]), key=lambda row: (-row["hours"], row["reason"]))


def _reasons(facts: DeliveryFacts) -> tuple[list[tuple[str, str]], Codes]:
    """The names of statuses that the team calls blocked or waiting, and for each status its number from 1, else 0.

    A status that it calls both counts as blocked.
    """
    rules, statuses = facts.history.rules, facts.history.statuses
    reasons: dict[tuple[str, str], int] = {}
    numbers = np.zeros(len(statuses.names), dtype=np.int32)
    for kind, words in (("waiting", rules.waiting_statuses), ("blocked", rules.blocked_statuses)):
        named = set(map(folded, words))
        for code, (status_id, name) in enumerate(zip(statuses.ids, statuses.names, strict=True)):
            if named & {folded(status_id), folded(name)}:
                numbers[code] = reasons.setdefault((name, kind), len(reasons) + 1)
    return list(reasons), numbers


def _in_statuses(facts: DeliveryFacts, rows: Rows, code_of: Codes) -> _Spent:
    every = facts.stays
    return _spent(facts, rows, _Stretches(every.issue, code_of[every.status], every.lo, every.hi))


def _flagged(facts: DeliveryFacts, rows: Rows) -> _Spent:
    flags = facts.history.flags
    until = np.full(len(flags.time), NEVER)
    np.copyto(until[:-1], flags.time[1:], where=~begins_of(flags.issue)[1:])
    raised = flags.value != 0
    issue = flags.issue[raised]
    return _spent(facts, rows, _Stretches(issue, np.zeros_like(issue), flags.time[raised], until[raised]))


@dataclass(frozen=True, eq=False, slots=True)
class _Stretches:
    """Stretches `lo <= t < hi` of issues, each under a code."""

    issue: Codes
    code: Codes
    lo: Times
    hi: Times


def _spent(facts: DeliveryFacts, rows: Rows, stretches: _Stretches) -> _Spent:
    """Hours per issue and code that lie between the start of some issues and their finish, or now."""
    chosen = np.zeros(len(facts.history), dtype=np.bool_)
    chosen[rows] = True
    own = np.flatnonzero(chosen[stretches.issue])
    issue, code = stretches.issue[own], stretches.code[own].astype(np.int64)
    begin = np.maximum(facts.started, facts.history.created)
    end = np.where(facts.finished == MISSING, facts.now, facts.finished)
    lo, hi = np.maximum(stretches.lo[own], begin[issue]), np.minimum(stretches.hi[own], end[issue])
    real = lo < hi
    hours = facts.hours_between(lo[real], hi[real])
    width = int(stretches.code.max(initial=0)) + 1
    pairs, place = np.unique(issue[real] * width + code[real], return_inverse=True)
    total = np.bincount(place, weights=hours, minlength=len(pairs)).astype(np.float64)
    return _Spent((pairs // width).astype(np.int32), (pairs % width).astype(np.int32), total)


def _bands(facts: DeliveryFacts) -> tuple[Codes, list[tuple[str, str]]]:
    """Statuses as a reader tells them apart, by name and category, and for each status which of them it is."""
    statuses = facts.history.statuses
    bands: dict[tuple[str, str], int] = {}
    words = [*map(str, CATEGORIES), "unmapped"]
    codes = [
        bands.setdefault((name, words[category]), len(bands))
        for name, category in zip(statuses.names, statuses.category.tolist(), strict=True)
    ]
    return np.array(codes, dtype=np.int32), list(bands)


def _by_status(facts: DeliveryFacts, rows: Rows) -> list[StatusTime]:
    band_of, bands = facts.once(_bands)
    spent = _in_statuses(facts, rows, band_of)
    whole = float(spent.hours.sum())
    found = []
    for band in np.unique(spent.code).tolist():
        hours = spent.hours[spent.code == band]
        found.append(
            StatusTime(
                status=bands[band][0],
                category=bands[band][1],
                hours=float(hours.sum()),
                share=float(hours.sum()) / whole if whole else 0.0,
                items=len(hours),
                median_hours=float(np.median(hours)),
            )
        )
    return sorted(found, key=lambda row: (-row["hours"], row["status"]))


def _blocked(facts: DeliveryFacts, reason: tuple[str, str], spent: _Spent) -> BlockedTime:
    longest = int(spent.hours.argmax()) if len(spent.hours) else 0
    return {
        "reason": reason[0],
        "kind": reason[1],
        "hours": float(spent.hours.sum()),
        "items": len(spent.hours),
        "longest": facts.history.labels[int(spent.issue[longest])] if len(spent.hours) else "",
        "longest_hours": float(spent.hours[longest]) if len(spent.hours) else 0.0,
    }
