"""The five Flow metrics: velocity, time, efficiency, load and distribution."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from data.durations import Series, Values, hours_from, percentile_series, summarise_hours, unreadable
from data.facts import DeliveryFacts
from data.history import KINDS, MISSING
from data.metric import MetricResult, measure_together, metric, read_facts
from data.model import Reason, ResultStatus
from data.reasons import COUNTS, ReasonCodes, first_reason, reason_code
from data.sample import DatedSample, Placing, StandingSample, Summary, Value
from data.spans import Rows
from data.statistics import percentile, poisson_interval, ratio_interval, wilson_interval
from data.timeline import Bounds, Presence

Flags = npt.NDArray[np.bool_]


@metric(
    key="flow_velocity",
    family="flow",
    title="Flow velocity",
    unit="items",
    better="higher",
    chart="stacked",
    needs=("finished work",),
)
def calculate_flow_velocity(facts: DeliveryFacts) -> DatedSample:
    """How much gets done: the number of flow items finished in the period.

    A flow item is a story, task, bug, risk or debt item; epics, sub-tasks, deployments and incidents are not, unless
    the team says so. Finished means that it entered a done status and has not left it since. Cancelled work does not
    count.
    """

    def summarise(rows: Rows, _days: float) -> Summary:
        return Summary(
            float(len(rows)), len(rows), poisson_interval(len(rows)), by_kind=_counts(facts.history.kind[rows])
        )

    def series(_rows: Rows, bounds: Bounds, _days: float) -> Sequence[Value]:
        return [float(count) for count in np.diff(bounds).tolist()]

    return _finished_items(facts, summarise, series)


@metric(
    key="flow_time",
    family="flow",
    title="Flow time",
    unit="hours",
    better="lower",
    chart="line",
    needs=("finished work", "status history"),
)
def calculate_flow_time(facts: DeliveryFacts) -> DatedSample:
    """How long an item takes once work on it has begun: the median time from start to finish, over the flow items
    finished in the period.

    The start is the first entry into a status of work in progress. Active and waiting time both count. An item that
    was reopened is finished at its last entry into done. A team may choose another percentile than the median.
    """
    hours = facts.once(_flow_hours)

    def summarise(rows: Rows, _days: float) -> Summary:
        summary = summarise_hours(hours[rows], facts)
        by_kind = {
            kind: percentile(hours[own], facts.history.rules.headline_percentile) for kind, own in _by_kind(facts, rows)
        }
        return Summary(summary.value, summary.sample_size, summary.interval, summary.percentiles, by_kind=by_kind)

    return _finished_items(facts, summarise, percentile_series(hours, facts), of=_timed)


@metric(
    key="flow_efficiency",
    family="flow",
    title="Flow efficiency",
    unit="ratio",
    better="higher",
    chart="line",
    needs=("finished work", "status history", "waiting or blocked statuses, or flags"),
)
def calculate_flow_efficiency(facts: DeliveryFacts) -> DatedSample:
    """The share of flow time in which someone was working: active hours divided by all hours from start to finish,
    over the flow items finished in the period.

    Active is the time in a status of work in progress that is not mapped as waiting or blocked, less the time an item
    was flagged. A team that maps no such status and never flags would read 100 %, so no value is shown then.
    """
    hours, active, rules = facts.once(_flow_hours), facts.active_hours, facts.history.rules

    def summarise(rows: Rows, _days: float) -> Summary:
        parts, wholes, kinds = active[rows], hours[rows], facts.history.kind[rows]
        part, whole = float(parts.sum()), float(wholes.sum())
        by_kind = (np.bincount(kinds, weights=column, minlength=len(KINDS)).tolist() for column in (parts, wholes))
        return Summary(
            part / whole if whole > 0 else None,
            len(rows),
            ratio_interval(parts, wholes),
            numerator=part,
            denominator=whole,
            by_kind={str(kind): own / all_ for kind, own, all_ in zip(KINDS, *by_kind, strict=True) if all_ > 0},
        )

    def series(rows: Rows, bounds: Bounds, _days: float) -> Sequence[Value]:
        columns = active[rows], hours[rows]
        sums = ([float(column[first:last].sum()) for column in columns] for first, last in pairwise(bounds))
        return [part / whole if whole > 0 else None for part, whole in sums]

    flagged = facts.ever_flagged & facts.exists & facts.history.roles["flow_item"]
    told = rules.waiting_statuses or rules.blocked_statuses or (flagged & facts.selected).any()
    return _finished_items(
        facts, summarise, series, of=_measurable, unavailable=None if told else ResultStatus.NOT_MEASURABLE
    )


@metric(
    key="flow_load",
    family="flow",
    title="Flow load",
    unit="items",
    better="lower",
    chart="area",
    needs=("status history",),
)
def calculate_flow_load(facts: DeliveryFacts) -> StandingSample:
    """How much is in progress: the flow items that were started and neither finished nor cancelled at the date of the
    report.

    The weeks before are rebuilt from the history, as they would have been counted at the end of each week. The age of
    an item runs from its start.
    """
    history, load = facts.history, facts.once(_load)
    proxy = "current status" if (load.silent & facts.selected).any() else None

    def summarise(rows: Rows) -> Summary:
        return Summary(float(len(rows)), len(rows), by_kind=_counts(history.kind[rows]), proxy=proxy)

    def ages(rows: Rows) -> dict[str, Any]:
        known = rows[facts.started[rows] != MISSING]
        hours = facts.hours_between(facts.started[known], np.full(len(known), facts.now))
        return {"age_hours": {history.labels[row]: float(age) for row, age in zip(known, hours, strict=True)}}

    return StandingSample(
        history.labels,
        load.before,
        load.presence,
        summarise,
        _no_issues(facts),
        ages,
        unreadable(facts),
        facts.chosen,
    )


@dataclass(frozen=True, eq=False, slots=True)
class _Load:
    """When flow items were in progress, why an issue is not now, and which rest on their current status alone."""

    presence: Presence
    before: ReasonCodes
    silent: Flags


def _load(facts: DeliveryFacts) -> _Load:
    history, spans = facts.history, facts.in_progress
    spans = spans.where(history.roles["flow_item"][spans.issue])
    here = np.zeros(len(history), dtype=np.bool_)
    here[spans.issue[(spans.lo <= facts.now) & (facts.now < spans.hi)]] = True
    before = first_reason(
        len(history),
        (Reason.MALFORMED, history.created == MISSING),
        (Reason.WRONG_TYPE, ~history.roles["flow_item"]),
        (Reason.NOT_IN_PROGRESS, ~facts.exists),
        (Reason.CANCELLED, facts.cancelled),
        (Reason.UNMAPPED_STATUS, facts.unmapped_status),
        (Reason.NOT_IN_PROGRESS, ~here),
    )
    item = history.roles["flow_item"] & facts.exists & ~facts.cancelled & ~facts.unmapped_status
    return _Load(Presence(spans), before, item & ~history.has_history & (facts.finished == MISSING))


@metric(
    key="flow_distribution",
    family="flow",
    title="Flow distribution",
    unit="share",
    better=None,
    chart="stacked",
    needs=("finished work", "kinds of work"),
)
def calculate_flow_distribution(facts: DeliveryFacts) -> DatedSample:
    """What the work was for: the share of features, defects, risks and debt among the flow items finished in the
    period.

    Items whose type is mapped to no kind are shown as unmapped; all shares together make 100 %.
    """

    def summarise(rows: Rows, _days: float) -> Summary:
        counts = np.bincount(facts.history.kind[rows], minlength=len(KINDS))
        shares = (
            {str(kind): int(count) / len(rows) for kind, count in zip(KINDS, counts, strict=True)}
            if len(rows)
            else None
        )
        intervals = {
            str(kind): wilson_interval(int(count), len(rows)) or [] for kind, count in zip(KINDS, counts, strict=True)
        }
        return Summary(shares, len(rows), intervals if len(rows) else None)

    def series(rows: Rows, bounds: Bounds, _days: float) -> Sequence[Value]:
        kinds, names = facts.history.kind[rows], [str(kind) for kind in KINDS]
        stretches = ((kinds[first:last], last - first) for first, last in pairwise(bounds))
        return [
            dict(zip(names, (np.bincount(own, minlength=len(KINDS)) / size).tolist(), strict=True)) if size else None
            for own, size in stretches
        ]

    return _finished_items(facts, summarise, series)


def calculate_flow_metrics(
    issues: Iterable[object], field_mappings: Mapping[str, str], time_period_days: int, **extras: Any
) -> dict[str, MetricResult]:
    """All five, from one reading of the issues; `extras` are those of `read_facts`."""
    facts = read_facts(issues, field_mappings, **extras)
    return measure_together("flow_metrics", FLOW_METRICS, facts, time_period_days)


FLOW_METRICS = (
    calculate_flow_velocity,
    calculate_flow_time,
    calculate_flow_efficiency,
    calculate_flow_load,
    calculate_flow_distribution,
)


def _finished_items(
    facts: DeliveryFacts,
    summarise: Callable[[Rows, float], Summary],
    series: Series | None = None,
    *,
    of: Callable[[DeliveryFacts], Placing] | None = None,
    unavailable: ResultStatus | None = None,
) -> DatedSample:
    """All issues, of which the finished flow items count, or those of them that another placing lets count."""
    return DatedSample(
        labels=facts.history.labels,
        placing=facts.once(of or _finished),
        summarise=summarise,
        unavailable=_no_issues(facts) or unavailable,
        also_excluded=unreadable(facts),
        series=series,
        chosen=facts.chosen,
    )


def _finished(facts: DeliveryFacts) -> Placing:
    """The finished flow items by the date of their finish."""
    history, finished = facts.history, facts.finished
    before = first_reason(
        len(history),
        (Reason.MALFORMED, history.created == MISSING),
        (Reason.WRONG_TYPE, ~history.roles["flow_item"]),
        (Reason.OUTSIDE_PERIOD, ~facts.exists),
        (Reason.CANCELLED, facts.cancelled),
        (Reason.UNMAPPED_STATUS, facts.unmapped_status),
        (Reason.NO_FINISH, finished == MISSING),
    )
    return Placing.of(finished, before)


def _timed(facts: DeliveryFacts) -> Placing:
    """Those of them that have a start before their finish."""
    no_start = facts.started == MISSING
    negative = ~no_start & (facts.finished != MISSING) & (facts.finished < facts.started)
    after = first_reason(len(no_start), (Reason.NO_START, no_start), (Reason.NEGATIVE_SPAN, negative))
    return facts.once(_finished).but(after)


def _measurable(facts: DeliveryFacts) -> Placing:
    """Those of them whose time in each status is known."""
    timed = facts.once(_timed)
    silent = (timed.after == COUNTS) & ~facts.history.has_history
    if not silent.any():
        return timed
    return facts.once(_finished).but(np.where(silent, reason_code(Reason.NO_HISTORY), timed.after).astype(np.int8))


def _flow_hours(facts: DeliveryFacts) -> Values:
    """Hours from start to finish, 0 where unknown."""
    return hours_from(facts, facts.started, facts.finished)


def _no_issues(facts: DeliveryFacts) -> ResultStatus | None:
    return None if facts.count else ResultStatus.NO_DATA


def _counts(kinds: npt.NDArray[np.int32]) -> dict[str, float]:
    counts = np.bincount(kinds, minlength=len(KINDS))
    return {str(kind): float(count) for kind, count in zip(KINDS, counts, strict=True) if count}


def _by_kind(facts: DeliveryFacts, rows: Rows) -> list[tuple[str, Rows]]:
    kinds = facts.history.kind[rows]
    groups = [(str(kind), rows[kinds == number]) for number, kind in enumerate(KINDS)]
    return [(kind, own) for kind, own in groups if len(own)]
