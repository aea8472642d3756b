"""From judged candidates to the fields of a result: the period, the one before it, and every week."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from data.model import Reason
from tests.reference.instants import HOUR, iso
from tests.reference.world import World

Holds = Callable[[datetime], bool]
Value = float | dict[str, float] | None


@dataclass
class Row:
    """An included candidate and what it brings to the number."""

    label: str
    span: timedelta = timedelta(0)
    active: timedelta = timedelta(0)
    kind: str = ""
    counts: bool = False
    stand_in: bool = False

    @property
    def hours(self) -> float:
        return self.span / HOUR


Judge = Callable[[Any, Holds], Row | Reason]
Measure = Callable[[list[Row], float], Value]


@dataclass
class Sorted:
    """The candidates of one span, parted."""

    rows: list[Row]
    excluded: list[tuple[Reason, str]]

    @property
    def labels(self) -> list[str]:
        return sorted(row.label for row in self.rows)

    def by_reason(self) -> dict[str, list[str]]:
        reasons = sorted({reason for reason, _ in self.excluded})
        return {reason.value: sorted(label for r, label in self.excluded if r == reason) for reason in reasons}


def part(candidates: Iterable[tuple[str, Any]], judge: Judge, holds: Holds) -> Sorted:
    """Each labelled candidate is either a row or has one reason for not being one."""
    rows = []
    excluded = []
    for label, candidate in candidates:
        verdict = judge(candidate, holds)
        if isinstance(verdict, Row):
            rows.append(verdict)
        else:
            excluded.append((verdict, label))
    return Sorted(rows, excluded)


def within(end: datetime, days: int) -> Holds:
    return lambda instant: end - timedelta(days=days) < instant <= end


def issue_candidates(world: World) -> list[tuple[str, Any]]:
    unreadable = [] if world.filters else [(label, None) for label in world.malformed]
    return [*unreadable, *((item.label, item) for item in world.items if world.counts(item))]


def point(week: Any, value: Value, sample: int) -> dict[str, Any]:
    return {
        "week": week.label,
        "start": iso(week.start),
        "value": value,
        "sample_size": sample,
        "partial": week.partial,
    }


def previous(world: World, value: Value, sample: int) -> dict[str, Any]:
    end = world.as_of - timedelta(days=world.days)
    return {
        "value": value,
        "sample_size": sample,
        "start": iso(end - timedelta(days=world.days)),
        "end": iso(end),
    }


def change_of(result: dict[str, Any], better: str | None) -> dict[str, Any]:
    """Value against the previous period, judged by the direction that is good."""
    now, before = result["value"], result["previous"]["value"]
    if now is None or before is None or isinstance(now, dict):
        return {"absolute": None, "relative": None, "verdict": None}
    verdict = None
    if better is not None and min(result["sample_size"], result["previous"]["sample_size"]) >= 5:
        rose_well = "better" if better == "higher" else "worse"
        fell_well = "worse" if better == "higher" else "better"
        verdict = "same" if now == before else rose_well if now > before else fell_well
    return {"absolute": now - before, "relative": None if before == 0 else (now - before) / before, "verdict": verdict}


def report(
    world: World,
    candidates: Sequence[tuple[str, Any]],
    judge: Judge,
    measure: Measure,
    *,
    known: bool = True,
) -> tuple[list[Row], dict[str, Any]]:
    """The fields that every dated metric has; `known` is false where no value can be given at all."""
    now = part(candidates, judge, within(world.as_of, world.days))
    before_end = world.as_of - timedelta(days=world.days)
    before = part(candidates, judge, within(before_end, world.days))
    trend = []
    for week in world.weeks:
        rows = part(candidates, judge, week.holds).rows
        trend.append(point(week, measure(rows, 7) if known else None, len(rows)))
    return now.rows, {
        "value": measure(now.rows, world.days) if known else None,
        "sample_size": len(now.rows),
        "previous": previous(world, measure(before.rows, world.days) if known else None, len(before.rows)),
        "trend": trend,
        "included": now.labels,
        "excluded": now.by_reason(),
        "interval": None,
        "percentiles": {},
        "numerator": None,
        "denominator": None,
        "numerator_items": [],
        "by_kind": {},
        "proxy": None,
        "source": None,
        "precision": None,
    }


def status_of(result: dict[str, Any]) -> str:
    """Of a result that is neither unconfigured nor unmeasurable as a whole."""
    if result["value"] is not None:
        return "low_sample" if result["sample_size"] < 5 else "ok"
    lacking = result["excluded"].keys() & {"no_start", "no_history"}
    if lacking and not result["included"] and "negative_span" not in result["excluded"]:
        return "not_measurable"
    return "no_data"
