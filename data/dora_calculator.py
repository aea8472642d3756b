"""The five DORA metrics: deployment frequency, lead time, change failure, recovery and rework."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from data.deployments import Deployments, read_deployments, selected_deployments
from data.durations import Series, Values, hours_from, percentile_series, summarise_hours, unreadable
from data.facts import DeliveryFacts
from data.history import MISSING
from data.incidents import CONFIDENCES, read_incidents
from data.labels import PickedLabels
from data.metric import MetricResult, measure_together, metric, read_facts
from data.model import DeploymentSource, IncidentPopulation, Reason, ResultStatus
from data.reasons import first_reason
from data.sample import DatedSample, Placing, Summary, Value
from data.spans import Rows
from data.statistics import (
    poisson_interval,
    wilson_interval,
)
from data.timeline import Bounds, Chosen
from data.weeks import HOUR, local_days

Flags = npt.NDArray[np.bool_]

_ITEM_KINDS = {
    DeploymentSource.DEPLOYMENT_ISSUES: "issues",
    DeploymentSource.RELEASES: "versions",
    DeploymentSource.STATUS_ENTRY: "deployments",
    DeploymentSource.EVENTS: "deployments",
}


@metric(
    key="deployment_frequency",
    family="dora",
    title="Deployment frequency",
    unit="deployments/day",
    better="higher",
    chart="bar",
    needs=("deployments",),
)
def calculate_deployment_frequency(facts: DeliveryFacts) -> DatedSample:
    """How often changes reach production: the deployments of the period, divided by the days in the period.

    A deployment is a filled deployment date, a released version, an entry into a deployed status, or an event that
    was posted; the first of these that yields any is used, and named. Failed deployments count. Beside it stands the
    share of days with at least one deployment.
    """

    def summarise(rows: Rows, days: float) -> Summary:
        interval = [bound / days for bound in poisson_interval(len(rows))]
        return Summary(len(rows) / days, len(rows), interval, numerator=float(len(rows)), denominator=days)

    def share_of_days(rows: Rows, start: int, end: int) -> dict[str, Any]:
        days = np.unique(local_days(facts.once(read_deployments).at[rows], facts.zone))
        return {"share_of_days_with_one": min(1.0, len(days) * 24 * HOUR / (end - start))}

    def series(_rows: Rows, bounds: Bounds, days: float) -> Sequence[Value]:
        frequencies: list[Value] = (np.diff(bounds) / days).tolist()
        return frequencies

    return _of_deployments(facts, summarise, series, alternatives=share_of_days)


@metric(
    key="lead_time",
    family="dora",
    title="Lead time for changes",
    unit="hours",
    better="lower",
    chart="line",
    needs=("deployments", "status history"),
)
def calculate_lead_time(facts: DeliveryFacts) -> DatedSample:
    """How long a change takes from the start of work until it runs in production: the median over the changes that
    reached production in the period.

    A change is a work item that a deployment carried, counted for the earliest one. It starts with its first commit
    where that date is mapped and filled, otherwise when work on it began, which is then named as a stand-in. Epics,
    sub-tasks, incidents and cancelled work are not changes. A team may choose another percentile than the median.
    """
    deployments, changes = facts.once(read_deployments), facts.once(_changes)

    def summarise(rows: Rows, _days: float) -> Summary:
        proxy = None if changes.committed[rows].all() else "start of work"
        return summarise_hours(changes.hours[rows], facts, proxy)

    return DatedSample(
        labels=facts.history.labels,
        placing=changes.placing,
        summarise=summarise,
        unavailable=_unavailable(deployments),
        source=deployments.source_name,
        precision=deployments.precision,
        also_excluded=unreadable(facts),
        series=percentile_series(changes.hours, facts),
        chosen=facts.chosen,
    )


@dataclass(frozen=True, eq=False, slots=True)
class _Changes:
    """Lead times, one row per issue, and which of them may count."""

    hours: Values
    committed: Flags
    placing: Placing


def _changes(facts: DeliveryFacts) -> _Changes:
    history, deployments = facts.history, facts.once(read_deployments)
    committed, at = facts.filled("code_commit_date"), deployments.carried_at
    start = np.where(committed, history.dates["code_commit_date"], facts.started)
    before = first_reason(
        len(history),
        (Reason.MALFORMED, history.created == MISSING),
        (Reason.WRONG_TYPE, ~history.roles["work_item"]),
        (Reason.OUTSIDE_PERIOD, ~facts.exists),
        (Reason.CANCELLED, facts.cancelled),
        (Reason.NOT_DEPLOYED, deployments.carrier < 0),
    )
    after = first_reason(len(history), (Reason.NO_START, start == MISSING), (Reason.NEGATIVE_SPAN, at < start))
    return _Changes(hours_from(facts, start, at), committed, Placing.of(at, before, after))


@metric(
    key="cfr",
    family="dora",
    title="Change failure rate",
    unit="ratio",
    better="lower",
    chart="line",
    needs=("deployments", "incidents"),
)
def calculate_cfr(facts: DeliveryFacts) -> DatedSample:
    """The share of deployments that failed: deployments of the period that failed, divided by all deployments of the
    period.

    A deployment failed when it says so itself, when a change in it is marked as a failure, or when at least one
    incident is put down to it: by a link that names it as the cause, by the affected version, or because it was the
    last one of the project shortly before the incident. It is counted per deployment, so it cannot pass 100 %.
    """
    failed = facts.once(_failed)

    def causes(rows: Rows, _start: int, _end: int) -> dict[str, Any]:
        return {"failure_causes": _failure_causes(facts, rows[failed[rows]])}

    return _share_of_deployments(facts, failed, _failures_unknown(facts), causes)


@metric(
    key="mttr",
    family="dora",
    title="Failed deployment recovery time",
    unit="hours",
    better="lower",
    chart="line",
    needs=("deployments", "incidents"),
)
def calculate_mttr(facts: DeliveryFacts) -> DatedSample:
    """How long it takes to recover from a failed deployment: the median time from detection to resolution, over the
    incidents that are put down to a deployment and were resolved in the period.

    Incidents that are still open are listed with their age. Beside it stands the same over all incidents, whatever
    caused them. A team may count only those that name their deployment, or all, and choose another percentile than
    the median.
    """
    history, deployments, incidents = facts.history, facts.once(read_deployments), facts.once(read_incidents)
    everyone = history.rules.incident_population is IncidentPopulation.ALL
    hours = hours_from(facts, incidents.detected, incidents.resolved)
    before = first_reason(
        len(incidents.rows),
        (Reason.CANCELLED, incidents.cancelled),
        (Reason.UNATTRIBUTED, (incidents.deployment < 0) & (not everyone)),
        (Reason.UNRESOLVED, incidents.resolved == MISSING),
    )
    backwards = incidents.resolved < incidents.detected
    after = first_reason(len(incidents.rows), (Reason.NEGATIVE_SPAN, backwards))
    here = facts.selected[incidents.rows]
    open_ = here & ~incidents.cancelled & (incidents.resolved == MISSING)
    age = facts.hours_between(incidents.detected, np.full(len(incidents.rows), facts.now))

    def alternatives(_rows: Rows, start: int, end: int) -> dict[str, Any]:
        resolved = here & ~incidents.cancelled & (start < incidents.resolved) & (incidents.resolved <= end) & ~backwards
        everything = summarise_hours(hours[resolved], facts)
        return {
            "all_incidents": {"value": everything.value, "sample_size": everything.sample_size},
            "open_incidents": {
                history.labels[incidents.rows[row]]: float(age[row]) for row in np.flatnonzero(open_).tolist()
            },
        }

    malformed = incidents.malformed[facts.selected[incidents.malformed]]
    return DatedSample(
        labels=PickedLabels(history.labels, incidents.rows),
        placing=Placing.of(incidents.resolved, before, after),
        summarise=lambda rows, _days: summarise_hours(hours[rows], facts),
        unavailable=_failures_unknown(facts) or (None if everyone else _unavailable(deployments)),
        source=deployments.source_name,
        precision=deployments.precision,
        also_excluded={Reason.MALFORMED: PickedLabels(history.labels, malformed)},
        alternatives=alternatives,
        series=percentile_series(hours, facts),
        chosen=None if facts.chosen is None else Chosen(here),
    )


@metric(
    key="rework_rate",
    family="dora",
    title="Deployment rework rate",
    unit="ratio",
    better="lower",
    chart="line",
    needs=("deployments",),
)
def calculate_rework_rate(facts: DeliveryFacts) -> DatedSample:
    """The share of deployments that were unplanned fixes: deployments of the period made to repair production,
    divided by all deployments of the period.

    A deployment is rework when its name, labels or type say so (hotfix, rollback, revert or emergency, unless the
    team chose other words), or when everything it carried is an incident or a defect found in production.
    """
    return _share_of_deployments(facts, facts.once(_reworked), None)


def _reworked(facts: DeliveryFacts) -> Flags:
    history, deployments = facts.history, facts.once(read_deployments)
    repairs = history.roles["incident"] | history.roles["production_defect"]
    carried = np.bincount(deployments.carrier[deployments.carrier >= 0], minlength=len(deployments.labels))
    repaired = np.bincount(deployments.carrier[(deployments.carrier >= 0) & repairs], minlength=len(deployments.labels))
    only_repairs: Flags = (carried > 0) & (carried == repaired)
    return deployments.rework | only_repairs


def calculate_dora_metrics(
    issues: Iterable[object], field_mappings: Mapping[str, str], time_period_days: int, **extras: Any
) -> dict[str, MetricResult]:
    """All five, from one reading of the issues; `extras` are those of `read_facts`."""
    facts = read_facts(issues, field_mappings, **extras)
    return measure_together("dora_metrics", DORA_METRICS, facts, time_period_days)


DORA_METRICS = (
    calculate_deployment_frequency,
    calculate_lead_time,
    calculate_cfr,
    calculate_mttr,
    calculate_rework_rate,
)


def _of_deployments(
    facts: DeliveryFacts,
    summarise: Callable[[Rows, float], Summary],
    series: Series,
    *,
    unavailable: ResultStatus | None = None,
    alternatives: Callable[[Rows, int, int], dict[str, Any]] | None = None,
) -> DatedSample:
    deployments = facts.once(read_deployments)
    return DatedSample(
        labels=deployments.labels,
        placing=facts.once(_placed_deployments),
        summarise=summarise,
        item_kind=_ITEM_KINDS[deployments.source] if deployments.source else "deployments",
        unavailable=unavailable or _unavailable(deployments),
        source=deployments.source_name,
        precision=deployments.precision,
        alternatives=alternatives or (lambda _rows, _start, _end: {}),
        series=series,
        chosen=facts.here(selected_deployments),
    )


def _placed_deployments(facts: DeliveryFacts) -> Placing:
    deployments = facts.once(read_deployments)
    return Placing.of(deployments.at, deployments.reason)


def _share_of_deployments(
    facts: DeliveryFacts,
    hit: Flags,
    unavailable: ResultStatus | None,
    alternatives: Callable[[Rows, int, int], dict[str, Any]] | None = None,
) -> DatedSample:
    def summarise(rows: Rows, _days: float) -> Summary:
        hits = rows[hit[rows]]
        share = len(hits) / len(rows) if len(rows) else None
        return Summary(
            share,
            len(rows),
            wilson_interval(len(hits), len(rows)),
            numerator=float(len(hits)),
            denominator=float(len(rows)),
            numerator_rows=hits,
        )

    def series(rows: Rows, bounds: Bounds, _days: float) -> Sequence[Value]:
        hits = np.diff(np.concatenate([[0], np.cumsum(hit[rows])])[bounds]).tolist()
        return [own / size if size else None for own, size in zip(hits, np.diff(bounds).tolist(), strict=True)]

    return _of_deployments(facts, summarise, series, unavailable=unavailable, alternatives=alternatives)


def _failed(facts: DeliveryFacts) -> Flags:
    history, deployments, incidents = facts.history, facts.once(read_deployments), facts.once(read_incidents)
    failed = deployments.failed.copy()
    failed[deployments.carrier[(deployments.carrier >= 0) & history.roles["change_failure"]]] = True
    failed[incidents.deployment[incidents.deployment >= 0]] = True
    return failed


def _failure_causes(facts: DeliveryFacts, rows: Rows) -> dict[str, list[dict[str, str]]]:
    """For each failed deployment the incidents put down to it and how, by its label; none where it says so itself."""
    history, deployments, incidents = facts.history, facts.once(read_deployments), facts.once(read_incidents)
    causes: dict[str, list[dict[str, str]]] = {deployments.labels[row]: [] for row in rows.tolist()}
    for number in np.flatnonzero(np.isin(incidents.deployment, rows)).tolist():
        label = deployments.labels[incidents.deployment[number]]
        incident = history.labels[incidents.rows[number]]
        causes[label].append({"incident": incident, "by": CONFIDENCES[incidents.confidence[number]]})
    return causes


def _failures_unknown(facts: DeliveryFacts) -> ResultStatus | None:
    """Not configured, while nothing in this Jira could tell that a deployment failed."""
    history = facts.history
    mapped = any(history.index.get_jira_field(name) for name in ("deployment_successful", "change_failure"))
    told = mapped or any(event.get("status") for event in history.events) or len(facts.once(read_incidents).rows)
    return None if told else ResultStatus.NOT_CONFIGURED


def _unavailable(deployments: Deployments) -> ResultStatus | None:
    if deployments.count:
        return None
    return ResultStatus.NO_DATA if deployments.configured else ResultStatus.NOT_CONFIGURED
