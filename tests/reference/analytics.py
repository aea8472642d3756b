"""Time in status, ageing, cumulative flow, flow times, blocked time, throughput and balance, counted item by item."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

import numpy as np

from data.model import TeamRules
from tests.reference.flow import _judge_finish, _judge_load, _judge_time
from tests.reference.instants import HOUR, duration, iso, last_tick_of_day, read_instant, weeks_until
from tests.reference.issues import Item
from tests.reference.results import Row, within
from tests.reference.roles import is_flow_item
from tests.reference.statuses import Status
from tests.reference.world import World


def finished_items(world: World) -> list[Item]:
    judge, holds = _judge_time(world), within(world.as_of, world.days)
    return [item for item in world.items if world.counts(item) and isinstance(judge(item, holds), Row)]


def standing_items(world: World) -> list[Item]:
    return [
        item
        for item in world.items
        if world.counts(item)
        and isinstance(_judge_load(world, item, world.as_of), Row)
        and item.started(world.as_of) is not None
    ]


def _life(world: World, item: Item) -> tuple[datetime, datetime]:
    started = item.started(world.as_of)
    assert started is not None
    assert item.created is not None
    return max(started, item.created), item.finished(world.as_of) or world.as_of


def _hours(world: World, begin: datetime, end: datetime) -> float:
    return duration(begin, end, world.rules) / HOUR if begin < end else 0.0


def _stays(item: Item, by: datetime) -> list[tuple[datetime, datetime | None, Status]]:
    entries = [(when, status) for when, status in item.entries(by) if when is not None]
    stays: list[tuple[datetime, datetime | None, Status]] = [
        (when, following, status) for (when, status), (following, _) in pairwise(entries)
    ]
    return [*stays, (entries[-1][0], None, entries[-1][1])] if entries else []


def _name(item: Item, status: Status) -> str:
    return (item.team.book.name_of(status) or status.id or "").strip()


def _category(item: Item, status: Status) -> str:
    category = item.team.book.category(status)
    return category.value if category else "unmapped"


def _spent(world: World, item: Item) -> dict[tuple[str, str], float]:
    begin, end = _life(world, item)
    spent: dict[tuple[str, str], float] = defaultdict(float)
    for since, until, status in _stays(item, world.as_of):
        lo, hi = max(since, begin), min(until or end, end)
        if lo < hi:
            spent[_name(item, status), _category(item, status)] += _hours(world, lo, hi)
    return spent


def reference_time_in_status(world: World) -> dict[str, Any]:
    return {
        "finished": _status_rows(world, [item for item in finished_items(world) if item.has_history]),
        "in_progress": _status_rows(world, [item for item in standing_items(world) if item.has_history]),
    }


def _status_rows(world: World, items: list[Item]) -> dict[tuple[str, str], tuple[float, float, int, float]]:
    """By status and category: hours, their share of all hours, items, and the median of the items' hours."""
    by_status: dict[tuple[str, str], list[float]] = defaultdict(list)
    for item in items:
        for status, hours in _spent(world, item).items():
            by_status[status].append(hours)
    whole = sum(sum(hours) for hours in by_status.values())
    return {
        status: (sum(hours), sum(hours) / whole if whole else 0.0, len(hours), median(hours))
        for status, hours in by_status.items()
    }


def reference_blocked_time(world: World) -> dict[tuple[str, str], list[tuple[float, str]]]:
    """By reason the hours of each item, with its label."""
    found: dict[tuple[str, str], list[tuple[float, str]]] = defaultdict(list)
    for item in [*finished_items(world), *standing_items(world)]:
        begin, end = _life(world, item)
        spans = [(max(since, begin), min(until, end)) for since, until in item.flagged_spans(world.as_of)]
        spans = [(since, until) for since, until in spans if since < until]
        if spans:
            found["flag", "flag"].append((sum(_hours(world, *span) for span in spans), item.label))
        stopped: dict[tuple[str, str], float] = defaultdict(float)
        for since, until, status in _stays(item, world.as_of) if item.has_history else []:
            lo, hi = max(since, begin), min(until or end, end)
            blocked, waiting = (
                item.is_in(status, words) for words in (world.rules.blocked_statuses, world.rules.waiting_statuses)
            )
            if lo < hi and (blocked or waiting):
                stopped[_name(item, status), "blocked" if blocked else "waiting"] += _hours(world, lo, hi)
        for reason, hours in stopped.items():
            found[reason].append((hours, item.label))
    return found


def reference_ageing(world: World) -> dict[str, Any]:
    took = [_elapsed(item, world.as_of, world.rules) for item in finished_items(world)]
    marks = {str(m): float(np.percentile(took, m)) for m in (50, 85, 95)} if len(took) >= 5 else {}
    ages = {}
    for item in standing_items(world):
        started = item.started(world.as_of)
        assert started is not None
        ages[item.label] = duration(started, world.as_of, world.rules) / HOUR
    return {"marks": marks, "ages": ages, "chances": {label: _chances(world, took, ages, label) for label in ages}}


def _chances(world: World, took: list[float], ages: dict[str, float], label: str) -> dict[str, float | None]:
    """By days ahead, told where at least five items got older than this one, of those finished or still open."""
    age, observed = ages[label], [*took, *ages.values()]
    if world.rules.working_calendar is not None or sum(other > age for other in observed) < 5:
        return dict.fromkeys(("7", "14", "28"))
    return {str(days): 1 - _survivors(took, observed, after=age, by=age + 24 * days) for days in (7, 14, 28)}


def _survivors(took: list[float], observed: list[float], *, after: float, by: float) -> float:
    """Of the items older than `after` the share that is still unfinished `by` an age, finish by finish."""
    left = 1.0
    for hours in sorted({hours for hours in took if after < hours <= by}):
        at_risk = sum(other >= hours for other in observed)
        left *= 1 - took.count(hours) / at_risk
    return left


def _elapsed(item: Item, as_of: datetime, rules: TeamRules) -> float:
    started, finished = item.started(as_of), item.finished(as_of)
    assert started is not None
    assert finished is not None
    return duration(started, finished, rules) / HOUR


def reference_cumulative_flow(world: World) -> dict[str, Any]:
    first = (world.as_of - timedelta(days=world.days)).astimezone(world.zone).date()
    last = world.as_of.astimezone(world.zone).date()
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    items = [
        item
        for item in world.items
        if world.counts(item) and is_flow_item(item) and item.created is not None and item.created <= world.as_of
    ]
    open_items = [item for item in items if not item.is_cancelled(world.as_of)]
    by_category: dict[str, list[int]] = {}
    by_status: dict[str, list[int]] = {}
    bands: dict[tuple[str, str], list[int]] = {}
    edges = [min(last_tick_of_day(day, world.zone), world.as_of) for day in days]
    for place, edge in enumerate(edges):
        for item in open_items:
            begun = [status for when, status in item.entries(edge) if when is not None]
            if not item.has_history or not begun:
                continue
            for counts, name in ((by_category, _category(item, begun[-1])), (by_status, _name(item, begun[-1]))):
                counts.setdefault(name, [0] * len(days))[place] += 1
            band = bands.setdefault((_name(item, begun[-1]), _category(item, begun[-1])), [0] * len(days))
            band[place] += not _done_all_along(item, edges[0], edge)
    return {
        "days": [day.isoformat() for day in days],
        "by_category": by_category,
        "by_status": by_status,
        "bands": bands,
        "cancelled": len(items) - len(open_items),
        "without_history": sum(1 for item in open_items if not item.has_history),
    }


def _done_all_along(item: Item, first: datetime, last: datetime) -> bool:
    """Whether it was done at both instants, and at none between them in anything but a done status."""
    before = item.entries(first)[-1:]
    path = [status for when, status in [*before, *item.entries(last)[len(item.entries(first)) :]] if when is not None]
    return bool(before) and all(_category(item, status) == "done" for status in path)


def reference_finishes(world: World) -> list[tuple[str, str, float]]:
    """Label, finish and hours of each item finished in the period."""
    found = []
    for item in finished_items(world):
        finished = item.finished(world.as_of)
        assert finished is not None
        found.append((item.label, iso(finished), _elapsed(item, world.as_of, world.rules)))
    return found


def reference_cycle_times(world: World) -> dict[str, Any]:
    """The finishes in order of time, the times that 50, 85 and 95 of 100 stay within, and how many took how long."""
    finishes = reference_finishes(world)
    hours = [took for _, _, took in finishes]
    edges = [0, 1, 2, 4, 8, 24, 2 * 24, 4 * 24, 7 * 24, 14 * 24, 28 * 24, 56 * 24, 112 * 24]
    ends = [*edges[1:], float("inf")]
    return {
        "finishes": finishes,
        "percentiles": {str(mark): float(np.percentile(hours, mark)) for mark in (50, 85, 95)} if hours else {},
        "bins": [sum(low <= took < high for took in hours) for low, high in zip(edges, ends, strict=True)],
    }


def reference_throughput(world: World, weeks: int) -> list[tuple[str, int]]:
    """Complete ISO weeks and how many items were finished in each, from the first week in which one was created."""
    born = [item.created for item in world.items if world.counts(item) and item.created is not None]
    complete = weeks_until(world.as_of, 7 * weeks, world.zone)[:-1][-weeks:]
    judge = _judge_finish(world)
    items = [item for item in world.items if world.counts(item)]
    return [
        (week.label, sum(isinstance(judge(item, week.holds), Row) for item in items))
        for week in complete
        if born and min(born) < week.end
    ]


def _pieces_in_progress(world: World, item: Item) -> list[tuple[datetime, datetime]]:
    """When it was in progress during the period, cut wherever anything of it changed and put together again."""
    begin = world.as_of - timedelta(days=world.days)
    dates = [item.created, item.field_instant("work_started_date", world.as_of)]
    dates += [read_instant(item.fields.get("resolutiondate"))]
    dates += [when for when, *_ in (*item.moves, *item.resolutions)]
    inside = {when for when in dates if when is not None and begin < when < world.as_of}
    pieces: list[tuple[datetime, datetime]] = []
    for since, until in pairwise(sorted({begin, world.as_of, *inside})):
        if not isinstance(_judge_load(world, item, since), Row):
            continue
        if pieces and pieces[-1][1] == since:
            pieces[-1] = pieces[-1][0], until
        else:
            pieces.append((since, until))
    if isinstance(_judge_load(world, item, world.as_of), Row) and not (pieces and pieces[-1][1] == world.as_of):
        pieces.append((world.as_of, world.as_of))
    return pieces


def reference_balance(world: World) -> dict[str, Any]:
    """Little's law over the period, added up item by item."""
    begin, plain = world.as_of - timedelta(days=world.days), replace(world.rules, working_calendar=None)
    pieces = [piece for item in world.items if world.counts(item) for piece in _pieces_in_progress(world, item)]
    load = sum((until - since for since, until in pieces), timedelta(0)) / timedelta(days=world.days)
    took = [_elapsed(item, world.as_of, plain) for item in finished_items(world)]
    enough = len(took) >= 5 and load > 0
    average = sum(took) / len(took) if enough else None
    implied = load * world.days * 24 / len(took) if enough else None
    return {
        "average_load": load,
        "started_per_day": sum(since > begin for since, _ in pieces) / world.days,
        "finished_per_day": len(took) / world.days,
        "average_hours": average,
        "implied_hours": implied,
    }
