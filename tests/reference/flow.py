"""The five Flow metrics, counted by hand."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from data.model import FlowKind, Reason, StatusCategory
from tests.reference import numbers
from tests.reference.instants import HOUR, duration
from tests.reference.issues import Item
from tests.reference.results import (
    Holds,
    Judge,
    Measure,
    Row,
    Value,
    issue_candidates,
    part,
    point,
    previous,
    report,
    status_of,
)
from tests.reference.roles import is_flow_item
from tests.reference.statuses import Status
from tests.reference.world import World, read_world


def _why_not_counted(world: World, item: Item | None, by: datetime) -> Reason | None:
    """The reasons that come before anything about finishing; for load `by` is the instant of the count."""
    if item is None or item.created is None:
        return Reason.MALFORMED
    if not is_flow_item(item):
        return Reason.WRONG_TYPE
    if item.created > by:
        return Reason.OUTSIDE_PERIOD
    if item.is_cancelled(by):
        return Reason.CANCELLED
    return Reason.UNMAPPED_STATUS if item.has_unmapped_status(by) else None


def _judge_finish(world: World) -> Judge:
    def judge(item: Item | None, holds: Holds) -> Row | Reason:
        reason = _why_not_counted(world, item, world.as_of)
        if item is None or reason is not None:
            return reason or Reason.MALFORMED
        finished = item.finished(world.as_of)
        if finished is None:
            return Reason.NO_FINISH
        return Row(item.label, kind=world.kind(item)) if holds(finished) else Reason.OUTSIDE_PERIOD

    return judge


def _judge_time(world: World) -> Judge:
    finish = _judge_finish(world)

    def judge(item: Item, holds: Holds) -> Row | Reason:
        row = finish(item, holds)
        if isinstance(row, Reason):
            return row
        started, finished = item.started(world.as_of), item.finished(world.as_of)
        if started is None or finished is None:
            return Reason.NO_START
        if finished < started:
            return Reason.NEGATIVE_SPAN
        row.span = duration(started, finished, world.rules)
        return row

    return judge


def _judge_efficiency(world: World) -> Judge:
    time = _judge_time(world)

    def judge(item: Item, holds: Holds) -> Row | Reason:
        row = time(item, holds)
        if isinstance(row, Row):
            if not item.has_history:
                return Reason.NO_HISTORY
            row.active = active_time(world, item)
        return row

    return judge


def _kinds(rows: list[Row]) -> dict[str, list[Row]]:
    return {kind.value: [row for row in rows if row.kind == kind] for kind in FlowKind}


def reference_flow_velocity(*given: Any, **extras: Any) -> dict[str, Any]:
    world = read_world(*given, **extras)
    known = world.has_issues
    rows, result = report(
        world, issue_candidates(world), _judge_finish(world), lambda rows, _: float(len(rows)), known=known
    )
    if known:
        result["interval"] = numbers.poisson_interval(len(rows))
    result["by_kind"] = {kind: len(own) for kind, own in _kinds(rows).items() if own}
    return result | {"status": status_of(result)}


def reference_flow_time(*given: Any, **extras: Any) -> dict[str, Any]:
    world = read_world(*given, **extras)
    percent = world.rules.headline_percentile
    rows, result = report(world, issue_candidates(world), _judge_time(world), _headline(world))
    hours = [row.hours for row in rows]
    result |= {"percentiles": numbers.percentiles(hours), "interval": numbers.headline_interval(hours, percent)}
    result["by_kind"] = {kind: _headline(world)(own, 0) for kind, own in _kinds(rows).items() if own}
    return result | {"status": status_of(result)}


def _headline(world: World) -> Measure:
    return lambda rows, _days: numbers.headline([row.hours for row in rows], world.rules.headline_percentile)


def reference_flow_efficiency(*given: Any, **extras: Any) -> dict[str, Any]:
    world = read_world(*given, **extras)
    known = _waiting_can_be_told(world)
    rows, result = report(world, issue_candidates(world), _judge_efficiency(world), _efficiency, known=known)
    if not world.has_issues:
        return result | {"status": "no_data"}
    if not known:
        return result | {"status": "not_measurable"}
    active, whole = _sums(rows)
    result |= {
        "numerator": active / HOUR,
        "denominator": whole / HOUR,
        "interval": numbers.ratio_of_sums_interval([row.active / HOUR for row in rows], [row.hours for row in rows]),
    }
    ratios = {kind: _efficiency(own, 0) for kind, own in _kinds(rows).items()}
    result["by_kind"] = {kind: ratio for kind, ratio in ratios.items() if ratio is not None}
    return result | {"status": status_of(result)}


def _sums(rows: list[Row]) -> tuple[timedelta, timedelta]:
    return sum((row.active for row in rows), timedelta(0)), sum((row.span for row in rows), timedelta(0))


def _efficiency(rows: list[Row], _days: float) -> Value:
    active, whole = _sums(rows)
    return active / whole if whole else None


def _waiting_can_be_told(world: World) -> bool:
    if world.rules.waiting_statuses or world.rules.blocked_statuses:
        return True
    counted = [item for item in world.items if world.counts(item)]
    existing = [item for item in counted if item.created is not None and item.created <= world.as_of]
    return any(is_flow_item(item) and item.flagged_spans(world.as_of) for item in existing)


def active_time(world: World, item: Item) -> timedelta:
    """The span cut at everything that happened in it; a piece counts when the status is active and no flag is up."""
    started, finished = item.started(world.as_of), item.finished(world.as_of)
    if started is None or finished is None:
        return timedelta(0)
    entries = item.entries(world.as_of)
    flagged = item.flagged_spans(world.as_of)
    cuts = {started, finished, item.created} | {when for when, _ in entries} | {end for span in flagged for end in span}
    inside = sorted(cut for cut in cuts if cut is not None and started <= cut <= finished)
    total = timedelta(0)
    for begin, end in pairwise(inside):
        status = _status_during(item, begin, entries)
        raised = any(since <= begin < until for since, until in flagged)
        if status is not None and not raised and _is_active(item, status):
            total += duration(begin, end, world.rules)
    return total


def _status_during(item: Item, begin: datetime, entries: list[tuple[datetime | None, Status]]) -> Status | None:
    if item.created is None or begin < item.created:
        return None
    begun = [status for when, status in entries if when is not None and when <= begin]
    return begun[-1] if begun else None


def _is_active(item: Item, status: Status) -> bool:
    rules = item.team.rules
    if rules.active_statuses:
        return item.is_in(status, rules.active_statuses)
    if item.is_in(status, rules.waiting_statuses | rules.blocked_statuses):
        return False
    return item.team.book.category(status) == StatusCategory.INDETERMINATE


def reference_flow_load(*given: Any, **extras: Any) -> dict[str, Any]:
    world = read_world(*given, **extras)
    candidates = issue_candidates(world)

    def count(instant: datetime) -> Any:
        return part(candidates, lambda item, _: _judge_load(world, item, instant), lambda _: True)

    now = count(world.as_of)
    rows, result = report(world, candidates, lambda item, _: _judge_load(world, item, world.as_of), _count)
    before = count(world.as_of - timedelta(days=world.days))
    weekly = [(week, len(count(week.end).rows)) for week in world.weeks]
    known = world.has_issues
    silent = [item for _, item in candidates if item and _rests_on_current_status(world, item)]
    result |= {
        "value": float(len(rows)) if known else None,
        "previous": previous(world, float(len(before.rows)) if known else None, len(before.rows)),
        "trend": [point(week, float(size) if known else None, size) for week, size in weekly],
        "excluded": now.by_reason(),
        "by_kind": {kind: len(own) for kind, own in _kinds(rows).items() if own},
        "proxy": "current status" if silent else None,
    }
    return result | {"status": status_of(result)}


def _count(rows: list[Row], _days: float) -> Value:
    return float(len(rows))


def _judge_load(world: World, item: Item | None, instant: datetime) -> Row | Reason:
    reason = _why_not_counted(world, item, instant)
    if reason is Reason.OUTSIDE_PERIOD:
        return Reason.NOT_IN_PROGRESS
    if item is None or reason is not None:
        return reason or Reason.MALFORMED
    category = item.category(instant)
    if item.has_history:
        in_progress = item.started(instant) is not None and category != StatusCategory.DONE
    else:
        in_progress = category == StatusCategory.INDETERMINATE
    return Row(item.label, kind=world.kind(item)) if in_progress else Reason.NOT_IN_PROGRESS


def _rests_on_current_status(world: World, item: Item) -> bool:
    unfinished = _why_not_counted(world, item, world.as_of) is None and item.finished(world.as_of) is None
    return unfinished and not item.has_history


def reference_flow_distribution(*given: Any, **extras: Any) -> dict[str, Any]:
    world = read_world(*given, **extras)
    rows, result = report(world, issue_candidates(world), _judge_finish(world), _shares)
    if rows:
        intervals = {kind: numbers.wilson_interval(len(own), len(rows)) for kind, own in _kinds(rows).items()}
        result["interval"] = intervals
    return result | {"status": status_of(result)}


def _shares(rows: list[Row], _days: float) -> Value:
    return {kind: len(own) / len(rows) for kind, own in _kinds(rows).items()} if rows else None
