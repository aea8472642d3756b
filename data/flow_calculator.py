"""The five Flow metrics: velocity, time, efficiency, load and distribution."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from data.durations import Series, Values, hours_from, percentile_series, summarise_hours, unreadable
from data.facts import DeliveryFacts
from data.history import KINDS, MISSING
from data.metric import MetricResult, measure_together, metric, read_facts
from data.model import Reason, ResultStatus
from data.reasons import COUNTS, ReasonCodes, first_reason, reason_code
from data.sample import Bounds, DatedSample, StandingSample, Summary, Value
from data.spans import Rows, Spans
from data.statistics import percentile, poisson_interval, ratio_interval, wilson_interval

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
    hours, after = facts.once(_flow_hours)

    def summarise(rows: Rows, _days: float) -> Summary:
        summary = summarise_hours(hours[rows], facts)
        by_kind = {
            kind: percentile(hours[own], facts.history.rules.headline_percentile) for kind, own in _by_kind(facts, rows)
        }
        return Summary(summary.value, summary.sample_size, summary.interval, summary.percentiles, by_kind=by_kind)

    return _finished_items(facts, summarise, percentile_series(hours, facts), after=after)


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
    (hours, after), active, rules = facts.once(_measurable), facts.active_hours, facts.history.rules

    def share(rows: Rows) -> float | None:
        total = float(hours[rows].sum())
        return float(active[rows].sum()) / total if total > 0 else None

    def summarise(rows: Rows, _days: float) -> Summary:
        shares = {kind: share(own) for kind, own in _by_kind(facts, rows)}
        return Summary(
            share(rows),
            len(rows),
            ratio_interval(active[rows], hours[rows]),
            numerator=float(active[rows].sum()),
            denominator=float(hours[rows].sum()),
            by_kind={kind: value for kind, value in shares.items() if value is not None},
        )

    def series(rows: Rows, bounds: Bounds, _days: float) -> Sequence[Value]:
        stretch, count = _stretches(bounds), len(bounds) - 1
        parts = np.bincount(stretch, weights=active[rows], minlength=count).tolist()
        wholes = np.bincount(stretch, weights=hours[rows], minlength=count).tolist()
        return [part / whole if whole > 0 else None for part, whole in zip(parts, wholes, strict=True)]

    flagged = facts.ever_flagged & facts.exists & facts.history.roles["flow_item"]
    told = rules.waiting_statuses or rules.blocked_statuses or (flagged & facts.selected).any()
    return _finished_items(
        facts, summarise, series, after=after, unavailable=None if told else ResultStatus.NOT_MEASURABLE
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
        load.spans if facts.selected_rows is None else load.spans.where(facts.selected[load.spans.issue]),
        summarise,
        _no_issues(facts),
        ages,
        unreadable(facts),
        facts.selected_rows,
    )


@dataclass(frozen=True, eq=False, slots=True)
class _Load:
    """When flow items were in progress, why an issue is not now, and which rest on their current status alone."""

    spans: Spans
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
    return _Load(spans, before, item & ~history.has_history & (facts.finished == MISSING))


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
        kinds, count = facts.history.kind[rows], len(bounds) - 1
        cells = np.bincount(_stretches(bounds) * len(KINDS) + kinds, minlength=count * len(KINDS))
        names = [str(kind) for kind in KINDS]
        return [
            {name: own / sum(counts) for name, own in zip(names, counts, strict=True)} if any(counts) else None
            for counts in cells.reshape(count, len(KINDS)).tolist()
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
    after: ReasonCodes | None = None,
    unavailable: ResultStatus | None = None,
) -> DatedSample:
    """All issues, of which the finished flow items count."""
    before, in_order = facts.once(_finished)
    return DatedSample(
        labels=facts.history.labels,
        at=facts.finished,
        before=before,
        after=np.full(len(before), COUNTS, dtype=np.int8) if after is None else after,
        summarise=summarise,
        unavailable=_no_issues(facts) or unavailable,
        also_excluded=unreadable(facts),
        series=series,
        candidates=facts.selected_rows,
        in_order=in_order if facts.selected_rows is None else facts.here(_selected_in_order),
    )


def _finished(facts: DeliveryFacts) -> tuple[ReasonCodes, Rows]:
    """Why an issue is no finished flow item, and those that are by the date of their finish."""
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
    rows = np.flatnonzero(before == COUNTS)
    return before, rows[np.argsort(finished[rows])]


def _selected_in_order(facts: DeliveryFacts) -> Rows:
    _, in_order = facts.once(_finished)
    return in_order[facts.selected[in_order]]


def _stretches(bounds: Bounds) -> npt.NDArray[np.int64]:
    """Which of the consecutive stretches each row between the first and the last bound lies in."""
    return np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))


def _no_issues(facts: DeliveryFacts) -> ResultStatus | None:
    return None if facts.count else ResultStatus.NO_DATA


def _flow_hours(facts: DeliveryFacts) -> tuple[Values, ReasonCodes]:
    """Hours from start to finish (0 where unknown), and why an item has none."""
    started, finished = facts.started, facts.finished
    known = (started != MISSING) & (finished != MISSING)
    negative = known & (finished < started)
    return hours_from(facts, started, finished), first_reason(
        len(started), (Reason.NO_START, started == MISSING), (Reason.NEGATIVE_SPAN, negative)
    )


def _measurable(facts: DeliveryFacts) -> tuple[Values, ReasonCodes]:
    """The same for efficiency, which needs the time in each status."""
    hours, after = facts.once(_flow_hours)
    silent = (after == COUNTS) & ~facts.history.has_history
    return hours, np.where(silent, reason_code(Reason.NO_HISTORY), after).astype(np.int8)


def _counts(kinds: npt.NDArray[np.int32]) -> dict[str, float]:
    counts = np.bincount(kinds, minlength=len(KINDS))
    return {str(kind): float(count) for kind, count in zip(KINDS, counts, strict=True) if count}


def _by_kind(facts: DeliveryFacts, rows: Rows) -> list[tuple[str, Rows]]:
    kinds = facts.history.kind[rows]
    groups = [(str(kind), rows[kinds == number]) for number, kind in enumerate(KINDS)]
    return [(kind, own) for kind, own in groups if len(own)]
