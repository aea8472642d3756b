"""Incidents: when each was noticed and resolved, and which deployment is named as its cause."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from data.model import DeploymentSource, IncidentPopulation
from tests.reference.deployments import Delivery, Deployment, fix_versions, meant, project_of
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
    way: str = ""


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
            by_hand, cause = _by_hand(world, delivery, item)
            incident.way, incident.cause = ("by hand", cause) if by_hand else _cause(world, delivery, item, detected)
        incidents.append(incident)
    return incidents


def _by_hand(world: World, delivery: Delivery, item: Item) -> tuple[bool, Deployment | None]:
    """Whether a correction says what caused the incident, and what it says; of several the last by name counts."""
    said: tuple[bool, Deployment | None] = (False, None)
    for incident, cause in sorted(world.rules.attribution_overrides.items()):
        if world.called(incident) is not item:
            continue
        if cause is None:
            said = True, None
            continue
        named = _deployment_called(world, delivery, cause)
        if named is not None:
            said = True, named
    return said


def _deployment_called(world: World, delivery: Delivery, name: str) -> Deployment | None:
    """By the issue of that id or key, else by the deployment's own id, else the latest of that name."""
    called = world.called(name)
    by_issue = [deployment for deployment in delivery.deployments if called and deployment.issue is called]
    by_id = [deployment for deployment in delivery.deployments if deployment.id == name and deployment.issue is None]
    by_name = [deployment for deployment in delivery.deployments if deployment.label == name]
    for found in (by_issue, by_id, by_name):
        if found:
            return max(found, key=lambda deployment: deployment.order)
    return None


def _cause(world: World, delivery: Delivery, item: Item, detected: datetime) -> tuple[str, Deployment | None]:
    """The first way that names a deployment, and which; of several the latest."""
    named_only = world.rules.incident_population is IncidentPopulation.NAMED
    for way, candidates in (
        ("linked", _linked(world, delivery, item)),
        ("version", _by_version(world, delivery, item)),
        ("window", [] if named_only else _in_window(world, delivery, item, detected)),
    ):
        if candidates:
            return way, max(candidates, key=lambda deployment: deployment.order)
    return "", None


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


def _by_version(world: World, delivery: Delivery, incident: Item) -> list[Deployment]:
    affected = meant(world, objects(incident.fields.get("versions")))
    found = []
    for deployment in delivery.deployments:
        named = [deployment.version] if deployment.version else []
        if deployment.issue is not None:
            named = fix_versions(deployment.issue)
        if meant(world, named) & affected:
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
