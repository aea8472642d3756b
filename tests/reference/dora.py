"""The five DORA metrics, counted by hand."""

from __future__ import annotations

from typing import Any

from data.model import DeploymentSource, IncidentPopulation, Reason
from tests.reference import numbers
from tests.reference.deployments import Delivery, Deployment, deliver, failed_by_itself, is_chosen, is_rework
from tests.reference.fields import is_filled
from tests.reference.incidents import Incident, read_incidents
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
    report,
    status_of,
    within,
)
from tests.reference.roles import Role
from tests.reference.world import World, read_world


def reference_deployment_frequency(*given: Any, **extras: Any) -> dict[str, Any]:
    world = read_world(*given, **extras)
    delivery = deliver(world)
    rows, result = report(
        world,
        _deployment_candidates(world, delivery),
        _count_deployment(lambda _: False),
        lambda rows, days: len(rows) / days,
        known=bool(delivery.deployments),
    )
    if delivery.deployments:
        result |= {
            "numerator": len(rows),
            "denominator": world.days,
            "interval": numbers.poisson_interval(len(rows), world.days),
            "alternatives": {"share_of_days_with_one": _days_with_one(world, delivery) / world.days},
        }
    return _finish(result, delivery)


def _days_with_one(world: World, delivery: Delivery) -> int:
    """Days of the team's calendar; a period of N x 24 h touches at most N + 1, of which N count."""
    holds = within(world.as_of, world.days)
    chosen = [deployment for deployment in delivery.deployments if is_chosen(world, deployment)]
    days = {deployment.at.astimezone(world.zone).date() for deployment in chosen if holds(deployment.at)}
    return min(len(days), world.days)


def reference_cfr(*given: Any, **extras: Any) -> dict[str, Any]:
    world = read_world(*given, **extras)
    delivery = deliver(world)
    incidents = read_incidents(world, delivery)

    def failed(deployment: Deployment) -> bool:
        return failed_by_itself(deployment) or any(incident.cause is deployment for incident in incidents)

    return _ratio(world, delivery, failed, tellable=_failures_can_be_told(world, incidents))


def reference_rework_rate(*given: Any, **extras: Any) -> dict[str, Any]:
    world = read_world(*given, **extras)
    return _ratio(world, deliver(world), lambda deployment: is_rework(world, deployment), tellable=True)


def _ratio(world: World, delivery: Delivery, counts: Any, *, tellable: bool) -> dict[str, Any]:
    known = tellable and bool(delivery.deployments)
    rows, result = report(
        world, _deployment_candidates(world, delivery), _count_deployment(counts), _share, known=known
    )
    if known:
        hits = [row for row in rows if row.counts]
        result |= {
            "numerator": len(hits),
            "denominator": len(rows),
            "numerator_items": sorted(row.label for row in hits),
            "interval": numbers.wilson_interval(len(hits), len(rows)),
        }
    return _finish(result, delivery, tellable=tellable)


def _share(rows: list[Row], _days: float) -> Value:
    return sum(row.counts for row in rows) / len(rows) if rows else None


def _deployment_candidates(world: World, delivery: Delivery) -> list[tuple[str, Any]]:
    refused = [(left_out, reason) for reason, several in delivery.refused.items() for left_out in several]
    every = [*refused, *((deployment, deployment) for deployment in delivery.deployments)]
    return [(deployment.label, verdict) for deployment, verdict in every if is_chosen(world, deployment)]


def _count_deployment(counts: Any) -> Judge:
    def judge(candidate: Deployment | Reason, holds: Holds) -> Row | Reason:
        if isinstance(candidate, Reason):
            return candidate
        if not holds(candidate.at):
            return Reason.OUTSIDE_PERIOD
        return Row(candidate.label, counts=counts(candidate))

    return judge


def _failures_can_be_told(world: World, incidents: list[Incident]) -> bool:
    return bool(
        world.mappings.get("deployment_successful")
        or world.mappings.get("change_failure")
        or any(is_filled(event.get("status")) for event in world.events)
        or any(incident.detected is not None for incident in incidents)
    )


def _finish(
    result: dict[str, Any], delivery: Delivery, *, tellable: bool = True, without_deployments: bool = False
) -> dict[str, Any]:
    if delivery.source is not None:
        result["source"] = delivery.source.value
        result["precision"] = "day" if delivery.source is DeploymentSource.RELEASES else "instant"
    if not tellable or not (delivery.is_set_up or without_deployments):
        return result | {"status": "not_configured"}
    return result | {"status": status_of(result) if delivery.deployments or without_deployments else "no_data"}


def _headline(world: World) -> Measure:
    return lambda rows, _days: numbers.headline([row.hours for row in rows], world.rules.headline_percentile)


def reference_lead_time(*given: Any, **extras: Any) -> dict[str, Any]:
    world = read_world(*given, **extras)
    delivery = deliver(world)

    def judge(item: Item | None, holds: Holds) -> Row | Reason:
        return _judge_change(world, delivery, item, holds)

    rows, result = report(world, issue_candidates(world), judge, _headline(world), known=bool(delivery.deployments))
    hours = [row.hours for row in rows]
    result |= {
        "percentiles": numbers.percentiles(hours),
        "interval": numbers.headline_interval(hours, world.rules.headline_percentile),
        "proxy": "start of work" if any(row.stand_in for row in rows) else None,
    }
    return _finish(result, delivery)


def _judge_change(world: World, delivery: Delivery, item: Item | None, holds: Holds) -> Row | Reason:
    reason = _why_no_change(world, item)
    if item is None or reason is not None:
        return reason or Reason.MALFORMED
    deployment = delivery.deployment_of(item)
    if deployment is None:
        return Reason.NOT_DEPLOYED
    deployed_at = item.field_instant("deployed_to_production_date", world.as_of) or deployment.at
    if not holds(deployed_at):
        return Reason.OUTSIDE_PERIOD
    committed = item.field_instant("code_commit_date", world.as_of)
    start = committed or item.started(world.as_of)
    if start is None:
        return Reason.NO_START
    if deployed_at < start:
        return Reason.NEGATIVE_SPAN
    return Row(item.label, span=duration(start, deployed_at, world.rules), stand_in=committed is None)


def _why_no_change(world: World, item: Item | None) -> Reason | None:
    if item is None or item.created is None:
        return Reason.MALFORMED
    if world.role(item) is not Role.WORK_ITEM:
        return Reason.WRONG_TYPE
    if item.created > world.as_of:
        return Reason.OUTSIDE_PERIOD
    return Reason.CANCELLED if item.is_cancelled(world.as_of) else None


def reference_mttr(*given: Any, **extras: Any) -> dict[str, Any]:
    world = read_world(*given, **extras)
    delivery = deliver(world)
    incidents = read_incidents(world, delivery)
    tellable = _failures_can_be_told(world, incidents)
    candidates = [(incident.item.label, incident) for incident in incidents if world.counts(incident.item)]

    def judge(incident: Incident, holds: Holds) -> Row | Reason:
        attributed_only = world.rules.incident_population is not IncidentPopulation.ALL
        return _judge_recovery(world, incident, holds, attributed_only=attributed_only)

    def judge_any(incident: Incident, holds: Holds) -> Row | Reason:
        return _judge_recovery(world, incident, holds, attributed_only=False)

    everything = world.rules.incident_population is IncidentPopulation.ALL
    known = tellable and (everything or bool(delivery.deployments))
    rows, result = report(world, candidates, judge, _headline(world), known=known)
    hours = [row.hours for row in rows]
    period = within(world.as_of, world.days)
    everyone = part(candidates, judge_any, period).rows
    still_open = {
        incident.item.label: duration(incident.detected, world.as_of, world.rules) / HOUR
        for _, incident in candidates
        if judge_any(incident, period) is Reason.UNRESOLVED and incident.detected is not None
    }
    result |= {
        "percentiles": numbers.percentiles(hours),
        "interval": numbers.headline_interval(hours, world.rules.headline_percentile),
        "alternatives": {
            "all_incidents": {"value": _headline(world)(everyone, 0), "sample_size": len(everyone)},
            "open_incidents": still_open,
        },
    }
    return _finish(result, delivery, tellable=tellable, without_deployments=everything)


def _judge_recovery(world: World, incident: Incident, holds: Holds, *, attributed_only: bool) -> Row | Reason:
    detected, resolved = incident.detected, incident.resolved
    if detected is None:
        return Reason.MALFORMED
    if incident.cancelled:
        return Reason.CANCELLED
    if attributed_only and incident.cause is None:
        return Reason.UNATTRIBUTED
    if resolved is None or not holds(resolved):
        return Reason.UNRESOLVED if resolved is None else Reason.OUTSIDE_PERIOD
    if resolved < detected:
        return Reason.NEGATIVE_SPAN
    return Row(incident.item.label, span=duration(detected, resolved, world.rules))
