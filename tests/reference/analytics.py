"""Time in status, ageing, cumulative flow, blocked time and Little's law, counted item by item."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

import numpy as np

from tests.reference.flow import _judge_load, _judge_time
from tests.reference.instants import HOUR, duration, iso, last_tick_of_day
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


def _status_rows(world: World, items: list[Item]) -> dict[tuple[str, str], tuple[float, int, float]]:
    by_status: dict[tuple[str, str], list[float]] = defaultdict(list)
    for item in items:
        for status, hours in _spent(world, item).items():
            by_status[status].append(hours)
    return {status: (sum(hours), len(hours), median(hours)) for status, hours in by_status.items()}


def reference_blocked_time(world: World) -> dict[tuple[str, str], tuple[float, int, float]]:
    """By reason: hours, items, and the hours of the longest."""
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for item in [*finished_items(world), *standing_items(world)]:
        begin, end = _life(world, item)
        spans = [(max(since, begin), min(until, end)) for since, until in item.flagged_spans(world.as_of)]
        spans = [(since, until) for since, until in spans if since < until]
        if spans:
            found["flag", "flag"].append(sum(_hours(world, *span) for span in spans))
        stopped: dict[tuple[str, str], float] = defaultdict(float)
        for since, until, status in _stays(item, world.as_of) if item.has_history else []:
            lo, hi = max(since, begin), min(until or end, end)
            blocked, waiting = (
                item.is_in(status, words) for words in (world.rules.blocked_statuses, world.rules.waiting_statuses)
            )
            if lo < hi and (blocked or waiting):
                stopped[_name(item, status), "blocked" if blocked else "waiting"] += _hours(world, lo, hi)
        for reason, hours in stopped.items():
            found[reason].append(hours)
    return {reason: (sum(hours), len(hours), max(hours)) for reason, hours in found.items()}


def reference_ageing(world: World) -> dict[str, Any]:
    took = [_elapsed(world, item) for item in finished_items(world)]
    marks = {str(m): float(np.percentile(took, m)) for m in (50, 85, 95)} if len(took) >= 5 else {}
    ages = {}
    for item in standing_items(world):
        started = item.started(world.as_of)
        assert started is not None
        ages[item.label] = duration(started, world.as_of, world.rules) / HOUR
    return {"marks": marks, "ages": ages}


def _elapsed(world: World, item: Item) -> float:
    started, finished = item.started(world.as_of), item.finished(world.as_of)
    assert started is not None
    assert finished is not None
    return duration(started, finished, world.rules) / HOUR


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
    for place, day in enumerate(days):
        edge = min(last_tick_of_day(day, world.zone), world.as_of)
        for item in open_items:
            begun = [status for when, status in item.entries(edge) if when is not None]
            if not item.has_history or not begun:
                continue
            for bands, name in ((by_category, _category(item, begun[-1])), (by_status, _name(item, begun[-1]))):
                bands.setdefault(name, [0] * len(days))[place] += 1
    return {
        "days": [day.isoformat() for day in days],
        "by_category": by_category,
        "by_status": by_status,
        "cancelled": len(items) - len(open_items),
        "without_history": sum(1 for item in open_items if not item.has_history),
    }


def reference_finishes(world: World) -> list[tuple[str, str, float]]:
    """Label, finish and hours of each item finished in the period."""
    found = []
    for item in finished_items(world):
        finished = item.finished(world.as_of)
        assert finished is not None
        found.append((item.label, iso(finished), _elapsed(world, item)))
    return found


def reference_average_load(world: World, step: timedelta) -> float:
    """The mean of counts taken at equal steps through the period."""
    begin = world.as_of - timedelta(days=world.days)
    instants = [begin + step / 2 + step * n for n in range(round(timedelta(days=world.days) / step))]
    items = [item for item in world.items if world.counts(item)]
    counts = [sum(isinstance(_judge_load(world, item, at), Row) for item in items) for at in instants]
    return sum(counts) / len(counts)
