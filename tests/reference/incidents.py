"""Incidents: when each was noticed and resolved, and which deployment is named as its cause."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from data.model import DeploymentSource
from tests.reference.deployments import Delivery, Deployment, fix_versions, project_of, same_version
from tests.reference.fields import fold, fold_all, objects
from tests.reference.issues import Item
from tests.reference.links import links_between
from tests.reference.roles import Role
from tests.reference.world import World


@dataclass
class Incident:
    """An incident noticed by `as_of`, or one whose beginning cannot be read (`detected` is None)."""

    item: Item
    detected: datetime | None
    resolved: datetime | None
    cancelled: bool
    cause: Deployment | None = None


def read_incidents(world: World, delivery: Delivery) -> list[Incident]:
    incidents = []
    for item in world.items:
        if world.role(item) is not Role.INCIDENT:
            continue
        detected = item.field_instant("incident_detected_at", world.as_of) or item.created
        if detected is not None and detected > world.as_of:
            continue
        resolved = item.field_instant("incident_resolved_at", world.as_of) or item.finished(world.as_of)
        incident = Incident(item, detected, resolved, item.is_cancelled(world.as_of))
        if detected is not None and not incident.cancelled:
            incident.cause = _cause(world, delivery, item, detected)
        incidents.append(incident)
    return incidents


def _cause(world: World, delivery: Delivery, item: Item, detected: datetime) -> Deployment | None:
    for candidates in (
        _linked(world, delivery, item),
        _by_version(delivery, item),
        _in_window(world, delivery, item, detected),
    ):
        if candidates:
            return max(candidates, key=lambda deployment: deployment.order)
    return None


def _linked(world: World, delivery: Delivery, incident: Item) -> list[Deployment]:
    causing = fold_all(world.rules.causing_links)
    found = []
    for other in world.items:
        if not any(fold(reading) in causing for reading in links_between(incident, other)):
            continue
        found += [
            deployment
            for deployment in delivery.deployments
            if deployment.issue is other or any(change is other for change in deployment.belongs)
        ]
    return found


def _by_version(delivery: Delivery, incident: Item) -> list[Deployment]:
    found = []
    for deployment in delivery.deployments:
        named = [deployment.version] if deployment.version else []
        if deployment.issue is not None:
            named = fix_versions(deployment.issue)
        affected = objects(incident.fields.get("versions"))
        if any(same_version(version, entry) for version in named for entry in affected):
            found.append(deployment)
    return found


def _in_window(world: World, delivery: Delivery, incident: Item, detected: datetime) -> list[Deployment]:
    own = project_of(incident)
    window = world.rules.attribution_window_days
    by_day = delivery.source is DeploymentSource.RELEASES
    found = []
    for deployment in delivery.deployments:
        if own is not None and deployment.project is not None and own != deployment.project:
            continue
        gap = detected - deployment.at
        if by_day:
            gap = detected.astimezone(world.zone).date() - deployment.at.astimezone(world.zone).date()
        if gap >= timedelta(0) and (window is None or gap <= timedelta(days=window)):
            found.append(deployment)
    return found
