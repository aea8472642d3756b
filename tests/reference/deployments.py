"""Deployments from whichever source is in use, the issues each one carried, and what made it fail or a rework."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from data.model import FALSE_WORDS, DeploymentSource, Reason
from tests.reference.fields import fold, fold_all, mapped_instant, objects, says_no, says_yes, text, text_id, texts
from tests.reference.instants import EPOCH, TICK, last_tick_of_day, read_instant
from tests.reference.issues import Item
from tests.reference.links import links_between
from tests.reference.roles import Role, field_of, is_in_production, is_production_defect, issue_type
from tests.reference.world import World


@dataclass
class Deployment:
    """One deployment by `as_of`; `belongs` are the carriable issues that no earlier deployment carried."""

    id: str
    label: str
    at: datetime
    project: str | None
    issue: Item | None = None
    version: dict[str, Any] | None = None
    event: dict[str, Any] | None = None
    entering: list[Item] = field(default_factory=list)
    belongs: list[Item] = field(default_factory=list)

    @property
    def order(self) -> tuple[datetime, int, str]:
        return self.at, len(self.id), self.id


@dataclass
class Delivery:
    """What the source in use gave: deployments in order, and the candidates it refused, dated or not."""

    source: DeploymentSource | None
    deployments: list[Deployment]
    refused: dict[Reason, list[Deployment]]
    is_set_up: bool

    def deployment_of(self, item: Item) -> Deployment | None:
        for deployment in self.deployments:
            if any(other is item for other in deployment.belongs):
                return deployment
        return None


def deliver(world: World) -> Delivery:
    pinned = world.rules.deployment_source
    for source in [pinned] if pinned else list(DeploymentSource):
        deployments, refused = _READERS[source](world)
        if deployments or pinned:
            deployments.sort(key=lambda deployment: deployment.order)
            _hand_out(world, deployments)
            return Delivery(source, deployments, refused, is_set_up(world))
    return Delivery(None, [], {}, is_set_up(world))


def is_set_up(world: World) -> bool:
    """Whether there is any source at all; of a pinned one only that source is asked."""
    given = {
        DeploymentSource.DEPLOYMENT_ISSUES: bool(world.mappings.get("deployment_date")),
        DeploymentSource.RELEASES: bool(known_versions(world)),
        DeploymentSource.STATUS_ENTRY: bool(world.rules.deployed_statuses),
        DeploymentSource.EVENTS: bool(objects(world.events)),
    }
    pinned = world.rules.deployment_source
    return given[pinned] if pinned else any(given.values())


def project_of(item: Item) -> str | None:
    project = item.fields.get("project")
    return text_id(project.get("id")) if isinstance(project, dict) else None


def carriable(world: World) -> list[Item]:
    return [
        item
        for item in world.items
        if world.role(item) in (Role.WORK_ITEM, Role.INCIDENT)
        and item.created is not None
        and item.created <= world.as_of
        and not item.is_cancelled(world.as_of)
    ]


def _hand_out(world: World, deployments: list[Deployment]) -> None:
    for item in carriable(world):
        for deployment in deployments:
            if _carried(world, deployment, item):
                deployment.belongs.append(item)
                break


def _carried(world: World, deployment: Deployment, item: Item) -> bool:
    if deployment.version is not None:
        return any(same_version(deployment.version, entry) for entry in fix_versions(item))
    if deployment.issue is not None:
        shared = meant(world, fix_versions(deployment.issue)) & meant(world, fix_versions(item))
        return bool(shared) or bool(links_between(deployment.issue, item))
    return any(other is item for other in deployment.entering)


def is_chosen(world: World, deployment: Deployment) -> bool:
    """Whether the filters leave a deployment in: it is, or carries, a chosen issue, or is of a chosen project."""
    if deployment.issue is not None and world.counts(deployment.issue):
        return True
    carried = [item for item in world.items if _carried(world, deployment, item)]
    if carried or deployment.issue is not None or [name for name, _ in world.filters.asked()] != ["project"]:
        return not world.filters or any(world.counts(item) for item in carried)
    return deployment.project in {project_of(item) for item in world.items if world.counts(item)}


def fix_versions(item: Item) -> list[dict[str, Any]]:
    return [entry for entry in objects(item.fields.get("fixVersions")) if _is_named(entry)]


def _is_named(version: dict[str, Any]) -> bool:
    return bool(text_id(version.get("id")) or text(version.get("name")))


def same_version(left: dict[str, Any], right: dict[str, Any]) -> bool:
    left_id, right_id = text_id(left.get("id")), text_id(right.get("id"))
    if left_id and right_id:
        return left_id == right_id
    return text(left.get("name")) is not None and left.get("name") == right.get("name")


def known_versions(world: World) -> list[dict[str, Any]]:
    """The versions given, each once, then those that only issues name: with an id first, in the order of the issues."""
    named = [entry for item in sorted(world.items, key=lambda item: item.order) for entry in fix_versions(item)]
    numbered = [entry for entry in named if text_id(entry.get("id"))]
    known: list[dict[str, Any]] = []
    for version in [*objects(world.versions), *numbered, *named]:
        if _is_named(version) and not any(same_version(version, other) for other in known):
            known.append(version)
    return known


def meant(world: World, entries: list[dict[str, Any]]) -> set[int]:
    """Which of the known versions the entries of an issue are, whatever the issue still calls them."""
    if "known_versions" not in vars(world):
        vars(world)["known_versions"] = known_versions(world)
    known = enumerate(vars(world)["known_versions"])
    return {place for place, version in known if any(same_version(version, entry) for entry in entries)}


def _releases(world: World) -> tuple[list[Deployment], dict[Reason, list[Deployment]]]:
    deployments = []
    refused: dict[Reason, list[Deployment]] = {}
    for version in known_versions(world):
        label = text(version.get("name")) or text_id(version.get("id")) or ""
        day = release_day(world, version)
        reason = _why_no_release(world, version, day)
        release = Deployment(
            id=text_id(version.get("id")) or label,
            label=label,
            at=min(last_tick_of_day(day, world.zone), world.as_of) if day else EPOCH,
            project=_version_project(world, version),
            version=version,
        )
        if reason is None:
            deployments.append(release)
        else:
            refused.setdefault(reason, []).append(release)
    return deployments, refused


def _why_no_release(world: World, version: dict[str, Any], day: date | None) -> Reason | None:
    if re.search(world.rules.version_exclude_pattern, text(version.get("name")) or ""):
        return Reason.NOT_A_RELEASE
    today = world.as_of.astimezone(world.zone).date()
    if version.get("released") is not True or (day is not None and day > today):
        return Reason.NOT_RELEASED
    return Reason.NO_DATE if day is None else None


def release_day(world: World, version: dict[str, Any]) -> date | None:
    value = version.get("releaseDate")
    instant = read_instant(value)
    if instant is None:
        return None
    return instant.date() if isinstance(value, str) else instant.astimezone(world.zone).date()


def _version_project(world: World, version: dict[str, Any]) -> str | None:
    given = text_id(version.get("projectId"))
    if given:
        return given
    carrying = [item for item in world.items if any(same_version(version, entry) for entry in fix_versions(item))]
    projects = {project_of(item) for item in carrying} - {None}
    return projects.pop() if len(projects) == 1 else None


def _deployment_issues(world: World) -> tuple[list[Deployment], dict[Reason, list[Deployment]]]:
    deployments = []
    refused: dict[Reason, list[Deployment]] = {}
    for item in world.items:
        at = mapped_instant(item.raw, world.mappings, "deployment_date")
        if at is None:
            continue
        deployment = Deployment(item.id, item.label, at, project_of(item), issue=item)
        if world.mappings.get("target_environment") and not is_in_production(item, "target_environment"):
            refused.setdefault(Reason.WRONG_ENVIRONMENT, []).append(deployment)
        elif at > world.as_of:
            refused.setdefault(Reason.OUTSIDE_PERIOD, []).append(deployment)
        else:
            deployments.append(deployment)
    return deployments, refused


def _status_entries(world: World) -> tuple[list[Deployment], dict[Reason, list[Deployment]]]:
    by_project: dict[str | None, list[tuple[datetime, Item]]] = {}
    for item in carriable(world):
        for when in _deployed_entries(item, world.as_of):
            by_project.setdefault(project_of(item), []).append((when, item))
    gap = timedelta(minutes=world.rules.status_entry_gap_minutes)
    deployments = []
    for project, entries in by_project.items():
        chain: list[tuple[datetime, Item]] = []
        for entry in sorted(entries, key=lambda pair: pair[0]):
            if chain and entry[0] - chain[-1][0] > gap:
                deployments.append(_one_deployment(project, chain))
                chain = []
            chain.append(entry)
        deployments.append(_one_deployment(project, chain))
    return deployments, {}


def _deployed_entries(item: Item, as_of: datetime) -> list[datetime]:
    if not item.has_history:
        return []
    found = []
    was_in = False
    for when, status in item.entries(as_of):
        is_in = item.is_in(status, item.team.rules.deployed_statuses)
        if is_in and not was_in and when is not None:
            found.append(when)
        was_in = is_in
    return found


def _one_deployment(project: str | None, chain: list[tuple[datetime, Item]]) -> Deployment:
    name = f"{project or ''}@{(chain[0][0] - EPOCH) // TICK}"
    return Deployment(name, name, chain[-1][0], project, entering=[item for _, item in chain])


def _events(world: World) -> tuple[list[Deployment], dict[Reason, list[Deployment]]]:
    deployments = []
    refused: dict[Reason, list[Deployment]] = {}
    for event in objects(world.events):
        name = text_id(event.get("id")) or ""
        at = read_instant(event.get("deployed_at"))
        listed = [world.called(key) for key in event.get("issue_keys") or []]
        deployment = Deployment(name, name, at or EPOCH, text_id(event.get("project")), event=event)
        deployment.entering = [item for item in listed if item is not None]
        environments = fold_all(texts(event.get("environment")))
        if environments and not environments & fold_all(world.rules.production_environments):
            refused.setdefault(Reason.WRONG_ENVIRONMENT, []).append(deployment)
        elif at is None:
            refused.setdefault(Reason.NO_DATE, []).append(deployment)
        elif at > world.as_of:
            refused.setdefault(Reason.OUTSIDE_PERIOD, []).append(deployment)
        else:
            deployments.append(deployment)
    return deployments, refused


_READERS = {
    DeploymentSource.DEPLOYMENT_ISSUES: _deployment_issues,
    DeploymentSource.RELEASES: _releases,
    DeploymentSource.STATUS_ENTRY: _status_entries,
    DeploymentSource.EVENTS: _events,
}


def failed_by_itself(deployment: Deployment) -> bool:
    """A failure that a field or an event tells, without looking at incidents."""
    if deployment.issue is not None and says_no(field_of(deployment.issue, "deployment_successful")):
        return True
    told = [*deployment.belongs, *([deployment.issue] if deployment.issue else [])]
    if any(says_yes(field_of(item, "change_failure")) for item in told):
        return True
    status = texts(deployment.event.get("status")) if deployment.event else []
    return any(fold(word) in FALSE_WORDS for word in status)


def is_rework(world: World, deployment: Deployment) -> bool:
    if any(re.search(world.rules.rework_pattern, word) for word in _own_words(deployment)):
        return True
    return bool(deployment.belongs) and all(
        world.role(item) is Role.INCIDENT or is_production_defect(item) for item in deployment.belongs
    )


def _own_words(deployment: Deployment) -> list[str]:
    if deployment.version is not None:
        return texts(deployment.version.get("name"))
    if deployment.event is not None:
        return [deployment.id]
    if deployment.issue is None:
        return []
    fields = deployment.issue.fields
    words = [*texts(fields.get("summary")), *texts(fields.get("labels"))]
    return [*words, *texts(issue_type(deployment.issue).get("name"))]
